//! Refunds whose outcome is open.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder};
use tender_domain::kernel::{IntentId, Money, RefundId, StoreError, TenantId, Timestamp};
use tender_domain::refunds::{OpenRefund, OpenRefunds, OpenRefundsOf, RefundStatus};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::PgRefundStore;
use crate::rows::{Place, get};

/// Tells of open refunds out of the service's own schema. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PgOpenRefunds(PgPool);

#[async_trait]
impl OpenRefunds for PgRefundStore {
    async fn open_refunds(
        &self,
        tenant: &TenantId,
        of: &OpenRefundsOf,
        ended_since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<OpenRefund>, StoreError> {
        PgOpenRefunds::new(self.pool().clone()).open_refunds(tenant, of, ended_since, limit).await
    }
}

struct OpenRow {
    refund_id: Uuid,
    intent_id: Uuid,
    connector: String,
    amount_minor: i64,
    currency: String,
    reason: String,
    status: String,
    gateway_reference: Option<String>,
    created_at: DateTime<Utc>,
    attempt_started_at: Option<DateTime<Utc>>,
    checks: Option<i32>,
}

impl FromRow<'_, PgRow> for OpenRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            refund_id: get(row, "refund_id")?,
            intent_id: get(row, "intent_id")?,
            connector: get(row, "connector")?,
            amount_minor: get(row, "amount_minor")?,
            currency: get(row, "currency")?,
            reason: get(row, "reason")?,
            status: get(row, "status")?,
            gateway_reference: get(row, "gateway_reference")?,
            created_at: get(row, "created_at")?,
            attempt_started_at: get(row, "attempt_started_at")?,
            checks: get(row, "checks")?,
        })
    }
}

const OPEN: &str = "\
    SELECT r.refund_id, r.intent_id, c.connector, r.amount_minor::bigint AS amount_minor, r.currency::text AS currency, \
    COALESCE(r.metadata ->> 'reason', r.reason) AS reason, r.status, r.gateway_reference, r.created_at, \
    r.attempt_started_at, r.checks \
    FROM refunds.refunds r \
    JOIN refunds.refundable_charges c ON c.tenant_id = r.tenant_id AND c.charge_id = r.charge_id \
    WHERE r.tenant_id = ";

impl PgOpenRefunds {
    /// Over a pool of the schema.
    #[must_use]
    pub const fn new(pool: PgPool) -> Self {
        Self(pool)
    }
}

#[async_trait]
impl OpenRefunds for PgOpenRefunds {
    async fn open_refunds(
        &self,
        tenant: &TenantId,
        of: &OpenRefundsOf,
        ended_since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<OpenRefund>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(OPEN);
        query.push_bind(tenant.as_str());
        match of {
            OpenRefundsOf::Customer(customer) => {
                query.push(" AND r.customer_id = ").push_bind(customer.clone());
                push_open(&mut query, ended_since);
            }
            OpenRefundsOf::Intent(intent) => {
                query.push(" AND r.intent_id = ").push_bind(intent.uuid());
                push_open(&mut query, ended_since);
            }
            OpenRefundsOf::Queue => {
                query.push(
                    " AND (r.conflict_amount_minor IS NOT NULL \
                     OR (r.status IN ('processing', 'requires_action') AND r.next_check_at IS NULL)) \
                     ORDER BY r.created_at, r.refund_id",
                );
            }
        }
        query.push(" LIMIT ").push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows: Vec<OpenRow> =
            query.build_query_as().fetch_all(&self.0).await.map_err(|error| read_error(&error))?;
        rows.into_iter().map(open_refund).collect()
    }
}

fn push_open(query: &mut QueryBuilder<Postgres>, ended_since: Option<Timestamp>) {
    query.push(" AND (r.status IN ('pending', 'processing', 'requires_action')");
    if let Some(since) = ended_since {
        query.push(" OR r.status IN ('succeeded', 'failed') AND r.ended_at >= ").push_bind(since);
    }
    query.push(") ORDER BY r.refund_id DESC");
}

fn open_refund(row: OpenRow) -> Result<OpenRefund, StoreError> {
    let place = Place { table: "refunds", row: row.refund_id };
    Ok(OpenRefund {
        id: RefundId::from_uuid(row.refund_id),
        intent_id: IntentId::from_uuid(row.intent_id),
        connector: row.connector,
        amount: Money::new(row.amount_minor, place.currency("currency", &row.currency)?),
        reason: row.reason,
        status: place.word("status", &row.status, RefundStatus::find)?,
        gateway_reference: row.gateway_reference,
        created_at: row.created_at,
        asked_at: row.attempt_started_at,
        checks: u32::try_from(row.checks.unwrap_or(0)).map_err(|error| place.corrupt("checks", error))?,
    })
}
