//! The adventures document (seed `000_…`) in the shapes of its annex: refunds of payments.

mod envelope;
mod refunds;

pub(super) use envelope::refused;
pub(super) use refunds::refund;
