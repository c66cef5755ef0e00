//! A refund policy as clients see it, and the way to the domain's.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::Currency;
use tender_domain::refund_policy::{GoodwillLimit, ReasonRule, RefundFee, RefundPolicy, TimeTier};
use tender_http::Problem;
use utoipa::ToSchema;

use super::request::currency;

/// How much comes back when it is canceled at least so long before the start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundPolicyTier)]
struct TierBody {
    /// At least so many hours before the start.
    #[schema(example = 720)]
    hours_before_start: u32,
    /// Of what was paid, in hundredths of a percent.
    #[schema(maximum = 10_000, example = 10_000)]
    percentage_bps: u32,
}

/// How much comes back for a reason, whenever it is canceled.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundPolicyReason)]
struct ReasonBody {
    /// The reason, in capitals.
    #[schema(example = "WEATHER")]
    reason: String,
    /// Of what was paid, in hundredths of a percent.
    #[schema(maximum = 10_000, example = 10_000)]
    percentage_bps: u32,
    /// Whether it counts only with evidence.
    #[serde(default)]
    evidence_required: bool,
}

/// An amount, or a part of what was paid.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundPolicyFee)]
struct FeeBody {
    /// In hundredths of a percent; instead of an amount.
    #[schema(maximum = 10_000, example = 500)]
    percentage_bps: Option<u32>,
    /// In minor units.
    #[schema(minimum = 1, example = 1_500)]
    amount: Option<i64>,
    /// ISO 4217 code of the amount.
    #[schema(example = "EUR")]
    currency: Option<String>,
}

/// How much may be given back for goodwill.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundPolicyGoodwill)]
struct GoodwillBody {
    /// In minor units.
    #[schema(minimum = 1, example = 5_000)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
}

/// One policy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefundPolicy)]
pub(super) struct PolicyBody {
    /// Its name, your own.
    #[schema(example = "standard")]
    policy_id: String,
    /// For which product type; without it for all.
    product_type: Option<String>,
    /// For which rate plan; without it for all. A rate plan's policy comes before a product type's.
    rate_plan: Option<String>,
    /// By the time before the start. The one with the most hours that were kept counts; without any nothing comes back.
    #[serde(default)]
    tiers: Vec<TierBody>,
    /// By reason; these come before the tiers.
    #[serde(default)]
    reasons: Vec<ReasonBody>,
    /// What is kept of a refund that the tiers give.
    fee: Option<FeeBody>,
    /// How much the reason `GOODWILL` may give.
    goodwill: Option<GoodwillBody>,
}

impl PolicyBody {
    pub(super) fn into_policy(self, place: usize) -> Result<RefundPolicy, Problem> {
        let fee = self.fee.map(|fee| fee.into_fee(&format!("/policies/{place}/fee"))).transpose()?;
        let goodwill = self
            .goodwill
            .map(|limit| Ok(GoodwillLimit { minor: limit.amount, currency: currency(&limit.currency)? }));
        Ok(RefundPolicy {
            policy_id: self.policy_id,
            product_type: self.product_type,
            rate_plan: self.rate_plan,
            tiers: self
                .tiers
                .iter()
                .map(|tier| TimeTier {
                    hours_before_start: tier.hours_before_start,
                    percentage_bps: tier.percentage_bps,
                })
                .collect(),
            reasons: self
                .reasons
                .into_iter()
                .map(|rule| ReasonRule {
                    reason: rule.reason,
                    percentage_bps: rule.percentage_bps,
                    evidence_required: rule.evidence_required,
                })
                .collect(),
            fee,
            goodwill: goodwill.transpose().map_err(|problem: Problem| problem)?,
        })
    }
}

impl FeeBody {
    fn into_fee(self, pointer: &str) -> Result<RefundFee, Problem> {
        match (self.percentage_bps, self.amount, self.currency) {
            (Some(part), None, None) => Ok(RefundFee::Percentage(part)),
            (None, Some(minor), Some(code)) => Ok(RefundFee::Fixed { minor, currency: currency(&code)? }),
            _ => {
                let detail = "a fee has `percentage_bps`, or `amount` and `currency`";
                Err(Problem::bad_request("malformed_refund_policy", detail).pointer(pointer, detail))
            }
        }
    }
}

impl From<&RefundPolicy> for PolicyBody {
    fn from(policy: &RefundPolicy) -> Self {
        let code = |currency: Currency| currency.code().to_owned();
        Self {
            policy_id: policy.policy_id.clone(),
            product_type: policy.product_type.clone(),
            rate_plan: policy.rate_plan.clone(),
            tiers: policy
                .tiers
                .iter()
                .map(|tier| TierBody {
                    hours_before_start: tier.hours_before_start,
                    percentage_bps: tier.percentage_bps,
                })
                .collect(),
            reasons: policy
                .reasons
                .iter()
                .map(|rule| ReasonBody {
                    reason: rule.reason.clone(),
                    percentage_bps: rule.percentage_bps,
                    evidence_required: rule.evidence_required,
                })
                .collect(),
            fee: policy.fee.map(|fee| match fee {
                RefundFee::Percentage(part) => FeeBody { percentage_bps: Some(part), ..FeeBody::default() },
                RefundFee::Fixed { minor, currency } => {
                    FeeBody { amount: Some(minor), currency: Some(code(currency)), percentage_bps: None }
                }
            }),
            goodwill: policy
                .goodwill
                .map(|limit| GoodwillBody { amount: limit.minor, currency: code(limit.currency) }),
        }
    }
}
