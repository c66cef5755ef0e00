//! The HTTP side: one file per resource.

mod body;
mod chargebacks;
mod dispute_body;
mod dispute_request;
mod dispute_tiers;
mod disputes;
mod numbers;
mod problems;
mod refund_policies;
mod refunds;
mod request;
mod routes;
mod told_refunds;

pub use routes::routes;
