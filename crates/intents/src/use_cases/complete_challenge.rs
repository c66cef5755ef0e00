//! Goes on after the customer met a challenge.

use std::sync::Arc;

use tender_domain::intents::{Intent, Refusal};
use tender_domain::kernel::{AttemptId, Caller, Change, CommitError, IntentId, Save};
use tender_domain::ports::{CallKind, CompleteChallenge, GatewayError};
use tender_http::{ServerTiming, to_the_end};

use super::call_gateway::Calling;
use super::drive::Recorder;
use super::{Answered, IntentsError, Keyed};
use crate::IntentsService;

impl IntentsService {
    /// Hands the challenge's result to the gateway and waits for its answer.
    pub(crate) async fn complete_challenge(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        result: String,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let before = Arc::new(self.load(caller, id).await?);
        // After the intent: what the first request with the key did to it is never told as a refusal of the second.
        if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
            return self.known_key(&caller.tenant, record, &keyed).await;
        }
        let now = self.clock.now();
        let (after, attempt) = match before.start_challenge_completion(now) {
            Ok(started) => started,
            Err(refusal) => return self.refuse(&caller.tenant, id, refusal, &keyed).await,
        };
        let after = Arc::new(after);
        let change = Change::of(caller.tenant.clone())
            .save(Save::<Intent>::changed(before, Arc::clone(&after)))
            .keyed(keyed.start(&after, now));
        match self.store.commit(change).await {
            Ok(_) => self.run_challenge(after, attempt, result, keyed).await,
            Err(CommitError::KeyTaken(record)) => self.known_key(&caller.tenant, *record, &keyed).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn run_challenge(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
        result: String,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let (service, recorder) = (Arc::clone(self), Recorder::of(&keyed));
        let task = async move {
            let intent = service.drive_challenge(intent, id, result, recorder.clone()).await?;
            service.first_answer(&intent, &keyed, &recorder).await
        };
        to_the_end(task).await.unwrap_or(Err(IntentsError::Commit(CommitError::Unresolved)))
    }

    /// Tells the gateway to go on with a challenge whose completion was committed as started, and records the outcome.
    pub(super) async fn drive_challenge(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
        result: String,
        recorder: Recorder,
    ) -> Result<Arc<Intent>, IntentsError> {
        let timing = ServerTiming::current();
        let attempt = intent.attempt(id).ok_or(Refusal::NotOpen)?;
        let answer = match self.gateway_of(&intent.tenant, &attempt.connector).await {
            // The customer was there: the gateway may know more than we do, so it is asked once it can be.
            None => Err(GatewayError::Unknown(format!("the connector {} is not set up", attempt.connector))),
            Some(gateway) => {
                let challenge = attempt.challenge.as_ref();
                let request = CompleteChallenge {
                    tenant: intent.tenant.clone(),
                    reference: id.to_string(),
                    challenge_reference: challenge.map(|known| known.reference.clone()).unwrap_or_default(),
                    result,
                };
                let call = (CallKind::Authorize, &*request.reference);
                let calling = Calling::of(&intent, attempt, call, attempt.started_at);
                self.call(calling, &timing, gateway.complete_challenge(&request)).await
            }
        };
        self.record_attempt(intent, id, answer, recorder, &timing).await
    }
}
