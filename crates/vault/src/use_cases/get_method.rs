//! Read a payment method.

use std::sync::Arc;

use tender_domain::kernel::{Caller, MethodId};
use tender_domain::vault::PaymentMethod;

use crate::{VaultError, VaultService};

impl VaultService {
    /// The method. A deleted one is not there any more, and a customer sees its own only.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn get_method(&self, caller: &Caller, id: MethodId) -> Result<Arc<PaymentMethod>, VaultError> {
        self.visible(caller, id).await
    }
}
