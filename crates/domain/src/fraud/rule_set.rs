//! The rules of a tenant, as one versioned thing: a decision names the version that it was made by.

use serde::{Deserialize, Serialize};

use crate::kernel::{FraudRuleId, TenantId, Timestamp, Version};

use super::{Effect, FraudAction, FraudRefusal, Rule};

/// From which score on what is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// From this score on the customer must authenticate, 1 to 100.
    pub challenge_at: u8,
    /// From this score on it ends, 1 to 100, not below `challenge_at`.
    pub deny_at: u8,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { challenge_at: 50, deny_at: 80 }
    }
}

impl Thresholds {
    /// What a score comes to, 0 to 100.
    #[must_use]
    pub const fn action(self, score: u8) -> FraudAction {
        if score >= self.deny_at {
            FraudAction::Deny
        } else if score >= self.challenge_at {
            FraudAction::Challenge
        } else {
            FraudAction::Allow
        }
    }

    fn check(self) -> Result<(), FraudRefusal> {
        let in_range = |score: u8| (1..=100).contains(&score);
        if in_range(self.challenge_at) && in_range(self.deny_at) && self.challenge_at <= self.deny_at {
            return Ok(());
        }
        Err(FraudRefusal::BadThresholds)
    }
}

/// The rules of a tenant; one that never had any has none of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    /// Whose.
    pub tenant: TenantId,
    /// How often they were committed.
    pub version: Version,
    /// From which score on what is done.
    pub thresholds: Thresholds,
    /// The rules, oldest first.
    pub rules: Vec<Rule>,
    /// When they last changed.
    pub updated_at: Timestamp,
}

impl RuleSet {
    /// The most rules of a tenant.
    pub const RULES_MAX: usize = 100;
    /// The version of a tenant's rules that were never set.
    pub const UNSET_VERSION: Version = Version::new(0);

    /// What holds for a tenant without rules.
    #[must_use]
    pub fn unset(tenant: TenantId, now: Timestamp) -> Self {
        Self {
            tenant,
            version: Self::UNSET_VERSION,
            thresholds: Thresholds::default(),
            rules: Vec::new(),
            updated_at: now,
        }
    }

    /// With another rule.
    ///
    /// # Errors
    /// When the rule is out of its ranges, or the tenant has all the rules it can have.
    pub fn add(&self, rule: Rule, now: Timestamp) -> Result<Self, FraudRefusal> {
        rule.condition.check()?;
        if let Effect::Points(points) = rule.effect
            && !(1..=100).contains(&points)
        {
            return Err(FraudRefusal::BadPoints);
        }
        if self.rules.len() >= Self::RULES_MAX {
            return Err(FraudRefusal::TooManyRules);
        }
        let mut next = self.next(now);
        next.rules.push(rule);
        Ok(next)
    }

    /// Without a rule; none when there is no such rule.
    #[must_use]
    pub fn remove(&self, id: FraudRuleId, now: Timestamp) -> Option<Self> {
        let mut next = self.next(now);
        next.rules.retain(|rule| rule.id != id);
        (next.rules.len() < self.rules.len()).then_some(next)
    }

    /// With other thresholds.
    ///
    /// # Errors
    /// When they are out of range.
    pub fn with_thresholds(&self, thresholds: Thresholds, now: Timestamp) -> Result<Self, FraudRefusal> {
        thresholds.check()?;
        Ok(Self { thresholds, ..self.next(now) })
    }

    fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }
}
