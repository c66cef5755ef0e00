//! Fraud: what is known of a try to pay, the rules of a tenant, and the decision that they come to.
//!
//! Rules are data ([`Rule`]): a condition, and what follows when it holds (points or an action). [`evaluate`] is a pure
//! function of the rules, what is known ([`FraudContext`]) and what was counted ([`WindowCounts`]). How often somebody
//! paid is counted in [`Window`]s of time, as rows that are written in the attempt's own commit.
//!
//! **How to add a rule.** A variant of [`Condition`], its arm in `evaluate.rs`, its form in the API, and a law in
//! `tests/`.

mod context;
mod decision;
mod evaluate;
mod forced;
mod policy;
mod ports;
mod refusal;
mod rule;
mod rule_set;
mod velocity;
mod window;

#[cfg(test)]
mod tests;

pub use context::{CardSignals, FraudContext, IntentRisk, RiskSignals};
pub use decision::{FraudDecision, FraudSummary, FraudVerdict, Occasion, Reason, ScorerOutcome};
pub use evaluate::evaluate;
pub use forced::{FORCED_AT_MOST, FraudOverride, NewOverride, OverrideAction, OverrideTarget};
pub use policy::FraudPolicy;
pub use ports::{FraudStore, RiskScore, RiskScorer, RiskScorerError};
pub use refusal::FraudRefusal;
pub use rule::{Condition, CountrySource, Effect, FraudAction, Rule, Subject};
pub use rule_set::{RuleSet, Thresholds};
pub use velocity::{FRAUD_VELOCITY, velocity_guards};
pub use window::{Measure, Window, WindowCounts};
