use tender_domain::kernel::{Page, PageRequest, TenantId};
use tender_domain::operations::{ApiKey, ApiKeyFilter, ApiKeyStatus};

use crate::{OperationsError, OperationsService};

impl OperationsService {
    /// The tenant's keys, newest first; of one status, if it is given.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_keys(
        &self,
        tenant: &TenantId,
        status: Option<ApiKeyStatus>,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, OperationsError> {
        let filter = ApiKeyFilter { status: status.map(|status| (status, self.now())) };
        Ok(self.store().api_keys(tenant, &filter, page).await?)
    }
}
