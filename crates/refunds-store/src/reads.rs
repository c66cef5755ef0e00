//! The reads: one statement each, so that what is read of an aggregate is of one moment.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool, Postgres, QueryBuilder};
use tender_domain::kernel::{
    Cursor, Direction, Page, PageRequest, RefundId, StoreError, TenantId, Timestamp,
};
use tender_domain::refunds::{
    ChargeRef, DueRefund, Refund, RefundFilter, RefundQueue, RefundableCharge, WaitingRefunds,
};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::rows::{ChargeRow, REFUND_COLUMNS, RefundRow};

pub(crate) async fn charge(
    pool: &PgPool,
    tenant: &TenantId,
    named: ChargeRef,
) -> Result<Option<RefundableCharge>, StoreError> {
    match named {
        ChargeRef::Charge(id) => charge_where(pool, tenant, "charge_id = $2", id.uuid()).await,
        // An intent has one charge; were there more, the first is the same one every time.
        ChargeRef::Intent(id) => {
            let first = "charge_id = (SELECT charge_id FROM refunds.refundable_charges \
                         WHERE tenant_id = $1 AND intent_id = $2 ORDER BY charge_id LIMIT 1)";
            charge_where(pool, tenant, first, id.uuid()).await
        }
    }
}

pub(crate) async fn charge_of_refund(
    pool: &PgPool,
    tenant: &TenantId,
    id: RefundId,
) -> Result<Option<RefundableCharge>, StoreError> {
    let owner = "charge_id = (SELECT charge_id FROM refunds.refunds WHERE tenant_id = $1 AND refund_id = $2)";
    charge_where(pool, tenant, owner, id.uuid()).await
}

pub(crate) async fn charge_where(
    pool: &PgPool,
    tenant: &TenantId,
    condition: &'static str,
    id: Uuid,
) -> Result<Option<RefundableCharge>, StoreError> {
    let query = |sql| sqlx::query(sql).bind(tenant.as_str()).bind(id);
    charge_of(pool, tenant, query(AssertSqlSafe(charge_sql(condition)))).await
}

/// The charge that a query of [`charge_sql`] finds.
pub(crate) async fn charge_of(
    pool: &PgPool,
    tenant: &TenantId,
    query: Query<'_, Postgres, PgArguments>,
) -> Result<Option<RefundableCharge>, StoreError> {
    let rows = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let row = ChargeRow::of(&rows).map_err(|error| read_error(&error))?;
    row.map(|row| row.into_charge(tenant)).transpose()
}

/// The charge for which `condition` holds; its first parameter is the tenant.
pub(crate) fn charge_sql(condition: &str) -> String {
    format!(
        "SELECT c.charge_id, c.version, c.intent_id, c.merchant_account_id, c.connector, c.gateway_reference, \
         c.customer_id, c.order_id, c.livemode, c.currency, c.authorized_minor, c.captured_minor, c.disputed_minor, \
         c.refunded_minor, c.refunded_outside_minor, c.reversed_minor, c.created_at, c.updated_at, k.capture_ids, \
         k.capture_amounts_minor, ARRAY(SELECT capture_id FROM refunds.capture_reversals \
         WHERE tenant_id = c.tenant_id AND charge_id = c.charge_id) AS reversed_ids, d.disputes, {REFUND_COLUMNS} \
         FROM (SELECT * FROM refunds.refundable_charges WHERE tenant_id = $1 AND {condition}) c \
         CROSS JOIN LATERAL (\
             SELECT COALESCE(array_agg(capture_id), '{{}}') AS capture_ids, \
                    COALESCE(array_agg(amount_minor::bigint), '{{}}') AS capture_amounts_minor \
             FROM refunds.charge_captures WHERE tenant_id = c.tenant_id AND charge_id = c.charge_id\
         ) k \
         CROSS JOIN LATERAL (\
             SELECT COALESCE(jsonb_agg(to_jsonb(x) ORDER BY x.created_at, x.dispute_id), '[]') AS disputes \
             FROM refunds.disputes x WHERE x.tenant_id = c.tenant_id AND x.charge_id = c.charge_id\
         ) d \
         LEFT JOIN refunds.refunds r ON r.tenant_id = c.tenant_id AND r.charge_id = c.charge_id \
         ORDER BY r.created_at, r.refund_id"
    )
}

pub(crate) async fn refunds(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &RefundFilter,
    page: &PageRequest,
) -> Result<Page<Refund>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT ");
    query
        .push(REFUND_COLUMNS)
        .push(" FROM refunds.refunds r WHERE r.tenant_id = ")
        .push_bind(tenant.as_str());
    push_filter(&mut query, filter);
    let (beyond, order) = match page.direction {
        Direction::Older => (" AND r.refund_id < ", " ORDER BY r.refund_id DESC"),
        Direction::Newer => (" AND r.refund_id > ", " ORDER BY r.refund_id"),
    };
    if let Some(Cursor(id)) = page.cursor {
        query.push(beyond).push_bind(id);
    }
    query.push(order).push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<RefundRow> =
        query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let refunds = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(page, refunds))
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &RefundFilter) {
    if let Some(status) = filter.status {
        query.push(" AND r.status = ").push_bind(status.as_str());
    }
    if let Some(intent) = filter.intent_id {
        query.push(" AND r.intent_id = ").push_bind(intent.uuid());
    }
    if let Some(charge) = filter.charge_id {
        query.push(" AND r.charge_id = ").push_bind(charge.uuid());
    }
    if let Some(customer) = &filter.customer_id {
        query.push(" AND r.customer_id = ").push_bind(customer.clone());
    }
    if let Some(from) = filter.created.from {
        query.push(" AND r.created_at >= ").push_bind(from);
    }
    if let Some(until) = filter.created.until {
        query.push(" AND r.created_at < ").push_bind(until);
    }
    if !filter.metadata.is_empty() {
        query.push(" AND r.metadata @> ").push_bind(Json(filter.metadata.clone()));
    }
}

/// The refunds whose time in `column` has come, the longest overdue first.
pub(crate) async fn due(
    pool: &PgPool,
    column: &'static str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DueRefund>, StoreError> {
    let sql = format!(
        "SELECT tenant_id, refund_id FROM refunds.refunds WHERE {column} <= $1 ORDER BY {column}, refund_id LIMIT $2"
    );
    let rows: Vec<(String, Uuid)> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(now)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    let due = |(tenant, refund): (String, Uuid)| {
        let tenant =
            tenant.parse().map_err(|error| StoreError::corrupt("refunds", "tenant_id", refund, error))?;
        Ok(DueRefund { tenant, refund: RefundId::from_uuid(refund) })
    };
    rows.into_iter().map(due).collect()
}

pub(crate) async fn waiting(pool: &PgPool) -> Result<WaitingRefunds, StoreError> {
    // The index `refunds_waiting` has the same condition, so that what does not wait costs nothing.
    let rows: Vec<(bool, i64, Option<Timestamp>)> = sqlx::query_as(
        "SELECT next_attempt_at IS NOT NULL, count(*), min(created_at) FROM refunds.refunds \
         WHERE next_attempt_at IS NOT NULL OR conflict_amount_minor IS NOT NULL \
         OR (attempt_started_at IS NOT NULL AND next_check_at IS NULL) GROUP BY 1",
    )
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    let mut waiting = WaitingRefunds::default();
    for (is_retried, count, oldest_at) in rows {
        let queue = RefundQueue { count: u64::try_from(count).unwrap_or_default(), oldest_at };
        *(if is_retried { &mut waiting.for_attempt } else { &mut waiting.for_person }) = queue;
    }
    Ok(waiting)
}
