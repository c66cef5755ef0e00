//! What tenants have set about fraud, kept in the process: a payment of a tenant without rules reads nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use tender_domain::fraud::{FraudPolicy, FraudStore};
use tender_domain::kernel::{StoreError, TenantId, Timestamp};

/// How long a policy is used without a look: what another process changed is met after at most this, and one payment.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(2);
/// How old a policy may be at most when it is used while a newer one is read beside.
const USED_FOR: TimeDelta = TimeDelta::seconds(10);
/// The most tenants that are kept; then all are read anew.
const TENANTS_MAX: usize = 10_000;

struct Kept {
    policy: Arc<FraudPolicy>,
    read_at: Timestamp,
    /// Whether it is being read anew.
    refreshing: bool,
}

/// The policies by tenant.
pub(crate) struct FraudPolicies {
    store: Arc<dyn FraudStore>,
    kept: Mutex<HashMap<TenantId, Kept>>,
}

impl FraudPolicies {
    pub(crate) fn new(store: Arc<dyn FraudStore>) -> Arc<Self> {
        Arc::new(Self { store, kept: Mutex::default() })
    }

    /// The tenant's policy, at most ten seconds old.
    pub(crate) async fn of(
        self: &Arc<Self>,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<Arc<FraudPolicy>, StoreError> {
        match self.known(tenant, now) {
            Some((policy, false)) => Ok(policy),
            Some((policy, true)) => {
                let (policies, tenant) = (Arc::clone(self), tenant.clone());
                tokio::spawn(async move {
                    if let Err(error) = policies.read(&tenant, now).await {
                        tracing::warn!(%tenant, %error, "fraud rules could not be read; those known are used");
                        policies.refresh_failed(&tenant);
                    }
                });
                Ok(policy)
            }
            None => self.read(tenant, now).await,
        }
    }

    /// Forgets what is kept of a tenant: it changed.
    pub(crate) fn forget(&self, tenant: &TenantId) {
        self.lock().remove(tenant);
    }

    /// What is known and may be used, and whether the caller is to read it anew.
    fn known(&self, tenant: &TenantId, now: Timestamp) -> Option<(Arc<FraudPolicy>, bool)> {
        let mut all = self.lock();
        let kept = all.get_mut(tenant)?;
        let age = now - kept.read_at;
        if age > USED_FOR {
            return None;
        }
        let is_due = age > FRESH_FOR && !kept.refreshing;
        kept.refreshing |= is_due;
        Some((Arc::clone(&kept.policy), is_due))
    }

    async fn read(&self, tenant: &TenantId, now: Timestamp) -> Result<Arc<FraudPolicy>, StoreError> {
        let policy = Arc::new(self.store.fraud_policy(tenant, now).await?);
        let mut all = self.lock();
        if all.len() >= TENANTS_MAX {
            all.clear();
        }
        all.insert(tenant.clone(), Kept { policy: Arc::clone(&policy), read_at: now, refreshing: false });
        Ok(policy)
    }

    fn refresh_failed(&self, tenant: &TenantId) {
        if let Some(kept) = self.lock().get_mut(tenant) {
            kept.refreshing = false;
        }
    }

    /// Nothing is done while it is held that could panic half-way.
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
