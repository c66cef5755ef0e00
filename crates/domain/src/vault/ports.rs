//! The vault's store port.

use std::sync::Arc;

use async_trait::async_trait;

use crate::kernel::{MethodId, Page, PageRequest, Save, StoreError, TenantId, Timestamp};
use crate::ports::UnitOfWork;

use super::PaymentMethod;

/// What the vault can save.
#[derive(Debug, Clone)]
pub enum VaultWrite {
    /// A payment method.
    Method(Save<PaymentMethod>),
}

impl From<Save<PaymentMethod>> for VaultWrite {
    fn from(save: Save<PaymentMethod>) -> Self {
        Self::Method(save)
    }
}

/// Between which instants something was made. Unset bounds are open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CreatedRange {
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// Which methods a list shows; an unset field does not filter. Deleted methods are never listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodFilter {
    /// Of this customer.
    pub customer_id: Option<String>,
    /// Made in this range.
    pub created: CreatedRange,
    /// With all of these metadata entries.
    pub metadata: Vec<(String, String)>,
}

/// Keeps payment methods.
#[async_trait]
pub trait MethodStore: UnitOfWork<Write = VaultWrite> {
    /// The method, also a deleted one; none when the tenant has no such method.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn method(&self, tenant: &TenantId, id: MethodId)
    -> Result<Option<Arc<PaymentMethod>>, StoreError>;

    /// The active methods that pass the filter, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn methods(
        &self,
        tenant: &TenantId,
        filter: &MethodFilter,
        page: &PageRequest,
    ) -> Result<Page<Arc<PaymentMethod>>, StoreError>;

    /// The customer's default method, if it has one.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn default_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError>;

    /// The customer's newest active method other than `except`: what the default is passed on to.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn newest_other_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
        except: MethodId,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError>;
}
