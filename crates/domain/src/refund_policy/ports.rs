//! The store port of refund policies.

use async_trait::async_trait;

use crate::kernel::{PolicyEvaluationId, StoreError, TenantId};

use super::{PolicyEvaluation, RefundPolicies};

/// The reads of refund policies, over the schema of refunds. What is written goes with the refunds' changes.
///
/// # Errors
/// When the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait RefundPolicyStore: Send + Sync {
    /// The policies of a tenant; none when it has set none.
    async fn refund_policies(&self, tenant: &TenantId) -> Result<Option<RefundPolicies>, StoreError>;

    /// An evaluation.
    async fn policy_evaluation(
        &self,
        tenant: &TenantId,
        id: PolicyEvaluationId,
    ) -> Result<Option<PolicyEvaluation>, StoreError>;
}
