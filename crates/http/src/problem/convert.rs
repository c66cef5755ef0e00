//! Errors of ports as problems: what the client may know, the rest in the log.

use tender_domain::kernel::{CommitError, StoreError};

use super::Problem;
use crate::command::Replay;

const BUSY_RETRY_SECONDS: u32 = 1;
const AWAY_RETRY_SECONDS: u32 = 5;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "a read failed");
                Self::service_unavailable(AWAY_RETRY_SECONDS)
            }
            StoreError::Corrupt { .. } => {
                tracing::error!(%error, "stored data breaks a law");
                Self::internal()
            }
        }
    }
}

/// The cases that every use case shares. A use case that can lose a claim, reach a limit or meet its own key answers
/// those itself, in its own words; here they get the general ones.
impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match &error {
            CommitError::Conflict => Self::concurrent_update(),
            CommitError::KeyTaken(_) => Replay::in_flight_problem(),
            CommitError::ClaimTaken { kind, .. } => {
                Self::conflict("claim_taken", format!("somebody else holds this {kind}")).retryable(false)
            }
            CommitError::LimitReached { kind, .. } => {
                Self::unprocessable("limit_reached", format!("the limit of {kind} is reached"))
            }
            CommitError::Overloaded => Self::service_unavailable(BUSY_RETRY_SECONDS),
            CommitError::Unavailable(_) => {
                tracing::warn!(%error, "a commit failed");
                Self::service_unavailable(AWAY_RETRY_SECONDS)
            }
            CommitError::Unresolved => {
                tracing::error!(%error, "a commit has no known outcome yet");
                Self::outcome_unknown(AWAY_RETRY_SECONDS)
            }
            CommitError::Refused { .. } | CommitError::AlreadyHandled => {
                tracing::error!(%error, "a commit was refused that should have been allowed or never tried");
                Self::internal()
            }
        }
    }
}

impl Problem {
    /// 409: others kept changing the resource while this request was decided.
    #[must_use]
    pub fn concurrent_update() -> Self {
        Self::conflict(
            "concurrent_update",
            "the resource was changed at the same time; read it and try again",
        )
        .retryable(true)
    }

    /// 503: whether it was done is not known yet. The client repeats with the same `Idempotency-Key` and then learns
    /// the one outcome.
    #[must_use]
    pub fn outcome_unknown(retry_after_seconds: u32) -> Self {
        let detail = "whether this was done is not known yet; send the same request with the same Idempotency-Key \
                      again, or read the resource, to learn its outcome";
        Self::new(503, "outcome_unknown", detail).retry_after(retry_after_seconds).retryable(true)
    }
}
