//! What the service does by itself.

mod bulk_refunds;
mod chargeback_matching;
mod refund_recovery;
mod rounds;

pub use bulk_refunds::BulkRefunds;
pub use chargeback_matching::ChargebackMatching;
pub use refund_recovery::{RecoveredRefunds, RefundRecovery};
