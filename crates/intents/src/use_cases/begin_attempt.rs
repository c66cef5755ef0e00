//! Begins an attempt: what fraud says of it, and what is committed before the gateway is called.

use std::sync::Arc;

use tender_domain::fraud::{CardSignals, FraudAction, FraudDecision};
use tender_domain::intents::{Attempt, Intent, IntentWrite, Refusal, StartAttempt, Step};
use tender_domain::kernel::{AttemptId, Change, Guard, Save, Timestamp};
use tender_domain::ports::ThreeDs;
use tender_http::current_traceparent;

use super::routing::Routed;
use super::{ChargeWith, Charging, IntentsError, Keyed};
use crate::IntentsService;
use crate::messages::Messages;

/// What a confirmation comes to.
pub(super) struct Begun {
    /// The intent with its attempt started, or ended because fraud denied it.
    pub(super) intent: Arc<Intent>,
    /// The attempt to run, with the token of its method at the connector and at others; none when fraud denied it.
    pub(super) run: Option<(AttemptId, Charging)>,
    decision: Option<FraudDecision>,
    guards: Vec<Guard>,
    denied: Vec<tender_domain::kernel::Message>,
}

impl Begun {
    /// All that is committed with it: the intent, the decision, what it is counted in, and the request's key.
    pub(super) fn change(
        &self,
        before: Option<Arc<Intent>>,
        keyed: &Keyed,
        now: Timestamp,
    ) -> Change<IntentWrite> {
        let key = match self.run {
            Some(_) => keyed.start(&self.intent, now),
            None => keyed.record(&self.intent, now),
        };
        let mut change = Change::of(self.intent.tenant.clone())
            .save(Save { before, after: Arc::clone(&self.intent) })
            .tell(self.denied.iter().cloned())
            .keyed(key);
        if let Some(decision) = &self.decision {
            change = change.save(Save::<FraudDecision>::new(decision.clone()));
        }
        change.lane = keyed.lane;
        change.guards.extend(self.guards.iter().cloned());
        change
    }
}

/// An attempt that is about to be begun.
pub(super) struct Starting<'a> {
    /// The intent as it was.
    pub(super) intent: &'a Intent,
    /// The intent with its attempt started.
    pub(super) started: Intent,
    /// That attempt, and the token of its method.
    pub(super) run: (AttemptId, Charging),
    /// What fraud's rules look at.
    pub(super) card: CardSignals,
}

impl IntentsService {
    /// Begins an attempt of an intent with a method that is ready to be charged.
    pub(super) async fn begin_attempt(
        &self,
        intent: &Intent,
        with: ChargeWith,
        off_session: bool,
        now: Timestamp,
    ) -> Result<Result<Begun, Refusal>, IntentsError> {
        let method_type = with.summary.method_type.clone();
        let Routed { connector, rule, charging } = self.route(intent, &with, now)?;
        let start = StartAttempt {
            id: self.ids.next(),
            connector,
            rule,
            instrument: with.instrument.clone(),
            method: with.summary,
            off_session,
            three_ds: ThreeDs::Automatic,
        };
        let run = (start.id, charging);
        // Before fraud is asked: what cannot be confirmed is not screened.
        let started = match intent.start_attempt(start, now) {
            Ok(started) => started,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let agreement = match self.made_on(intent, &with.instrument, off_session).await? {
            Ok(agreement) => agreement,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let starting = Starting { intent, started, run, card: with.card };
        let charged = (&with.instrument, &*method_type);
        let asks = |attempt: &mut Attempt, fraud| {
            let decision = self.decide_sca(intent, charged, off_session, agreement, fraud);
            attempt.three_ds = decision.three_ds;
            attempt.sca_request = decision.request;
        };
        self.screen_begun(starting, now, asks).await
    }

    /// What fraud says of an attempt that was begun. `asks` lays upon it what it asks of authentication.
    pub(super) async fn screen_begun(
        &self,
        starting: Starting<'_>,
        now: Timestamp,
        asks: impl FnOnce(&mut Attempt, Option<FraudAction>),
    ) -> Result<Result<Begun, Refusal>, IntentsError> {
        let Starting { intent, mut started, run, card } = starting;
        let screened = self.screen(intent, card, now).await?;
        let action = screened.as_ref().map(|screened| screened.decision.verdict.action);
        if let Some(attempt) = started.attempts.last_mut() {
            asks(attempt, action);
        }
        let Some(screened) = screened else {
            return Ok(Ok(Begun::started(started, run, None, Vec::new())));
        };
        let decision = screened.decision;
        if decision.verdict.action == FraudAction::Deny {
            return Ok(intent.deny_by_fraud(&decision, now).map(|step| self.denied(step, decision, now)));
        }
        started.risk.decision = Some(decision.summary());
        Ok(Ok(Begun::started(started, run, Some(decision), screened.guards)))
    }

    fn denied(&self, step: Step, decision: FraudDecision, now: Timestamp) -> Begun {
        let messages = Messages { ids: &*self.ids, traceparent: current_traceparent(), now };
        let denied = messages.of(&step.intent, &step.events);
        metrics::counter!("tender_fraud_denied_total").increment(1);
        let intent = Arc::new(step.intent);
        Begun { intent, run: None, decision: Some(decision), guards: Vec::new(), denied }
    }
}

impl Begun {
    fn started(
        intent: Intent,
        run: (AttemptId, Charging),
        decision: Option<FraudDecision>,
        guards: Vec<Guard>,
    ) -> Self {
        Self { intent: Arc::new(intent), run: Some(run), decision, guards, denied: Vec::new() }
    }
}
