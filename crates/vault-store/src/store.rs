//! The store: commits through the batched writer, reads through a pool.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tender_domain::kernel::{
    Change, CommitError, Committed, ConnectorId, DataKeyId, JobId, KeyRecord, KeyScope, MethodId, Page,
    PageRequest, SecretReadId, StoreError, TenantId, Timestamp,
};
use tender_domain::ports::UnitOfWork;
use tender_domain::vault::{
    AccessFilter, AccessLog, AttestationStore, CardNumberScan, ConnectorSecret, DataKey, KeyPurpose,
    KeyRotation, KeyStore, MethodFilter, MethodFingerprint, MethodStore, PaymentMethod, ReadCount,
    ScannedRow, SecretRead, VaultWrite,
};
use tender_postgres::{
    BatchedLookup, OwnConnection, PgWriter, PoolOptions, WriterError, WriterOptions, idempotency_key,
    open_pool,
};

use crate::{SCHEMA, VaultSchema, access, attestation, connector_secrets, due, keys, reads};

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
        let own = OwnConnection::like(&pool);
        let by_id = BatchedLookup::new(move |keys: Vec<reads::Key>| {
            let (own, keys) = (own.clone(), Arc::<[_]>::from(keys));
            async move { own.read(|by| Box::pin(reads::methods_of(by, Arc::clone(&keys)))).await }
        });
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
        month: i32,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        reads::newest_other_method(&self.pool, (tenant, customer_id), except, month).await
    }

    async fn method_of_instrument(
        &self,
        tenant: &TenantId,
        customer_id: &str,
        fingerprint: MethodFingerprint,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        reads::method_of_instrument(&self.pool, tenant, customer_id, fingerprint).await
    }

    async fn due_verifications(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
        due::verifications(&self.pool, now, limit).await
    }

    async fn expiries_to_tell(
        &self,
        month: i32,
        limit: usize,
    ) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
        due::expiries(&self.pool, month, limit).await
    }
}

#[async_trait]
impl KeyStore for PgMethodStore {
    async fn data_key(&self, tenant: &TenantId, id: DataKeyId) -> Result<Option<DataKey>, StoreError> {
        keys::data_key(&self.pool, tenant, id).await
    }

    async fn usable_keys(&self, tenant: &TenantId, purpose: KeyPurpose) -> Result<Vec<DataKey>, StoreError> {
        keys::usable_keys(&self.pool, tenant, purpose).await
    }

    async fn data_keys(&self, tenant: &TenantId, page: &PageRequest) -> Result<Page<DataKey>, StoreError> {
        keys::data_keys(&self.pool, tenant, page).await
    }

    async fn keys_not_wrapped_by(&self, by: &str, limit: usize) -> Result<Vec<DataKey>, StoreError> {
        keys::keys_not_wrapped_by(&self.pool, by, limit).await
    }

    async fn count_sealed_otherwise(
        &self,
        tenant: &TenantId,
        purpose: KeyPurpose,
        key: DataKeyId,
    ) -> Result<u64, StoreError> {
        keys::count_sealed_otherwise(&self.pool, tenant, (purpose, key)).await
    }

    async fn sealed_otherwise(
        &self,
        tenant: &TenantId,
        key: DataKeyId,
        except: &[MethodId],
        limit: usize,
    ) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
        keys::sealed_otherwise(&self.pool, (tenant, key), except, limit).await
    }

    async fn connector_secret(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
    ) -> Result<Option<ConnectorSecret>, StoreError> {
        connector_secrets::find(&self.pool, tenant, connector).await
    }

    async fn secrets_sealed_otherwise(
        &self,
        tenant: &TenantId,
        key: DataKeyId,
        except: &[ConnectorId],
        limit: usize,
    ) -> Result<Vec<ConnectorSecret>, StoreError> {
        connector_secrets::sealed_otherwise(&self.pool, (tenant, key), except, limit).await
    }

    async fn rotation(&self, tenant: &TenantId, id: JobId) -> Result<Option<KeyRotation>, StoreError> {
        keys::rotation(&self.pool, tenant, id).await
    }

    async fn running_rotations(&self, limit: usize) -> Result<Vec<KeyRotation>, StoreError> {
        keys::running_rotations(&self.pool, limit).await
    }
}

#[async_trait]
impl AccessLog for PgMethodStore {
    async fn append(&self, reads: &[SecretRead]) -> Result<(), StoreError> {
        access::append(&self.pool, reads).await
    }

    async fn forget(&self, read_before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        access::forget(&self.pool, read_before, limit).await
    }

    async fn reads(
        &self,
        tenant: &TenantId,
        filter: &AccessFilter,
        page: &PageRequest,
    ) -> Result<Page<SecretRead>, StoreError> {
        access::reads(&self.pool, tenant, filter, page).await
    }
}

#[async_trait]
impl AttestationStore for PgMethodStore {
    async fn scanned_tables(&self) -> Result<Vec<String>, StoreError> {
        attestation::scanned_tables(&self.pool).await
    }

    async fn scanned_page(&self, table: &str, page: u32) -> Result<Option<Vec<ScannedRow>>, StoreError> {
        attestation::scanned_page(&self.pool, table, page).await
    }

    async fn keep_scans(&self, scans: &[CardNumberScan]) -> Result<(), StoreError> {
        attestation::keep_scans(&self.pool, scans).await
    }

    async fn last_scan(&self, tenant: &TenantId) -> Result<Option<CardNumberScan>, StoreError> {
        attestation::last_scan(&self.pool, tenant).await
    }

    async fn last_scanned(&self) -> Result<Option<Timestamp>, StoreError> {
        attestation::last_scanned(&self.pool).await
    }

    async fn read_counts(&self, tenant: &TenantId, since: Timestamp) -> Result<Vec<ReadCount>, StoreError> {
        attestation::read_counts(&self.pool, tenant, since).await
    }

    async fn lines_there(&self, tenant: &TenantId, lines: &[SecretReadId]) -> Result<u64, StoreError> {
        attestation::lines_there(&self.pool, tenant, lines).await
    }

    async fn last_rotation(&self, tenant: &TenantId) -> Result<Option<Timestamp>, StoreError> {
        attestation::last_rotation(&self.pool, tenant).await
    }

    async fn can_change_the_log(&self) -> Result<bool, StoreError> {
        attestation::can_change_the_log(&self.pool).await
    }
}
