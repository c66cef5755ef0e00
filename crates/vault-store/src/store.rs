//! The store: commits through the batched writer, reads through a pool.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tender_domain::kernel::{
    Change, CommitError, Committed, KeyRecord, KeyScope, MethodId, Page, PageRequest, StoreError, TenantId,
};
use tender_domain::ports::UnitOfWork;
use tender_domain::vault::{MethodFilter, MethodStore, PaymentMethod, VaultWrite};
use tender_postgres::{PgWriter, PoolOptions, WriterError, WriterOptions, idempotency_key, open_pool};

use crate::{SCHEMA, VaultSchema, reads};

/// Payment methods in PostgreSQL. Cheap to clone.
#[derive(Clone)]
pub struct PgMethodStore {
    writer: PgWriter<VaultSchema>,
    pool: PgPool,
}

impl PgMethodStore {
    /// The store over a writer and a pool that are open.
    #[must_use]
    pub const fn new(writer: PgWriter<VaultSchema>, pool: PgPool) -> Self {
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
        let writer = PgWriter::open(VaultSchema, connect, writer).await?;
        Ok(Self::new(writer, pool))
    }
}

#[async_trait]
impl UnitOfWork for PgMethodStore {
    type Write = VaultWrite;

    async fn commit(&self, change: Change<VaultWrite>) -> Result<Committed, CommitError> {
        self.writer.commit(change).await
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        idempotency_key(&self.pool, SCHEMA, tenant, scope).await
    }
}

#[async_trait]
impl MethodStore for PgMethodStore {
    async fn method(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        reads::method(&self.pool, tenant, id).await
    }

    async fn methods(
        &self,
        tenant: &TenantId,
        filter: &MethodFilter,
        page: &PageRequest,
    ) -> Result<Page<Arc<PaymentMethod>>, StoreError> {
        reads::methods(&self.pool, tenant, filter, page).await
    }

    async fn default_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        reads::default_method(&self.pool, tenant, customer_id).await
    }

    async fn newest_other_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
        except: MethodId,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        reads::newest_other_method(&self.pool, tenant, customer_id, except).await
    }
}
