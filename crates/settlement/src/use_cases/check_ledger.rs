//! Checks that the ledger balances.

use tender_domain::kernel::{StoreError, TenantId};
use tender_domain::ledger::{LedgerCheck, check};

use crate::SettlementService;

impl SettlementService {
    /// Replays every entry of the tenant and compares with the balances that are kept.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn check_ledger(&self, tenant: &TenantId) -> Result<LedgerCheck, StoreError> {
        let replay = self.store.replay(tenant).await?;
        let found = check(replay, self.clock.now());
        if !found.balanced() {
            tracing::error!(
                tenant = %tenant,
                differences = found.differences.len(),
                "the ledger does not balance"
            );
        }
        Ok(found)
    }
}
