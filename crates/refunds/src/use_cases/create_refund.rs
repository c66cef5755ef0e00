//! Creates a refund: reserve and start (commit 1), call the gateway, record the outcome (commit 2). Store credit is given
//! by the first commit alone.

use std::sync::Arc;

use tender_domain::kernel::{
    Answer, Caller, Change, ChargeId, CommitError, Currency, IntentId, KeyRecord, KeyState, KeyWrite, Lane,
    Message, Metadata, RefundId, RequestFingerprint, Save, TenantId, Version,
};
use tender_domain::refunds::{
    ChargeRef, Refund, RefundEvent, RefundMethod, RefundReason, RefundRefusal, RefundableCharge, StartRefund,
};
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::{RequestKey, to_the_end};

use super::find_charge::Found;
use super::retry::{DECISIONS_MAX, pause};
use super::{Asker, RefundsError};
use crate::RefundsService;
use crate::messages::Messages;

/// How a client names the charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedCharge {
    /// By itself.
    Charge(ChargeId),
    /// By its intent.
    Intent(IntentId),
    /// By both; they must belong together.
    Both {
        /// The charge.
        charge: ChargeId,
        /// The intent.
        intent: IntentId,
    },
}

impl NamedCharge {
    pub(super) const fn charge_ref(self) -> ChargeRef {
        match self {
            Self::Charge(charge) | Self::Both { charge, .. } => ChargeRef::Charge(charge),
            Self::Intent(intent) => ChargeRef::Intent(intent),
        }
    }
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct CreateRefund {
    /// Of which charge.
    pub charge: NamedCharge,
    /// How much, in minor units; none is all that is left.
    pub amount: Option<i64>,
    /// The currency the client thinks the charge is in.
    pub currency: Option<Currency>,
    /// Why.
    pub reason: RefundReason,
    /// How.
    pub method: RefundMethod,
    /// What the client keeps beside it.
    pub metadata: Metadata,
    /// Whether the tenant's refund window does not count: it bounds who asks for a refund, not what follows by itself.
    pub ignores_window: bool,
}

/// How outcomes become answers that can be kept. Each API has its own.
#[derive(Debug, Clone, Copy)]
pub struct Presenter {
    /// The answer that shows a refund.
    pub refund: fn(&Refund) -> Answer,
    /// The answer that shows a refusal.
    pub refusal: fn(&RefundRefusal) -> Answer,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The answer, as it is kept.
    pub answer: Answer,
    /// Whether it was kept from an earlier request with the same key.
    pub replayed: bool,
    /// The refund and its version, when the answer was made just now.
    pub refund: Option<(RefundId, Version)>,
}

impl Answered {
    pub(super) fn first(answer: Answer, refund: &Refund) -> Self {
        Self { answer, replayed: false, refund: Some((refund.id, refund.version)) }
    }

    fn again(answer: Answer) -> Self {
        Self { answer, replayed: true, refund: None }
    }

    /// The kept answer of a key whose effect takes one commit.
    pub(super) fn replay(record: KeyRecord, fingerprint: RequestFingerprint) -> Result<Self, RefundsError> {
        if record.fingerprint != fingerprint {
            return Err(RefundsError::OtherRequest);
        }
        match record.state {
            KeyState::Done(answer) => Ok(Self::again(answer)),
            KeyState::Started => Err(RefundsError::InFlight),
        }
    }
}

impl RefundsService {
    /// Creates a refund and waits for the gateway, as long as a call may take.
    ///
    /// A refusal of business is an answer, kept under the key. What began before the caller went away goes on.
    ///
    /// # Errors
    /// See [`RefundsError`]; no effect was made, unless it is `Commit(Unresolved)` or a fault after the first commit,
    /// where the same key again tells the outcome.
    pub async fn create_refund(
        self: &Arc<Self>,
        caller: &Caller,
        wanted: CreateRefund,
        key: RequestKey,
        present: Presenter,
    ) -> Result<Answered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(record) = self.store.key(tenant, &key.scope).await? {
            return self.known_key(tenant, record, &key, present).await;
        }
        let id: RefundId = self.ids.next();
        for tries in 0..DECISIONS_MAX {
            let (refused, resource) = match self.decide(tenant, &wanted, id).await? {
                Decided::Start { before, after } => {
                    let begun = self.refund_begun(caller, &after, id);
                    match self.start((&before, &after), id, begun, (&key, present)).await {
                        Ok(Some(given)) => return Ok(given),
                        Ok(None) => return self.run(after, id, key, present).await,
                        Err(CommitError::Conflict) => {
                            pause(tries).await;
                            continue;
                        }
                        Err(CommitError::KeyTaken(record)) => {
                            return self.known_key(tenant, *record, &key, present).await;
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                Decided::Refuse(refusal @ RefundRefusal::BadAmount(_)) => return Err(refusal.into()),
                Decided::Refuse(refusal) => ((present.refusal)(&refusal), wanted.charge),
            };
            return self.keep_refusal(tenant, refused, resource, &key).await;
        }
        Err(CommitError::Conflict.into())
    }

    /// Decides on the charge as it is now; asks intents first when an unseen capture could change the answer.
    async fn decide(
        &self,
        tenant: &TenantId,
        wanted: &CreateRefund,
        id: RefundId,
    ) -> Result<Decided, RefundsError> {
        let mut found = match self.find_charge(tenant, wanted.charge).await {
            Err(RefundsError::Refused(refusal)) => return Ok(Decided::Refuse(refusal)),
            other => other?,
        };
        if unseen_captures_matter(&found, wanted.amount) {
            found = self.refresh(found).await?;
        }
        let before = found.charge;
        if let Some(closed) = self.window_closed(wanted, &before).await? {
            return Ok(Decided::Refuse(closed));
        }
        if wanted.method != RefundMethod::StoreCredit {
            self.has_gateway(&before).await?;
        }
        let start = StartRefund {
            id,
            amount: wanted.amount,
            currency: wanted.currency,
            reason: wanted.reason,
            method: wanted.method,
            metadata: wanted.metadata.clone(),
        };
        Ok(match before.start_refund(start, self.clock.now(), &self.options.schedule) {
            Ok(after) => Decided::Start { before, after: Arc::new(after) },
            Err(refusal) => Decided::Refuse(refusal),
        })
    }

    /// Why the tenant's refund window does not let it be refunded any more; none when it does.
    async fn window_closed(
        &self,
        wanted: &CreateRefund,
        charge: &RefundableCharge,
    ) -> Result<Option<RefundRefusal>, RefundsError> {
        let now = self.clock.now();
        // No window is shorter than a day: of a younger charge nothing has to be read.
        if wanted.ignores_window || charge.window_closed(1, now).is_none() {
            return Ok(None);
        }
        let policies = self.policies.refund_policies(&charge.tenant).await?;
        let days = policies.and_then(|policies| policies.window_days);
        Ok(days.and_then(|days| charge.window_closed(days, now)))
    }

    /// For the audit log: who began a refund, whichever way it was asked for. Written in the change that begins it.
    pub(super) fn refund_begun(
        &self,
        caller: &Caller,
        charge: &RefundableCharge,
        id: RefundId,
    ) -> Option<Message> {
        let refund = charge.refund(id)?;
        let done = ("refunds", "refund.created");
        let audit = AuditRecorded::by(caller, done, id.to_string(), refund.version, charge.updated_at)
            .about(charge.intent_id)
            .with("amount", refund.amount)
            .with("method", refund.method.as_str())
            .with("reason", refund.reason.as_str());
        let traceparent = tender_http::current_traceparent();
        Some(audit.into_message(Envelope { id: self.ids.event(), traceparent }))
    }

    /// The first commit. Of store credit it is the only one, and what it answers is given: no gateway is asked.
    async fn start(
        &self,
        (before, after): (&Arc<RefundableCharge>, &Arc<RefundableCharge>),
        id: RefundId,
        begun: Option<Message>,
        (key, present): (&RequestKey, Presenter),
    ) -> Result<Option<Answered>, CommitError> {
        let (scope, fingerprint) = (key.scope.clone(), key.fingerprint);
        let (resource, at) = (id.to_string(), after.updated_at);
        let save = Save::<RefundableCharge>::changed(Arc::clone(before), Arc::clone(after));
        let change = Change::of(after.tenant.clone()).save(save).tell(begun);
        let Some(given) = after.refund(id).filter(|refund| refund.attempt().is_none()) else {
            let started = KeyWrite::Start { scope, fingerprint, resource, at };
            return self.store.commit(change.keyed(started)).await.map(|_| None);
        };
        let answer = (present.refund)(given);
        let kept = KeyWrite::Record { scope, fingerprint, resource, answer: answer.clone(), at };
        let traceparent = tender_http::current_traceparent();
        let messages = Messages { ids: &*self.ids, traceparent, now: at };
        let told = messages.of(after, &[RefundEvent::Processed(id)]);
        self.store.commit(change.tell(told).keyed(kept)).await.map(drop)?;
        Ok(Some(Answered::first(answer, given)))
    }

    /// Calls the gateway and records what it said: in a task of its own, so that a caller who goes away stops nothing.
    async fn run(
        self: &Arc<Self>,
        charge: Arc<RefundableCharge>,
        id: RefundId,
        key: RequestKey,
        present: Presenter,
    ) -> Result<Answered, RefundsError> {
        let service = Arc::clone(self);
        let traceparent = tender_http::current_traceparent();
        let asker = Asker { lane: Lane::Foreground, traceparent, key: Some((key.scope, present)) };
        let task = async move {
            let refund = charge.refund(id).ok_or(RefundsError::NoSuchRefund)?;
            let outcome = service.call_gateway(&charge, refund).await;
            let call = refund.call();
            let (refund, answer) = service.record_outcome(Arc::clone(&charge), call, outcome, &asker).await?;
            let answer = answer.unwrap_or_else(|| (present.refund)(&refund));
            Ok(Answered::first(answer, &refund))
        };
        // Work that ended without a result left the attempt started: its outcome is asked for, never assumed.
        to_the_end(task).await.unwrap_or(Err(RefundsError::Commit(CommitError::Unresolved)))
    }

    /// Goes on from a key that exists: its answer again, or from the attempt that it began.
    async fn known_key(
        &self,
        tenant: &TenantId,
        record: KeyRecord,
        key: &RequestKey,
        present: Presenter,
    ) -> Result<Answered, RefundsError> {
        if record.state != KeyState::Started || record.fingerprint != key.fingerprint {
            return Answered::replay(record, key.fingerprint);
        }
        let bad_record = || RefundsError::BadKeyRecord(record.resource.clone());
        let id: RefundId = record.resource.parse().map_err(|_| bad_record())?;
        let charge = self.store.charge_of_refund(tenant, id).await?.ok_or_else(bad_record)?;
        let now = self.clock.now();
        let attempt = charge.refund(id).ok_or_else(bad_record)?.attempt();
        if attempt.is_some_and(|attempt| now < self.sent_before(attempt)) {
            return Err(RefundsError::InFlight);
        }
        // While the first call may still run, only a definite outcome ends its key; later it is `processing`.
        let may_run = attempt.is_some_and(|attempt| now < self.over_by(attempt));
        let finish = |finish: bool| Asker {
            lane: Lane::Foreground,
            traceparent: tender_http::current_traceparent(),
            key: finish.then(|| (key.scope.clone(), present)),
        };
        let (mut refund, mut answer) = self.resolve_refund(Arc::new(charge), id, &finish(!may_run)).await?;
        if may_run && refund.attempt().is_some() {
            return Err(RefundsError::InFlight);
        }
        if may_run {
            let charge = self.store.charge_of_refund(tenant, id).await?.ok_or_else(bad_record)?;
            (refund, answer) = self.resolve_refund(Arc::new(charge), id, &finish(true)).await?;
        }
        Ok(Answered::again(answer.unwrap_or_else(|| (present.refund)(&refund))))
    }

    async fn keep_refusal(
        &self,
        tenant: &TenantId,
        answer: Answer,
        named: NamedCharge,
        key: &RequestKey,
    ) -> Result<Answered, RefundsError> {
        let resource = match named {
            NamedCharge::Charge(charge) | NamedCharge::Both { charge, .. } => charge.to_string(),
            NamedCharge::Intent(intent) => intent.to_string(),
        };
        let kept = KeyWrite::Record {
            scope: key.scope.clone(),
            fingerprint: key.fingerprint,
            resource,
            answer: answer.clone(),
            at: self.clock.now(),
        };
        match self.store.commit(Change::of(tenant.clone()).keyed(kept)).await {
            Ok(_) => Ok(Answered { answer, replayed: false, refund: None }),
            Err(CommitError::KeyTaken(record)) => Answered::replay(*record, key.fingerprint),
            Err(error) => Err(error.into()),
        }
    }
}

enum Decided {
    Start { before: Arc<RefundableCharge>, after: Arc<RefundableCharge> },
    Refuse(RefundRefusal),
}

/// Whether a capture that is not known here could change what is decided: all that is left is wanted, or more.
fn unseen_captures_matter(found: &Found, amount: Option<i64>) -> bool {
    let wants_all = amount.is_none_or(|amount| amount > found.charge.left().minor());
    wants_all && !found.is_fresh && found.charge.may_have_more_captures()
}
