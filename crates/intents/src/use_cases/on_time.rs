//! What is done to an intent because its time has come.

use std::sync::Arc;

use tender_domain::intents::{ExpiryStep, Intent, Refusal, Step, Timed};
use tender_domain::kernel::{AttemptId, CaptureId, IntentId, TenantId, Timestamp};
use tender_http::ServerTiming;

use super::IntentsError;
use super::drive::Recorder;
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
            Some(Timed::Abandoned(attempt)) => {
                self.end_challenge(intent, attempt, Recorder::background()).await?;
            }
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
