//! Disputes as people work on them. A guest's is saved by itself, and with its charge when it is decided; a chargeback's
//! with the chargeback.

mod open;
mod read;
mod remind;
mod resolve;
mod tiers;
mod told;
mod update;

use tender_domain::dispute_cases::CaseFile;
use tender_domain::kernel::Answer;

pub use open::OpenGuestDispute;
pub use resolve::ResolveGuestDispute;
pub use update::UpdateGuestDispute;

/// The answer that shows a dispute as it is now, with this status.
pub type CaseShown = fn(u16, &CaseFile) -> Answer;

/// By what the open disputes of one payment are counted.
const OPEN_COUNT: &str = "open_guest_disputes";
