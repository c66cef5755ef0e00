//! Instants.

use chrono::{DateTime, SubsecRound, Utc};

/// An instant in UTC. What is stored has microseconds; see [`to_micros`].
pub type Timestamp = DateTime<Utc>;

/// The instant without what is finer than a microsecond, so that what was committed equals what is read back.
#[must_use]
pub fn to_micros(instant: Timestamp) -> Timestamp {
    instant.trunc_subsecs(6)
}
