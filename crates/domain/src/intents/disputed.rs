//! What disputes take of an intent, as refunds tells it.

use serde::{Deserialize, Serialize};

use crate::kernel::Version;

/// The sum of what disputes take of an intent's charge. An intent has one charge at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputedSum {
    /// In minor units of the charge's currency; zero or more, and more than was captured where disputes took more.
    pub minor: i64,
    /// The version of the charge, with its refunds and disputes, that it is of: the later one knows better.
    pub version: Version,
}
