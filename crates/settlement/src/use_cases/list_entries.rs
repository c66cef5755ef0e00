//! Lists entries.

use tender_domain::kernel::{Page, PageRequest, StoreError, TenantId};
use tender_domain::ledger::{EntryFilter, LedgerEntry};

use crate::SettlementService;

impl SettlementService {
    /// Entries of the tenant, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list_entries(
        &self,
        tenant: &TenantId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<LedgerEntry>, StoreError> {
        self.store.entries(tenant, filter, page).await
    }
}
