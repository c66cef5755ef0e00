//! The store: commits through the batched writer, reads through a pool.

use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tender_domain::kernel::{
    Change, CommitError, Committed, CreditAdjustmentId, KeyRecord, KeyScope, Page, PageRequest, StoreError,
    TenantId,
};
use tender_domain::ledger::{
    AccountBalance, AccountFilter, AccountPage, CreditAdjustment, EffectId, EntryFilter, LedgerEntry,
    LedgerReplay, LedgerStore, LedgerTransaction, LedgerWrite,
};
use tender_domain::ports::UnitOfWork;
use tender_postgres::{PgWriter, PoolOptions, WriterError, WriterOptions, idempotency_key, open_pool};

use crate::{SCHEMA, SettlementSchema, reads};

/// The ledger in PostgreSQL. Cheap to clone.
#[derive(Clone)]
pub struct PgLedgerStore {
    writer: PgWriter<SettlementSchema>,
    pool: PgPool,
}

impl PgLedgerStore {
    /// The store over a writer and a pool that are open.
    #[must_use]
    pub const fn new(writer: PgWriter<SettlementSchema>, pool: PgPool) -> Self {
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
        let pool = open_pool(connect, pool).await.map_err(WriterError::Connect)?;
        let writer = PgWriter::open(SettlementSchema, connect, writer).await?;
        Ok(Self::new(writer, pool))
    }
}

#[async_trait]
impl UnitOfWork for PgLedgerStore {
    type Write = LedgerWrite;

    async fn commit(&self, change: Change<LedgerWrite>) -> Result<Committed, CommitError> {
        self.writer.commit(change).await
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        idempotency_key(&self.pool, SCHEMA, tenant, scope).await
    }
}

#[async_trait]
impl LedgerStore for PgLedgerStore {
    async fn transaction(
        &self,
        tenant: &TenantId,
        effect: &EffectId,
    ) -> Result<Option<LedgerTransaction>, StoreError> {
        reads::transaction(&self.pool, tenant, effect).await
    }

    async fn accounts(
        &self,
        tenant: &TenantId,
        filter: &AccountFilter,
        page: &AccountPage,
    ) -> Result<Page<AccountBalance>, StoreError> {
        reads::accounts(&self.pool, tenant, filter, page).await
    }

    async fn entries(
        &self,
        tenant: &TenantId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<LedgerEntry>, StoreError> {
        reads::entries(&self.pool, tenant, filter, page).await
    }

    async fn credit_adjustments(
        &self,
        tenant: &TenantId,
        ids: &[CreditAdjustmentId],
    ) -> Result<Vec<CreditAdjustment>, StoreError> {
        reads::credit_adjustments(&self.pool, tenant, ids).await
    }

    async fn replay(&self, tenant: &TenantId) -> Result<LedgerReplay, StoreError> {
        reads::replay(&self.pool, tenant).await
    }
}
