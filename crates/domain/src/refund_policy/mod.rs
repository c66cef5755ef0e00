//! Refund policy: how much of a payment a guest who cancels gets back, and why (annex, Adventures).
//!
//! A tenant's policies are one versioned thing. [`RefundPolicies::evaluate`] is a pure function of them and the facts; its
//! answer names the rule that decided and shows the arithmetic. What it says binds nobody: a refund is made by
//! `refunds`, within what is left of the charge.

mod evaluate;
mod evaluation;
mod policy;
mod ports;
mod refusal;

#[cfg(test)]
mod tests;

pub use evaluate::{Cancellation, Evaluated};
pub use evaluation::PolicyEvaluation;
pub use policy::{GoodwillLimit, ReasonRule, RefundFee, RefundPolicies, RefundPolicy, TimeTier};
pub use ports::RefundPolicyStore;
pub use refusal::RefundPolicyRefusal;
