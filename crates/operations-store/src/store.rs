//! The store: commits through the batched writer, reads through a pool.

use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tender_domain::kernel::{
    Change, CommitError, Committed, KeyId, KeyRecord, KeyScope, Page, PageRequest, StoreError, TenantId,
};
use tender_domain::operations::{
    ApiKey, ApiKeyFilter, OperationsStore, OperationsWrite, Tenant, TenantSettings,
};
use tender_domain::ports::{ApiKeyLookup, UnitOfWork};
use tender_postgres::{PgWriter, PoolOptions, WriterError, WriterOptions, idempotency_key, open_pool};

use crate::{OperationsSchema, SCHEMA, reads};

/// Operations in PostgreSQL. Cheap to clone.
#[derive(Clone)]
pub struct PgOperationsStore {
    writer: PgWriter<OperationsSchema>,
    pool: PgPool,
}

impl PgOperationsStore {
    /// The store over a writer and a pool that are open.
    #[must_use]
    pub const fn new(writer: PgWriter<OperationsSchema>, pool: PgPool) -> Self {
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
        let writer = PgWriter::open(OperationsSchema, connect, writer).await?;
        Ok(Self::new(writer, pool))
    }
}

#[async_trait]
impl UnitOfWork for PgOperationsStore {
    type Write = OperationsWrite;

    async fn commit(&self, change: Change<OperationsWrite>) -> Result<Committed, CommitError> {
        self.writer.commit(change).await
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        idempotency_key(&self.pool, SCHEMA, tenant, scope).await
    }
}

#[async_trait]
impl OperationsStore for PgOperationsStore {
    async fn tenant(&self, tenant: &TenantId) -> Result<Option<Tenant>, StoreError> {
        reads::tenant(&self.pool, tenant).await
    }

    async fn tenants(&self, after: Option<&TenantId>) -> Result<Vec<Tenant>, StoreError> {
        reads::tenants(&self.pool, after).await
    }

    async fn tenants_without_settings(&self, limit: u32) -> Result<Vec<TenantId>, StoreError> {
        reads::tenants_without_settings(&self.pool, limit).await
    }

    async fn api_key(&self, tenant: &TenantId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        reads::api_key(&self.pool, tenant, id).await
    }

    async fn api_key_by_lookup(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKey>, StoreError> {
        reads::api_key_by_lookup(&self.pool, lookup).await
    }

    async fn api_keys(
        &self,
        tenant: &TenantId,
        filter: &ApiKeyFilter,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, StoreError> {
        reads::api_keys(&self.pool, tenant, filter, page).await
    }

    async fn settings(&self, tenant: &TenantId) -> Result<Option<TenantSettings>, StoreError> {
        reads::settings(&self.pool, tenant).await
    }
}
