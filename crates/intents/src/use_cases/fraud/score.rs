//! Scores that are asked for, and decisions that are read.

use tender_domain::fraud::{CardSignals, FraudDecision, IntentRisk, Occasion, RiskSignals};
use tender_domain::intents::{Instrument, Intent};
use tender_domain::kernel::{Answer, Caller, Change, CommitError, FraudDecisionId, IntentId, Save};
use tender_http::RequestKey;

use crate::IntentsService;
use crate::use_cases::once::{again, now_made, record_of};
use crate::use_cases::{Answered, IntentsError};

const DECISIONS_MAX: u32 = 5;

/// What a client tells of a payment that it wants scored.
#[derive(Debug, Clone)]
pub(crate) struct ScoreRequest {
    pub(crate) intent: IntentId,
    pub(crate) signals: RiskSignals,
    /// Instead of the intent's, for the decision only.
    pub(crate) customer_id: Option<String>,
}

impl IntentsService {
    /// Scores an intent now. What is told of it is kept, also for its confirmation, which is decided anew then.
    pub(crate) async fn score_intent(
        &self,
        caller: &Caller,
        request: ScoreRequest,
        key: Option<&RequestKey>,
        present: impl Fn(&FraudDecision) -> Answer,
    ) -> Result<Answered, IntentsError> {
        if let Some(answered) = self.answered_before(&caller.tenant, key).await? {
            return Ok(answered);
        }
        for _ in 0..DECISIONS_MAX {
            let before = self.load(caller, request.intent).await?;
            let now = self.clock.now();
            let mut known = before.clone();
            known.risk.signals = before.risk.signals.clone().with(request.signals.clone());
            let signals = known.risk.signals.clone();
            if request.customer_id.is_some() {
                known.customer_id.clone_from(&request.customer_id);
            }
            let card = self.card_of(&before).await?;
            let policy = self.fraud_policies.of(&caller.tenant, now).await?;
            let decision = self.decide(&known, card, &policy, Occasion::Score, now).await?.decision;
            let answer = present(&decision);
            let mut change = Change::of(caller.tenant.clone())
                .keyed(record_of(key, decision.id.to_string(), &answer, now))
                .save(Save::<FraudDecision>::new(decision.clone()));
            // What has ended keeps the decision that it ended with.
            if !before.status.is_final() {
                let risk = IntentRisk { signals, decision: Some(decision.summary()) };
                let after = before.with_risk(risk, now);
                change = change.save(Save::<Intent>::changed(before, after));
            }
            match self.store.commit(change).await {
                Ok(_) => return Ok(now_made(answer)),
                Err(CommitError::KeyTaken(record)) => return again(*record, key),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// A decision.
    pub(crate) async fn fraud_decision(
        &self,
        caller: &Caller,
        id: FraudDecisionId,
    ) -> Result<FraudDecision, IntentsError> {
        let decision = self.fraud.store.fraud_decision(&caller.tenant, id).await?;
        decision.ok_or(IntentsError::NoSuchFraudDecision)
    }

    /// What is known of the card that an intent would be charged with.
    async fn card_of(&self, intent: &Intent) -> Result<CardSignals, IntentsError> {
        let Some(instrument @ Instrument::Saved(_)) = &intent.instrument else {
            return Ok(CardSignals::default());
        };
        let paid = (intent.customer_id.as_deref(), &*intent.merchant_account_id);
        match self.charge_with(&intent.tenant, paid, instrument, &intent.method).await {
            Ok(with) => Ok(with.card),
            // It was deleted since: nothing is known of it any more.
            Err(IntentsError::NoSuchMethod(_) | IntentsError::MethodNotChargeable(_)) => {
                Ok(CardSignals::default())
            }
            Err(error) => Err(error),
        }
    }
}
