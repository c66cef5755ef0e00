//! From a callback that is kept to its effect: the transition of the direct answer, once.

use std::borrow::Cow;
use std::sync::Arc;

use tender_domain::intents::{Attempt, CallbackState, GatewayCallback, Intent, IntentStatus, Refusal, Told};
use tender_domain::kernel::{
    AttemptId, CaptureId, Change, CommitError, InboxEntry, Save, StoreError, TenantId, Timestamp,
};
use tender_domain::ports::{CallEnd, CallKind, GatewayFact, OutsideCapture};
use tender_domain::refunds::RefundNews;

use super::intake::LOCATED_BY;
use super::{GatewayCallbacks, alerts};
use crate::messages::Messages;
use crate::use_cases::{IntentsError, release_order};

/// How often an effect is decided anew when others change the intent meanwhile.
const DECISIONS_MAX: u32 = 20;
/// How many callbacks are taken in one round.
const BATCH_MAX: usize = 200;
/// Under which name what was acted on is entered.
const CONSUMER: &str = "gateway_callbacks";

/// The end of a callback, and what a person is to know of it.
pub(super) type End = (CallbackState, Option<String>);

/// What of an intent a callback is about.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Authorization(AttemptId),
    Capture(CaptureId),
    Void(AttemptId),
}

impl GatewayCallbacks {
    /// One round: acts on what is due now, one after the other, so that a gateway's order is kept where it can be. Says
    /// how many were settled.
    ///
    /// # Errors
    /// When what is due cannot be read.
    pub async fn act_once(&self) -> Result<usize, StoreError> {
        let due = self.store.callbacks_due(self.service.clock.now(), BATCH_MAX).await?;
        let mut settled = 0;
        for callback in due {
            let (callback, end) = self.act_on(callback).await;
            let after = match end {
                // What it is about has no end yet: it is acted on again, as after a failure.
                Ok((CallbackState::Pending, why)) => {
                    callback.failed(why.as_deref().unwrap_or_default(), self.service.clock.now())
                }
                Ok((state, note)) => callback.settled(state, note),
                Err(error) => {
                    tracing::warn!(event = callback.event_id, %error, "a callback could not be acted on");
                    callback.failed(&error.to_string(), self.service.clock.now())
                }
            };
            if after.state == CallbackState::GivenUp
                && let Err(error) = self.tell_given_up(&after).await
            {
                tracing::warn!(%error, "that a callback is given up could not be told; it is tried once more");
                continue;
            }
            if after.next_try_at.is_none() {
                settled += 1;
                let state = after.state.as_str();
                metrics::counter!("tender_gateway_callbacks_settled_total", "state" => state).increment(1);
            }
            // When this fails it is acted on again, and has no second effect.
            if let Err(error) = self.store.settle(&after).await {
                tracing::warn!(%error, "what became of a callback could not be written");
            }
        }
        Ok(settled)
    }

    /// Acts on a callback, once it is known whose it is; gives it back as it is kept then.
    async fn act_on(&self, callback: GatewayCallback) -> (GatewayCallback, Result<End, IntentsError>) {
        let tenant = match &callback.tenant {
            Some(tenant) => Some(tenant.clone()),
            None => match self.owner_of(&callback).await {
                Ok(owner) => owner,
                Err(error) => return (callback, Err(error)),
            },
        };
        let Some(tenant) = tenant else {
            let note = "it names no payment of ours".to_owned();
            return (callback, Ok((CallbackState::Unmatched, Some(note))));
        };
        let owned = GatewayCallback { tenant: Some(tenant.clone()), ..callback };
        let end = self.act_for(&tenant, &owned).await;
        (owned, end)
    }

    /// Whose payment it is that a callback names which does not say so, as its gateway says; from then on the callback is
    /// the tenant's.
    async fn owner_of(&self, callback: &GatewayCallback) -> Result<Option<TenantId>, IntentsError> {
        let gateway = self.service.gateways.find(&callback.connector);
        let (Some(name), Some(gateway)) = (callback.fact.payment_name(), gateway) else { return Ok(None) };
        let asked = gateway.owner_of_payment(name).await;
        let owner = asked.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        if let Some(tenant) = &owner {
            let key = format!("{}/{name}", callback.connector);
            self.store.give(callback, tenant, (LOCATED_BY, &key)).await?;
        }
        Ok(owner)
    }

    async fn act_for(&self, tenant: &TenantId, callback: &GatewayCallback) -> Result<End, IntentsError> {
        match &callback.fact {
            GatewayFact::Ended { kind, reference, end } => {
                self.ended(tenant, callback, *kind, reference, end).await
            }
            GatewayFact::Pending { .. } => Ok((CallbackState::Known, None)),
            GatewayFact::Outside { kind, authorization, amount } => {
                let moved = format!("somebody made a {} of {amount}", kind.as_str());
                self.outside(tenant, callback, authorization, &moved).await
            }
            GatewayFact::CapturedOutside(taken) => self.captured_outside(tenant, callback, taken).await,
            GatewayFact::RefundedOutside(told) => {
                self.refund(tenant, callback, RefundNews::Outside((**told).clone())).await
            }
            GatewayFact::Disputed(told) => self.disputed(tenant, callback, told).await,
            GatewayFact::Other => Ok((CallbackState::Unknown, None)),
        }
    }

    async fn ended(
        &self,
        tenant: &TenantId,
        callback: &GatewayCallback,
        kind: CallKind,
        reference: &str,
        end: &CallEnd,
    ) -> Result<End, IntentsError> {
        let subject = match kind {
            CallKind::Authorize => reference.parse().ok().map(Subject::Authorization),
            CallKind::Capture => reference.parse().ok().map(Subject::Capture),
            CallKind::Void => {
                reference.strip_suffix("/void").and_then(|id| id.parse().ok()).map(Subject::Void)
            }
            CallKind::Refund => {
                let Ok(call) = reference.parse() else { return Ok((CallbackState::Unmatched, None)) };
                return self.refund(tenant, callback, RefundNews::Ours { call, end: end.clone() }).await;
            }
        };
        let Some(subject) = subject else { return Ok((CallbackState::Unmatched, None)) };
        let page_outlives_tries = self.page_outlives_tries(tenant, callback).await;
        let told = |before: &Intent, capture: CaptureId, now: Timestamp| match subject {
            _ if page_outlives_tries && is_only_a_try(before, subject, end, now) => Ok(Told::Known),
            Subject::Authorization(id) => before.told_authorization(id, end, capture, now),
            Subject::Capture(id) => before.told_capture(id, end, now),
            Subject::Void(id) => before.told_void(id, end, now),
        };
        self.decide(tenant, callback, subject, told).await
    }

    async fn page_outlives_tries(&self, tenant: &TenantId, callback: &GatewayCallback) -> bool {
        let gateway = self.service.gateway_of(tenant, &callback.connector).await;
        gateway.is_some_and(|gateway| gateway.capabilities().page_outlives_tries)
    }

    /// Somebody captured in the gateway's dashboard what an authorization of ours holds.
    async fn captured_outside(
        &self,
        tenant: &TenantId,
        callback: &GatewayCallback,
        taken: &OutsideCapture,
    ) -> Result<End, IntentsError> {
        let Ok(attempt) = taken.authorization.parse() else { return Ok((CallbackState::Unmatched, None)) };
        let told = |before: &Intent, capture: CaptureId, now: Timestamp| {
            before.told_captured_outside(attempt, taken, capture, now)
        };
        self.decide(tenant, callback, Subject::Authorization(attempt), told).await
    }

    /// Commits what a callback comes to for the intent as it stands, decided anew while others change it.
    async fn decide(
        &self,
        tenant: &TenantId,
        callback: &GatewayCallback,
        subject: Subject,
        told: impl Fn(&Intent, CaptureId, Timestamp) -> Result<Told, Refusal>,
    ) -> Result<End, IntentsError> {
        // The same for every decision, so that a repeated one writes the same capture.
        let capture: CaptureId = self.service.ids.next();
        for _ in 0..DECISIONS_MAX {
            let Some(before) = self.intent_of(tenant, subject).await? else {
                return Ok((CallbackState::Unmatched, None));
            };
            if !self.is_at(&before, subject, &callback.connector) {
                let note = "the payment is at another connector".to_owned();
                return Ok((CallbackState::Unmatched, Some(note)));
            }
            let now = self.service.clock.now();
            let (change, after, state) = match told(&before, capture, now) {
                Ok(Told::News(step)) => {
                    let messages = Messages { ids: &*self.service.ids, traceparent: None, now };
                    let told = messages.of(&step.intent, &step.events);
                    let after = Arc::new(step.intent);
                    let save = Save::<Intent>::changed(before, Arc::clone(&after));
                    let change = Change::of(tenant.clone()).save(save).tell(told);
                    let change = self.service.with_paid(change, (&after, &step.events), now).await?;
                    (change, after, (CallbackState::Applied, None))
                }
                Ok(Told::Known) | Err(Refusal::NotOpen) => return Ok((CallbackState::Known, None)),
                Ok(Told::NotYet(why)) => return Ok((CallbackState::Pending, Some(why))),
                Ok(Told::Contradiction(problem)) => {
                    let alert = alerts::contradiction(&before, callback, &problem, &*self.service.ids, now);
                    let change = Change::of(tenant.clone()).tell([alert]);
                    (change, Arc::new(before), (CallbackState::Contradicted, Some(problem)))
                }
                Err(refusal) => return Err(refusal.into()),
            };
            match self.commit(change, &after, callback).await {
                Ok(()) => {
                    self.go_on(after).await;
                    return Ok(state);
                }
                Err(CommitError::Conflict) => {}
                // It had its effect before a crash; only its row did not hear of it.
                Err(CommitError::AlreadyHandled) => return Ok(state),
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Money moved outside: told to a person, once, for no transition of ours takes it.
    async fn outside(
        &self,
        tenant: &TenantId,
        callback: &GatewayCallback,
        authorization: &str,
        moved: &str,
    ) -> Result<End, IntentsError> {
        let subject = authorization.parse().ok().map(Subject::Authorization);
        let Some(subject) = subject else { return Ok((CallbackState::Unmatched, None)) };
        let Some(intent) = self.intent_of(tenant, subject).await? else {
            return Ok((CallbackState::Unmatched, None));
        };
        let now = self.service.clock.now();
        let alert = alerts::outside(&intent, callback, moved, &*self.service.ids, now);
        let change = Change::of(tenant.clone()).tell([alert]);
        match self.commit(change, &intent, callback).await {
            Ok(()) | Err(CommitError::AlreadyHandled) => Ok((CallbackState::Outside, Some(moved.to_owned()))),
            Err(error) => Err(error.into()),
        }
    }

    /// Commits an effect with the entry that it was had.
    async fn commit(
        &self,
        change: Change<tender_domain::intents::IntentWrite>,
        after: &Intent,
        callback: &GatewayCallback,
    ) -> Result<(), CommitError> {
        let mut change = change.handled(handled(callback)).in_background();
        if !change.writes.is_empty() && matches!(after.status, IntentStatus::Failed | IntentStatus::Canceled)
        {
            change = release_order(change, after);
        }
        let _ = self.service.store.commit(change).await?;
        Ok(())
    }

    /// What was canceled meanwhile and is now known to be held is let go at once; recovery would do it else.
    async fn go_on(&self, after: Arc<Intent>) {
        let voiding = after.attempts.iter().find(|attempt| attempt.is_voiding() && attempt.checks == 0);
        let Some(id) = voiding.map(|attempt: &Attempt| attempt.id) else { return };
        if let Err(error) = self.service.void_in_background(after, id).await {
            tracing::warn!(attempt = %id, %error, "a void that a callback led to is left to recovery");
        }
    }

    /// Whether it is this connector that the subject was asked of: no other's word counts. The simulated gateway speaks for
    /// the tenant's own accounts at it.
    fn is_at(&self, intent: &Intent, subject: Subject, connector: &str) -> bool {
        let attempt = match subject {
            Subject::Authorization(id) | Subject::Void(id) => Some(id),
            Subject::Capture(id) => intent.capture(id).map(|capture| capture.attempt),
        };
        let attempt = attempt.and_then(|id| intent.attempt(id));
        attempt.is_some_and(|attempt| {
            attempt.connector == connector
                || self.service.is_simulated_at(&intent.tenant, &attempt.connector, connector)
        })
    }

    async fn intent_of(&self, tenant: &TenantId, subject: Subject) -> Result<Option<Intent>, StoreError> {
        match subject {
            Subject::Authorization(id) | Subject::Void(id) => {
                self.service.store.intent_of_attempt(tenant, id).await
            }
            Subject::Capture(id) => match self.store.intent_of_capture(tenant, id).await? {
                Some(intent) => self.service.store.intent(tenant, intent).await,
                None => Ok(None),
            },
        }
    }
}

/// Whether only a try on the gateway's own page failed, or was canceled there: another one may follow.
fn is_only_a_try(intent: &Intent, subject: Subject, end: &CallEnd, now: Timestamp) -> bool {
    let (id, end) = match subject {
        Subject::Authorization(id) => (id, Cow::Borrowed(end)),
        Subject::Void(id) => (id, Cow::Owned(CallEnd::NotDone("the payment was canceled".to_owned()))),
        Subject::Capture(_) => return false,
    };
    intent.attempt(id).is_some_and(|attempt| attempt.is_only_a_try(&end, now))
}

/// The entry that a callback had its effect: once in each round in which it is handled.
pub(super) fn handled(callback: &GatewayCallback) -> InboxEntry {
    let GatewayCallback { connector, event_id, .. } = callback;
    let key = match callback.round {
        0 => format!("{connector}/{event_id}"),
        again => format!("round {again} of {connector}/{event_id}"),
    };
    InboxEntry { consumer: CONSUMER, key }
}
