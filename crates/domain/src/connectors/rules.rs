//! The rules of a tenant, as one versioned thing.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{ConnectorId, RoutingRuleId, TenantId, Timestamp, Version};

use super::{ConnectorRefusal, DeclineTable, RoutingRule, RuleProblem, RuleProblemKind};

/// The rules of a tenant; one that never had any has none of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutingRules {
    /// Whose.
    pub tenant: TenantId,
    /// How often they were committed.
    pub version: Version,
    /// The rules, in the order in which they are looked at.
    pub rules: Vec<RoutingRule>,
    /// The tables of declines that the tenant edited of the operator's connectors. Those of its own are parts of them.
    pub declines: BTreeMap<ConnectorId, DeclineTable>,
    /// When they last changed.
    pub updated_at: Timestamp,
}

impl RoutingRules {
    /// The most rules of a tenant.
    pub const RULES_MAX: usize = 200;
    /// The version of a tenant's rules that were never set.
    pub const UNSET_VERSION: Version = Version::new(0);

    /// What holds for a tenant without rules.
    #[must_use]
    pub const fn unset(tenant: TenantId, now: Timestamp) -> Self {
        Self {
            tenant,
            version: Self::UNSET_VERSION,
            rules: Vec::new(),
            declines: BTreeMap::new(),
            updated_at: now,
        }
    }

    /// The rule with this id.
    #[must_use]
    pub fn rule(&self, id: RoutingRuleId) -> Option<&RoutingRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The first rule that names a connector.
    #[must_use]
    pub fn naming(&self, connector: ConnectorId) -> Option<&RoutingRule> {
        self.rules.iter().find(|rule| rule.connectors().any(|named| named == connector))
    }

    /// With a rule: a new one, or another version of one that is there. `known` are the connectors that can be named.
    ///
    /// # Errors
    /// When the rule is out of its ranges, names a connector that is not there, or is one too many.
    pub fn with(
        &self,
        rule: RoutingRule,
        known: &BTreeSet<ConnectorId>,
        now: Timestamp,
    ) -> Result<Self, ConnectorRefusal> {
        rule.check()?;
        if let Some(missing) = rule.connectors().find(|named| !known.contains(named)) {
            return Err(ConnectorRefusal::NoSuchConnector(missing));
        }
        let mut next = self.next(now);
        next.rules.retain(|other| other.id != rule.id);
        if next.rules.len() >= Self::RULES_MAX {
            return Err(ConnectorRefusal::TooManyRules);
        }
        next.rules.push(rule);
        next.rules.sort_by_key(|rule| (std::cmp::Reverse(rule.priority), rule.created_at, rule.id));
        Ok(next)
    }

    /// Without a rule; none when there is no such rule.
    #[must_use]
    pub fn without(&self, id: RoutingRuleId, now: Timestamp) -> Option<Self> {
        let mut next = self.next(now);
        next.rules.retain(|rule| rule.id != id);
        (next.rules.len() < self.rules.len()).then_some(next)
    }

    /// The table of declines of one of the operator's connectors, as this tenant has it.
    #[must_use]
    pub fn declines_of(&self, connector: ConnectorId) -> DeclineTable {
        self.declines.get(&connector).cloned().unwrap_or(DeclineTable::UNSET)
    }

    /// With another table of declines of one of the operator's connectors.
    #[must_use]
    pub fn with_declines(&self, connector: ConnectorId, table: DeclineTable, now: Timestamp) -> Self {
        let mut next = self.next(now);
        // Also the usual one: whoever saw it set does not know that it was set back.
        next.declines.insert(connector, table.in_place_of(&self.declines_of(connector)));
        next
    }

    /// What is wrong with a rule among the others. `usable` are the connectors that take payments.
    #[must_use]
    pub fn problems(&self, id: RoutingRuleId, usable: &BTreeSet<ConnectorId>) -> Vec<RuleProblem> {
        let Some(place) = self.rules.iter().position(|rule| rule.id == id) else { return Vec::new() };
        let rule = &self.rules[place];
        let mut problems = Vec::new();
        let mut tell = |kind, detail, other| problems.push(RuleProblem { kind, detail, other });
        if let Some(detail) = rule.matches.contradiction() {
            tell(RuleProblemKind::NeverMatches, detail, None);
        }
        let covers = |other: &&RoutingRule| other.enabled && other.matches.covers(&rule.matches);
        if let Some(other) = self.rules[..place].iter().find(covers) {
            let detail = format!(
                "the rule {} is looked at before and matches every payment that this one matches: this one is reached \
                 only when no connector of that one can take the payment",
                other.id
            );
            tell(RuleProblemKind::Shadowed, detail, Some(other.id));
        }
        let covered = |other: &&RoutingRule| other.enabled && rule.matches.covers(&other.matches);
        for other in self.rules[place + 1..].iter().filter(|_| rule.enabled).filter(covered) {
            let detail = format!(
                "this rule is looked at before the rule {} and matches every payment that that one matches: that one is \
                 reached only when no connector of this one can take the payment",
                other.id
            );
            tell(RuleProblemKind::Shadows, detail, Some(other.id));
        }
        if !rule.connectors().any(|named| usable.contains(&named)) {
            let detail = "none of its connectors takes payments now".to_owned();
            tell(RuleProblemKind::NoUsableConnector, detail, None);
        }
        problems
    }

    fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }
}
