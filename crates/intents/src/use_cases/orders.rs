//! The built-in orders directory: filled by clients, asked by the dialects through the same port as an ordering
//! service.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::intents::{IntentStore, SaveOrder, StoredOrder};
use tender_domain::kernel::{Caller, Change, CommitError, Save, TenantId};
use tender_domain::ports::{Clock, Order, OrderDirectory, OrderDirectoryError, OrderStatus};

use super::IntentsError;
use crate::IntentsService;

const DECISIONS_MAX: u32 = 5;

/// The built-in directory as the port that dialects ask, and that is written back to.
pub struct BuiltInOrders {
    /// Where its orders are.
    pub store: Arc<dyn IntentStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl OrderDirectory for BuiltInOrders {
    async fn find(&self, tenant: &TenantId, reference: &str) -> Result<Option<Order>, OrderDirectoryError> {
        let order = self
            .store
            .order(tenant, reference)
            .await
            .map_err(|error| OrderDirectoryError(error.to_string()))?;
        Ok(order.map(|stored| stored.order))
    }

    async fn write_back(
        &self,
        tenant: &TenantId,
        reference: &str,
        status: OrderStatus,
    ) -> Result<(), OrderDirectoryError> {
        let away = |error: String| OrderDirectoryError(error);
        for _ in 0..DECISIONS_MAX {
            let stored =
                self.store.order(tenant, reference).await.map_err(|error| away(error.to_string()))?;
            let open = |stored: &StoredOrder| {
                stored.order.status != status && stored.order.status != OrderStatus::Canceled
            };
            let Some(before) = stored.filter(open) else { return Ok(()) };
            let after = before.replace(Order { status, ..before.order.clone() }, self.clock.now());
            let change = Change::of(tenant.clone()).save(Save::<StoredOrder>::changed(before, after));
            match self.store.commit(change.in_background()).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(away(error.to_string())),
            }
        }
        Err(away("others change the order all the time".to_owned()))
    }
}

/// An ordering service in the place of the built-in directory: it alone is asked for orders. What was put into the built-in
/// directory all the same (the order of a stay) is written back to as well, so that who reads it there sees it paid.
pub struct OutsideOrders {
    /// The ordering service.
    pub service: Arc<dyn OrderDirectory>,
    /// The built-in directory.
    pub built_in: Arc<dyn OrderDirectory>,
}

#[async_trait]
impl OrderDirectory for OutsideOrders {
    async fn find(&self, tenant: &TenantId, reference: &str) -> Result<Option<Order>, OrderDirectoryError> {
        self.service.find(tenant, reference).await
    }

    async fn write_back(
        &self,
        tenant: &TenantId,
        reference: &str,
        status: OrderStatus,
    ) -> Result<(), OrderDirectoryError> {
        // Ours first: while the service is away it need not wait, and twice is harmless.
        self.built_in.write_back(tenant, reference, status).await?;
        self.service.write_back(tenant, reference, status).await
    }
}

/// An order as it was put, and whether it is new.
pub(crate) type PutOrder = (StoredOrder, bool);

impl IntentsService {
    /// Puts an order under its reference. Says whether it is new. That it is given up is told once, by the same commit,
    /// with what was paid for it.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn put_order(
        &self,
        tenant: &TenantId,
        order: Order,
    ) -> Result<(StoredOrder, bool), IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let before = self.store.order(tenant, &order.reference).await?;
            let now = self.clock.now();
            let after = match &before {
                Some(before) => before.replace(order.clone(), now),
                None => StoredOrder::create(SaveOrder { tenant: tenant.clone(), order: order.clone() }, now),
            };
            let told = self.told_of_given_up(before.as_ref(), &after).await?;
            let is_new = before.is_none();
            let save = match before {
                Some(before) => Save::<StoredOrder>::changed(before, after.clone()),
                None => Save::<StoredOrder>::new(after.clone()),
            };
            match self.store.commit(Change::of(tenant.clone()).save(save).tell(told)).await {
                Ok(_) => return Ok((after, is_new)),
                // Two clients put the same new order at once: the other's is there now.
                Err(CommitError::Conflict | CommitError::Refused { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The order of the built-in directory.
    pub(crate) async fn get_order(
        &self,
        caller: &Caller,
        reference: &str,
    ) -> Result<StoredOrder, IntentsError> {
        let order = self.store.order(&caller.tenant, reference).await?;
        order.filter(|stored| is_visible(caller, stored)).ok_or(IntentsError::NoSuchOrder)
    }
}

/// Whether it is one that the caller may see: a customer sees their own.
pub(super) fn is_visible(caller: &Caller, stored: &StoredOrder) -> bool {
    caller.only_customer().is_none_or(|customer| stored.order.customer_id == customer)
}
