//! Takes what is held, all or part.

use std::sync::Arc;

use tender_domain::intents::{Intent, Refusal, StartCapture};
use tender_domain::kernel::{Caller, CaptureId, Change, CommitError, IntentId, Money, Save};
use tender_http::{ServerTiming, to_the_end};

use super::drive::Recorder;
use super::{Answered, IntentsError, Keyed, Presenter, Seen, Shown};
use crate::IntentsService;

const DECISIONS_MAX: u32 = 5;

/// What a client asks for.
#[derive(Debug, Clone)]
pub(crate) struct CaptureWanted {
    /// In minor units; none is all that is left.
    pub(crate) amount: Option<i64>,
    /// Whether the rest is let go.
    pub(crate) is_final: bool,
    /// The version the client has seen.
    pub(crate) seen: Seen,
}

impl IntentsService {
    /// Captures, and waits for the gateway as long as a call may take.
    pub(crate) async fn capture_intent(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        wanted: CaptureWanted,
        key: Option<tender_http::RequestKey>,
        present: Presenter,
    ) -> Result<Answered, IntentsError> {
        let capture: CaptureId = self.ids.next();
        let keyed = Keyed::new(key, present, Shown::Capture(capture));
        for _ in 0..DECISIONS_MAX {
            let before = Arc::new(self.load(caller, id).await?);
            // After the intent: what the first request with the key did to it is never told as a refusal of the second.
            if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
                return self.known_key(&caller.tenant, record, &keyed).await;
            }
            wanted.seen.check(before.version)?;
            let now = self.clock.now();
            let amount = wanted.amount.map(|minor| Money::new(minor, before.amount.currency()));
            let start = StartCapture { id: capture, amount, is_final: wanted.is_final };
            if let Some(attempt) = before.approved_attempt() {
                // So that it is known what its gateway can do.
                let _ = self.gateway_of(&before.tenant, &attempt.connector).await;
            }
            let possible = self.refuse_parts(&before, &start);
            let after = match possible.and_then(|()| before.start_capture(&start, now)) {
                Ok(after) => Arc::new(after),
                Err(refusal) => return self.refuse(&caller.tenant, id, refusal, &keyed).await,
            };
            let asked = after.capture(capture).map(|capture| capture.amount.to_string());
            let detail = ("amount", asked.unwrap_or_default());
            let change = Change::of(caller.tenant.clone())
                .save(Save::<Intent>::changed(before, Arc::clone(&after)))
                .tell(self.done_by(caller, "intent.capture_asked", detail, (&*after, now)))
                .keyed(keyed.start(&after, now));
            match self.store.commit(change).await {
                Ok(_) => return self.run_capture(after, capture, keyed).await,
                Err(CommitError::KeyTaken(record)) => {
                    return self.known_key(&caller.tenant, *record, &keyed).await;
                }
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Refuses the parts that the gateway which holds the money does not take, before anything is written.
    fn refuse_parts(&self, intent: &Intent, start: &StartCapture) -> Result<(), Refusal> {
        let gateway = intent
            .approved_attempt()
            .and_then(|attempt| self.known_gateway(&intent.tenant, &attempt.connector));
        let Some(can) = gateway.map(|gateway| gateway.capabilities()) else { return Ok(()) };
        if !can.partial_capture {
            intent.refuse_part(start)?;
        }
        if !can.several_captures {
            intent.refuse_rest(start)?;
        }
        Ok(())
    }

    async fn run_capture(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        capture: CaptureId,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        let (service, recorder, timing) = (Arc::clone(self), Recorder::of(&keyed), ServerTiming::current());
        let task = async move {
            let intent = service.drive_capture(intent, capture, recorder.clone(), &timing).await?;
            service.first_answer(&intent, &keyed, &recorder).await
        };
        to_the_end(task).await.unwrap_or(Err(IntentsError::Commit(CommitError::Unresolved)))
    }
}
