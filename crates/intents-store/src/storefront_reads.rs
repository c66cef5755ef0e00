//! Reads of what storefronts and refunds told.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::dispute_cases::{CaseSource, CaseStatus};
use tender_domain::intents::{DisputeOfIntent, RefundOfIntent, StorefrontPayment};
use tender_domain::kernel::{AttemptId, DisputeId, IntentId, Money, RefundId, StoreError, TenantId, Version};
use tender_domain::refunds::RefundStatus;
use tender_postgres::read_error;
use uuid::Uuid;

use crate::rows::{Place, from_row};

/// Intent, client's key, address, user agent.
type KeptRow = (Uuid, Option<String>, Option<String>, Option<String>);

pub(crate) async fn payments(
    pool: &PgPool,
    tenant: &TenantId,
    ids: &[IntentId],
) -> Result<Vec<StorefrontPayment>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<KeptRow> = sqlx::query_as(
        "SELECT intent_id, client_key, ip_address, user_agent FROM intents.storefront_payments \
         WHERE tenant_id = $1 AND intent_id = ANY($2)",
    )
    .bind(tenant.as_str())
    .bind(ids)
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    let payment = |(intent, client_key, ip_address, user_agent)| StorefrontPayment {
        tenant: tenant.clone(),
        intent_id: IntentId::from_uuid(intent),
        client_key,
        ip_address,
        user_agent,
    };
    Ok(rows.into_iter().map(payment).collect())
}

const REFUNDS: &str = "\
    SELECT refund_id, version, intent_id, attempt_id, amount_minor, currency, reason, gateway_reference, \
    status, failed_after_success, COALESCE(created_at, processed_at) AS created_at, processed_at \
    FROM intents.refunds_seen WHERE tenant_id = $1 AND";

pub(crate) async fn refunds(
    pool: &PgPool,
    tenant: &TenantId,
    ids: &[IntentId],
) -> Result<Vec<RefundOfIntent>, StoreError> {
    let ids = ids.iter().map(|id| id.uuid()).collect();
    refunds_where(pool, tenant, "intent_id = ANY($2) AND amount_minor > 0 ORDER BY refund_id", ids).await
}

pub(crate) async fn refunds_named(
    pool: &PgPool,
    tenant: &TenantId,
    ids: &[RefundId],
) -> Result<Vec<RefundOfIntent>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().map(|id| id.uuid()).collect();
    refunds_where(pool, tenant, "refund_id = ANY($2)", ids).await
}

async fn refunds_where(
    pool: &PgPool,
    tenant: &TenantId,
    condition: &'static str,
    ids: Vec<Uuid>,
) -> Result<Vec<RefundOfIntent>, StoreError> {
    let rows: Vec<RefundRow> = sqlx::query_as(AssertSqlSafe(format!("{REFUNDS} {condition}")))
        .bind(tenant.as_str())
        .bind(ids)
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.into_refund(tenant)).collect()
}

pub(crate) async fn disputes(
    pool: &PgPool,
    tenant: &TenantId,
    ids: &[IntentId],
) -> Result<Vec<DisputeOfIntent>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<DisputeRow> = sqlx::query_as(
        "SELECT dispute_id, version, intent_id, source, amount_minor, currency, reason, status, created_at, \
         updated_at FROM intents.disputes_seen \
         WHERE tenant_id = $1 AND intent_id = ANY($2) ORDER BY dispute_id",
    )
    .bind(tenant.as_str())
    .bind(ids)
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.into_dispute(tenant)).collect()
}

#[derive(Debug)]
struct DisputeRow {
    dispute_id: Uuid,
    version: i64,
    intent_id: Uuid,
    source: String,
    amount_minor: i64,
    currency: String,
    reason: String,
    status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

from_row!(DisputeRow {
    dispute_id,
    version,
    intent_id,
    source,
    amount_minor,
    currency,
    reason,
    status,
    created_at,
    updated_at
});

impl DisputeRow {
    fn into_dispute(self, tenant: &TenantId) -> Result<DisputeOfIntent, StoreError> {
        let place = Place { table: "disputes_seen", row: self.dispute_id };
        Ok(DisputeOfIntent {
            tenant: tenant.clone(),
            id: DisputeId::from_uuid(self.dispute_id),
            intent_id: IntentId::from_uuid(self.intent_id),
            version: Version::new(self.version),
            source: place.word("source", &self.source, CaseSource::find)?,
            amount: Money::new(self.amount_minor, place.currency("currency", &self.currency)?),
            reason: self.reason,
            status: place.word("status", &self.status, CaseStatus::find)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

#[derive(Debug)]
struct RefundRow {
    refund_id: Uuid,
    version: i64,
    intent_id: Uuid,
    attempt_id: Uuid,
    amount_minor: i64,
    currency: String,
    reason: String,
    gateway_reference: Option<String>,
    status: String,
    failed_after_success: bool,
    created_at: DateTime<Utc>,
    processed_at: DateTime<Utc>,
}

from_row!(RefundRow {
    refund_id,
    version,
    intent_id,
    attempt_id,
    amount_minor,
    currency,
    reason,
    gateway_reference,
    status,
    failed_after_success,
    created_at,
    processed_at
});

impl RefundRow {
    fn into_refund(self, tenant: &TenantId) -> Result<RefundOfIntent, StoreError> {
        let place = Place { table: "refunds_seen", row: self.refund_id };
        Ok(RefundOfIntent {
            tenant: tenant.clone(),
            id: RefundId::from_uuid(self.refund_id),
            intent_id: IntentId::from_uuid(self.intent_id),
            attempt: AttemptId::from_uuid(self.attempt_id),
            version: Version::new(self.version),
            amount: Money::new(self.amount_minor, place.currency("currency", &self.currency)?),
            reason: self.reason,
            gateway_reference: self.gateway_reference,
            status: place.word("status", &self.status, RefundStatus::find)?,
            failed_after_success: self.failed_after_success,
            created_at: self.created_at,
            ended_at: self.processed_at,
        })
    }
}
