//! Work that nobody waits for.

mod access_log_retention;
mod card_number_scan;
mod expiry;
mod key_rotation;
mod verification;

pub use access_log_retention::AccessLogRetention;
pub use card_number_scan::CardNumberScanner;
pub use expiry::CardExpiryTeller;
pub use key_rotation::KeyRotationWorker;
pub use verification::VerificationWorker;
