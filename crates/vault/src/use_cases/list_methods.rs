//! List payment methods.

use std::sync::Arc;

use tender_domain::kernel::{Caller, Page, PageRequest};
use tender_domain::vault::{MethodFilter, PaymentMethod};

use crate::{VaultError, VaultService};

impl VaultService {
    /// The active methods that pass the filter, newest first. A customer's list shows its own, whatever it asks for.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list_methods(
        &self,
        caller: &Caller,
        mut filter: MethodFilter,
        page: &PageRequest,
    ) -> Result<Page<Arc<PaymentMethod>>, VaultError> {
        if let Some(own) = caller.only_customer() {
            if filter.customer_id.as_deref().is_some_and(|named| named != own) {
                return Ok(Page { data: Vec::new(), has_more: false });
            }
            filter.customer_id = Some(own.to_owned());
        }
        Ok(self.deps.store.methods(&caller.tenant, &filter, page).await?)
    }
}
