//! Disputes as people work on them. A guest's is saved by itself, and with its charge when it is decided; a chargeback's
//! with the chargeback.

mod open;
mod read;
mod remind;
mod resolve;
mod shared;
mod tiers;
mod told;
mod update;

pub use open::OpenGuestDispute;
pub use resolve::ResolveGuestDispute;
pub use shared::CaseShown;
pub use update::UpdateGuestDispute;
