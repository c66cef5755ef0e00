//! The batched commit: many concurrent changes in one statement, one round trip and one fsync.
//!
//! A store declares its tables as data ([`TableSpec`]) and lists the rows of each write ([`Schema::rows`]); the writer
//! does the rest: versions, idempotency keys, inbox, guards and outbox, each item with a result of its own.
//!
//! - One task a lane (foreground, background) with a connection of its own. It takes what has queued up while the last
//!   batch was committing: no fixed wait, so a lone change goes at once and a crowd goes together.
//! - An item that loses (stale version, key taken, handled before, claim taken, limit reached) is left out by the
//!   statement itself and told why; the others are written.
//! - A batch that the database refuses as a whole is tried once more, since a race with another process may have been
//!   the reason, and then split until the guilty item is alone.
//! - The queue is bounded: when it is full the caller is told `Overloaded`.
//! - A batch whose answer was lost is looked up by the writer's own row before anything is said (`resolve.rs`).
//!
//! How to use it: see `TableSpec` and `Schema`; open a [`PgWriter`] with the service's connect options and call
//! [`PgWriter::commit`].

mod batch;
mod connection;
mod ids;
mod lane;
mod parts;
mod rows;
mod statement;
mod table;

pub use connection::WriterError;
pub(crate) use connection::key_record_of;
pub use lane::{PgWriter, WriterOptions};
pub use rows::Rows;
pub use table::{Cell, Column, ColumnType, Schema, TableSpec};
