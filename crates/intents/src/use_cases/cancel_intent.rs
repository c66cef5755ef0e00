//! Gives an intent up.

use std::sync::Arc;

use tender_domain::intents::{CancelStep, Channel, Intent, Step};
use tender_domain::kernel::{AttemptId, Caller, Change, CommitError, Guard, IntentId, Save};
use tender_http::{ServerTiming, current_traceparent, to_the_end};

use super::drive::Recorder;
use super::{Answered, IntentsError, Keyed};
use crate::IntentsService;
use crate::messages::Messages;

const DECISIONS_MAX: u32 = 5;

/// What the gateway is to let go.
enum LetGo {
    /// What an attempt holds.
    Void(AttemptId),
    /// The challenge of an attempt.
    Challenge(AttemptId),
}

impl IntentsService {
    /// Cancels: at once when nothing is held; by a void, which is waited for, when something is; when it is not known,
    /// the wish is kept until it is.
    pub(crate) async fn cancel_intent(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        reason: &str,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let before = Arc::new(self.load(caller, id).await?);
            // After the intent: what the first request with the key did to it is never told as a refusal of the second.
            if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
                return self.known_key(&caller.tenant, record, &keyed).await;
            }
            let now = self.clock.now();
            let step = match before.cancel(reason, now) {
                Ok(step) => step,
                Err(refusal) => return self.refuse(&caller.tenant, id, refusal, &keyed).await,
            };
            let change = Change::of(caller.tenant.clone());
            let (change, after, call) = match step {
                CancelStep::Canceled(Step { intent, events }) => {
                    let messages = Messages { ids: &*self.ids, traceparent: current_traceparent(), now };
                    let change = change.tell(messages.of(&intent, &events)).keyed(keyed.record(&intent, now));
                    let change = self.with_hotel_told(change, (&intent, &events), now).await?;
                    (release_order(change, &intent), Arc::new(intent), None)
                }
                CancelStep::Requested(intent) => {
                    (change.keyed(keyed.record(&intent, now)), Arc::new(intent), None)
                }
                CancelStep::VoidStarted { intent, attempt } => {
                    (change.keyed(keyed.start(&intent, now)), Arc::new(intent), Some(LetGo::Void(attempt)))
                }
                CancelStep::ChallengeOpen { intent, attempt } => {
                    let call = Some(LetGo::Challenge(attempt));
                    (change.keyed(keyed.start(&intent, now)), Arc::new(intent), call)
                }
            };
            let why = ("reason", reason.to_owned());
            let told = self.done_by(caller, "intent.cancel_asked", why, (&*after, now));
            let change = change.save(Save::<Intent>::changed(before, Arc::clone(&after))).tell(told);
            match (self.store.commit(change).await, call) {
                (Ok(_), None) => {
                    self.waiters.wake(after.id);
                    return Ok(keyed.answered(&after));
                }
                (Ok(_), Some(call)) => return self.let_go(after, call, keyed).await,
                (Err(CommitError::KeyTaken(record)), _) => {
                    return self.known_key(&caller.tenant, *record, &keyed).await;
                }
                (Err(CommitError::Conflict), _) => {}
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Has the gateway let go what a cancellation ends, once that is committed.
    async fn let_go(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        call: LetGo,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let (service, recorder, timing) = (Arc::clone(self), Recorder::of(&keyed), ServerTiming::current());
        let task = async move {
            let intent = match call {
                LetGo::Void(attempt) => {
                    service.drive_void(intent, attempt, recorder.clone(), &timing).await?
                }
                LetGo::Challenge(attempt) => service.end_challenge(intent, attempt, recorder.clone()).await?,
            };
            service.first_answer(&intent, &keyed, &recorder).await
        };
        to_the_end(task).await.unwrap_or(Err(IntentsError::Commit(CommitError::Unresolved)))
    }

    /// Has the gateway let go what an attempt holds, for a request that waits.
    pub(super) async fn run_void(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        attempt: AttemptId,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        self.let_go(intent, LetGo::Void(attempt), keyed).await
    }
}

impl IntentsService {
    /// Lets go what is held after a void was committed as started, with nobody waiting for it.
    pub(crate) async fn void_in_background(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        attempt: AttemptId,
    ) -> Result<(), IntentsError> {
        let _ = self.drive_void(intent, attempt, Recorder::background(), &ServerTiming::current()).await?;
        Ok(())
    }
}

/// What claims an order for its one live payment.
pub(crate) const LIVE_PAYMENT: &str = "live_payment";

/// The claim's key: one order of one channel.
pub(crate) fn live_payment_key(channel: Channel, order_ref: &str) -> String {
    format!("{}:{order_ref}", channel.as_str())
}

/// With the order given up by an intent that will not pay it any more, so that another may.
pub(crate) fn release_order<W>(change: Change<W>, intent: &Intent) -> Change<W> {
    match &intent.order_ref {
        Some(order) if intent.channel.pays_once() => {
            let (key, owner) = (live_payment_key(intent.channel, order), intent.id.to_string());
            change.guarded(Guard::Release { kind: LIVE_PAYMENT, key, owner })
        }
        _ => change,
    }
}
