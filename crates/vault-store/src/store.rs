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
use tender_postgres::{
    BatchedLookup, PgWriter, PoolOptions, WriterError, WriterOptions, idempotency_key, open_pool,
};

use crate::{SCHEMA, VaultSchema, reads};

/// Session settings of the pool that reads. Methods are found by their indexes, however little is known of the table;
/// and a lookup of many keys is planned once, not for each number of keys.
pub const READ_SESSION: [(&str, &str); 2] =
    [("enable_seqscan", "off"), ("plan_cache_mode", "force_generic_plan")];

/// Payment methods in PostgreSQL. Cheap to clone.
#[derive(Clone)]
pub struct PgMethodStore {
    writer: PgWriter<VaultSchema>,
    pool: PgPool,
    /// Every payment reads its method: what many ask for at once is read by one statement.
    by_id: BatchedLookup<reads::Key, Arc<PaymentMethod>>,
}

impl PgMethodStore {
    /// The store over a writer and a pool that are open. To be called on a runtime: what gathers reads is spawned.
    #[must_use]
    pub fn new(writer: PgWriter<VaultSchema>, pool: PgPool) -> Self {
        let read = pool.clone();
        let by_id = BatchedLookup::new(move |keys| reads::methods_of(read.clone(), keys));
        Self { writer, pool, by_id }
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
        self.by_id.find((tenant.clone(), id)).await
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
