//! Deposits: how much of a stay is to be paid in advance, by the hotel's policy for the rate plan (annex, Hotels).
//!
//! A hotel's policies are one versioned thing. [`HotelPolicies::evaluate`] is a pure function of them and the stay.

mod policy;
mod ports;
mod refusal;

#[cfg(test)]
mod tests;

pub use policy::{DepositTerms, EvaluatedDeposit, HotelPolicies, PolicyType, RatePlanPolicy, Stay};
pub use ports::DepositStore;
pub use refusal::DepositRefusal;
