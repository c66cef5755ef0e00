//! The adventures document (seed `000_…`) in the shapes of its annex: refunds of payments, and what the refund
//! policy gives, disputes and chargebacks.

mod chargebacks;
mod dispute_body;
mod dispute_request;
mod disputes;
mod envelope;
mod policy;
mod refunds;

pub(super) use chargebacks::chargeback;
pub(super) use disputes::{dispute, list_disputes, open_dispute, resolve_dispute, update_dispute};
pub(super) use envelope::refused;
pub(super) use policy::evaluate;
pub(super) use refunds::refund;
