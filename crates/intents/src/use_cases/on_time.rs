//! What is done to an intent because its time has come.

use std::sync::Arc;

use tender_domain::intents::{Attempt, ExpiryStep, Intent, Refusal, Step, Timed};
use tender_domain::kernel::{AttemptId, CaptureId, IntentId, TenantId, Timestamp};
use tender_domain::ports::{CallKind, GatewayAnswer, GatewayError, PaymentGateway, UnknownOutcome, Void};
use tender_http::ServerTiming;

use super::IntentsError;
use super::drive::Recorder;
use super::resolve::Asked;
use crate::IntentsService;

impl IntentsService {
    /// Does what the time has come for. Says whether there was anything.
    pub(crate) async fn act_on_time(
        self: &Arc<Self>,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<bool, IntentsError> {
        let intent = Arc::new(self.store.intent(tenant, id).await?.ok_or(IntentsError::NoSuchIntent)?);
        let now = self.clock.now();
        match intent.timed(now, now - self.options.challenge_timeout) {
            None => return Ok(false),
            Some(Timed::Expired) => {
                let recorder = Recorder::background();
                self.record(intent, |intent, now| intent.expire(now), |_| None, &recorder).await?;
            }
            Some(Timed::Abandoned(attempt)) => self.abandon_challenge(intent, attempt).await?,
            Some(Timed::CaptureDue) => self.capture_on_time(intent).await?,
            Some(Timed::AuthorizationExpired) => self.void_expired(intent).await?,
        }
        Ok(true)
    }

    /// Our own capture. An earlier capture or a cancellation that was committed first wins: then nothing is called.
    async fn capture_on_time(self: &Arc<Self>, intent: Arc<Intent>) -> Result<(), IntentsError> {
        let (capture, recorder): (CaptureId, _) = (self.ids.next(), Recorder::background());
        let decide = |intent: &Intent, now| intent.start_scheduled_capture(capture, now).map(silent);
        let intent = self.record(intent, decide, |_| None, &recorder).await?;
        if intent.capture(capture).is_some() {
            self.drive_capture(intent, capture, recorder, &ServerTiming::current()).await?;
        }
        Ok(())
    }

    /// The void of what is held too long.
    async fn void_expired(self: &Arc<Self>, intent: Arc<Intent>) -> Result<(), IntentsError> {
        let recorder = Recorder::background();
        let decide = |intent: &Intent, now| {
            intent.expire_authorization(now).map(|step| match step {
                ExpiryStep::Closed(intent) | ExpiryStep::VoidStarted { intent, .. } => silent(intent),
            })
        };
        let intent = self.record(intent, decide, |_| None, &recorder).await?;
        let voiding = intent.attempts.iter().find(|attempt| attempt.is_voiding() && attempt.checks == 0);
        if let Some(attempt) = voiding.map(|attempt| attempt.id) {
            self.drive_void(intent, attempt, recorder, &ServerTiming::current()).await?;
        }
        Ok(())
    }

    /// The end of a challenge that nobody met. The gateway is asked first where it can be: the customer may have met it
    /// and never have come back to us.
    async fn abandon_challenge(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
    ) -> Result<(), IntentsError> {
        let recorder = Recorder::background();
        let met = match self.challenge_outcome(&intent, id).await {
            Ok(GatewayAnswer::Challenge { .. }) | Err(GatewayError::NotDone(_) | GatewayError::NotNow(_)) => {
                None
            }
            Ok(answer) => Some(answer),
            // Asked again in the next round, but not for ever.
            Err(GatewayError::Unknown(_)) if !self.waited_twice(&intent, id) => return Ok(()),
            Err(GatewayError::Unknown(_)) => None,
        };
        let capture: CaptureId = self.ids.next();
        let decide = |intent: &Intent, now| match &met {
            None => intent.abandon_challenge(id, now),
            Some(answer) => {
                // Another way was faster: a client completed it just now.
                let (open, _) = intent.start_challenge_completion(now).map_err(|_| Refusal::NotOpen)?;
                self.held_for(open.record_answer(id, answer.clone(), capture, now)?, id, now)
            }
        };
        self.record(intent, decide, |_| None, &recorder).await.map(|_| ())
    }

    /// What the gateway says of a challenged attempt; where it cannot be asked, that it has given the challenge up.
    async fn challenge_outcome(&self, intent: &Intent, id: AttemptId) -> Result<GatewayAnswer, GatewayError> {
        let attempt = intent.attempt(id);
        let gateway = match attempt {
            Some(attempt) => self.gateway_of(&intent.tenant, &attempt.connector).await,
            None => None,
        };
        let (Some(attempt), Some(gateway)) = (attempt, gateway) else {
            return Err(GatewayError::Unknown("the connector is not set up".to_owned()));
        };
        if gateway.capabilities().unknown_outcome != UnknownOutcome::Lookup {
            return self.give_up_challenge(&*gateway, intent, attempt).await;
        }
        let asked = Asked { kind: CallKind::Authorize, reference: id.to_string() };
        self.look_up(&*gateway, &intent.tenant, asked, attempt.started_at).await
    }

    /// Has the gateway give up a challenge before it is given up here, so that nobody meets it afterwards.
    pub(super) async fn give_up_challenge(
        &self,
        gateway: &dyn PaymentGateway,
        intent: &Intent,
        attempt: &Attempt,
    ) -> Result<GatewayAnswer, GatewayError> {
        let given_up = Err(GatewayError::NotDone("the challenge was given up".to_owned()));
        let Some(challenge) = &attempt.challenge else { return given_up };
        let request = Void {
            tenant: intent.tenant.clone(),
            reference: attempt.void_reference(),
            gateway_reference: challenge.reference.clone(),
        };
        let limit = self.options.call_timeout;
        match tokio::time::timeout(limit, gateway.give_up_challenge(&request)).await {
            Ok(Ok(None | Some(GatewayAnswer::Approved { .. }))) => given_up,
            // Met meanwhile, and its answer is on its way by another way.
            Ok(Ok(Some(_))) => {
                let asked = Asked { kind: CallKind::Authorize, reference: attempt.id.to_string() };
                self.look_up(gateway, &intent.tenant, asked, attempt.started_at).await
            }
            Ok(Err(error)) => Err(GatewayError::Unknown(error.to_string())),
            Err(_) => Err(GatewayError::Unknown("giving the challenge up took too long".to_owned())),
        }
    }

    fn waited_twice(&self, intent: &Intent, id: AttemptId) -> bool {
        let asked = intent.attempt(id).and_then(|attempt| attempt.answered_at);
        asked.is_none_or(|at| self.clock.now() >= at + 2 * self.options.challenge_timeout)
    }

    /// A step with the end of what its attempt holds as the attempt's gateway has it.
    pub(super) fn held_for(&self, step: Step, id: AttemptId, now: Timestamp) -> Result<Step, Refusal> {
        let connector = step.intent.attempt(id).map(|attempt| attempt.connector.clone());
        let gateway = connector.and_then(|name| self.known_gateway(&step.intent.tenant, &name));
        Ok(match gateway {
            Some(gateway) => {
                Step { intent: step.intent.holding_for(id, gateway.authorization_life(), now), ..step }
            }
            None => step,
        })
    }
}

const fn silent(intent: Intent) -> Step {
    Step { intent, events: Vec::new() }
}
