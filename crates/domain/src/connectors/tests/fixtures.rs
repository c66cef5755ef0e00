use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use uuid::Uuid;

use crate::connectors::{
    BreakerState, Candidate, Origin, RoutingFacts, RoutingRule, RoutingRules, RoutingTarget, RuleMatch,
};
use crate::kernel::{ConnectorId, Currency, IntentId, Money, RoutingRuleId, TenantId, Timestamp, Version};

pub(super) fn at(second: i64) -> Timestamp {
    DateTime::from_timestamp(second, 0).expect("test instants exist")
}

pub(super) fn con(number: u128) -> ConnectorId {
    ConnectorId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn rr(number: u128) -> RoutingRuleId {
    RoutingRuleId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn intent(number: u128) -> IntentId {
    IntentId::from_uuid(Uuid::from_u128(number))
}

static NO_METADATA: BTreeMap<String, String> = BTreeMap::new();

pub(super) fn facts<'a>() -> RoutingFacts<'a> {
    RoutingFacts {
        intent: intent(7),
        amount: Money::new(5_000, Currency::EUR),
        country: Some("FR"),
        card_brand: Some("VISA"),
        bin: Some("424242"),
        method_type: "card",
        merchant_account_id: "ma_1",
        metadata: &NO_METADATA,
    }
}

pub(super) fn candidate(number: u128, name: &str) -> Candidate<'_> {
    Candidate {
        id: con(number),
        name,
        origin: Origin::Tenant,
        priority: 0,
        enabled: true,
        holds_token: true,
        breaker: BreakerState::Closed,
    }
}

pub(super) fn rule(number: u128, priority: i32, matches: RuleMatch, targets: &[(u128, u32)]) -> RoutingRule {
    let target = |(number, weight): &(u128, u32)| RoutingTarget { connector: con(*number), weight: *weight };
    RoutingRule {
        id: rr(number),
        version: Version::FIRST,
        name: None,
        priority,
        enabled: true,
        matches,
        targets: targets.iter().map(target).collect(),
        fallback: Vec::new(),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(super) fn known() -> BTreeSet<ConnectorId> {
    (1..=9).map(con).collect()
}

pub(super) fn rules(all: Vec<RoutingRule>) -> RoutingRules {
    let unset = RoutingRules::unset(TenantId::sandbox(), at(0));
    all.into_iter().fold(unset, |rules, rule| rules.with(rule, &known(), at(1)).expect("a good rule"))
}

pub(super) fn of_currency(currency: Currency) -> RuleMatch {
    RuleMatch { currency: BTreeSet::from([currency]), ..RuleMatch::default() }
}
