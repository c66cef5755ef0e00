//! What the service does by itself.

mod chargeback_matching;
mod refund_recovery;
mod rounds;

pub use chargeback_matching::ChargebackMatching;
pub use refund_recovery::{RecoveredRefunds, RefundRecovery};
