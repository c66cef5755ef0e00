//! Settles a call as a person found it to be.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::intents::{Attempt, Intent, IntentStatus, Resolve, ResolveCall, ResolvedAs};
use tender_domain::kernel::{Caller, Change, CommitError, IntentId, Money, Save};
use tender_events::AuditRecorded;
use tender_http::current_traceparent;

use super::cancel_intent::release_order;
use super::{Answered, IntentsError, Keyed, Seen};
use crate::IntentsService;
use crate::messages::Messages;

const DECISIONS_MAX: u32 = 5;

/// What a person says.
#[derive(Debug, Clone)]
pub(crate) struct ResolveWanted {
    pub(crate) call: ResolveCall,
    pub(crate) outcome: ResolvedAs,
    /// What the gateway calls it; empty where nothing was approved.
    pub(crate) gateway_reference: String,
    /// In minor units; none is what was asked for.
    pub(crate) amount: Option<i64>,
    pub(crate) reason: String,
    pub(crate) seen: Seen,
}

impl IntentsService {
    /// Settles a call whose outcome is unknown, in conflict or stuck, as a person found it to be: the same transition as
    /// the gateway's answer, with the same events, and one for the audit log.
    pub(crate) async fn resolve_call(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        wanted: ResolveWanted,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let capture = self.ids.next();
        for _ in 0..DECISIONS_MAX {
            let before = Arc::new(self.load(caller, id).await?);
            if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
                return self.known_key(&caller.tenant, record, &keyed).await;
            }
            wanted.seen.check(before.version)?;
            let now = self.clock.now();
            let resolve = Resolve {
                call: wanted.call,
                outcome: wanted.outcome,
                gateway_reference: wanted.gateway_reference.clone(),
                amount: wanted.amount.map(|minor| Money::new(minor, before.amount.currency())),
                by: caller.who(),
                reason: wanted.reason.clone(),
                capture,
            };
            let step = match before.resolve(&resolve, now) {
                Ok(step) => step,
                Err(refusal) => return self.refuse(&caller.tenant, id, refusal, &keyed).await,
            };
            let messages = Messages { ids: &*self.ids, traceparent: current_traceparent(), now };
            let mut told = messages.of(&step.intent, &step.events);
            told.push(messages.audited(audit(caller, &before, &step.intent, &resolve)));
            let after = Arc::new(step.intent);
            let voiding =
                after.attempts.iter().find(|attempt| attempt.is_voiding()).map(|attempt| attempt.id);
            let key = match voiding {
                Some(_) => keyed.start(&after, now),
                None => keyed.record(&after, now),
            };
            let mut change = Change::of(caller.tenant.clone())
                .save(Save::<Intent>::changed(before, Arc::clone(&after)))
                .tell(told)
                .keyed(key);
            if matches!(after.status, IntentStatus::Failed | IntentStatus::Canceled) {
                change = release_order(change, &after);
            }
            let change = self.with_paid(change, (&after, &step.events), now).await?;
            match (self.store.commit(change).await, voiding) {
                (Ok(_), None) => {
                    self.waiters.wake(after.id);
                    return Ok(keyed.answered(&after));
                }
                (Ok(_), Some(attempt)) => return self.run_void(after, attempt, keyed).await,
                (Err(CommitError::KeyTaken(record)), _) => {
                    return self.known_key(&caller.tenant, *record, &keyed).await;
                }
                (Err(CommitError::Conflict), _) => {}
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

fn audit(caller: &Caller, before: &Intent, after: &Intent, resolve: &Resolve) -> AuditRecorded {
    let (resource, was) = match resolve.call {
        ResolveCall::Attempt(id) => (id.to_string(), before.attempt(id).map(attempt_word)),
        ResolveCall::Capture(id) => {
            (id.to_string(), before.capture(id).map(|capture| capture.status.as_str()))
        }
    };
    let mut details = BTreeMap::from([
        ("outcome".to_owned(), resolve.outcome.as_str().to_owned()),
        ("was".to_owned(), was.unwrap_or_default().to_owned()),
        ("intent_status".to_owned(), after.status.as_str().to_owned()),
    ]);
    if !resolve.gateway_reference.is_empty() {
        details.insert("gateway_reference".to_owned(), resolve.gateway_reference.clone());
    }
    if let Some(amount) = resolve.amount {
        details.insert("amount".to_owned(), amount.to_string());
    }
    AuditRecorded {
        action: "intent.resolved".to_owned(),
        service: "intents".to_owned(),
        tenant_id: after.tenant.clone(),
        subject: caller.subject.to_string(),
        actor: caller.actor.as_deref().map(str::to_owned),
        resource_id: resource,
        intent_id: Some(after.id),
        reason: Some(resolve.reason.clone()),
        details,
        version: after.version,
        recorded_at: after.updated_at,
    }
}

fn attempt_word(attempt: &Attempt) -> &'static str {
    if attempt.authorization.as_ref().is_some_and(|authorization| authorization.void.is_some()) {
        return "void";
    }
    attempt.status.as_str()
}
