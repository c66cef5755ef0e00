//! The reads: one statement each, so that what is read of an aggregate is of one moment.

use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool, Postgres, QueryBuilder};
use tender_domain::intents::{Channel, Intent, IntentFilter, RefundedPart, StoredOrder};
use tender_domain::kernel::{
    AttemptId, Cursor, Direction, IntentId, Page, PageRequest, StoreError, TenantId, Timestamp,
};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::rows::{IntentRow, OrderRow};

/// What is read of the intents of a table expression called `i`, with their children as JSON arrays. `number > 0` names
/// the condition of the children's indexes.
pub(crate) const WHOLE: &str = "\
    SELECT i.tenant_id, i.intent_id, i.version, i.livemode, i.amount_minor, i.currency, i.status, i.customer_id, \
    i.merchant_account_id, i.method_id, i.test_token, i.method_type, i.method_brand, i.method_last4, i.capture_mode, i.capture_delay_seconds, \
    i.description, i.statement_descriptor, i.order_ref, i.reservation_ref, i.metadata::text AS metadata, \
    i.max_attempts, i.expires_at, i.channel, i.last_payment_error::text AS last_payment_error, \
    i.cancellation_reason, i.canceled_at, i.amount_captured_minor, i.amount_refunded_minor, i.created_at, \
    i.updated_at, i.risk::text AS risk, i.options::text AS options, i.disputed::text AS disputed, \
    (SELECT json_agg(a ORDER BY a.number)::text FROM intents.attempts a \
     WHERE a.tenant_id = i.tenant_id AND a.intent_id = i.intent_id AND a.number > 0) AS attempts, \
    (SELECT json_agg(c ORDER BY c.number)::text FROM intents.captures c \
     WHERE c.tenant_id = i.tenant_id AND c.intent_id = i.intent_id AND c.number > 0) AS captures FROM ";

pub(crate) async fn intent(
    pool: &PgPool,
    tenant: &TenantId,
    id: IntentId,
) -> Result<Option<Intent>, StoreError> {
    let sql = format!("{WHOLE} intents.intents i WHERE i.tenant_id = $1 AND i.intent_id = $2");
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id.uuid());
    one(query.fetch_optional(pool).await)
}

pub(crate) async fn intent_of_attempt(
    pool: &PgPool,
    tenant: &TenantId,
    id: AttemptId,
) -> Result<Option<Intent>, StoreError> {
    let sql = format!(
        "{WHOLE} intents.intents i WHERE i.tenant_id = $1 AND i.intent_id = \
         (SELECT intent_id FROM intents.attempts WHERE tenant_id = $1 AND attempt_id = $2)"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id.uuid());
    one(query.fetch_optional(pool).await)
}

pub(crate) async fn live_intent_of_order(
    pool: &PgPool,
    tenant: &TenantId,
    channel: Channel,
    order_ref: &str,
) -> Result<Option<Intent>, StoreError> {
    let sql = format!(
        "{WHOLE} intents.intents i WHERE i.tenant_id = $1 AND i.order_ref = $2 AND i.channel = $3 \
         AND i.status NOT IN ('canceled', 'failed', 'requires_payment_method') ORDER BY i.intent_id DESC LIMIT 1"
    );
    let query =
        sqlx::query_as(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(order_ref).bind(channel.as_str());
    one(query.fetch_optional(pool).await)
}

fn one(row: Result<Option<IntentRow>, sqlx::Error>) -> Result<Option<Intent>, StoreError> {
    row.map_err(|error| read_error(&error))?.map(TryInto::try_into).transpose()
}

pub(crate) async fn intents(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &IntentFilter,
    page: &PageRequest,
) -> Result<Page<Intent>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(WHOLE);
    // The page first, then the children of its rows only.
    query.push("(SELECT * FROM intents.intents WHERE tenant_id = ").push_bind(tenant.as_str());
    push_filter(&mut query, filter);
    let (beyond, order) = match page.direction {
        Direction::Older => (" AND intent_id < ", "intent_id DESC"),
        Direction::Newer => (" AND intent_id > ", "intent_id"),
    };
    if let Some(Cursor(id)) = page.cursor {
        query.push(beyond).push_bind(id);
    }
    query.push(" ORDER BY ").push(order).push(" LIMIT ").push_bind(page.fetch());
    query.push(") i ORDER BY i.").push(order);
    let rows: Vec<IntentRow> =
        query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let intents = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(page, intents))
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &IntentFilter) {
    if let Some(customer) = &filter.customer_id {
        query.push(" AND customer_id = ").push_bind(customer.clone());
    }
    if let Some(status) = filter.status {
        query.push(" AND status = ").push_bind(status.as_str());
    }
    if let Some(order_ref) = &filter.order_ref {
        query.push(" AND order_ref = ").push_bind(order_ref.clone());
    }
    if let Some(from) = filter.created_from {
        query.push(" AND created_at >= ").push_bind(from);
    }
    if let Some(to) = filter.created_to {
        query.push(" AND created_at < ").push_bind(to);
    }
    if let Some(channel) = filter.channel {
        query.push(" AND channel = ").push_bind(channel.as_str());
    }
    if !filter.statuses.is_empty() {
        let words: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
        query.push(" AND status = ANY(").push_bind(words).push(")");
    }
    if let Some(disputed) = filter.disputed {
        query.push(if disputed {
            " AND (disputed ->> 'minor')::bigint > 0"
        } else {
            " AND coalesce((disputed ->> 'minor')::bigint, 0) <= 0"
        });
    }
    if !filter.metadata.is_empty() {
        // The first condition is the index's, which leaves out the many that have none.
        query.push(" AND metadata <> '{}' AND metadata @> ").push_bind(Json(filter.metadata.clone()));
    }
    if let Some(part) = filter.refunded {
        query.push(match part {
            RefundedPart::Nothing => " AND amount_refunded_minor <= 0",
            RefundedPart::Part => {
                " AND amount_refunded_minor > 0 AND amount_refunded_minor < amount_captured_minor"
            }
            RefundedPart::All => {
                " AND amount_refunded_minor > 0 AND amount_refunded_minor >= amount_captured_minor"
            }
        });
    }
}

pub(crate) async fn due(
    pool: &PgPool,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(TenantId, IntentId)>, StoreError> {
    let rows: Vec<(String, Uuid)> = sqlx::query_as(
        "SELECT d.tenant_id, d.intent_id FROM (\
             (SELECT tenant_id, intent_id, next_check_at FROM intents.attempts WHERE next_check_at <= $1 \
              ORDER BY next_check_at LIMIT $2) \
             UNION ALL \
             (SELECT tenant_id, intent_id, next_check_at FROM intents.captures WHERE next_check_at <= $1 \
              ORDER BY next_check_at LIMIT $2)\
         ) d GROUP BY d.tenant_id, d.intent_id ORDER BY min(d.next_check_at), d.intent_id LIMIT $2",
    )
    .bind(now)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    rows.into_iter().map(of_tenant).collect()
}

/// One condition of an index at a time. What is held waits for the end of a capture that is on its way.
const TIMED: &str = "\
    (SELECT tenant_id, intent_id, closes_at AS at FROM intents.intents WHERE closes_at <= $1 \
     ORDER BY closes_at LIMIT $3) \
    UNION ALL \
    (SELECT tenant_id, intent_id, answered_at FROM intents.attempts \
     WHERE status = 'challenge' AND answered_at <= $2 ORDER BY answered_at LIMIT $3) \
    UNION ALL \
    (SELECT tenant_id, intent_id, capture_at FROM intents.attempts a WHERE capture_at <= $1 \
     AND NOT EXISTS (SELECT 1 FROM intents.captures c WHERE c.tenant_id = a.tenant_id \
     AND c.intent_id = a.intent_id AND c.number > 0 AND c.status = 'pending') ORDER BY capture_at LIMIT $3) \
    UNION ALL \
    (SELECT tenant_id, intent_id, expires_at FROM intents.attempts a WHERE expires_at <= $1 \
     AND NOT EXISTS (SELECT 1 FROM intents.captures c WHERE c.tenant_id = a.tenant_id \
     AND c.intent_id = a.intent_id AND c.number > 0 AND c.status = 'pending') ORDER BY expires_at LIMIT $3)";

pub(crate) async fn timed(
    pool: &PgPool,
    now: Timestamp,
    challenged_before: Timestamp,
    limit: usize,
) -> Result<Vec<(TenantId, IntentId)>, StoreError> {
    let sql = format!(
        "SELECT t.tenant_id, t.intent_id FROM ({TIMED}) t GROUP BY t.tenant_id, t.intent_id \
         ORDER BY min(t.at), t.intent_id LIMIT $3"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(now).bind(challenged_before);
    let rows: Vec<(String, Uuid)> = query
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    rows.into_iter().map(of_tenant).collect()
}

fn of_tenant((tenant, intent): (String, Uuid)) -> Result<(TenantId, IntentId), StoreError> {
    let tenant =
        tenant.parse().map_err(|error| StoreError::corrupt("attempts", "tenant_id", intent, error))?;
    Ok((tenant, IntentId::from_uuid(intent)))
}

pub(crate) async fn orders(
    pool: &PgPool,
    tenant: &TenantId,
    references: &[String],
) -> Result<Vec<StoredOrder>, StoreError> {
    let rows: Vec<OrderRow> = sqlx::query_as(
        "SELECT tenant_id, order_ref, version, kind, customer_id, amount_minor, currency, status, starts_at, \
         product_type, rate_plan, reservation_id, reservation_holder, reservation_expires_at, \
         details::text AS details, created_at, updated_at \
         FROM intents.orders WHERE tenant_id = $1 AND order_ref = ANY($2)",
    )
    .bind(tenant.as_str())
    .bind(references)
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    rows.into_iter().map(TryInto::try_into).collect()
}
