//! Finds out what became of calls whose outcome is not known, in the way that their gateway permits: by asking for our
//! reference, by sending the same request again, or not at all. A void is sent again everywhere.

use std::sync::Arc;
use std::time::Instant;

use secrecy::SecretString;
use tender_domain::connectors::LoggedCall;
use tender_domain::intents::{Attempt, Capture, CaptureStatus, Instrument, Intent};
use tender_domain::kernel::{IntentId, TenantId, Timestamp};
use tender_domain::ports::{
    CallEnd, CallKind, GatewayAnswer, GatewayError, Lookup, LookupRequest, PaymentGateway, UnknownOutcome,
};
use tender_http::ServerTiming;

use super::call_gateway::Calling;
use super::drive::{Recorder, authorize_request, capture_request};
use super::{IntentsError, Keyed};
use crate::IntentsService;

type Outcome = Result<GatewayAnswer, GatewayError>;

/// What only a callback or a person can end now.
const NOT_ASKED: &str = "the gateway cannot be asked; its callback or a person ends it";

impl IntentsService {
    /// Resolves what is due of an intent, for a request that waits.
    pub(super) async fn resolve(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        keyed: &Keyed,
    ) -> Result<Arc<Intent>, IntentsError> {
        let recorder = Recorder { keyed: None, ..Recorder::of(keyed) };
        self.resolve_for(intent, recorder).await
    }

    /// Resolves what is due of an intent, for the worker. Says whether everything is known now.
    pub(crate) async fn resolve_due(
        self: &Arc<Self>,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<bool, IntentsError> {
        let intent = self.store.intent(tenant, id).await?.ok_or(IntentsError::NoSuchIntent)?;
        let intent = self.resolve_for(Arc::new(intent), Recorder::background()).await?;
        Ok(intent.next_check_at().is_none() && !intent.is_queued())
    }

    pub(super) async fn resolve_for(
        self: &Arc<Self>,
        mut intent: Arc<Intent>,
        recorder: Recorder,
    ) -> Result<Arc<Intent>, IntentsError> {
        let timing = ServerTiming::current();
        let now = self.clock.now();
        let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let attempts: Vec<Attempt> =
            intent.attempts.iter().filter(|attempt| is_due(attempt.next_check_at)).cloned().collect();
        for attempt in attempts {
            intent = if attempt.is_open() && attempt.awaits_customer() {
                self.end_challenge(intent, attempt.id, recorder.clone()).await?
            } else if attempt.is_open() {
                let outcome = self.pursue_attempt(&intent, &attempt, &timing).await;
                self.record_attempt(intent, attempt.id, outcome, recorder.clone(), &timing).await?
            } else if attempt.is_voiding() {
                // It moves no money, and lets go the same however often it comes.
                self.drive_void(intent, attempt.id, recorder.clone(), &timing).await?
            } else {
                intent
            };
        }
        let due =
            |capture: &&Capture| capture.status == CaptureStatus::Pending && is_due(capture.next_check_at);
        let captures: Vec<Capture> = intent.captures.iter().filter(due).cloned().collect();
        for capture in captures {
            let outcome = self.pursue_capture(&intent, &capture, &timing).await;
            intent = self.record_capture(intent, capture.id, outcome, &recorder).await?;
        }
        Ok(intent)
    }

    /// What became of an attempt, as far as its gateway can be asked.
    async fn pursue_attempt(&self, intent: &Intent, attempt: &Attempt, timing: &ServerTiming) -> Outcome {
        let Some(gateway) = self.gateway_of(&intent.tenant, &attempt.connector).await else {
            return unknown("the connector is not set up");
        };
        let pursuit = attempt.pursuit(gateway.capabilities().unknown_outcome);
        if !pursuit.may_ask(self.clock.now()) {
            return unknown(NOT_ASKED);
        }
        if pursuit.how == UnknownOutcome::Lookup {
            let asked = Asked { kind: CallKind::Authorize, reference: attempt.id.to_string() };
            let outcome = self.look_up(&*gateway, &intent.tenant, asked, attempt.started_at).await;
            return self.as_its_page_stands(&*gateway, attempt, outcome);
        }
        let token = match self.token_again(intent, attempt).await {
            Ok(token) => token,
            Err(why) => return unknown(&why),
        };
        let request = authorize_request(intent, attempt, token);
        let calling =
            Calling::of(intent, attempt, (CallKind::Authorize, &request.reference), self.clock.now());
        replayed(self.call(calling, timing, gateway.authorize(&request)).await)
    }

    /// The same outcome; where only a try failed, on a page that can be paid yet, its challenge as it stood.
    fn as_its_page_stands(
        &self,
        gateway: &dyn PaymentGateway,
        attempt: &Attempt,
        outcome: Outcome,
    ) -> Outcome {
        let (Ok(answer), Some(challenge)) = (&outcome, &attempt.challenge) else { return outcome };
        let end = CallEnd::Answered(answer.clone());
        if gateway.capabilities().page_outlives_tries && attempt.is_only_a_try(&end, self.clock.now()) {
            let challenge_reference = challenge.reference.clone();
            return Ok(GatewayAnswer::Challenge { url: String::new(), challenge_reference, creq: None });
        }
        outcome
    }

    /// What became of a capture, as far as its gateway can be asked.
    async fn pursue_capture(&self, intent: &Intent, capture: &Capture, timing: &ServerTiming) -> Outcome {
        let attempt = intent.attempt(capture.attempt);
        let held = attempt.and_then(|attempt| Some((attempt, attempt.authorization.as_ref()?)));
        let Some((attempt, authorization)) = held else { return unknown("its authorization is not there") };
        let Some(gateway) = self.gateway_of(&intent.tenant, &attempt.connector).await else {
            return unknown("the connector is not set up");
        };
        let pursuit = capture.pursuit(gateway.capabilities().unknown_capture);
        if !pursuit.may_ask(self.clock.now()) {
            return unknown(NOT_ASKED);
        }
        if pursuit.how == UnknownOutcome::Lookup {
            let asked = Asked { kind: CallKind::Capture, reference: capture.id.to_string() };
            return self.look_up(&*gateway, &intent.tenant, asked, capture.created_at).await;
        }
        let mut request = capture_request(intent, capture, &authorization.gateway_reference);
        request.is_again = true;
        let calling = Calling::of(intent, attempt, (CallKind::Capture, &request.reference), self.clock.now())
            .of_amount(capture.amount);
        replayed(self.call(calling, timing, gateway.capture(&request)).await)
    }

    /// The token that an attempt was made with, read from the vault again.
    async fn token_again(&self, intent: &Intent, attempt: &Attempt) -> Result<SecretString, String> {
        match &attempt.instrument {
            Instrument::TestToken(token) => Ok(SecretString::from(token.clone())),
            Instrument::Alternative(_) => Ok(SecretString::from(String::new())),
            Instrument::Saved(id) => {
                let method = self.vault.method_for_charge(&intent.tenant, *id).await;
                let tokens = method.map_err(|error| error.to_string())?.tokens;
                let of_connector = tokens.into_iter().find(|(name, _)| *name == attempt.connector);
                of_connector.map(|(_, token)| token).ok_or_else(|| "the method's token is gone".to_owned())
            }
        }
    }

    /// What became of a call, in the words of the call itself: "not found" is `NotDone` once it can no longer arrive,
    /// and unknown until then.
    pub(super) async fn look_up(
        &self,
        gateway: &dyn PaymentGateway,
        tenant: &TenantId,
        asked: Asked,
        started_at: Timestamp,
    ) -> Outcome {
        let Asked { kind, reference } = asked;
        let request = LookupRequest { tenant: tenant.clone(), kind, reference };
        let limit = self.options.call_timeout;
        // What arrived while the question was under way is not in its answer.
        let (asked_at, began) = (self.clock.now(), Instant::now());
        let too_long = || GatewayError::Unknown("the look-up took too long".to_owned());
        let looked = tokio::time::timeout(limit, gateway.lookup(&request)).await;
        let looked = looked.unwrap_or_else(|_| Err(too_long()));
        self.log_call((tenant, gateway.name()), || {
            LoggedCall::look_up((kind, &request.reference), &looked, began.elapsed())
        });
        // Begun at the latest within `send_within`, it may have been on its way to the gateway for as long as a call may
        // take; only then does the gateway's own time begin.
        let arrives_until =
            started_at + self.options.send_within + limit + gateway.capabilities().not_found_is_final_after;
        let may_arrive = asked_at < arrives_until;
        metrics::counter!("tender_gateway_lookups_total", "call" => kind.as_str()).increment(1);
        match looked {
            // What completes a challenge may still be on its way, and then the challenge is not all there will be.
            Ok(Lookup::Answered(GatewayAnswer::Challenge { .. })) if may_arrive => {
                unknown("the challenge may still be completed")
            }
            Ok(Lookup::Answered(answer)) => Ok(answer),
            Ok(Lookup::Pending) => unknown("the gateway is still at it"),
            Ok(Lookup::NotFound) if may_arrive => unknown("the gateway does not know it yet"),
            Ok(Lookup::NotFound) => Err(GatewayError::NotDone("the gateway never received it".to_owned())),
            Err(error) => unknown(&error.to_string()),
        }
    }
}

/// A call that is asked about.
pub(super) struct Asked {
    pub(super) kind: CallKind,
    pub(super) reference: String,
}

fn unknown(why: &str) -> Outcome {
    Err(GatewayError::Unknown(why.to_owned()))
}

/// What a request that was sent again says of the first one. That the repetition was not done says nothing: the first
/// one may have been.
fn replayed(outcome: Outcome) -> Outcome {
    match outcome {
        Err(GatewayError::NotDone(why)) => unknown(&format!("sent again in vain: {why}")),
        other => other,
    }
}
