//! The store port of intents.

use async_trait::async_trait;

use crate::kernel::{AttemptId, IntentId, Page, PageRequest, Save, StoreError, TenantId, Timestamp};
use crate::payment_links::{LinkSending, PaymentLink};
use crate::ports::UnitOfWork;

use crate::deposits::HotelPolicies;
use crate::fraud::{FraudDecision, FraudOverride, RuleSet};

use super::{Channel, Intent, IntentStatus, StoredOrder};

/// What a change of intents can save.
#[derive(Debug, Clone)]
pub enum IntentWrite {
    /// An intent with its attempts and captures.
    Intent(Save<Intent>),
    /// An order of the built-in directory.
    Order(Save<StoredOrder>),
    /// The fraud rules of a tenant.
    FraudRules(Save<RuleSet>),
    /// A new decision of fraud.
    FraudDecision(Save<FraudDecision>),
    /// A payment link; a new one brings its entry in the locator.
    PaymentLink(Save<PaymentLink>),
    /// A message that brings a payment link to its guest.
    LinkSending(Save<LinkSending>),
    /// The deposit policies of a hotel.
    DepositPolicies(Save<HotelPolicies>),
    /// A new override of fraud's decisions.
    FraudOverride(Save<FraudOverride>),
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

macro_rules! saves {
    ($($aggregate:ty => $variant:ident),* $(,)?) => {$(
        impl From<Save<$aggregate>> for IntentWrite {
            fn from(save: Save<$aggregate>) -> Self {
                Self::$variant(save)
            }
        }
    )*};
}

saves!(HotelPolicies => DepositPolicies, PaymentLink => PaymentLink, LinkSending => LinkSending, RuleSet => FraudRules, FraudDecision => FraudDecision, FraudOverride => FraudOverride);

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

    /// The order of the built-in directory.
    async fn order(&self, tenant: &TenantId, reference: &str) -> Result<Option<StoredOrder>, StoreError>;
}
