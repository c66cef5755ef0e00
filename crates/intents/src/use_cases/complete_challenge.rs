//! Goes on after the customer met a challenge.

use std::sync::Arc;

use tender_domain::intents::{Intent, Refusal};
use tender_domain::kernel::{AttemptId, Caller, Change, CommitError, IntentId, Save, Timestamp};
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
            Ok(_) => self.run_challenge(after, attempt, now, result, keyed).await,
            Err(CommitError::KeyTaken(record)) => self.known_key(&caller.tenant, *record, &keyed).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn run_challenge(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
        started_at: Timestamp,
        result: String,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let (service, recorder, timing) = (Arc::clone(self), Recorder::of(&keyed), ServerTiming::current());
        let task = async move {
            let attempt = intent.attempt(id).ok_or(Refusal::NotOpen)?;
            let answer = match service.gateway_of(&intent.tenant, &attempt.connector).await {
                // The customer was there: the gateway may know more than we do, so it is asked once it can be.
                None => {
                    Err(GatewayError::Unknown(format!("the connector {} is not set up", attempt.connector)))
                }
                Some(gateway) => {
                    let request = CompleteChallenge {
                        tenant: intent.tenant.clone(),
                        reference: id.to_string(),
                        challenge_reference: attempt
                            .challenge
                            .as_ref()
                            .map(|challenge| challenge.reference.clone())
                            .unwrap_or_default(),
                        result,
                    };
                    let call = gateway.complete_challenge(&request);
                    let calling =
                        Calling::of(&intent, attempt, (CallKind::Authorize, &request.reference), started_at);
                    service.call(calling, &timing, call).await
                }
            };
            let intent = service.record_attempt(intent, id, answer, recorder, &timing).await?;
            Ok(keyed.answered(&intent))
        };
        to_the_end(task).await.unwrap_or(Err(IntentsError::Commit(CommitError::Unresolved)))
    }
}
