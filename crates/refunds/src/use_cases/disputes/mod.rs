//! Disputes: taken in, changed and decided. Each is saved with its charge, under the charge's version.

mod audit;
mod commit;
mod decide;
mod evidence;
mod matching;
mod open;
mod read;
mod take;
mod take_told;
mod tell;
mod update;

pub(super) use audit::Deed;
pub(super) use commit::Beside;
pub use commit::{DisputeAnswered, DisputePresenter};
pub use decide::DecideDispute;
pub use evidence::{RepliesShown, SubmitEvidence};
pub use open::OpenDispute;
pub use take::Taken;
pub(super) use take::dispute_of;
pub use update::UpdateDispute;
