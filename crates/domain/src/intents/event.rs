//! What happened to an intent, in the past tense.

use crate::kernel::{AttemptId, CaptureId};

/// A fact that others are told of; the hexagon makes the public message of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentEvent {
    /// Money is held and waits for its capture.
    Authorized {
        /// By which attempt.
        attempt: AttemptId,
    },
    /// Money was taken.
    Captured {
        /// By which capture.
        capture: CaptureId,
    },
    /// An attempt failed.
    AttemptFailed {
        /// Which.
        attempt: AttemptId,
    },
    /// Fraud denied the intent before it was tried.
    FraudDenied,
    /// The intent was given up.
    Canceled,
    /// A gateway answered something else than it was asked for; a person has to look.
    AnswerConflicted {
        /// Of which attempt.
        attempt: AttemptId,
    },
}
