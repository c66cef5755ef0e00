//! The tenant's fraud rules.

use tender_domain::fraud::{Condition, Effect, FraudPolicy, Rule, RuleSet, Thresholds};
use tender_domain::kernel::{Answer, Caller, Change, CommitError, FraudRuleId, Save, Timestamp};
use tender_http::RequestKey;

use super::audit::{Done, audited};
use crate::IntentsService;
use crate::use_cases::once::{again, now_made, record_of};
use crate::use_cases::{Answered, IntentsError};

const DECISIONS_MAX: u32 = 5;

/// A rule that a client asks for.
#[derive(Debug, Clone)]
pub(crate) struct NewRule {
    pub(crate) name: String,
    pub(crate) condition: Condition,
    pub(crate) effect: Effect,
}

/// What a change of the rules comes to: the rules, what the audit log is told, and the answer.
struct Changed {
    rules: RuleSet,
    done: Done,
    answer: Answer,
}

impl IntentsService {
    /// The tenant's rules, read anew.
    pub(crate) async fn fraud_rules(&self, caller: &Caller) -> Result<RuleSet, IntentsError> {
        let now = self.clock.now();
        let policy: FraudPolicy = self.fraud.store.fraud_policy(&caller.tenant, now).await?;
        Ok(policy.rules.unwrap_or_else(|| RuleSet::unset(caller.tenant.clone(), now)))
    }

    /// Adds a rule.
    pub(crate) async fn add_fraud_rule(
        &self,
        caller: &Caller,
        new: NewRule,
        key: Option<&RequestKey>,
        present: impl Fn(&Rule) -> Answer,
    ) -> Result<Answered, IntentsError> {
        let rule = Rule { id: self.ids.next(), name: new.name, condition: new.condition, effect: new.effect };
        self.change_rules(caller, key, |before, now| {
            let rules = before.add(rule.clone(), now)?;
            let done = done("fraud.rule.created", rule.id.to_string(), rule.name.clone(), &rules);
            Ok(Changed { rules, done, answer: present(&rule) })
        })
        .await
    }

    /// Deletes a rule.
    pub(crate) async fn delete_fraud_rule(
        &self,
        caller: &Caller,
        id: FraudRuleId,
        key: Option<&RequestKey>,
        answer: &Answer,
    ) -> Result<Answered, IntentsError> {
        self.change_rules(caller, key, |before, now| {
            let rules = before.remove(id, now).ok_or(IntentsError::NoSuchFraudRule)?;
            let done = done("fraud.rule.deleted", id.to_string(), "deleted".to_owned(), &rules);
            Ok(Changed { rules, done, answer: answer.clone() })
        })
        .await
    }

    /// Sets from which score on what is done.
    pub(crate) async fn set_fraud_thresholds(
        &self,
        caller: &Caller,
        thresholds: Thresholds,
        key: Option<&RequestKey>,
        present: impl Fn(&RuleSet) -> Answer,
    ) -> Result<Answered, IntentsError> {
        self.change_rules(caller, key, |before, now| {
            let rules = before.with_thresholds(thresholds, now)?;
            let text = format!("challenge_at {}, deny_at {}", thresholds.challenge_at, thresholds.deny_at);
            let done = done("fraud.thresholds.changed", caller.tenant.to_string(), text, &rules);
            let answer = present(&rules);
            Ok(Changed { rules, done, answer })
        })
        .await
    }

    async fn change_rules(
        &self,
        caller: &Caller,
        key: Option<&RequestKey>,
        decide: impl Fn(&RuleSet, Timestamp) -> Result<Changed, IntentsError>,
    ) -> Result<Answered, IntentsError> {
        if let Some(answered) = self.answered_before(&caller.tenant, key).await? {
            return Ok(answered);
        }
        for _ in 0..DECISIONS_MAX {
            let (before, now) = (self.fraud_rules(caller).await?, self.clock.now());
            let changed = match decide(&before, now) {
                Ok(changed) => changed,
                Err(error) => return self.keep_refusal(&caller.tenant, key, error).await,
            };
            let message = audited(&*self.ids, caller, changed.done, now);
            let is_first = before.version == RuleSet::UNSET_VERSION;
            let save = match is_first {
                true => Save::<RuleSet>::new(changed.rules),
                false => Save::<RuleSet>::changed(before, changed.rules),
            };
            let record = record_of(key, caller.tenant.as_str(), &changed.answer, now);
            match self
                .store
                .commit(Change::of(caller.tenant.clone()).save(save).tell([message]).keyed(record))
                .await
            {
                Ok(_) => {
                    self.fraud_policies.forget(&caller.tenant);
                    return Ok(now_made(changed.answer));
                }
                Err(CommitError::KeyTaken(record)) => return again(*record, key),
                Err(CommitError::Conflict) => {}
                // Two made the tenant's first rule at once: the other's is there now.
                Err(CommitError::Refused { .. }) if is_first => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

fn done(action: &'static str, resource_id: String, detail: String, rules: &RuleSet) -> Done {
    Done { action, resource_id, intent: None, reason: None, detail, version: rules.version }
}
