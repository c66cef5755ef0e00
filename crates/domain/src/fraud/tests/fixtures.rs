//! What the laws are tried on.

use chrono::TimeDelta;
use uuid::Uuid;

use crate::fraud::{
    CardSignals, Condition, Effect, FraudContext, FraudPolicy, FraudVerdict, RiskSignals, Rule, RuleSet,
    ScorerOutcome, WindowCounts, evaluate,
};
use crate::kernel::{Currency, FraudRuleId, Money, TenantId, Timestamp};

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_800_000_000 + second)
}

pub(super) fn rule(number: u128, condition: Condition, effect: Effect) -> Rule {
    Rule {
        id: FraudRuleId::from_uuid(Uuid::from_u128(number)),
        name: format!("rule {number}"),
        condition,
        effect,
    }
}

pub(super) fn policy(rules: impl IntoIterator<Item = (Condition, Effect)>) -> FraudPolicy {
    let mut set = RuleSet::unset(TenantId::sandbox(), at(0));
    for (number, (condition, effect)) in (1..).zip(rules) {
        set = set.add(rule(number, condition, effect), at(0)).expect("a good rule");
    }
    FraudPolicy { rules: Some(set), overrides: Vec::new() }
}

/// 100.00 EUR of customer `c`, with card `f` whose number begins with 424242.
pub(super) fn context() -> FraudContext {
    FraudContext {
        amount: Money::new(10_000, Currency::EUR),
        merchant_account_id: "ma".to_owned(),
        customer_id: Some("c".to_owned()),
        card: CardSignals { fingerprint: Some("f".to_owned()), bin: Some("424242".to_owned()) },
        signals: RiskSignals::default(),
        order_amount: None,
    }
}

pub(super) fn verdict(policy: &FraudPolicy, context: &FraudContext) -> FraudVerdict {
    evaluate(policy, context, &WindowCounts::default(), (None, &ScorerOutcome::Absent), at(0))
}
