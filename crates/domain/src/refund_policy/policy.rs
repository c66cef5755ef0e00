//! Policies as data.

use serde::{Deserialize, Serialize};

use crate::kernel::{Currency, Money, TenantId, Timestamp, Version};

use super::RefundPolicyRefusal as Refusal;

/// How much comes back when something is canceled at least so long before its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeTier {
    /// At least so many hours before the start.
    pub hours_before_start: u32,
    /// Of what was paid, in hundredths of a percent: 5000 is 50 %.
    pub percentage_bps: u32,
}

/// How much comes back for a reason, whenever it is canceled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonRule {
    /// The reason, as the request has it (`WEATHER`).
    pub reason: String,
    /// Of what was paid, in hundredths of a percent.
    pub percentage_bps: u32,
    /// Whether it counts only with evidence.
    pub evidence_required: bool,
}

/// What is kept of a refund that the time before the start decides. A reason's refund has no fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundFee {
    /// An amount; of a payment in another currency nothing.
    Fixed {
        /// In minor units.
        minor: i64,
        /// Its currency.
        currency: Currency,
    },
    /// A part of what was paid, in hundredths of a percent.
    Percentage(u32),
}

/// How much may be given back for goodwill, where no rule gives anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoodwillLimit {
    /// In minor units.
    pub minor: i64,
    /// Its currency; of a payment in another there is none.
    pub currency: Currency,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPolicy {
    /// Its name, the tenant's own.
    pub policy_id: String,
    /// For which product type; none is for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_type: Option<String>,
    /// For which rate plan; none is for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_plan: Option<String>,
    /// By the time before the start; the one with the most hours that were kept counts, and none gives nothing.
    pub tiers: Vec<TimeTier>,
    /// By reason; these come before the tiers.
    pub reasons: Vec<ReasonRule>,
    /// What is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<RefundFee>,
    /// How much may be given back for goodwill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goodwill: Option<GoodwillLimit>,
}

/// The refund policies of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundPolicies {
    /// Whose.
    pub tenant: TenantId,
    /// How often they were committed; 0 for those that nobody set.
    pub version: Version,
    /// All of them.
    pub policies: Vec<RefundPolicy>,
    /// For how many days after it was taken a charge can be refunded by who asks for it; none is for ever.
    pub window_days: Option<u32>,
    /// When they were first set.
    pub created_at: Timestamp,
    /// When they last changed.
    pub updated_at: Timestamp,
}

impl RefundPolicy {
    /// All that was paid, in hundredths of a percent.
    pub const WHOLE: u32 = 10_000;
    const RULES_MAX: usize = 20;
    const NAME_MAX: usize = 64;

    /// The annex's: all of it 30 days or more before the start, half of it from 7 days, else nothing; all of it for the
    /// weather or when the operator cancels; 90 % for medical reasons with evidence.
    #[must_use]
    pub fn standard() -> Self {
        let tier = |days: u32, percentage_bps| TimeTier { hours_before_start: days * 24, percentage_bps };
        let reason = |reason: &str, percentage_bps, evidence_required| ReasonRule {
            reason: reason.to_owned(),
            percentage_bps,
            evidence_required,
        };
        Self {
            policy_id: "standard".to_owned(),
            product_type: None,
            rate_plan: None,
            tiers: vec![tier(30, Self::WHOLE), tier(7, 5_000)],
            reasons: vec![
                reason("WEATHER", Self::WHOLE, false),
                reason("OPERATOR_CANCELLATION", Self::WHOLE, false),
                reason("MEDICAL", 9_000, true),
            ],
            fee: None,
            goodwill: None,
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        let id = || self.policy_id.clone();
        let is_name = |name: &String| (1..=Self::NAME_MAX).contains(&name.chars().count());
        let names = [Some(&self.policy_id), self.product_type.as_ref(), self.rate_plan.as_ref()];
        let reasons = self.reasons.iter().map(|rule| &rule.reason);
        if !names.into_iter().flatten().chain(reasons).all(is_name) {
            return Err(Refusal::BadName(id()));
        }
        let parts = self.tiers.iter().map(|tier| tier.percentage_bps);
        let parts = parts.chain(self.reasons.iter().map(|rule| rule.percentage_bps));
        let fee = match self.fee {
            Some(RefundFee::Percentage(part)) => Some(part),
            _ => None,
        };
        if !parts.chain(fee).all(|part| part <= Self::WHOLE) {
            return Err(Refusal::BadPercentage(id()));
        }
        let fixed = match self.fee {
            Some(RefundFee::Fixed { minor, currency }) => Some((minor, currency)),
            _ => None,
        };
        let amounts = fixed.into_iter().chain(self.goodwill.map(|limit| (limit.minor, limit.currency)));
        for (minor, currency) in amounts {
            Money::positive(minor, currency).map_err(|_| Refusal::BadAmount(id()))?;
        }
        let twice = |one: usize| {
            self.tiers[..one].iter().any(|tier| tier.hours_before_start == self.tiers[one].hours_before_start)
        };
        let again =
            |one: usize| self.reasons[..one].iter().any(|rule| rule.reason == self.reasons[one].reason);
        let many = self.tiers.len() > Self::RULES_MAX || self.reasons.len() > Self::RULES_MAX;
        if many || (0..self.tiers.len()).any(twice) || (0..self.reasons.len()).any(again) {
            return Err(Refusal::BadRules(id()));
        }
        Ok(())
    }
}

impl RefundPolicies {
    /// The most policies of a tenant.
    pub const POLICIES_MAX: usize = 100;
    /// The longest refund window: ten years.
    pub const WINDOW_DAYS_MAX: u32 = 3_650;
    /// The version that a tenant without policies shows.
    pub const UNSET_VERSION: Version = Version::new(0);
    /// The reason of a payment that came after what it was for had been given up: nothing of it is kept.
    pub const PAID_AFTER_CANCELLATION: &'static str = "PAID_AFTER_CANCELLATION";

    /// What counts for a tenant that has set none.
    #[must_use]
    pub fn standard(tenant: TenantId, now: Timestamp) -> Self {
        let policies = vec![RefundPolicy::standard()];
        let version = Self::UNSET_VERSION;
        Self { tenant, version, policies, window_days: None, created_at: now, updated_at: now }
    }

    /// The first policies of a tenant.
    ///
    /// # Errors
    /// When one is out of its range, or two contradict each other.
    pub fn first(tenant: TenantId, policies: Vec<RefundPolicy>, now: Timestamp) -> Result<Self, Refusal> {
        check(&policies)?;
        let version = Version::FIRST;
        Ok(Self { tenant, version, policies, window_days: None, created_at: now, updated_at: now })
    }

    /// The policies replaced.
    ///
    /// # Errors
    /// As for the first.
    pub fn replace(&self, policies: Vec<RefundPolicy>, now: Timestamp) -> Result<Self, Refusal> {
        check(&policies)?;
        Ok(Self { policies, version: self.version.next(), updated_at: now, ..self.clone() })
    }

    /// The same with another refund window.
    ///
    /// # Errors
    /// When it is not from 1 day to ten years.
    pub fn within(self, window_days: Option<u32>) -> Result<Self, Refusal> {
        match window_days {
            Some(days) if !(1..=Self::WINDOW_DAYS_MAX).contains(&days) => Err(Refusal::BadWindow(days)),
            _ => Ok(Self { window_days, ..self }),
        }
    }

    /// The policy for a product type and a rate plan: the one for both, else for the rate plan, else for the product
    /// type, else for all; none when there is none for all either.
    #[must_use]
    pub fn of(&self, product_type: Option<&str>, rate_plan: Option<&str>) -> Option<&RefundPolicy> {
        let fits = |wanted: &Option<String>, given: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| given == Some(wanted))
        };
        let fitting = self
            .policies
            .iter()
            .filter(|policy| fits(&policy.product_type, product_type) && fits(&policy.rate_plan, rate_plan));
        fitting.max_by_key(|policy| (policy.rate_plan.is_some(), policy.product_type.is_some()))
    }
}

fn check(policies: &[RefundPolicy]) -> Result<(), Refusal> {
    if policies.len() > RefundPolicies::POLICIES_MAX {
        return Err(Refusal::TooManyPolicies);
    }
    for (place, policy) in policies.iter().enumerate() {
        policy.check()?;
        let same = |other: &RefundPolicy| {
            other.policy_id == policy.policy_id
                || (other.product_type == policy.product_type && other.rate_plan == policy.rate_plan)
        };
        if policies[..place].iter().any(same) {
            return Err(Refusal::TwicePolicy(policy.policy_id.clone()));
        }
    }
    Ok(())
}
