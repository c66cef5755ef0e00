//! The tenant's routing rules.

use std::collections::BTreeSet;

use tender_domain::connectors::{
    ConnectorStatus, RoutingRule, RoutingRules, RoutingTarget, RuleMatch, RuleProblem, TenantRouting,
    operator_connector_id,
};
use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, ConnectorId, RoutingRuleId, Save, Timestamp, Version,
};
use tender_http::RequestKey;

use crate::IntentsService;

/// How often a change is decided again, when others changed the same meanwhile.
pub(super) const DECISIONS_MAX: u32 = 5;
use crate::use_cases::fraud::{Done, audited};
use crate::use_cases::once::{again, now_made, record_of};
use crate::use_cases::{Answered, IntentsError, Seen};

/// A rule that a client makes.
#[derive(Debug, Clone)]
pub(crate) struct NewRuleWanted {
    pub(crate) name: Option<String>,
    pub(crate) priority: i32,
    pub(crate) enabled: bool,
    pub(crate) matches: RuleMatch,
    pub(crate) targets: Vec<RoutingTarget>,
    pub(crate) fallback: Vec<ConnectorId>,
}

/// What a client changes of a rule.
#[derive(Debug, Clone)]
pub(crate) struct RulePatchWanted {
    /// An empty one takes it away.
    pub(crate) name: Option<String>,
    pub(crate) priority: Option<i32>,
    pub(crate) enabled: Option<bool>,
    pub(crate) matches: Option<RuleMatch>,
    pub(crate) targets: Option<Vec<RoutingTarget>>,
    pub(crate) fallback: Option<Vec<ConnectorId>>,
    pub(crate) seen: Seen,
}

/// A rule, with what is wrong with it among the others.
#[derive(Debug, Clone)]
pub(crate) struct ShownRule {
    pub(crate) rule: RoutingRule,
    pub(crate) problems: Vec<RuleProblem>,
}

/// A change of the rules that was decided: the rules after it, the rule it was about, and what is told of it.
struct Decided {
    rules: RoutingRules,
    rule: RoutingRuleId,
    action: &'static str,
}

impl IntentsService {
    /// The rules, in the order in which they are looked at.
    pub(crate) async fn routing_rules(&self, caller: &Caller) -> Result<Vec<ShownRule>, IntentsError> {
        let routing = self.read_routing(&caller.tenant).await?;
        let usable = self.named(&routing, |status| status == ConnectorStatus::Enabled);
        let shown = |rule: &RoutingRule| shown_rule(&routing.rules, rule, &usable);
        Ok(routing.rules.rules.iter().map(shown).collect())
    }

    /// The rule with this id.
    pub(crate) async fn routing_rule(
        &self,
        caller: &Caller,
        id: RoutingRuleId,
    ) -> Result<ShownRule, IntentsError> {
        let rules = self.routing_rules(caller).await?;
        rules.into_iter().find(|shown| shown.rule.id == id).ok_or(IntentsError::NoSuchRoutingRule)
    }

    /// Makes a rule.
    pub(crate) async fn add_routing_rule(
        &self,
        caller: &Caller,
        wanted: NewRuleWanted,
        key: Option<&RequestKey>,
        present: impl Fn(&ShownRule) -> Answer,
    ) -> Result<Answered, IntentsError> {
        let id: RoutingRuleId = self.ids.next();
        self.change_routing(caller, key, present, |routing, known, now| {
            let rule = RoutingRule {
                id,
                version: Version::FIRST,
                name: wanted.name.clone(),
                priority: wanted.priority,
                enabled: wanted.enabled,
                matches: wanted.matches.clone(),
                targets: wanted.targets.clone(),
                fallback: wanted.fallback.clone(),
                created_at: now,
                updated_at: now,
            };
            let rules = routing.rules.with(rule, known, now)?;
            Ok(Decided { rules, rule: id, action: "routing_rule.created" })
        })
        .await
    }

    /// Changes a rule.
    pub(crate) async fn patch_routing_rule(
        &self,
        caller: &Caller,
        id: RoutingRuleId,
        wanted: RulePatchWanted,
        key: Option<&RequestKey>,
        present: impl Fn(&ShownRule) -> Answer,
    ) -> Result<Answered, IntentsError> {
        self.change_routing(caller, key, present, |routing, known, now| {
            let before = routing.rules.rule(id).ok_or(IntentsError::NoSuchRoutingRule)?;
            wanted.seen.require(before.version)?;
            let name = match &wanted.name {
                Some(name) => Some(name.clone()).filter(|name| !name.is_empty()),
                None => before.name.clone(),
            };
            let rule = RoutingRule {
                id,
                version: before.version.next(),
                name,
                priority: wanted.priority.unwrap_or(before.priority),
                enabled: wanted.enabled.unwrap_or(before.enabled),
                matches: wanted.matches.clone().unwrap_or_else(|| before.matches.clone()),
                targets: wanted.targets.clone().unwrap_or_else(|| before.targets.clone()),
                fallback: wanted.fallback.clone().unwrap_or_else(|| before.fallback.clone()),
                created_at: before.created_at,
                updated_at: now,
            };
            let rules = routing.rules.with(rule, known, now)?;
            Ok(Decided { rules, rule: id, action: "routing_rule.changed" })
        })
        .await
    }

    /// Deletes a rule.
    pub(crate) async fn delete_routing_rule(
        &self,
        caller: &Caller,
        id: RoutingRuleId,
        key: Option<&RequestKey>,
        answer: &Answer,
    ) -> Result<Answered, IntentsError> {
        self.change_routing(
            caller,
            key,
            |_| answer.clone(),
            |routing, _, now| {
                let rules = routing.rules.without(id, now).ok_or(IntentsError::NoSuchRoutingRule)?;
                Ok(Decided { rules, rule: id, action: "routing_rule.deleted" })
            },
        )
        .await
    }

    async fn change_routing(
        &self,
        caller: &Caller,
        key: Option<&RequestKey>,
        present: impl Fn(&ShownRule) -> Answer,
        decide: impl Fn(&TenantRouting, &BTreeSet<ConnectorId>, Timestamp) -> Result<Decided, IntentsError>,
    ) -> Result<Answered, IntentsError> {
        let tenant = &caller.tenant;
        if let Some(answered) = self.answered_before(tenant, key).await? {
            return Ok(answered);
        }
        for _ in 0..DECISIONS_MAX {
            let (routing, now) = (self.read_routing(tenant).await?, self.clock.now());
            let known = self.named(&routing, |status| status != ConnectorStatus::Deleted);
            let decided = match decide(&routing, &known, now) {
                Ok(decided) => decided,
                Err(error @ IntentsError::Connector(_)) => {
                    return self.keep_refusal(tenant, key, error).await;
                }
                Err(error) => return Err(error),
            };
            let Decided { rules, rule, action } = decided;
            let usable = self.named(&routing, |status| status == ConnectorStatus::Enabled);
            // Of one that was deleted, as it was.
            let of = if rules.rule(rule).is_some() { &rules } else { &routing.rules };
            let shown = of.rule(rule).ok_or(IntentsError::NoSuchRoutingRule)?;
            let answer = present(&shown_rule(of, shown, &usable));
            let (detail, version) = (shown.name.clone().unwrap_or_default(), rules.version);
            let resource_id = rule.to_string();
            let done = Done { action, resource_id, intent: None, reason: None, detail, version };
            let changed = (routing.rules.clone(), rules);
            if let Some(answered) = self.commit_rules(caller, changed, (key, answer), done).await? {
                return Ok(answered);
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Commits a tenant's rules, with what is told of it. None when others changed them meanwhile: decide again.
    pub(super) async fn commit_rules(
        &self,
        caller: &Caller,
        (before, after): (RoutingRules, RoutingRules),
        (key, answer): (Option<&RequestKey>, Answer),
        done: Done,
    ) -> Result<Option<Answered>, IntentsError> {
        let (tenant, now) = (&caller.tenant, after.updated_at);
        let is_first = before.version == RoutingRules::UNSET_VERSION;
        let resource = done.resource_id.clone();
        let save = match is_first {
            true => Save::<RoutingRules>::new(after),
            false => Save::<RoutingRules>::changed(before, after),
        };
        let change = Change::of(tenant.clone())
            .tell([audited(&*self.ids, caller, done, now)])
            .keyed(record_of(key, resource, &answer, now))
            .save(save);
        match self.store.commit(change).await {
            Ok(_) => {
                self.read_routing(tenant).await?;
                Ok(Some(now_made(answer)))
            }
            Err(CommitError::KeyTaken(record)) => again(*record, key).map(Some),
            Err(CommitError::Conflict) => Ok(None),
            // Two made the tenant's first at once: the other's is there now.
            Err(CommitError::Refused { .. }) if is_first => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The ids of the tenant's connectors with such a status, and of all of the operator's.
    fn named(
        &self,
        routing: &TenantRouting,
        wanted: impl Fn(ConnectorStatus) -> bool,
    ) -> BTreeSet<ConnectorId> {
        let own = routing.connectors.iter().filter(|one| wanted(one.status)).map(|one| one.id);
        own.chain(self.gateways.in_order().map(operator_connector_id)).collect()
    }
}

fn shown_rule(rules: &RoutingRules, rule: &RoutingRule, usable: &BTreeSet<ConnectorId>) -> ShownRule {
    ShownRule { rule: rule.clone(), problems: rules.problems(rule.id, usable) }
}
