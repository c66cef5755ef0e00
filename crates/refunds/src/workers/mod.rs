//! What the service does by itself.

mod bulk_refunds;
mod chargeback_matching;
mod dispute_reminders;
mod dispute_telling;
mod evidence_retention;
mod refund_recovery;
mod refund_retries;
mod rounds;

pub use bulk_refunds::BulkRefunds;
pub use chargeback_matching::ChargebackMatching;
pub use dispute_reminders::DisputeReminders;
pub use dispute_telling::DisputeTelling;
pub use evidence_retention::{EvidenceRetention, Removed};
pub use refund_recovery::{RecoveredRefunds, RefundRecovery};
pub use refund_retries::RefundRetries;
