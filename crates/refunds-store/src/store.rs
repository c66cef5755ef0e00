//! The store: commits through the batched writer, reads through a pool.

use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use tender_domain::disputes::{
    ChargebackIntake, Dispute, DisputeEntry, DisputeFilter, DisputeReply, DisputeStore, ExpiredEvidence,
};
use tender_domain::jobs::Job;
use tender_domain::kernel::{
    Change, CommitError, Committed, DisputeId, IntakeId, JobId, KeyRecord, KeyScope, Page, PageRequest,
    RefundId, StoreError, TenantId, Timestamp,
};
use tender_domain::ports::UnitOfWork;
use tender_domain::refunds::{
    ChargeRef, DueRefund, Refund, RefundFilter, RefundJobItem, RefundJobWithItems, RefundStore, RefundWrite,
    RefundableCharge, WaitingRefunds,
};
use tender_postgres::{PgWriter, PoolOptions, WriterError, WriterOptions, idempotency_key, open_pool};

use crate::{RefundsSchema, SCHEMA, dispute_reads, reads, reply_reads, uploads};

/// The store of the refunds service in PostgreSQL. Cheap to clone.
#[derive(Clone)]
pub struct PgRefundStore {
    writer: PgWriter<RefundsSchema>,
    pool: PgPool,
}

impl PgRefundStore {
    /// The store over a writer and a pool that are open.
    #[must_use]
    pub const fn new(writer: PgWriter<RefundsSchema>, pool: PgPool) -> Self {
        Self { writer, pool }
    }

    pub(crate) const fn pool(&self) -> &PgPool {
        &self.pool
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
        let writer = PgWriter::open(RefundsSchema, connect, writer).await?;
        Ok(Self::new(writer, pool))
    }
}

#[async_trait]
impl UnitOfWork for PgRefundStore {
    type Write = RefundWrite;

    async fn commit(&self, change: Change<RefundWrite>) -> Result<Committed, CommitError> {
        self.writer.commit(change).await
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        idempotency_key(&self.pool, SCHEMA, tenant, scope).await
    }
}

#[async_trait]
impl RefundStore for PgRefundStore {
    async fn charge(
        &self,
        tenant: &TenantId,
        named: ChargeRef,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        reads::charge(&self.pool, tenant, named).await
    }

    async fn charge_of_refund(
        &self,
        tenant: &TenantId,
        id: RefundId,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        reads::charge_of_refund(&self.pool, tenant, id).await
    }

    async fn refunds(
        &self,
        tenant: &TenantId,
        filter: &RefundFilter,
        page: &PageRequest,
    ) -> Result<Page<Refund>, StoreError> {
        reads::refunds(&self.pool, tenant, filter, page).await
    }

    async fn job(&self, tenant: &TenantId, id: JobId) -> Result<Option<RefundJobWithItems>, StoreError> {
        tender_postgres::job(&self.pool, SCHEMA, tenant, id).await
    }

    async fn pending_items(&self, limit: usize) -> Result<Vec<(Job, RefundJobItem)>, StoreError> {
        tender_postgres::pending_job_items(&self.pool, SCHEMA, limit).await
    }

    async fn due_checks(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRefund>, StoreError> {
        reads::due(&self.pool, "next_check_at", now, limit).await
    }

    async fn due_retries(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRefund>, StoreError> {
        reads::due(&self.pool, "next_attempt_at", now, limit).await
    }

    async fn waiting_refunds(&self) -> Result<WaitingRefunds, StoreError> {
        reads::waiting(&self.pool).await
    }
}

#[async_trait]
impl DisputeStore for PgRefundStore {
    async fn charge_by_gateway(
        &self,
        tenant: &TenantId,
        connector: &str,
        reference: &str,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        dispute_reads::charge_by_gateway(&self.pool, tenant, connector, reference).await
    }

    async fn charge_of_dispute(
        &self,
        tenant: &TenantId,
        id: DisputeId,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        dispute_reads::charge_of_dispute(&self.pool, tenant, id).await
    }

    async fn disputes(
        &self,
        tenant: &TenantId,
        filter: &DisputeFilter,
        page: &PageRequest,
    ) -> Result<Page<Dispute>, StoreError> {
        dispute_reads::disputes(&self.pool, tenant, filter, page).await
    }

    async fn dispute_history(
        &self,
        tenant: &TenantId,
        id: DisputeId,
        limit: u32,
    ) -> Result<Vec<DisputeEntry>, StoreError> {
        dispute_reads::history(&self.pool, tenant, id, limit).await
    }

    async fn dispute_replies(
        &self,
        tenant: &TenantId,
        id: DisputeId,
        limit: u32,
    ) -> Result<Vec<DisputeReply>, StoreError> {
        reply_reads::replies(&self.pool, tenant, id, limit).await
    }

    async fn replies_due(&self, now: Timestamp, limit: u32) -> Result<Vec<DisputeReply>, StoreError> {
        reply_reads::replies_due(&self.pool, now, limit).await
    }

    async fn evidence_to_remove(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ExpiredEvidence>, StoreError> {
        uploads::expired(&self.pool, now, limit).await
    }

    async fn intake(&self, tenant: &TenantId, id: IntakeId) -> Result<Option<ChargebackIntake>, StoreError> {
        dispute_reads::intake(&self.pool, tenant, id).await
    }

    async fn intakes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<ChargebackIntake>, StoreError> {
        dispute_reads::intakes_due(&self.pool, now, limit).await
    }
}
