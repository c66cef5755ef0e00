//! Lists accounts with their balances.

use tender_domain::kernel::{Page, StoreError, TenantId};
use tender_domain::ledger::{AccountBalance, AccountFilter, AccountPage};

use crate::SettlementService;

impl SettlementService {
    /// Accounts of the tenant, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list_accounts(
        &self,
        tenant: &TenantId,
        filter: &AccountFilter,
        page: &AccountPage,
    ) -> Result<Page<AccountBalance>, StoreError> {
        self.store.accounts(tenant, filter, page).await
    }
}
