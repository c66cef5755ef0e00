//! The store port of intents.

use async_trait::async_trait;

use crate::kernel::{AttemptId, IntentId, Page, PageRequest, Save, StoreError, TenantId, Timestamp};
use crate::ports::UnitOfWork;

use super::{Channel, Intent, IntentStatus, RefundOfIntent, StoredOrder, StorefrontPayment};

/// What a change of intents can save.
#[derive(Debug, Clone)]
pub enum IntentWrite {
    /// An intent with its attempts and captures.
    Intent(Save<Intent>),
    /// An order of the built-in directory.
    Order(Save<StoredOrder>),
    /// What a storefront wants kept of a new payment.
    Storefront(StorefrontPayment),
    /// What refunds told of a refund; an older version than the stored one changes nothing.
    Refund(RefundOfIntent),
}

impl From<StorefrontPayment> for IntentWrite {
    fn from(payment: StorefrontPayment) -> Self {
        Self::Storefront(payment)
    }
}

impl From<RefundOfIntent> for IntentWrite {
    fn from(refund: RefundOfIntent) -> Self {
        Self::Refund(refund)
    }
}

impl From<Save<Intent>> for IntentWrite {
    fn from(save: Save<Intent>) -> Self {
        Self::Intent(save)
    }
}

impl From<Save<StoredOrder>> for IntentWrite {
    fn from(save: Save<StoredOrder>) -> Self {
        Self::Order(save)
    }
}

/// How much of what was taken was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundedPart {
    /// Nothing.
    Nothing,
    /// Some of it, and some was kept.
    Part,
    /// All of it.
    All,
}

/// Which intents a list shows.
#[derive(Debug, Clone, Default)]
pub struct IntentFilter {
    /// Of this customer only.
    pub customer_id: Option<String>,
    /// In this status only.
    pub status: Option<IntentStatus>,
    /// For this order only.
    pub order_ref: Option<String>,
    /// Created at or after.
    pub created_from: Option<Timestamp>,
    /// Created before.
    pub created_to: Option<Timestamp>,
    /// That came through this door only.
    pub channel: Option<Channel>,
    /// In one of these statuses only; in any when there are none.
    pub statuses: Vec<IntentStatus>,
    /// Of which so much was given back only.
    pub refunded: Option<RefundedPart>,
}

/// Where intents are kept.
#[async_trait]
pub trait IntentStore: UnitOfWork<Write = IntentWrite> {
    /// The intent, whole.
    async fn intent(&self, tenant: &TenantId, id: IntentId) -> Result<Option<Intent>, StoreError>;

    /// The intent of an attempt (and so of its authorization and its charge).
    async fn intent_of_attempt(&self, tenant: &TenantId, id: AttemptId)
    -> Result<Option<Intent>, StoreError>;

    /// The newest intent of a channel for an order that is neither canceled nor failed nor waits for another method:
    /// the one live or succeeded payment.
    async fn live_intent_of_order(
        &self,
        tenant: &TenantId,
        channel: Channel,
        order_ref: &str,
    ) -> Result<Option<Intent>, StoreError>;

    /// A page of intents, newest first.
    async fn intents(
        &self,
        tenant: &TenantId,
        filter: &IntentFilter,
        page: &PageRequest,
    ) -> Result<Page<Intent>, StoreError>;

    /// Intents of all tenants with an outcome that is to be looked up by now, the longest waiting first.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(TenantId, IntentId)>, StoreError>;

    /// What storefronts wanted kept of these intents, as far as they did.
    async fn storefront_payments(
        &self,
        tenant: &TenantId,
        ids: &[IntentId],
    ) -> Result<Vec<StorefrontPayment>, StoreError>;

    /// What refunds told of the refunds of these intents, oldest first.
    async fn refunds_of_intents(
        &self,
        tenant: &TenantId,
        ids: &[IntentId],
    ) -> Result<Vec<RefundOfIntent>, StoreError>;

    /// The order of the built-in directory.
    async fn order(&self, tenant: &TenantId, reference: &str) -> Result<Option<StoredOrder>, StoreError>;
}
