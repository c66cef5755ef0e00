//! The reads of what processors of disputes are to be told.

use sqlx::PgPool;
use sqlx::types::Json;
use tender_domain::disputes::DisputeReply;
use tender_domain::kernel::{DisputeId, StoreError, TenantId, Timestamp};
use tender_postgres::read_error;

use crate::rows::ReplyRow;

pub(crate) async fn replies(
    pool: &PgPool,
    tenant: &TenantId,
    id: DisputeId,
    limit: u32,
) -> Result<Vec<DisputeReply>, StoreError> {
    let rows: Vec<Json<ReplyRow>> = sqlx::query_scalar(
        "SELECT to_jsonb(r) FROM refunds.dispute_replies r WHERE tenant_id = $1 AND dispute_id = $2 \
         ORDER BY reply_number DESC LIMIT $3",
    )
    .bind(tenant.as_str())
    .bind(id.uuid())
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.0.try_into()).collect()
}

pub(crate) async fn replies_due(
    pool: &PgPool,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DisputeReply>, StoreError> {
    let rows: Vec<Json<ReplyRow>> = sqlx::query_scalar(
        "SELECT to_jsonb(r) FROM refunds.dispute_replies r WHERE next_try_at <= $1 \
         ORDER BY next_try_at, dispute_id, reply_number LIMIT $2",
    )
    .bind(now)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.0.try_into()).collect()
}
