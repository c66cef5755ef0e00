//! Why a change of rules or an override was refused.

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FraudRefusal {
    /// A condition is out of its range.
    #[error("{0}")]
    BadCondition(&'static str),
    /// Points are out of their range.
    #[error("points must be from 1 to 100")]
    BadPoints,
    /// Thresholds are out of their range.
    #[error("thresholds are from 1 to 100, and challenge_at is not above deny_at")]
    BadThresholds,
    /// The tenant has all the rules it can have.
    #[error("a tenant has at most {} fraud rules; delete one first", super::RuleSet::RULES_MAX)]
    TooManyRules,
    /// An override ends in the past, or later than it can.
    #[error("an override ends in the future, within a year")]
    BadOverrideEnd,
    /// An override says no reason.
    #[error("an override needs a reason of 1 to 1000 characters: it is kept for the audit")]
    ReasonRequired,
}
