//! The log of secret reads: how its lines get from the reads to the store.

mod lane;

pub(crate) use lane::AccessLane;
pub use lane::AccessLogWriter;
