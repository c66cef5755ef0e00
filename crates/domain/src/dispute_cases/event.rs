//! What happened to a case, as far as others are told.

use super::CaseStatus;

/// What happened to a guest's dispute. Of a chargeback others are told by its own events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEvent {
    /// It was opened.
    Opened,
    /// Somebody took it up, wrote a note, or escalated it.
    Updated,
    /// It was decided.
    Resolved {
        /// Where it stood before.
        from: CaseStatus,
    },
}
