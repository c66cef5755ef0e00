//! Fraud in memory: beside the intents, whose changes it is written with.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::fraud::{
    FORCED_AT_MOST, FRAUD_VELOCITY, FraudDecision, FraudOverride, FraudPolicy, FraudStore, RuleSet,
    WindowCounts,
};
use tender_domain::kernel::{
    CommitError, FraudDecisionId, FraudOverrideId, Save, StoreError, TenantId, Timestamp,
};

use crate::MemoryIntentStore;
use crate::intents::{check_version, refused};

/// What fraud keeps of every tenant.
#[derive(Debug, Default)]
pub(crate) struct Fraud {
    rules: BTreeMap<TenantId, Arc<RuleSet>>,
    decisions: BTreeMap<(TenantId, FraudDecisionId), Arc<FraudDecision>>,
    overrides: BTreeMap<(TenantId, FraudOverrideId), Arc<FraudOverride>>,
}

impl Fraud {
    pub(crate) fn check_rules(&self, save: &Save<RuleSet>) -> Result<(), CommitError> {
        let stored = self.rules.get(&save.after.tenant).map(|stored| stored.version);
        check_version(save, stored, |set| set.version, "fraud_rule_sets_pkey")
    }

    pub(crate) fn check_decision(&self, save: &Save<FraudDecision>) -> Result<(), CommitError> {
        let there = self.decisions.contains_key(&(save.after.tenant.clone(), save.after.id));
        if there { Err(refused("fraud_decisions_pkey")) } else { Ok(()) }
    }

    pub(crate) fn check_override(&self, save: &Save<FraudOverride>) -> Result<(), CommitError> {
        let there = self.overrides.contains_key(&(save.after.tenant.clone(), save.after.id));
        if there { Err(refused("fraud_overrides_pkey")) } else { Ok(()) }
    }

    pub(crate) fn apply_rules(&mut self, set: Arc<RuleSet>) {
        self.rules.insert(set.tenant.clone(), set);
    }

    pub(crate) fn apply_decision(&mut self, decision: Arc<FraudDecision>) {
        self.decisions.insert((decision.tenant.clone(), decision.id), decision);
    }

    pub(crate) fn apply_override(&mut self, forced: Arc<FraudOverride>) {
        self.overrides.insert((forced.tenant.clone(), forced.id), forced);
    }
}

#[async_trait]
impl FraudStore for MemoryIntentStore {
    async fn fraud_policy(&self, tenant: &TenantId, now: Timestamp) -> Result<FraudPolicy, StoreError> {
        Ok(self.read(|all| {
            let rules = all.fraud.rules.get(tenant).map(|set| RuleSet::clone(set));
            let of_tenant = all.fraud.overrides.values().rev().filter(|forced| forced.tenant == *tenant);
            let standing = of_tenant.filter(|forced| forced.expires_at > now).take(FORCED_AT_MOST);
            FraudPolicy { rules, overrides: standing.map(|forced| FraudOverride::clone(forced)).collect() }
        }))
    }

    async fn fraud_decisions(
        &self,
        tenant: &TenantId,
        ids: &[FraudDecisionId],
    ) -> Result<Vec<FraudDecision>, StoreError> {
        let places = ids.iter().map(|id| (tenant.clone(), *id));
        Ok(self.read(|all| {
            let found = places.filter_map(|place| all.fraud.decisions.get(&place));
            found.map(|decision| FraudDecision::clone(decision)).collect()
        }))
    }

    async fn window_counts(&self, tenant: &TenantId, keys: &[String]) -> Result<WindowCounts, StoreError> {
        Ok(WindowCounts(self.counters(tenant, FRAUD_VELOCITY, keys)))
    }

    async fn forget_windows(&self, before: &str, limit: usize) -> Result<u64, StoreError> {
        Ok(self.forget_counters(FRAUD_VELOCITY, before, limit))
    }
}
