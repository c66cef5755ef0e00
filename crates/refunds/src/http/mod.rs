//! The HTTP side: one file per resource.

mod body;
mod bulk;
mod chargebacks;
mod dispute_body;
mod dispute_request;
mod dispute_tiers;
mod disputes;
mod evidence;
mod evidence_body;
mod numbers;
mod open_refunds;
mod problems;
mod refund_policies;
mod refund_policy_body;
mod refunds;
mod request;
mod resolve_refund;
mod routes;
mod texts;
mod told_refunds;
mod upload_content;
mod uploads;

pub(crate) use body::PRESENTER;
pub(crate) use bulk::item_command;
pub use routes::routes;
