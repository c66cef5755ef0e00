//! The store port of intents.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::kernel::{AttemptId, IntentId, JobId, Page, PageRequest, Save, StoreError, TenantId, Timestamp};
use crate::payment_links::{LinkSending, PaymentLink};
use crate::ports::UnitOfWork;

use crate::connectors::{Connector, RoutingRules};
use crate::deposits::HotelPolicies;
use crate::fraud::{FraudDecision, FraudOverride, RuleSet};
use crate::hotels::HotelWrite;
use crate::notices::RefundNotice;

use super::{
    Channel, DisputeOfIntent, GatewayCallback, Intent, IntentStatus, Job, JobItem, JobWithItems, OpenCounts,
    RecentAttempts, RefundOfIntent, StoredOrder, StorefrontPayment, TenantRules, TransactionFilter,
    TransactionPage,
};

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
    /// A message of a refund that was done.
    RefundNotice(Save<RefundNotice>),
    /// The deposit policies of a hotel.
    DepositPolicies(Save<HotelPolicies>),
    /// A new override of fraud's decisions.
    FraudOverride(Save<FraudOverride>),
    /// What a storefront wants kept of a new payment.
    Storefront(StorefrontPayment),
    /// What hotels want kept, and where payment pages are found.
    Hotel(HotelWrite),
    /// A callback that a person has handled again.
    Callback(Save<GatewayCallback>),
    /// What refunds told of a refund; an older version than the stored one changes nothing.
    Refund(RefundOfIntent),
    /// What refunds told of a dispute; an older version than the stored one changes nothing.
    Dispute(DisputeOfIntent),
    /// A new job with its items.
    Job(Arc<JobWithItems>),
    /// An item of a job that ended.
    JobItem(Save<JobItem>),
    /// What a tenant's settings ask; written unless what is stored is of the same version or a later one.
    Rules(TenantRules),
    /// A tenant's own connector.
    Connector(Save<Connector>),
    /// The routing rules of a tenant.
    RoutingRules(Save<RoutingRules>),
}

impl From<TenantRules> for IntentWrite {
    fn from(rules: TenantRules) -> Self {
        Self::Rules(rules)
    }
}

impl From<Arc<JobWithItems>> for IntentWrite {
    fn from(job: Arc<JobWithItems>) -> Self {
        Self::Job(job)
    }
}

impl From<Save<JobItem>> for IntentWrite {
    fn from(save: Save<JobItem>) -> Self {
        Self::JobItem(save)
    }
}

impl From<StorefrontPayment> for IntentWrite {
    fn from(payment: StorefrontPayment) -> Self {
        Self::Storefront(payment)
    }
}

impl From<HotelWrite> for IntentWrite {
    fn from(write: HotelWrite) -> Self {
        Self::Hotel(write)
    }
}

impl From<RefundOfIntent> for IntentWrite {
    fn from(refund: RefundOfIntent) -> Self {
        Self::Refund(refund)
    }
}

impl From<DisputeOfIntent> for IntentWrite {
    fn from(dispute: DisputeOfIntent) -> Self {
        Self::Dispute(dispute)
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

macro_rules! saves {
    ($($aggregate:ty => $variant:ident),* $(,)?) => {$(
        impl From<Save<$aggregate>> for IntentWrite {
            fn from(save: Save<$aggregate>) -> Self {
                Self::$variant(save)
            }
        }
    )*};
}

saves!(Connector => Connector, RoutingRules => RoutingRules, GatewayCallback => Callback, HotelPolicies => DepositPolicies, PaymentLink => PaymentLink, LinkSending => LinkSending, RefundNotice => RefundNotice, RuleSet => FraudRules, FraudDecision => FraudDecision, FraudOverride => FraudOverride);

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
    /// Of which disputes take something, or nothing, only.
    pub disputed: Option<bool>,
    /// Whose metadata has all these entries only.
    pub metadata: BTreeMap<String, String>,
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

    /// Intents of all tenants with something to be done since its time has come ([`Intent::timed`]), the longest overdue
    /// first.
    async fn timed(
        &self,
        now: Timestamp,
        challenged_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, IntentId)>, StoreError>;

    /// The tenant's intents with an open outcome, the longest open first, at most so many; and how many outcomes are
    /// open in all.
    async fn with_open_outcomes(
        &self,
        tenant: &TenantId,
        limit: usize,
    ) -> Result<(Vec<Intent>, OpenCounts), StoreError>;

    /// What became of the tenant's attempts from this id on (ids are time's order): of the newest `look_at_max` of
    /// them, with at most `limit` of those that failed.
    async fn recent_attempts(
        &self,
        tenant: &TenantId,
        from: AttemptId,
        look_at_max: usize,
        limit: usize,
    ) -> Result<RecentAttempts, StoreError>;

    /// When the oldest call whose outcome is open was begun, over all tenants.
    async fn oldest_open_outcome(&self) -> Result<Option<Timestamp>, StoreError>;

    /// A job with its items.
    async fn job(&self, tenant: &TenantId, id: JobId) -> Result<Option<JobWithItems>, StoreError>;

    /// Items of all tenants' jobs that are to be done, with their jobs: those of each job in their order, the jobs side
    /// by side.
    async fn pending_items(&self, limit: usize) -> Result<Vec<(Job, JobItem)>, StoreError>;

    /// The rules of all tenants that were heard of at this instant or later, the earliest first.
    async fn rules_since(&self, since: Timestamp, limit: usize) -> Result<Vec<TenantRules>, StoreError>;

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

    /// What refunds told of the disputes of these intents, oldest first.
    async fn disputes_of_intents(
        &self,
        tenant: &TenantId,
        ids: &[IntentId],
    ) -> Result<Vec<DisputeOfIntent>, StoreError>;

    /// A page of a customer's transactions with how many there are, newest first: `limit` of them after the first `skip`.
    async fn transactions(
        &self,
        tenant: &TenantId,
        filter: &TransactionFilter,
        skip: u64,
        limit: u32,
    ) -> Result<TransactionPage, StoreError>;

    /// The orders of the built-in directory that there are of these references, each named once; in any order.
    async fn orders(&self, tenant: &TenantId, references: &[String]) -> Result<Vec<StoredOrder>, StoreError>;

    /// The order of the built-in directory.
    async fn order(&self, tenant: &TenantId, reference: &str) -> Result<Option<StoredOrder>, StoreError> {
        Ok(self.orders(tenant, &[reference.to_owned()]).await?.pop())
    }
}
