//! Limits on what comes in.

use serde::Deserialize;

/// Limits on how much callers may send at once. Those on a single request are the contract's, and nobody's to set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Requests in work at once in this process, 1 to 100 000; more are answered 503.
    pub concurrent_requests_max: usize,
}
