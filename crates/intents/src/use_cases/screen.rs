//! Asks the tenant's fraud rules about a payment that is to be tried.

use tender_domain::fraud::{
    CardSignals, FRAUD_VELOCITY, FraudContext, FraudDecision, FraudOverride, FraudPolicy, Occasion,
    RiskScore, RuleSet, ScorerOutcome, WindowCounts, evaluate, velocity_guards,
};
use tender_domain::intents::Intent;
use tender_domain::kernel::{CommitError, Guard, Timestamp};

use super::IntentsError;
use crate::IntentsService;

/// A decision, and what is counted when the payment goes on.
pub(super) struct Screened {
    pub(super) decision: FraudDecision,
    pub(super) guards: Vec<Guard>,
}

/// Whether a payment reached a limit of fraud's between the decision and its commit: to be decided anew.
pub(super) fn reached_fraud_limit(error: &CommitError) -> bool {
    matches!(error, CommitError::LimitReached { kind: FRAUD_VELOCITY, .. })
}

impl IntentsService {
    /// What fraud says of a try; none when the tenant has no rules and nobody scores: then nothing is read.
    pub(super) async fn screen(
        &self,
        intent: &Intent,
        card: CardSignals,
        now: Timestamp,
    ) -> Result<Option<Screened>, IntentsError> {
        let policy = self.fraud_policies.of(&intent.tenant, now).await?;
        if policy.is_empty() && self.fraud.scorer.is_none() {
            return Ok(None);
        }
        self.decide(intent, card, &policy, Occasion::Confirm, now).await.map(Some)
    }

    /// Decides by the tenant's rules.
    pub(super) async fn decide(
        &self,
        intent: &Intent,
        card: CardSignals,
        policy: &FraudPolicy,
        occasion: Occasion,
        now: Timestamp,
    ) -> Result<Screened, IntentsError> {
        let mut context = FraudContext::of(intent, card);
        if let Some(order) = intent.order_ref.as_ref().filter(|_| policy.asks_for_order()) {
            let order = self.orders.find(&intent.tenant, order).await?;
            context.order_amount = order.map(|order| order.amount);
        }
        let keys: Vec<String> =
            policy.windows(&context).iter().flat_map(|window| window.keys(now).collect::<Vec<_>>()).collect();
        let counts = match keys.is_empty() {
            true => WindowCounts::default(),
            false => self.fraud.store.window_counts(&intent.tenant, &keys).await?,
        };
        let scorer = self.ask_scorer(intent, &context).await?;
        let forced = FraudOverride::that_counts(&policy.overrides, &context, intent, now);
        let verdict = evaluate(policy, &context, &counts, (forced, &scorer), now);
        metrics::counter!("tender_fraud_decisions_total", "action" => verdict.action.as_str()).increment(1);
        let decision = FraudDecision {
            id: self.ids.next(),
            tenant: intent.tenant.clone(),
            intent: intent.id,
            occasion,
            verdict,
            rules_version: policy.rules.as_ref().map_or(RuleSet::UNSET_VERSION, |set| set.version),
            created_at: now,
        };
        Ok(Screened { decision, guards: velocity_guards(policy, &context, &counts, now) })
    }

    /// What an outside scorer says, within its time, and how long it took. What it says nothing of goes on without it, or
    /// is not tried, as the options have it.
    async fn ask_scorer(
        &self,
        intent: &Intent,
        context: &FraudContext,
    ) -> Result<ScorerOutcome, IntentsError> {
        let Some(scorer) = &self.fraud.scorer else { return Ok(ScorerOutcome::Absent) };
        let (limit, begun) = (self.options.scorer_timeout, tokio::time::Instant::now());
        let said = tokio::time::timeout(limit, scorer.score(&intent.tenant, context)).await;
        let took = begun.elapsed();
        let end = if matches!(said, Ok(Ok(_))) { "scored" } else { "unavailable" };
        metrics::histogram!("tender_fraud_scorer_seconds", "end" => end).record(took.as_secs_f64());
        let why = match said {
            Ok(Ok(score)) => {
                let explanation = format!("{} (after {} ms)", score.explanation, took.as_millis());
                return Ok(ScorerOutcome::Scored(RiskScore { explanation, ..score }));
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} ms", limit.as_millis()),
        };
        match self.options.scorer_fails_closed {
            true => Err(IntentsError::ScorerUnavailable(why)),
            false => Ok(ScorerOutcome::Unavailable(why)),
        }
    }
}
