//! Work that nobody waits for.

mod card_number_scan;
mod key_rotation;

pub use card_number_scan::CardNumberScanner;
pub use key_rotation::KeyRotationWorker;
