//! Requests with an idempotency key: their first answer again, or on from what they began.

use std::sync::Arc;

use tender_domain::intents::{AttemptStatus, Capture, CaptureStatus, Intent, Refusal};
use tender_domain::kernel::{
    Answer, CaptureId, Change, IntentId, KeyRecord, KeyState, KeyWrite, Lane, TenantId, Timestamp, Version,
};
use tender_http::RequestKey;

use super::IntentsError;
use super::once::{now_made, record_of};
use crate::IntentsService;

/// How outcomes become answers that can be kept. Each API has its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Presenter {
    /// The answer that shows an intent; with whether the request created it.
    pub(crate) intent: fn(&Intent, bool) -> Answer,
    /// The answer that shows a capture.
    pub(crate) capture: fn(&Intent, &Capture) -> Answer,
    /// The answer that shows a refusal of business, if it is one that is kept.
    pub(crate) refusal: fn(&Refusal) -> Option<Answer>,
    /// The answer that shows any other refusal of business, if it is one that is kept. None where clients bring no keys.
    pub(crate) error: fn(&IntentsError) -> Option<Answer>,
}

/// What the answer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The intent, and whether the request created it.
    Intent { created: bool },
    /// One of its captures.
    Capture(CaptureId),
}

/// A request's key, with how its answer is made.
#[derive(Debug, Clone)]
pub(crate) struct Keyed {
    pub(crate) key: Option<RequestKey>,
    pub(crate) present: Presenter,
    pub(crate) shown: Shown,
    pub(crate) lane: Lane,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    /// The answer, as it is kept.
    pub(crate) answer: Answer,
    /// Whether it was kept from an earlier request with the same key.
    pub(crate) replayed: bool,
    /// The intent and its version, when the answer was made just now.
    pub(crate) intent: Option<(IntentId, Version)>,
}

impl Keyed {
    pub(crate) const fn new(key: Option<RequestKey>, present: Presenter, shown: Shown) -> Self {
        Self { key, present, shown, lane: Lane::Foreground }
    }

    /// For work that nobody waits for.
    pub(crate) const fn in_background(mut self) -> Self {
        self.lane = Lane::Background;
        self
    }

    /// The answer that shows the intent as it is.
    pub(super) fn answer(&self, intent: &Intent) -> Answer {
        match self.shown {
            Shown::Intent { created } => (self.present.intent)(intent, created),
            Shown::Capture(id) => match intent.capture(id) {
                Some(capture) => (self.present.capture)(intent, capture),
                None => (self.present.intent)(intent, false),
            },
        }
    }

    /// The key as started, for the first of two commits.
    pub(super) fn start(&self, intent: &Intent, at: Timestamp) -> Option<KeyWrite> {
        let key = self.key.as_ref()?;
        Some(KeyWrite::Start {
            scope: key.scope.clone(),
            fingerprint: key.fingerprint,
            resource: self.resource(intent.id),
            at,
        })
    }

    /// The key with its answer, for the second of two commits.
    pub(super) fn finish(&self, after: &Intent) -> Option<KeyWrite> {
        let key = self.key.as_ref()?;
        Some(KeyWrite::Finish { scope: key.scope.clone(), answer: self.answer(after) })
    }

    /// The key with its answer, for the only commit.
    pub(super) fn record(&self, after: &Intent, at: Timestamp) -> Option<KeyWrite> {
        record_of(self.key.as_ref(), self.resource(after.id), &self.answer(after), at)
    }

    /// What the effect is done to: `pi_…`, of a capture `pi_…/cap_…`.
    fn resource(&self, intent: IntentId) -> String {
        match self.shown {
            Shown::Intent { .. } => intent.to_string(),
            Shown::Capture(capture) => format!("{intent}/{capture}"),
        }
    }

    pub(super) fn answered(&self, intent: &Intent) -> Answered {
        Answered { answer: self.answer(intent), replayed: false, intent: Some((intent.id, intent.version)) }
    }
}

impl Answered {
    pub(super) const fn again(answer: Answer) -> Self {
        Self { answer, replayed: true, intent: None }
    }
}

impl IntentsService {
    /// The record of the request's key, if it has a key that exists.
    pub(super) async fn key_of(
        &self,
        tenant: &TenantId,
        keyed: &Keyed,
    ) -> Result<Option<KeyRecord>, IntentsError> {
        let Some(key) = &keyed.key else { return Ok(None) };
        Ok(self.store.key(tenant, &key.scope).await?)
    }

    /// The answer to a key that exists: kept, or made now by going on from what was begun.
    pub(super) async fn known_key(
        self: &Arc<Self>,
        tenant: &TenantId,
        record: KeyRecord,
        keyed: &Keyed,
    ) -> Result<Answered, IntentsError> {
        let Some(key) = &keyed.key else { return Err(IntentsError::InFlight) };
        if record.fingerprint != key.fingerprint {
            return Err(IntentsError::OtherRequest);
        }
        if let KeyState::Done(answer) = record.state {
            return Ok(Answered::again(answer));
        }
        let bad = || IntentsError::BadKeyRecord(record.resource.clone());
        let (intent, capture) = match record.resource.split_once('/') {
            Some((intent, capture)) => (intent, Some(capture.parse::<CaptureId>().map_err(|_| bad())?)),
            None => (&*record.resource, None),
        };
        let id: IntentId = intent.parse().map_err(|_| bad())?;
        let shown = capture.map_or(keyed.shown, Shown::Capture);
        let keyed = Keyed { shown, ..keyed.clone() };
        let intent = Arc::new(self.store.intent(tenant, id).await?.ok_or_else(bad)?);
        if first_call_may_run(&intent, self.clock.now()) {
            return Err(IntentsError::InFlight);
        }
        let intent = self.resolve(intent, &keyed).await?;
        let answer = self.end_key(tenant, &keyed, &intent).await?;
        Ok(Answered::again(answer))
    }

    /// Keeps the answer of a key whose effect has an outcome already, and says which answer is kept.
    async fn end_key(
        &self,
        tenant: &TenantId,
        keyed: &Keyed,
        intent: &Intent,
    ) -> Result<Answer, IntentsError> {
        let Some(finish) = keyed.finish(intent) else { return Ok(keyed.answer(intent)) };
        let scope = finish.scope().clone();
        let _ = self.store.commit(Change::of(tenant.clone()).keyed(finish)).await?;
        // Another retry may have been faster: what is kept is what counts.
        match self.store.key(tenant, &scope).await?.map(|record| record.state) {
            Some(KeyState::Done(answer)) => Ok(answer),
            _ => Ok(keyed.answer(intent)),
        }
    }

    /// A refusal as an answer: kept under the key when it is one of business, so that a retry gets the same.
    pub(super) async fn refuse(
        self: &Arc<Self>,
        tenant: &TenantId,
        intent: IntentId,
        refusal: Refusal,
        keyed: &Keyed,
    ) -> Result<Answered, IntentsError> {
        let Some(answer) = (keyed.present.refusal)(&refusal) else { return Err(refusal.into()) };
        self.kept_refusal(tenant, keyed.resource(intent), answer, keyed).await
    }

    /// The end of a use case with a key: what was refused for a reason of business is kept under it, whichever step found
    /// that, so that a retry never changes an outcome. The first call's answer goes before a refusal.
    pub(super) async fn settled(
        self: &Arc<Self>,
        tenant: &TenantId,
        result: Result<Answered, IntentsError>,
        keyed: &Keyed,
    ) -> Result<Answered, IntentsError> {
        let error = match result {
            Err(error) if keyed.key.is_some() => error,
            other => return other,
        };
        match (keyed.present.error)(&error) {
            Some(answer) => self.kept_refusal(tenant, String::new(), answer, keyed).await,
            None => Err(error),
        }
    }

    async fn kept_refusal(
        self: &Arc<Self>,
        tenant: &TenantId,
        resource: String,
        answer: Answer,
        keyed: &Keyed,
    ) -> Result<Answered, IntentsError> {
        match self.keep_answer(tenant, keyed.key.as_ref(), resource, &answer).await? {
            Some(first) => Box::pin(self.known_key(tenant, first, keyed)).await,
            None => Ok(now_made(answer)),
        }
    }
}

/// Whether a call of a gateway that was begun for this intent may still be running in the process that began it.
fn first_call_may_run(intent: &Intent, now: Timestamp) -> bool {
    let attempts = intent.attempts.iter().filter(|attempt| {
        let asked = attempt.is_voiding() || (attempt.is_open() && attempt.awaits_customer());
        attempt.status == AttemptStatus::Started || (asked && attempt.checks == 0)
    });
    let captures = intent
        .captures
        .iter()
        .filter(|capture| capture.status == CaptureStatus::Pending && capture.checks == 0);
    let ends = attempts
        .filter_map(|attempt| attempt.next_check_at)
        .chain(captures.filter_map(|capture| capture.next_check_at));
    ends.max().is_some_and(|ends| now < ends)
}
