//! Sessions of alternative payment methods: begun, and asked about when the customer comes back.

use std::sync::Arc;

use tender_domain::fraud::CardSignals;
use tender_domain::intents::{Attempt, AttemptStatus, Intent, Refusal, StartSession};
use tender_domain::kernel::{AttemptId, Caller, CommitError, IntentId, SessionId, Timestamp};
use tender_domain::ports::{SessionFlow, SessionPage, SessionRequest};

use super::begin_attempt::{Begun, Starting};
use super::cancel_intent::release_order;
use super::routing::Routed;
use super::screen::reached_fraud_limit;
use super::{Answered, IntentsError, Keyed};
use crate::IntentsService;

const DECISIONS_MAX: u32 = 5;

/// What a client asks for.
#[derive(Debug, Clone)]
pub(crate) struct WantedSession {
    /// The method (`ideal`).
    pub(crate) method: String,
    pub(crate) flow: SessionFlow,
    pub(crate) return_url: Option<String>,
    /// At this connector only; at whichever has the method when it is none.
    pub(crate) connector: Option<String>,
    /// What the gateway's page is told beside.
    pub(crate) page: Option<Box<SessionPage>>,
}

/// What becomes of who comes back.
pub(crate) enum Returned {
    /// The gateway was asked.
    Asked(Answered),
    /// It was known before.
    Known(Arc<Intent>),
}

impl IntentsService {
    /// Asks a gateway for a session, as an attempt of the intent.
    pub(crate) async fn initiate_session(
        self: &Arc<Self>,
        caller: &Caller,
        intent: IntentId,
        wanted: WantedSession,
        keyed: Keyed,
    ) -> Result<Answered, IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let before = Arc::new(self.load(caller, intent).await?);
            // After the intent: what the first request with the key did to it is never told as a refusal of the second.
            if let Some(record) = self.key_of(&caller.tenant, &keyed).await? {
                return self.known_key(&caller.tenant, record, &keyed).await;
            }
            let now = self.clock.now();
            let begun = match self.begin_session(&before, &wanted, now).await? {
                Ok(begun) => begun,
                Err(refusal) => return self.refuse(&caller.tenant, before.id, refusal, &keyed).await,
            };
            let mut change = begun.change(Some(before), &keyed, now);
            if begun.run.is_none() {
                change = release_order(change, &begun.intent);
            }
            match (self.store.commit(change).await, begun.run) {
                (Ok(_), Some((attempt, token))) => {
                    return self.run_attempt(begun.intent, attempt, token, keyed).await;
                }
                (Ok(_), None) => return Ok(keyed.answered(&begun.intent)),
                (Err(CommitError::KeyTaken(record)), _) => {
                    return self.known_key(&caller.tenant, *record, &keyed).await;
                }
                (Err(CommitError::Conflict), _) => {}
                (Err(error), _) if reached_fraud_limit(&error) => {}
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    pub(super) async fn begin_session(
        &self,
        intent: &Intent,
        wanted: &WantedSession,
        now: Timestamp,
    ) -> Result<Result<Begun, Refusal>, IntentsError> {
        let Some(routed) = self.route_session(intent, wanted, now).await else {
            return Ok(Err(Refusal::NoSuchAlternative(wanted.method.clone())));
        };
        let Routed { connector, rule, charging } = routed;
        if let Err(refusal) = self.permit(&intent.tenant, intent.amount, Some(&wanted.method)) {
            return Ok(Err(refusal));
        }
        let id: AttemptId = self.ids.next();
        let session = SessionRequest {
            method: wanted.method.clone(),
            flow: wanted.flow,
            return_url: wanted.return_url.clone(),
            expires_at: now + self.options.challenge_timeout,
            page: wanted.page.clone(),
        };
        let start = StartSession { id, connector, rule, session };
        let started = match intent.start_session(start, now) {
            Ok(started) => started,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let starting = Starting { intent, started, run: (id, charging), card: CardSignals::default() };
        let asks = |attempt: &mut Attempt, fraud| {
            let decision = self.decide_sca_of_session(intent, &wanted.method, fraud);
            attempt.three_ds = decision.three_ds;
            attempt.sca_request = decision.request;
        };
        self.screen_begun(starting, now, asks).await
    }

    /// The customer came back, or a webhook of the client's says so: what became of the session is asked, with what the
    /// browser brought along. Harmless at any time and twice: what is known is told.
    pub(crate) async fn confirm_session(
        self: &Arc<Self>,
        caller: &Caller,
        id: SessionId,
        result: String,
        keyed: Keyed,
    ) -> Result<Returned, IntentsError> {
        let found = self.get_intent_of_attempt(caller, id.attempt()).await?;
        let found = found.ok_or(IntentsError::NoSuchSession)?;
        let attempt = found.attempt(id.attempt()).filter(|attempt| attempt.session.is_some());
        let attempt = attempt.ok_or(IntentsError::NoSuchSession)?;
        if attempt.status != AttemptStatus::Challenge {
            return Ok(Returned::Known(found));
        }
        match self.complete_challenge(caller, found.id, result, keyed).await {
            // Another way was faster: a callback, or the browser that came back twice.
            Err(IntentsError::Commit(CommitError::Conflict) | IntentsError::Refused(_)) => {
                Ok(Returned::Known(self.get_intent(caller, found.id).await?))
            }
            asked => Ok(Returned::Asked(asked?)),
        }
    }
}
