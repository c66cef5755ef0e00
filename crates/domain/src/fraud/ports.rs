//! Where fraud's data is kept, and who else may be asked.

use async_trait::async_trait;

use crate::kernel::{FraudDecisionId, StoreError, TenantId, Timestamp};

use super::{FraudContext, FraudDecision, FraudPolicy, WindowCounts};

/// The reads of fraud, over the schema of intents. What is written goes with the intents' changes.
///
/// # Errors
/// Every read: when the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait FraudStore: Send + Sync {
    /// The tenant's rules, and its overrides that have not ended by `now`, newest first, at most
    /// [`FORCED_AT_MOST`](super::FORCED_AT_MOST).
    async fn fraud_policy(&self, tenant: &TenantId, now: Timestamp) -> Result<FraudPolicy, StoreError>;

    /// The decisions that there are of these ids, each named once; in any order.
    async fn fraud_decisions(
        &self,
        tenant: &TenantId,
        ids: &[FraudDecisionId],
    ) -> Result<Vec<FraudDecision>, StoreError>;

    /// The decision with this id.
    async fn fraud_decision(
        &self,
        tenant: &TenantId,
        id: FraudDecisionId,
    ) -> Result<Option<FraudDecision>, StoreError> {
        Ok(self.fraud_decisions(tenant, &[id]).await?.pop())
    }

    /// What the counters with these keys stand at; one that is not there stands at nothing.
    async fn window_counts(&self, tenant: &TenantId, keys: &[String]) -> Result<WindowCounts, StoreError>;

    /// Forgets counters of all tenants whose keys are below `before`, at most `limit`; says how many.
    async fn forget_windows(&self, before: &str, limit: usize) -> Result<u64, StoreError>;
}

/// What an outside scorer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskScore {
    /// What it adds to the score, 0 to 100; more counts as 100.
    pub points: u8,
    /// Why, for a person. Without card numbers.
    pub explanation: String,
}

/// The scorer did not answer. The installation's settings say whether payments go on without it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the risk scorer is unavailable: {0}")]
pub struct RiskScorerError(pub String);

/// An outside scorer. It is asked with a deadline, and a payment never waits for it longer. It is told no card number.
#[async_trait]
pub trait RiskScorer: Send + Sync {
    /// What it says of a payment.
    ///
    /// # Errors
    /// When it cannot say.
    async fn score(&self, tenant: &TenantId, context: &FraudContext) -> Result<RiskScore, RiskScorerError>;
}
