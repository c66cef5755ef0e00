//! What tenants' settings ask, in the process: a payment pays no read for it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tender_domain::intents::{CaptureMode, Refusal, TenantRules, permit_currency};
use tender_domain::kernel::{Money, StoreError, TenantId, Timestamp};

use crate::IntentsService;

/// How many rules are read at once.
const PAGE: usize = 1_000;
/// What is heard may be committed this much later than it says.
const OVERLAP: Duration = Duration::from_secs(30);

/// The rules of all tenants that have some.
#[derive(Debug, Default)]
pub(crate) struct RulesInMemory {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    by_tenant: HashMap<TenantId, Arc<TenantRules>>,
    heard_until: Timestamp,
}

impl RulesInMemory {
    /// The rules of a tenant; none when it has the defaults.
    pub(crate) fn of(&self, tenant: &TenantId) -> Option<Arc<TenantRules>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).by_tenant.get(tenant).cloned()
    }

    /// Remembers rules, unless later ones are known.
    pub(crate) fn remember(&self, rules: TenantRules) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.heard_until = state.heard_until.max(rules.recorded_at);
        let known = state.by_tenant.get(&rules.tenant);
        if known.is_none_or(|known| known.version < rules.version) {
            state.by_tenant.insert(rules.tenant.clone(), Arc::new(rules));
        }
    }

    fn heard_until(&self) -> Timestamp {
        self.state.read().unwrap_or_else(PoisonError::into_inner).heard_until
    }
}

impl IntentsService {
    /// Reads the rules that were heard of since the last time, also by other processes. To be called once before the
    /// service serves.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn load_rules(&self) -> Result<(), StoreError> {
        let mut since = self.rules.heard_until();
        since = since
            .checked_sub_signed(chrono::Duration::from_std(OVERLAP).unwrap_or_default())
            .unwrap_or(since);
        loop {
            let page = self.store.rules_since(since, PAGE).await?;
            let (full, last) = (page.len() == PAGE, page.last().map(|rules| rules.recorded_at));
            page.into_iter().for_each(|rules| self.rules.remember(rules));
            match last {
                Some(last) if full && last > since => since = last,
                _ => return Ok(()),
            }
        }
    }

    /// How an intent that says nothing is captured.
    pub(crate) fn default_capture_mode(&self, tenant: &TenantId) -> CaptureMode {
        self.rules.of(tenant).map_or(CaptureMode::Auto, |rules| rules.default_capture_mode)
    }

    /// How often an intent of the tenant can be tried.
    pub(crate) fn max_attempts(&self, tenant: &TenantId) -> u32 {
        self.rules.of(tenant).map_or(self.options.max_attempts, |rules| rules.max_attempts)
    }

    /// Whether the tenant's settings permit this amount, by a saved method of this type when there is one.
    pub(crate) fn permit(
        &self,
        tenant: &TenantId,
        amount: Money,
        method_type: Option<&str>,
    ) -> Result<(), Refusal> {
        method_type.map_or(Ok(()), |method_type| permit_currency(method_type, amount.currency()))?;
        let Some(rules) = self.rules.of(tenant) else { return Ok(()) };
        rules.permit_amount(amount)?;
        method_type.map_or(Ok(()), |method_type| rules.permit_method(method_type))
    }
}
