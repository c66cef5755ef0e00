//! The batched commit: many concurrent changes in one statement, one round trip and one fsync.
//!
//! A store declares its tables as data ([`TableSpec`]) and lists the rows of each write ([`Schema::rows`]); the writer
//! does the rest: versions, idempotency keys, inbox, guards and outbox, each item with a result of its own.
//!
//! - One task a lane (foreground, background) with a connection of its own. It takes what has queued up while the last
//!   batch was committing: no fixed wait, so a lone change goes at once and a crowd goes together.
//! - An item that loses (stale version, key taken, handled before, claim taken, limit reached) is left out by the
//!   statement itself and told why; the others are written.
//! - A batch that the database refuses as a whole is tried twice more, since a race with another process may have been
//!   the reason, and then split until the guilty item is alone.
//! - A batch that waited `lock_timeout` for what somebody else holds is split at once, and its parts wait shortly: who
//!   needs nothing that is held is written, who does is told `Unavailable` and wrote nothing.
//! - The queue is bounded: when it is full the caller is told `Overloaded`.
//! - A batch whose answer was lost is looked up by the writer's own row before anything is said (`connection.rs`).
//!
//! How to use it: see `TableSpec` and `Schema`; open a [`PgWriter`] with the service's connect options and call
//! [`PgWriter::commit`].

mod batch;
mod connection;
mod guards;
mod ids;
mod lane;
mod losers;
mod parts;
mod refusal;
mod rows;
mod statement;
mod table;

pub use connection::WriterError;
pub use lane::{PgWriter, WriterOptions};
pub(crate) use losers::key_record_of;
pub use rows::Rows;
pub use table::{Cell, Column, ColumnType, Schema, TableSpec};
