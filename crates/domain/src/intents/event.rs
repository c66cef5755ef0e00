//! What happened to an intent, in the past tense.

use crate::kernel::{AttemptId, CaptureId};

use super::OpenCall;

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
    /// Money that was taken was taken back: what followed its capture is undone.
    CaptureReversed {
        /// Of which capture.
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
    /// The outcome of a call could not be found out in the time that is given to it; a person has to.
    OutcomeOverdue {
        /// Of which call.
        call: OpenCall,
    },
    /// A gateway refused to let go what it holds; a person has to look.
    VoidDeclined {
        /// Of which attempt.
        attempt: AttemptId,
    },
    /// A gateway answered something else than it was asked for; a person has to look.
    AnswerConflicted {
        /// Of which attempt.
        attempt: AttemptId,
    },
}
