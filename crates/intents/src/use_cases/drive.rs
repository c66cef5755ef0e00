//! From a call that was committed to the commit of its outcome.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use tender_domain::intents::{Attempt, Capture as Taken, Intent, IntentStatus, Refusal, Step};
use tender_domain::kernel::{
    AttemptId, CaptureId, Change, CommitError, Committed, KeyState, KeyWrite, Lane, Save, TenantId, Timestamp,
};
use tender_domain::ports::{Authorize, CallKind, Capture, GatewayAnswer, GatewayError, UnknownOutcome, Void};
use tender_http::{ServerTiming, current_traceparent};

use super::call_gateway::Calling;
use super::cancel_intent::release_order;
use super::step_up::SoftDecline;
use super::{Answered, Charging, IntentsError, Keyed};
use crate::IntentsService;
use crate::messages::Messages;

/// How often an outcome is decided anew when others change the intent meanwhile.
const DECISIONS_MAX: u32 = 20;

/// How long the recording of an outcome waits when the store is busy.
const OVERLOAD_PAUSE: Duration = Duration::from_millis(100);

/// What an outcome comes to, when it is new.
pub(super) type Recorded = Result<Step, Refusal>;

/// For whom an outcome is recorded.
#[derive(Clone)]
pub(super) struct Recorder {
    /// The request that waits for it, if one does.
    pub(super) keyed: Option<Keyed>,
    pub(super) lane: Lane,
    pub(super) traceparent: Option<String>,
    /// Whether the request's key may keep the answer of another, who was faster: of all clones the same.
    pub(super) overtaken: Arc<AtomicBool>,
}

impl Recorder {
    /// For a request that waits.
    pub(super) fn of(keyed: &Keyed) -> Self {
        Self { keyed: Some(keyed.clone()), lane: keyed.lane, ..Self::unkeyed(current_traceparent()) }
    }

    /// For nobody: the worker.
    pub(super) fn background() -> Self {
        Self::unkeyed(None)
    }

    fn unkeyed(traceparent: Option<String>) -> Self {
        Self { keyed: None, lane: Lane::Background, traceparent, overtaken: Arc::default() }
    }

    /// Takes note of whether the answer that was to be kept is.
    fn note(&self, committed: Committed) {
        if !committed.answer_kept {
            self.overtaken.store(true, Ordering::Relaxed);
        }
    }

    /// The answer of the request that waits, to be kept.
    pub(super) fn finish(&self, after: &Intent) -> Option<KeyWrite> {
        self.keyed.as_ref().and_then(|keyed| keyed.finish(after))
    }

    /// The same of an attempt; the answer of a request whose payment is voided at once is the void's.
    pub(super) fn finish_of(&self, after: &Intent, id: AttemptId) -> Option<KeyWrite> {
        if after.attempt(id).is_some_and(Attempt::is_voiding) { None } else { self.finish(after) }
    }
}

impl IntentsService {
    /// Asks the gateway for the money of an attempt that was committed as started, and records the outcome.
    pub(super) async fn drive_attempt(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
        charging: Charging,
        recorder: Recorder,
        timing: &ServerTiming,
    ) -> Result<Arc<Intent>, IntentsError> {
        let attempt = intent.attempt(id).ok_or(Refusal::NotOpen)?;
        let request = authorize_request(&intent, attempt, charging.token.clone());
        let result = match self.gateway_of(&intent.tenant, &attempt.connector).await {
            None => Err(GatewayError::NotDone(format!("the connector {} is not set up", attempt.connector))),
            Some(gateway) => {
                let calling = Calling::authorize(&intent, attempt, &request.reference);
                self.call(calling, timing, gateway.authorize(&request)).await
            }
        };
        if let Ok(GatewayAnswer::Declined(decline)) = &result
            && attempt.steps_up_after(decline)
        {
            let soft = SoftDecline { attempt: id, decline: decline.clone(), charging };
            return self.step_up(intent, soft, recorder, timing).await;
        }
        if let Some(over) = self.fails_over(&intent.tenant, attempt, &result, &charging) {
            return self.fail_over(intent, over, recorder, timing).await;
        }
        self.record_attempt(intent, id, result, recorder, timing).await
    }

    /// Records the outcome of an attempt, and goes on with the void that a cancellation asked for meanwhile.
    pub(super) async fn record_attempt(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
        result: Result<GatewayAnswer, GatewayError>,
        recorder: Recorder,
        timing: &ServerTiming,
    ) -> Result<Arc<Intent>, IntentsError> {
        // The same for every decision, so that a repeated one writes the same capture.
        let capture: CaptureId = self.ids.next();
        let begun = intent.attempt(id).map(|attempt| attempt.started_at);
        let decide = |intent: &Intent, now| match &result {
            // Of several who asked, the slowest may have heard what was so before the customer went on.
            Ok(GatewayAnswer::Challenge { .. } | GatewayAnswer::Declined(_)) | Err(_)
                if intent.attempt(id).map(|attempt| attempt.started_at) != begun =>
            {
                Err(Refusal::NotOpen)
            }
            Ok(answer) => {
                let step = intent.record_answer(id, answer.clone(), capture, now)?;
                self.held_for(step, id, now)
            }
            Err(GatewayError::NotDone(problem) | GatewayError::NotNow(problem)) => {
                intent.record_not_done(id, problem, now)
            }
            Err(GatewayError::Unknown(problem)) => {
                let connector = intent.attempt(id).map(|attempt| &*attempt.connector);
                intent.record_unknown(id, problem, self.unknown_outcome(&intent.tenant, connector), now)
            }
        };
        let intent = self.record(intent, decide, |after| recorder.finish_of(after, id), &recorder).await?;
        self.void_if_begun(intent, id, recorder, timing).await
    }

    /// Goes on with the void that began with the record of an attempt.
    pub(super) async fn void_if_begun(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
        recorder: Recorder,
        timing: &ServerTiming,
    ) -> Result<Arc<Intent>, IntentsError> {
        if intent.attempt(id).is_some_and(Attempt::is_voiding) {
            return self.drive_void(intent, id, recorder, timing).await;
        }
        Ok(intent)
    }

    /// Takes what is held for a capture that was committed as pending, and records the outcome.
    pub(super) async fn drive_capture(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: CaptureId,
        recorder: Recorder,
        timing: &ServerTiming,
    ) -> Result<Arc<Intent>, IntentsError> {
        let capture = intent.capture(id).ok_or(Refusal::NotOpen)?;
        let attempt = intent.attempt(capture.attempt).ok_or(Refusal::NotOpen)?;
        let authorization = attempt.authorization.as_ref().ok_or(Refusal::NotOpen)?;
        let result = match self.gateway_of(&intent.tenant, &attempt.connector).await {
            None => Err(GatewayError::NotDone(format!("the connector {} is not set up", attempt.connector))),
            Some(gateway) => {
                let request = capture_request(&intent, capture, &authorization.gateway_reference);
                let calling = Calling::of(
                    &intent,
                    attempt,
                    (CallKind::Capture, &request.reference),
                    capture.created_at,
                )
                .of_amount(capture.amount);
                self.call(calling, timing, gateway.capture(&request)).await
            }
        };
        self.record_capture(intent, id, result, &recorder).await
    }

    /// Records the outcome of a capture.
    pub(super) async fn record_capture(
        &self,
        intent: Arc<Intent>,
        id: CaptureId,
        result: Result<GatewayAnswer, GatewayError>,
        recorder: &Recorder,
    ) -> Result<Arc<Intent>, IntentsError> {
        let decide = |intent: &Intent, now| match &result {
            Ok(answer) => intent.record_capture(id, answer.clone(), now),
            Err(GatewayError::NotDone(problem) | GatewayError::NotNow(problem)) => {
                intent.record_capture_not_done(id, problem, now)
            }
            Err(GatewayError::Unknown(problem)) => {
                let attempt = intent.capture(id).and_then(|capture| intent.attempt(capture.attempt));
                let how = self.unknown_capture(&intent.tenant, attempt.map(|attempt| &*attempt.connector));
                intent.record_capture_unknown(id, problem, how, now)
            }
        };
        self.record(intent, decide, |after| recorder.finish(after), recorder).await
    }

    /// Lets go what is held, after the void was committed as started. Safe to repeat: the gateway knows it by reference.
    pub(super) async fn drive_void(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
        recorder: Recorder,
        timing: &ServerTiming,
    ) -> Result<Arc<Intent>, IntentsError> {
        let attempt = intent.attempt(id).ok_or(Refusal::NotOpen)?;
        let authorization = attempt.authorization.as_ref().ok_or(Refusal::NotOpen)?;
        let result = match self.gateway_of(&intent.tenant, &attempt.connector).await {
            None => Err(GatewayError::NotDone(format!("the connector {} is not set up", attempt.connector))),
            Some(gateway) => {
                let request = Void {
                    tenant: intent.tenant.clone(),
                    reference: attempt.void_reference(),
                    gateway_reference: authorization.gateway_reference.clone(),
                };
                let calling =
                    Calling::of(&intent, attempt, (CallKind::Void, &request.reference), self.clock.now());
                self.call(calling, timing, gateway.void(&request)).await
            }
        };
        self.record_void(intent, id, result, &recorder).await
    }

    /// Records the outcome of a void.
    pub(super) async fn record_void(
        &self,
        intent: Arc<Intent>,
        id: AttemptId,
        result: Result<GatewayAnswer, GatewayError>,
        recorder: &Recorder,
    ) -> Result<Arc<Intent>, IntentsError> {
        let decide = |intent: &Intent, now| match &result {
            Ok(GatewayAnswer::Approved { .. }) => intent.record_voided(id, now),
            Ok(GatewayAnswer::Declined(decline)) => {
                intent.record_void_declined(id, &format!("the void was declined: {}", decline.message), now)
            }
            Ok(GatewayAnswer::Challenge { .. }) => {
                intent.record_void_declined(id, "the gateway asked for a challenge to void", now)
            }
            Err(error) => intent.record_void_pending(id, &error.to_string(), now),
        };
        self.record(intent, decide, |after| recorder.finish(after), recorder).await
    }

    /// How the unknown outcome of an authorization at a connector is cleared up. One that is not set up (any more) is
    /// asked for again and again: it may come back.
    pub(super) fn unknown_outcome(&self, tenant: &TenantId, connector: Option<&str>) -> UnknownOutcome {
        let gateway = connector.and_then(|name| self.known_gateway(tenant, name));
        gateway.map_or(UnknownOutcome::Lookup, |gateway| gateway.capabilities().unknown_outcome)
    }

    /// The same of a capture.
    fn unknown_capture(&self, tenant: &TenantId, connector: Option<&str>) -> UnknownOutcome {
        let gateway = connector.and_then(|name| self.known_gateway(tenant, name));
        gateway.map_or(UnknownOutcome::Lookup, |gateway| gateway.capabilities().unknown_capture)
    }

    /// Commits an outcome on the newest state of the intent, with the key that `key` writes beside it. An outcome that
    /// came by another way before is fine: the intent is then as that way left it, and only the key is written.
    pub(super) async fn record(
        &self,
        mut intent: Arc<Intent>,
        decide: impl Fn(&Intent, Timestamp) -> Recorded,
        key: impl Fn(&Intent) -> Option<KeyWrite>,
        recorder: &Recorder,
    ) -> Result<Arc<Intent>, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let now = self.clock.now();
            let step = match decide(&intent, now) {
                Ok(step) => step,
                Err(Refusal::NotOpen) => {
                    if let Some(key) = key(&intent) {
                        recorder.note(self.store.commit(Change::of(intent.tenant.clone()).keyed(key)).await?);
                    }
                    return Ok(intent);
                }
                Err(refusal) => return Err(refusal.into()),
            };
            let messages = Messages { ids: &*self.ids, traceparent: recorder.traceparent.clone(), now };
            let told = messages.of(&step.intent, &step.events);
            let after = Arc::new(step.intent);
            let mut change = Change::of(after.tenant.clone())
                .save(Save::<Intent>::changed(Arc::clone(&intent), Arc::clone(&after)))
                .tell(told)
                .keyed(key(&after));
            if matches!(after.status, IntentStatus::Failed | IntentStatus::Canceled) {
                change = release_order(change, &after);
            }
            change.lane = recorder.lane;
            let change = self.with_paid(change, (&after, &step.events), now).await?;
            match self.store.commit(change).await {
                Ok(committed) => {
                    recorder.note(committed);
                    self.waiters.wake(after.id);
                    return Ok(after);
                }
                Err(CommitError::Conflict) => {
                    let newest = self.store.intent(&after.tenant, after.id).await?;
                    intent = Arc::new(newest.ok_or(IntentsError::NoSuchIntent)?);
                }
                // What a gateway did is worth waiting for: what is not recorded has to be looked up.
                Err(CommitError::Overloaded) => tokio::time::sleep(OVERLOAD_PAUSE).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}

impl IntentsService {
    /// The answer to the request that drove a call to its end: the one that its key keeps. Whoever repeated the request
    /// while the gateway took its time may have been answered already, and all get that answer.
    pub(super) async fn first_answer(
        &self,
        intent: &Intent,
        keyed: &Keyed,
        recorder: &Recorder,
    ) -> Result<Answered, IntentsError> {
        let ours = keyed.answered(intent);
        if !recorder.overtaken.load(Ordering::Relaxed) {
            return Ok(ours);
        }
        match self.key_of(&intent.tenant, keyed).await?.map(|record| record.state) {
            Some(KeyState::Done(kept)) if kept != ours.answer => Ok(Answered::again(kept)),
            _ => Ok(ours),
        }
    }
}

/// The request of an attempt: of what is stored with it and its token alone, so that it is the same when it has to be
/// sent again.
pub(super) fn authorize_request(intent: &Intent, attempt: &Attempt, token: SecretString) -> Authorize {
    Authorize {
        tenant: intent.tenant.clone(),
        reference: attempt.id.to_string(),
        amount: attempt.amount,
        capture: attempt.capture,
        token,
        statement_descriptor: intent.statement_descriptor.clone(),
        off_session: attempt.off_session,
        three_ds: attempt.three_ds,
        sca: attempt.sca_request.clone(),
        payer: intent.options.payer.clone(),
        session: attempt.session.clone(),
    }
}

/// The request of a capture, the same when it has to be sent again.
pub(super) fn capture_request(intent: &Intent, capture: &Taken, gateway_reference: &str) -> Capture {
    Capture {
        tenant: intent.tenant.clone(),
        reference: capture.id.to_string(),
        gateway_reference: gateway_reference.to_owned(),
        amount: capture.amount,
        is_final: capture.is_final,
        is_again: false,
    }
}
