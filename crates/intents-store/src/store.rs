//! The store: commits through the batched writer, reads through a pool.

use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tender_domain::intents::{
    Channel, DisputeOfIntent, Intent, IntentFilter, IntentStore, IntentWrite, Job, JobItem, JobWithItems,
    OpenCounts, RecentAttempts, RefundOfIntent, StoredOrder, StorefrontPayment, TenantRules,
    TransactionFilter, TransactionPage,
};
use tender_domain::kernel::{
    AttemptId, Change, CommitError, Committed, IntentId, JobId, KeyRecord, KeyScope, Page, PageRequest,
    StoreError, TenantId, Timestamp,
};
use tender_domain::ports::UnitOfWork;
use tender_postgres::{PgWriter, PoolOptions, WriterError, WriterOptions, idempotency_key, open_pool};
use tokio::sync::watch;

use crate::{IntentsSchema, SCHEMA, diagnostics, reads, rules, storefront_reads, transactions};

/// Session settings of the reads' pool. The reads look rows up by index whatever the planner knows of the tables: a plan that a prepared read keeps from
/// when they were empty must stay right when they are full.
pub const READ_SESSION: [(&str, &str); 1] = [("enable_seqscan", "off")];

/// The store of the intents service in PostgreSQL. Cheap to clone.
#[derive(Clone)]
pub struct PgIntentStore {
    writer: PgWriter<IntentsSchema>,
    pool: PgPool,
}

impl PgIntentStore {
    /// The store over a writer and a pool that are open.
    #[must_use]
    pub const fn new(writer: PgWriter<IntentsSchema>, pool: PgPool) -> Self {
        Self { writer, pool }
    }

    /// Connects as the service's role. The schema must have been migrated.
    ///
    /// # Errors
    /// When the database cannot be reached or the schema was not migrated.
    pub async fn open(
        connect: &PgConnectOptions,
        pool: PoolOptions,
        writer: WriterOptions,
    ) -> Result<Self, WriterError> {
        let pool =
            open_pool(&connect.clone().options(READ_SESSION), pool).await.map_err(WriterError::Connect)?;
        let writer = PgWriter::open(IntentsSchema, connect, writer).await?;
        Ok(Self::new(writer, pool))
    }

    /// Changes after messages were committed: followers of the outbox wake by it.
    #[must_use]
    pub fn told(&self) -> watch::Receiver<u64> {
        self.writer.told()
    }

    /// The pool of the reads, for what else reads this schema (the outbox, the copy of the API keys).
    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }
}

#[async_trait]
impl UnitOfWork for PgIntentStore {
    type Write = IntentWrite;

    async fn commit(&self, change: Change<IntentWrite>) -> Result<Committed, CommitError> {
        self.writer.commit(change).await
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        idempotency_key(&self.pool, SCHEMA, tenant, scope).await
    }
}

#[async_trait]
impl IntentStore for PgIntentStore {
    async fn intent(&self, tenant: &TenantId, id: IntentId) -> Result<Option<Intent>, StoreError> {
        reads::intent(&self.pool, tenant, id).await
    }

    async fn intent_of_attempt(
        &self,
        tenant: &TenantId,
        id: AttemptId,
    ) -> Result<Option<Intent>, StoreError> {
        reads::intent_of_attempt(&self.pool, tenant, id).await
    }

    async fn live_intent_of_order(
        &self,
        tenant: &TenantId,
        channel: Channel,
        order_ref: &str,
    ) -> Result<Option<Intent>, StoreError> {
        reads::live_intent_of_order(&self.pool, tenant, channel, order_ref).await
    }

    async fn intents(
        &self,
        tenant: &TenantId,
        filter: &IntentFilter,
        page: &PageRequest,
    ) -> Result<Page<Intent>, StoreError> {
        reads::intents(&self.pool, tenant, filter, page).await
    }

    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<(TenantId, IntentId)>, StoreError> {
        reads::due(&self.pool, now, limit).await
    }

    async fn timed(
        &self,
        now: Timestamp,
        challenged_before: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, IntentId)>, StoreError> {
        reads::timed(&self.pool, now, challenged_before, limit).await
    }

    async fn with_open_outcomes(
        &self,
        tenant: &TenantId,
        limit: usize,
    ) -> Result<(Vec<Intent>, OpenCounts), StoreError> {
        diagnostics::with_open_outcomes(&self.pool, tenant, limit).await
    }

    async fn recent_attempts(
        &self,
        tenant: &TenantId,
        from: AttemptId,
        look_at_max: usize,
        limit: usize,
    ) -> Result<RecentAttempts, StoreError> {
        diagnostics::recent_attempts(&self.pool, tenant, from, (look_at_max, limit)).await
    }

    async fn oldest_open_outcome(&self) -> Result<Option<Timestamp>, StoreError> {
        diagnostics::oldest_open_outcome(&self.pool).await
    }

    async fn job(&self, tenant: &TenantId, id: JobId) -> Result<Option<JobWithItems>, StoreError> {
        tender_postgres::job(&self.pool, SCHEMA, tenant, id).await
    }

    async fn pending_items(&self, limit: usize) -> Result<Vec<(Job, JobItem)>, StoreError> {
        tender_postgres::pending_job_items(&self.pool, SCHEMA, limit).await
    }

    async fn rules_since(&self, since: Timestamp, limit: usize) -> Result<Vec<TenantRules>, StoreError> {
        rules::rules_since(&self.pool, since, limit).await
    }

    async fn storefront_payments(
        &self,
        tenant: &TenantId,
        ids: &[IntentId],
    ) -> Result<Vec<StorefrontPayment>, StoreError> {
        storefront_reads::payments(&self.pool, tenant, ids).await
    }

    async fn refunds_of_intents(
        &self,
        tenant: &TenantId,
        ids: &[IntentId],
    ) -> Result<Vec<RefundOfIntent>, StoreError> {
        storefront_reads::refunds(&self.pool, tenant, ids).await
    }

    async fn disputes_of_intents(
        &self,
        tenant: &TenantId,
        ids: &[IntentId],
    ) -> Result<Vec<DisputeOfIntent>, StoreError> {
        storefront_reads::disputes(&self.pool, tenant, ids).await
    }

    async fn transactions(
        &self,
        tenant: &TenantId,
        filter: &TransactionFilter,
        skip: u64,
        limit: u32,
    ) -> Result<TransactionPage, StoreError> {
        transactions::transactions(&self.pool, tenant, filter, (skip, limit)).await
    }

    async fn orders(&self, tenant: &TenantId, references: &[String]) -> Result<Vec<StoredOrder>, StoreError> {
        reads::orders(&self.pool, tenant, references).await
    }
}
