//! List the tenant's data keys.

use tender_domain::kernel::{Caller, DataKeyId, Page, PageRequest};
use tender_domain::vault::{DataKey, KeyPurpose};

use crate::{VaultError, VaultService};

impl VaultService {
    /// The tenant's keys, newest first, and which of them seal now. Never a key itself, wrapped or not.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_keys(
        &self,
        caller: &Caller,
        page: &PageRequest,
    ) -> Result<(Page<DataKey>, Vec<DataKeyId>), VaultError> {
        let store = &self.deps.key_store;
        let mut current = Vec::new();
        for purpose in KeyPurpose::ALL {
            let newest = store.usable_keys(&caller.tenant, *purpose).await?.into_iter().next();
            current.extend(newest.map(|key| key.id));
        }
        Ok((store.data_keys(&caller.tenant, page).await?, current))
    }
}
