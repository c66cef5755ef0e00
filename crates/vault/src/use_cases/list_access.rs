//! List who read which secrets.

use tender_domain::kernel::{Caller, Page, PageRequest};
use tender_domain::vault::{AccessFilter, SecretRead};

use crate::{VaultError, VaultService};

impl VaultService {
    /// The tenant's secret reads that pass the filter, newest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_access(
        &self,
        caller: &Caller,
        filter: &AccessFilter,
        page: &PageRequest,
    ) -> Result<Page<SecretRead>, VaultError> {
        Ok(self.deps.access_log.reads(&caller.tenant, filter, page).await?)
    }
}
