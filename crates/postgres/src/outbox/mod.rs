//! The outbox as a log that is followed: in the all-in-one by the consumers themselves, with Kafka by the relay.
//!
//! A follower reads rows in the order `(tx, n)` below the oldest running transaction: a transaction that commits late
//! has a lower `tx` than that horizon allows, so no row is ever skipped; and two changes of one aggregate cannot swap,
//! since the second was decided after the first was durable. One process follows at a time (a lease), so the order per
//! key is kept. What a follower has handled is remembered in `outbox_positions`; a lost position only repeats messages,
//! which consumers know by their inbox.

mod dead_letters;
mod followed;
mod follower;
mod log;
mod partitions;

pub use dead_letters::{ReplayedLetters, replay_letters};
pub use followed::Followed;
pub use follower::{FollowerOptions, OutboxFollower};
pub use log::{Look, OutboxError, OutboxLog, Position};
pub use partitions::ensure_outbox_partitions;
