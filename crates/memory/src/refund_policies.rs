//! Refund policies in memory: beside the charges, whose changes they are written with.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{CommitError, PolicyEvaluationId, Save, StoreError, TenantId};
use tender_domain::refund_policy::{PolicyEvaluation, RefundPolicies, RefundPolicyStore};

use crate::MemoryRefundStore;
use crate::intents::check_version;

/// The policies of every tenant, and what was evaluated.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    policies: BTreeMap<TenantId, Arc<RefundPolicies>>,
    pub(crate) evaluations: BTreeMap<(TenantId, PolicyEvaluationId), Arc<PolicyEvaluation>>,
}

impl Policies {
    pub(crate) fn check(&self, save: &Save<RefundPolicies>) -> Result<(), CommitError> {
        let stored = self.policies.get(&save.after.tenant);
        let version = stored.map(|stored| stored.version);
        check_version(save, version, |policies| policies.version, "refund_policies_pkey")
    }

    pub(crate) fn check_evaluation(&self, save: &Save<PolicyEvaluation>) -> Result<(), CommitError> {
        match self.evaluations.contains_key(&(save.after.tenant.clone(), save.after.id)) {
            true => Err(CommitError::Refused { constraint: "policy_evaluations_pkey".to_owned() }),
            false => Ok(()),
        }
    }

    pub(crate) fn apply(&mut self, policies: Arc<RefundPolicies>) {
        self.policies.insert(policies.tenant.clone(), policies);
    }

    pub(crate) fn apply_evaluation(&mut self, evaluation: Arc<PolicyEvaluation>) {
        self.evaluations.insert((evaluation.tenant.clone(), evaluation.id), evaluation);
    }
}

#[async_trait]
impl RefundPolicyStore for MemoryRefundStore {
    async fn refund_policies(&self, tenant: &TenantId) -> Result<Option<RefundPolicies>, StoreError> {
        Ok(self
            .0
            .read(|all| all.policies.policies.get(tenant).map(|policies| RefundPolicies::clone(policies))))
    }

    async fn policy_evaluation(
        &self,
        tenant: &TenantId,
        id: PolicyEvaluationId,
    ) -> Result<Option<PolicyEvaluation>, StoreError> {
        let place = (tenant.clone(), id);
        Ok(self.0.read(|all| {
            all.policies.evaluations.get(&place).map(|evaluation| PolicyEvaluation::clone(evaluation))
        }))
    }
}
