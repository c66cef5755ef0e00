//! All that a tenant has set about fraud.

use super::{Condition, FraudOverride, RuleSet, Window};

/// A tenant's rules and the overrides that have not ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FraudPolicy {
    /// The rules; none when there never were any.
    pub rules: Option<RuleSet>,
    /// The overrides, newest first.
    pub overrides: Vec<FraudOverride>,
}

impl FraudPolicy {
    /// Whether there is nothing to look at.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.overrides.is_empty() && self.rules.as_ref().is_none_or(|set| set.rules.is_empty())
    }

    /// Whether a rule compares with the order.
    #[must_use]
    pub fn asks_for_order(&self) -> bool {
        let rules = self.rules.iter().flat_map(|set| &set.rules);
        rules.into_iter().any(|rule| matches!(rule.condition, Condition::OrderAmountMismatch {}))
    }

    /// The windows in which a payment like this is counted.
    #[must_use]
    pub fn windows(&self, context: &super::FraudContext) -> Vec<Window> {
        let rules = self.rules.iter().flat_map(|set| &set.rules);
        let mut windows: Vec<Window> =
            rules.filter_map(|rule| Window::of(&rule.condition, context)).collect();
        windows.sort();
        windows.dedup();
        windows
    }
}
