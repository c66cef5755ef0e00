//! What all that people do with cases shares.

use tender_domain::dispute_cases::CaseFile;
use tender_domain::kernel::Answer;

/// The answer that shows a dispute as it is now, with this status.
pub type CaseShown = fn(u16, &CaseFile) -> Answer;

/// By what the open disputes of one payment are counted.
pub(super) const OPEN_COUNT: &str = "open_guest_disputes";
