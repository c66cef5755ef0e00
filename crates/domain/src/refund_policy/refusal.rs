//! Why policies or a question were refused.

use super::RefundPolicies;

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundPolicyRefusal {
    /// More policies than a tenant can have.
    #[error("there are at most {} refund policies", RefundPolicies::POLICIES_MAX)]
    TooManyPolicies,
    /// Two policies have one name, or are for the same product type and rate plan.
    #[error("the refund policy `{0}` is there twice, or another is for the same product type and rate plan")]
    TwicePolicy(String),
    /// A policy's name, product type, rate plan or reason is no word.
    #[error(
        "in the refund policy `{0}`: names, product types, rate plans and reasons have 1 to 64 characters"
    )]
    BadName(String),
    /// A percentage that is none.
    #[error("in the refund policy `{0}`: a percentage is from 0 to 10000 hundredths of a percent")]
    BadPercentage(String),
    /// An amount that is none.
    #[error("in the refund policy `{0}`: an amount is from 1 to 999999999999 minor units")]
    BadAmount(String),
    /// Tiers that contradict each other, or too many.
    #[error(
        "in the refund policy `{0}`: at most 20 tiers, each of other hours, and at most 20 reasons, each once"
    )]
    BadRules(String),
    /// A refund window that is none.
    #[error("a refund window has 1 to {} days, not {}", RefundPolicies::WINDOW_DAYS_MAX, .0)]
    BadWindow(u32),
    /// The start is not known, and the rule that would decide asks for it.
    #[error("the policy `{0}` decides by the time before the start: say when it starts, in `trip_starts_at`")]
    StartRequired(String),
}
