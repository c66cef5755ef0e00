//! Payment methods in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{CommitError, Direction, MethodId, Page, PageRequest, StoreError, TenantId};
use tender_domain::vault::{MethodFilter, MethodStatus, MethodStore, PaymentMethod, VaultWrite};

use crate::{Aggregates, Memory};

/// The payment methods of every tenant, by id.
#[derive(Debug, Default)]
pub struct Methods(BTreeMap<(TenantId, MethodId), Arc<PaymentMethod>>);

/// A vault's store in memory.
pub type MemoryMethodStore = Memory<Methods>;

impl Aggregates for Methods {
    type Write = VaultWrite;

    fn check(&self, VaultWrite::Method(save): &VaultWrite) -> Result<(), CommitError> {
        let stored = self.0.get(&(save.after.tenant.clone(), save.after.id));
        match (&save.before, stored) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(CommitError::Refused { constraint: "payment_methods_pkey".to_owned() }),
            (Some(before), Some(stored)) if before.version == stored.version => Ok(()),
            (Some(_), _) => Err(CommitError::Conflict),
        }
    }

    fn apply(&mut self, VaultWrite::Method(save): VaultWrite) {
        self.0.insert((save.after.tenant.clone(), save.after.id), save.after);
    }
}

impl Methods {
    /// The tenant's active methods, oldest first.
    fn active<'a>(&'a self, tenant: &'a TenantId) -> impl DoubleEndedIterator<Item = &'a Arc<PaymentMethod>> {
        self.0
            .values()
            .filter(move |method| method.tenant == *tenant && method.status() == MethodStatus::Active)
    }
}

fn passes(filter: &MethodFilter, method: &PaymentMethod) -> bool {
    let metadata = method.metadata.entries();
    filter.customer_id.as_ref().is_none_or(|wanted| method.customer_id.as_ref() == Some(wanted))
        && filter.created.from.is_none_or(|from| method.created_at >= from)
        && filter.created.until.is_none_or(|until| method.created_at < until)
        && filter.metadata.iter().all(|(key, value)| metadata.get(key) == Some(value))
}

#[async_trait]
impl MethodStore for MemoryMethodStore {
    async fn method(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        Ok(self.read(|methods| methods.0.get(&(tenant.clone(), id)).cloned()))
    }

    async fn methods(
        &self,
        tenant: &TenantId,
        filter: &MethodFilter,
        page: &PageRequest,
    ) -> Result<Page<Arc<PaymentMethod>>, StoreError> {
        let cursor = page.cursor.map(|cursor| MethodId::from_uuid(cursor.0));
        let fetch = page.limit() + 1;
        let rows = self.read(|methods| {
            let found = methods.active(tenant).filter(|method| passes(filter, method));
            let rows: Vec<_> = match page.direction {
                Direction::Older => found
                    .rev()
                    .filter(|row| cursor.is_none_or(|at| row.id < at))
                    .take(fetch)
                    .cloned()
                    .collect(),
                Direction::Newer => {
                    found.filter(|row| cursor.is_none_or(|at| row.id > at)).take(fetch).cloned().collect()
                }
            };
            rows
        });
        Ok(Page::from_fetched(page, rows))
    }

    async fn default_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        let is_default = |method: &&Arc<PaymentMethod>| {
            method.is_default() && method.customer_id.as_deref() == Some(customer_id)
        };
        Ok(self.read(|methods| methods.active(tenant).find(is_default).cloned()))
    }

    async fn newest_other_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
        except: MethodId,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        let is_other = |method: &&Arc<PaymentMethod>| {
            method.id != except && method.customer_id.as_deref() == Some(customer_id)
        };
        Ok(self.read(|methods| methods.active(tenant).rev().find(is_other).cloned()))
    }
}
