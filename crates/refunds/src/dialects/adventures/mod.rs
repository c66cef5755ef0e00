//! The adventures document (seed `000_…`) in the shapes of its annex: refunds of payments, and what the refund
//! policy gives.

mod envelope;
mod policy;
mod refunds;

pub(super) use envelope::refused;
pub(super) use policy::evaluate;
pub(super) use refunds::refund;
