//! Which version of a dispute the client has seen.

use tender_domain::kernel::Version;
use tender_http::{IfMatch, check_version, check_version_if_named};

use super::RefundsError;

/// What a client says it has seen: by `If-Match`, by a `version` in the body, or not at all.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The header.
    pub if_match: IfMatch,
    /// The field of the body.
    pub version: Option<Version>,
}

impl Seen {
    /// Checked after the idempotency key: a retry of what went through gets its answer, not a complaint about the
    /// version that it made itself.
    pub(super) fn check(&self, current: Version) -> Result<(), RefundsError> {
        check_version_if_named(&self.if_match, self.version, current)
            .map_err(|problem| RefundsError::StaleVersion(Box::new(problem)))
    }

    /// The same, where a version must be named.
    pub(super) fn require(&self, current: Version) -> Result<(), RefundsError> {
        check_version(&self.if_match, self.version, current)
            .map_err(|problem| RefundsError::StaleVersion(Box::new(problem)))
    }
}
