//! The rules of a tenant, as one versioned thing.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::{ConnectorId, RoutingRuleId, TenantId, Timestamp, Version};

use super::cover::{self, Effort};
use super::{ConnectorRefusal, DeclineTable, RoutingRule, RuleMatch, RuleProblem, RuleProblemKind};

/// How many rules a text names.
const DETAIL_RULES: usize = 10;

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
    ///
    /// Whether several rules together match all that another matches is found out within a bound: what is told is so, and
    /// among very many and long rules something may not be told.
    #[must_use]
    pub fn problems(&self, id: RoutingRuleId, usable: &BTreeSet<ConnectorId>) -> Vec<RuleProblem> {
        let Some(place) = self.rules.iter().position(|rule| rule.id == id) else { return Vec::new() };
        let rule = &self.rules[place];
        let mut effort = Effort::of_one_look();
        let mut problems = Vec::new();
        let contradiction = rule.matches.contradiction();
        let is_possible = contradiction.is_none();
        if let Some(detail) = contradiction {
            problems.push(RuleProblem { kind: RuleProblemKind::NeverMatches, detail, others: Vec::new() });
        }
        problems.extend(self.shadowed(place, is_possible, &mut effort));
        if rule.enabled {
            let behind = place + 1..self.rules.len();
            problems.extend(behind.filter_map(|other| self.shadows(place, other, &mut effort)));
        }
        if !rule.connectors().any(|named| usable.contains(&named)) {
            let detail = "none of its connectors takes payments now".to_owned();
            problems.push(RuleProblem {
                kind: RuleProblemKind::NoUsableConnector,
                detail,
                others: Vec::new(),
            });
        }
        problems
    }

    /// The rules before a place that count.
    fn before(&self, place: usize) -> Vec<&RoutingRule> {
        self.rules[..place].iter().filter(|rule| rule.enabled).collect()
    }

    /// That one rule before this one, or several together, match all that it matches.
    fn shadowed(&self, place: usize, is_possible: bool, effort: &mut Effort) -> Option<RuleProblem> {
        let (before, matches) = (self.before(place), &self.rules[place].matches);
        let alone = before.iter().find(|other| other.matches.covers(matches)).map(|other| vec![other.id]);
        let together = || {
            let boxes: Vec<&RuleMatch> = before.iter().map(|other| &other.matches).collect();
            let places = is_possible.then(|| cover::together(matches, &boxes, effort)).flatten()?;
            Some(places.into_iter().map(|place| before[place].id).collect())
        };
        let others: Vec<RoutingRuleId> = alone.or_else(together)?;
        let detail = match &others[..] {
            [other] => format!(
                "the rule {other} is looked at before and matches every payment that this one matches: this one is \
                 reached only when no connector of that one can take the payment"
            ),
            several => format!(
                "{} rules that are looked at before ({}) match every payment that this one matches, taken together: this \
                 one is reached only when no connector of theirs can take the payment",
                several.len(),
                several.iter().take(DETAIL_RULES).map(ToString::to_string).collect::<Vec<_>>().join(", "),
            ),
        };
        Some(RuleProblem { kind: RuleProblemKind::Shadowed, detail, others })
    }

    /// That the rule at `place` matches all that one behind it matches, or all that the others before that one leave it.
    fn shadows(&self, place: usize, behind: usize, effort: &mut Effort) -> Option<RuleProblem> {
        let (rule, other) = (&self.rules[place], &self.rules[behind]);
        if !other.enabled {
            return None;
        }
        let detail = if rule.matches.covers(&other.matches) {
            format!(
                "this rule is looked at before the rule {} and matches every payment that that one matches: that one is \
                 reached only when no connector of this one can take the payment",
                other.id
            )
        } else if self.completes(rule, behind, effort)? {
            format!(
                "this rule is looked at before the rule {} and matches every payment that the others before that one leave \
                 it: that one is reached only when no connector of theirs and of this one can take the payment",
                other.id
            )
        } else {
            return None;
        };
        Some(RuleProblem { kind: RuleProblemKind::Shadows, detail, others: vec![other.id] })
    }

    /// Whether the rules before a place match all that the one there matches, and did not without this one; none when that
    /// was not found out.
    fn completes(&self, rule: &RoutingRule, behind: usize, effort: &mut Effort) -> Option<bool> {
        let matches = &self.rules[behind].matches;
        if !cover::helps(&rule.matches, matches) || matches.contradiction().is_some() {
            return Some(false);
        }
        let before = self.before(behind);
        let others = before.iter().filter(|other| other.id != rule.id).map(|other| &other.matches);
        let mut boxes: Vec<&RuleMatch> = others.collect();
        if cover::is_covered(matches, &boxes, effort)? {
            return Some(false);
        }
        boxes.push(&rule.matches);
        cover::is_covered(matches, &boxes, effort)
    }

    fn next(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }
}
