//! Runs a `Consumer` as a group: the processes that run the same one share its partitions.

mod backlog;
mod group;
mod progress;
mod runner;
mod session;

pub use runner::{ConsumerBounds, KafkaConsumer};
pub(crate) use session::endure;
