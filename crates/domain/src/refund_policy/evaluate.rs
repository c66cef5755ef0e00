//! From policies and facts to an answer with its arithmetic.

use chrono::TimeDelta;

use crate::kernel::{Money, Timestamp, Version};

use super::{RefundFee, RefundPolicies, RefundPolicy, RefundPolicyRefusal};

/// The reason that asks for goodwill.
const GOODWILL: &str = "GOODWILL";

/// What is canceled, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// What was paid: captured, and not taken back by its gateway.
    pub paid: Money,
    /// What can still be refunded of it.
    pub left: Money,
    /// How much is asked for; none is all that the policy gives.
    pub requested: Option<Money>,
    /// Why, in capitals (`WEATHER`).
    pub reason: String,
    /// Whether there is evidence of it.
    pub has_evidence: bool,
    /// Of which product type, if it is known.
    pub product_type: Option<String>,
    /// At which rate plan, if it is known.
    pub rate_plan: Option<String>,
    /// When it was canceled.
    pub cancelled_at: Timestamp,
    /// When it was to start, if that is known.
    pub starts_at: Option<Timestamp>,
}

/// What a policy comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// The policy that counts.
    pub policy_id: String,
    /// Of which version of the tenant's policies; 0 when it has set none.
    pub policy_version: Version,
    /// The rule that decided: `reason:WEATHER`, `time:720h`, `time:none`, `goodwill`, or `no_policy`.
    pub rule: String,
    /// Its part of what was paid, in hundredths of a percent.
    pub percentage_bps: u32,
    /// What is kept as a fee.
    pub fee: Money,
    /// What may be given back now: from nothing to what is left, and not more than was asked for.
    pub eligible_amount: Money,
    /// The steps, for a person.
    pub explanation: Vec<String>,
}

impl Evaluated {
    /// All that is left, given by a rule that is no policy's: it is named, and why it counts is said.
    #[must_use]
    fn all_that_is_left(rule: &str, version: Version, facts: &Cancellation, why: &str) -> Self {
        let left = Money::new(facts.left.minor().max(0), facts.paid.currency());
        Self {
            policy_id: String::new(),
            policy_version: version,
            rule: rule.to_owned(),
            percentage_bps: RefundPolicy::WHOLE,
            fee: Money::zero(facts.paid.currency()),
            eligible_amount: left,
            explanation: vec![why.to_owned(), format!("{} was paid: {left} is left", facts.paid)],
        }
    }

    /// Whether anything may be given back.
    #[must_use]
    pub const fn is_eligible(&self) -> bool {
        self.eligible_amount.minor() > 0
    }
}

/// The rule that decides, and what it gives of what was paid.
struct Decided {
    rule: String,
    percentage_bps: u32,
    gives: Money,
    fee: Money,
    steps: Vec<String>,
}

impl RefundPolicies {
    /// What may be given back. All amounts are in the currency of what was paid; a part is rounded half up to its minor
    /// unit, and nothing given is ever more than what is left.
    ///
    /// # Errors
    /// `StartRequired` when only the time before the start can decide and it is not known.
    pub fn evaluate(&self, facts: &Cancellation) -> Result<Evaluated, RefundPolicyRefusal> {
        let Some(policy) = self.of(facts.product_type.as_deref(), facts.rate_plan.as_deref()) else {
            return Ok(self.no_policy(facts));
        };
        let Decided { rule, percentage_bps, gives, fee, mut steps } = policy.decide(facts)?;
        let kept = gives.minor().saturating_sub(fee.minor()).max(0);
        if !fee.is_zero() {
            steps.push(format!("less a fee of {fee}: {}", Money::new(kept, gives.currency())));
        }
        let gone = facts.paid.minor().saturating_sub(facts.left.minor()).max(0);
        let mut amount = kept.saturating_sub(gone).max(0).min(facts.left.minor()).max(0);
        if gone > 0 {
            let money = |minor| Money::new(minor, facts.paid.currency());
            steps.push(format!(
                "{} was given back or is disputed already: {} is left",
                money(gone),
                money(amount)
            ));
        }
        if let Some(requested) = facts.requested.filter(|asked| asked.minor() < amount) {
            amount = requested.minor().max(0);
            steps.push(format!("no more than the {requested} that was asked for"));
        }
        Ok(Evaluated {
            policy_id: policy.policy_id.clone(),
            policy_version: self.version,
            rule,
            percentage_bps,
            fee,
            eligible_amount: Money::new(amount, facts.paid.currency()),
            explanation: steps,
        })
    }

    /// The same of a dispute, which is opened whatever is known: where only the time before the start could decide and
    /// nobody has said it, nothing is given and the explanation says what is missing.
    #[must_use]
    pub fn evaluate_as_known(&self, facts: &Cancellation) -> Evaluated {
        self.evaluate(facts).unwrap_or_else(|refusal| Evaluated {
            policy_id: self
                .of(facts.product_type.as_deref(), facts.rate_plan.as_deref())
                .map_or_else(String::new, |policy| policy.policy_id.clone()),
            rule: "start_unknown".to_owned(),
            explanation: vec![refusal.to_string()],
            ..self.no_policy(facts)
        })
    }

    /// What goes back of a payment by itself, because what it was for was given up. As `evaluate`, but all that is left
    /// goes back of what was paid after it had been given up, where the tenant has set no policies, and where it is not
    /// known when it was to start.
    ///
    /// # Errors
    /// None that `evaluate` has not: a start that is not known is none here.
    pub fn evaluate_by_itself(&self, facts: &Cancellation) -> Result<Evaluated, RefundPolicyRefusal> {
        let all = |rule, why| Ok(Evaluated::all_that_is_left(rule, self.version, facts, why));
        if facts.reason == Self::PAID_AFTER_CANCELLATION {
            return all("paid_after_cancellation", "it was paid after it had been given up");
        }
        if self.version == Self::UNSET_VERSION {
            return all("no_policies_set", "the tenant has set no refund policies");
        }
        if facts.starts_at.is_none() {
            return all("start_unknown", "it is not known when it was to start");
        }
        self.evaluate(facts)
    }

    fn no_policy(&self, facts: &Cancellation) -> Evaluated {
        let zero = Money::zero(facts.paid.currency());
        Evaluated {
            policy_id: String::new(),
            policy_version: self.version,
            rule: "no_policy".to_owned(),
            percentage_bps: 0,
            fee: zero,
            eligible_amount: zero,
            explanation: vec!["no policy is for this product type and rate plan".to_owned()],
        }
    }
}

impl RefundPolicy {
    fn decide(&self, facts: &Cancellation) -> Result<Decided, RefundPolicyRefusal> {
        let mut steps = vec![format!("{} was paid", facts.paid)];
        let rule = self.reasons.iter().find(|rule| rule.reason == facts.reason);
        if let Some(rule) = rule {
            if !rule.evidence_required || facts.has_evidence {
                let with = if rule.evidence_required { " with evidence" } else { "" };
                steps.push(format!("canceled for {}{with}: {}", rule.reason, percent(rule.percentage_bps)));
                return Ok(Decided::part(
                    format!("reason:{}", rule.reason),
                    rule.percentage_bps,
                    facts,
                    steps,
                ));
            }
            steps.push(format!("{} counts only with evidence, and there is none", rule.reason));
        }
        if facts.reason == GOODWILL && self.goodwill.is_some() {
            return Ok(self.goodwill(facts, steps));
        }
        let starts_at =
            facts.starts_at.ok_or_else(|| RefundPolicyRefusal::StartRequired(self.policy_id.clone()))?;
        let before = starts_at - facts.cancelled_at;
        let kept = |hours: u32| before >= TimeDelta::hours(i64::from(hours));
        let tier = self.tiers.iter().filter(|tier| kept(tier.hours_before_start));
        let Some(tier) = tier.max_by_key(|tier| tier.hours_before_start) else {
            steps.push(format!("canceled {}: no tier gives anything", told(before)));
            return Ok(Decided::part("time:none".to_owned(), 0, facts, steps));
        };
        let hours = tier.hours_before_start;
        steps.push(format!(
            "canceled {}: the tier from {hours} h gives {}",
            told(before),
            percent(tier.percentage_bps)
        ));
        let mut decided = Decided::part(format!("time:{hours}h"), tier.percentage_bps, facts, steps);
        decided.fee = self.fee_of(facts.paid, decided.gives);
        Ok(decided)
    }

    fn goodwill(&self, facts: &Cancellation, mut steps: Vec<String>) -> Decided {
        let currency = facts.paid.currency();
        let limit = self.goodwill.filter(|limit| limit.currency == currency).map_or(0, |limit| limit.minor);
        let gives = Money::new(limit.min(facts.paid.minor()).max(0), currency);
        steps.push(format!("goodwill gives at most {}: {gives}", Money::new(limit, currency)));
        let zero = Money::zero(currency);
        Decided { rule: "goodwill".to_owned(), percentage_bps: 0, gives, fee: zero, steps }
    }

    /// Never more than what it is kept of.
    fn fee_of(&self, paid: Money, gives: Money) -> Money {
        let fee = match self.fee {
            Some(RefundFee::Fixed { minor, currency }) if currency == paid.currency() => minor,
            Some(RefundFee::Percentage(part)) => paid.share(part, Self::WHOLE).minor(),
            _ => 0,
        };
        Money::new(fee.min(gives.minor()), paid.currency())
    }
}

impl Decided {
    fn part(rule: String, percentage_bps: u32, facts: &Cancellation, mut steps: Vec<String>) -> Self {
        let gives = facts.paid.share(percentage_bps, RefundPolicy::WHOLE);
        steps.push(format!("{} of {} is {gives}", percent(percentage_bps), facts.paid));
        Self { rule, percentage_bps, gives, fee: Money::zero(facts.paid.currency()), steps }
    }
}

/// `50 %`, `33.33 %`.
fn percent(bps: u32) -> String {
    match (bps / 100, bps % 100) {
        (whole, 0) => format!("{whole} %"),
        (whole, rest) => format!("{whole}.{rest:02} %"),
    }
}

/// `12 d 4 h before the start`.
fn told(before: TimeDelta) -> String {
    let side = if before < TimeDelta::zero() { "after" } else { "before" };
    let hours = before.num_hours().unsigned_abs();
    format!("{} d {} h {side} the start", hours / 24, hours % 24)
}
