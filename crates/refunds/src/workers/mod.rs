//! What the service does by itself.

mod refund_recovery;

pub use refund_recovery::{RecoveredRefunds, RefundRecovery};
