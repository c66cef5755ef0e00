//! Which connectors a payment goes to, in which order, and why.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::kernel::{ConnectorId, IntentId, Money, RoutingRuleId};

use super::{BreakerState, RoutingRules};

/// What rules look at.
#[derive(Debug, Clone, Copy)]
pub struct RoutingFacts<'a> {
    /// The payment: shares are chosen by it.
    pub intent: IntentId,
    /// What is to be paid.
    pub amount: Money,
    /// The country, when one is known.
    pub country: Option<&'a str>,
    /// The card's scheme.
    pub card_brand: Option<&'a str>,
    /// The first six digits of the card, when the vault knows them.
    pub bin: Option<&'a str>,
    /// The method's type.
    pub method_type: &'a str,
    /// For which merchant account.
    pub merchant_account_id: &'a str,
    /// The client's own data.
    pub metadata: &'a BTreeMap<String, String>,
}

/// Whose a connector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The tenant registered it.
    Tenant,
    /// It is in the operator's settings.
    Operator,
}

/// A connector that a payment could go to.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Its id.
    pub id: ConnectorId,
    /// Its name.
    pub name: &'a str,
    /// Whose it is.
    pub origin: Origin,
    /// Where no rule decides, the highest comes first.
    pub priority: i32,
    /// Whether it takes payments like this one.
    pub enabled: bool,
    /// Whether it holds a token of the method.
    pub holds_token: bool,
    /// Whether it is kept free of payments.
    pub breaker: BreakerState,
}

impl Candidate<'_> {
    const fn is_usable(&self) -> bool {
        self.enabled && self.holds_token
    }
}

/// What came of a connector that was considered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The payment goes there.
    Chosen,
    /// The payment goes there when it is known not to have happened before.
    FallBack,
    /// It is there, and would be tried last: it answers nothing.
    BreakerOpen,
    /// It does not take payments, or not of this mode.
    Disabled,
    /// It holds no token of the method.
    NoToken,
    /// There is none.
    NotThere,
}

impl Standing {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::FallBack => "fall_back",
            Self::BreakerOpen => "breaker_open",
            Self::Disabled => "disabled",
            Self::NoToken => "no_token",
            Self::NotThere => "not_there",
        }
    }
}

/// A connector that was considered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// Which.
    pub connector: ConnectorId,
    /// Its name; none when it is not there.
    pub name: Option<String>,
    /// What came of it.
    pub standing: Standing,
}

/// What came of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleVerdict {
    /// It decided.
    Decided,
    /// This condition of it does not hold.
    Mismatch(&'static str),
    /// It matches, and none of its connectors can take the payment.
    NoneUsable,
    /// It does not count.
    Disabled,
}

/// Where a payment goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoutePlan {
    /// The rule that decided; none when none did.
    pub rule: Option<RoutingRuleId>,
    /// The connectors by name, in the order in which they are tried; none when nothing can take it.
    pub chain: Vec<String>,
    /// The connectors of what decided, in the order in which they were considered.
    pub considered: Vec<Considered>,
    /// The rules that were looked at, and what came of them.
    pub rules: Vec<(RoutingRuleId, RuleVerdict)>,
}

/// Where a payment goes: by the first rule that matches it and has a connector that can take it, else by priority among
/// the tenant's own connectors, else to the operator's first, which has no fall-back: another account of the operator's
/// is another agreement, and only a rule sends anything there.
///
/// The same arguments give the same plan, always.
#[must_use]
pub fn plan(rules: &RoutingRules, facts: &RoutingFacts<'_>, candidates: &[Candidate<'_>]) -> RoutePlan {
    let mut looked_at = Vec::new();
    for rule in &rules.rules {
        if !rule.enabled {
            looked_at.push((rule.id, RuleVerdict::Disabled));
            continue;
        }
        if let Some(condition) = rule.matches.mismatch(facts) {
            looked_at.push((rule.id, RuleVerdict::Mismatch(condition)));
            continue;
        }
        let decided = chained(&rule.order_for(facts.intent), candidates);
        if decided.chain.is_empty() {
            looked_at.push((rule.id, RuleVerdict::NoneUsable));
            continue;
        }
        looked_at.push((rule.id, RuleVerdict::Decided));
        return RoutePlan { rule: Some(rule.id), rules: looked_at, ..decided };
    }
    let mut own: Vec<&Candidate<'_>> =
        candidates.iter().filter(|candidate| candidate.origin == Origin::Tenant).collect();
    own.sort_by_key(|candidate| (Reverse(candidate.priority), candidate.id));
    let order: Vec<ConnectorId> = own.iter().map(|candidate| candidate.id).collect();
    let mut decided = chained(&order, candidates);
    if decided.chain.is_empty() {
        let is_operators =
            |candidate: &&Candidate<'_>| candidate.origin == Origin::Operator && candidate.is_usable();
        let first: Vec<ConnectorId> =
            candidates.iter().filter(is_operators).map(|candidate| candidate.id).take(1).collect();
        let of_operator = chained(&first, candidates);
        decided.considered.extend(of_operator.considered);
        decided.chain = of_operator.chain;
    }
    RoutePlan { rule: None, rules: looked_at, ..decided }
}

/// The usable connectors of an order; those that answer nothing come last.
fn chained(order: &[ConnectorId], candidates: &[Candidate<'_>]) -> RoutePlan {
    let find = |id: &ConnectorId| candidates.iter().find(|candidate| candidate.id == *id);
    let is_open = |candidate: &&Candidate<'_>| candidate.breaker == BreakerState::Open;
    let usable: Vec<&Candidate<'_>> = order.iter().filter_map(find).filter(|one| one.is_usable()).collect();
    let closed = usable.iter().filter(|one| !is_open(one));
    let open = usable.iter().filter(|one| is_open(one));
    let chain: Vec<String> = closed.chain(open).map(|candidate| candidate.name.to_owned()).collect();
    let considered = order.iter().map(|id| {
        let candidate = find(id);
        let standing = match candidate {
            None => Standing::NotThere,
            Some(one) if !one.enabled => Standing::Disabled,
            Some(one) if !one.holds_token => Standing::NoToken,
            Some(one) if chain.first().is_some_and(|first| first == one.name) => Standing::Chosen,
            Some(one) if one.breaker == BreakerState::Open => Standing::BreakerOpen,
            Some(_) => Standing::FallBack,
        };
        Considered { connector: *id, name: candidate.map(|one| one.name.to_owned()), standing }
    });
    RoutePlan { rule: None, considered: considered.collect(), rules: Vec::new(), chain }
}
