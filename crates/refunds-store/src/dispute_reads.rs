//! The reads of disputes.

use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool, Postgres, QueryBuilder};
use tender_domain::disputes::{ChargebackIntake, Dispute, DisputeEntry, DisputeFilter};
use tender_domain::kernel::{
    Cursor, Direction, DisputeId, IntakeId, Page, PageRequest, StoreError, TenantId, Timestamp,
};
use tender_domain::refunds::RefundableCharge;
use tender_postgres::read_error;

use crate::reads::{charge_of, charge_sql, charge_where};
use crate::rows::{DisputeRow, EntryRow, IntakeRow};

pub(crate) async fn charge_by_gateway(
    pool: &PgPool,
    tenant: &TenantId,
    connector: &str,
    reference: &str,
) -> Result<Option<RefundableCharge>, StoreError> {
    // A gateway names a charge once; were there two, the first is the same one every time.
    let first = "charge_id = (SELECT charge_id FROM refunds.refundable_charges \
                 WHERE tenant_id = $1 AND gateway_reference = $2 AND connector = $3 ORDER BY charge_id LIMIT 1)";
    let query = sqlx::query(AssertSqlSafe(charge_sql(first)));
    charge_of(pool, tenant, query.bind(tenant.as_str()).bind(reference).bind(connector)).await
}

pub(crate) async fn charge_of_dispute(
    pool: &PgPool,
    tenant: &TenantId,
    id: DisputeId,
) -> Result<Option<RefundableCharge>, StoreError> {
    let owner =
        "charge_id = (SELECT charge_id FROM refunds.disputes WHERE tenant_id = $1 AND dispute_id = $2)";
    charge_where(pool, tenant, owner, id.uuid()).await
}

pub(crate) async fn disputes(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &DisputeFilter,
    page: &PageRequest,
) -> Result<Page<Dispute>, StoreError> {
    let mut query =
        QueryBuilder::<Postgres>::new("SELECT to_jsonb(d) FROM refunds.disputes d WHERE d.tenant_id = ");
    query.push_bind(tenant.as_str());
    push_filter(&mut query, filter);
    let (beyond, order) = match page.direction {
        Direction::Older => (" AND d.dispute_id < ", " ORDER BY d.dispute_id DESC"),
        Direction::Newer => (" AND d.dispute_id > ", " ORDER BY d.dispute_id"),
    };
    if let Some(Cursor(id)) = page.cursor {
        query.push(beyond).push_bind(id);
    }
    query.push(order).push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<Json<DisputeRow>> =
        query.build_query_scalar().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let disputes = rows.into_iter().map(|row| row.0.try_into()).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(page, disputes))
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &DisputeFilter) {
    if let Some(status) = filter.status {
        query.push(" AND d.status = ").push_bind(status.as_str());
    }
    if let Some(intent) = filter.intent_id {
        query.push(" AND d.intent_id = ").push_bind(intent.uuid());
    }
    if let Some(charge) = filter.charge_id {
        query.push(" AND d.charge_id = ").push_bind(charge.uuid());
    }
    if let Some(customer) = &filter.customer_id {
        query.push(" AND d.customer_id = ").push_bind(customer.clone());
    }
    if let Some(merchant) = &filter.merchant_account_id {
        query.push(" AND d.merchant_account_id = ").push_bind(merchant.clone());
    }
    if let Some(from) = filter.created.from {
        query.push(" AND d.created_at >= ").push_bind(from);
    }
    if let Some(until) = filter.created.until {
        query.push(" AND d.created_at < ").push_bind(until);
    }
}

pub(crate) async fn history(
    pool: &PgPool,
    tenant: &TenantId,
    id: DisputeId,
    limit: u32,
) -> Result<Vec<DisputeEntry>, StoreError> {
    let rows: Vec<Json<EntryRow>> = sqlx::query_scalar(
        "SELECT to_jsonb(h) FROM (SELECT * FROM refunds.dispute_history WHERE tenant_id = $1 AND dispute_id = $2 \
         ORDER BY entry_number DESC LIMIT $3) h ORDER BY h.entry_number",
    )
    .bind(tenant.as_str())
    .bind(id.uuid())
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.0.entry(tenant)).collect()
}

pub(crate) async fn intake(
    pool: &PgPool,
    tenant: &TenantId,
    id: IntakeId,
) -> Result<Option<ChargebackIntake>, StoreError> {
    let row: Option<Json<IntakeRow>> = sqlx::query_scalar(
        "SELECT to_jsonb(i) FROM refunds.chargeback_intakes i WHERE tenant_id = $1 AND intake_id = $2",
    )
    .bind(tenant.as_str())
    .bind(id.uuid())
    .fetch_optional(pool)
    .await
    .map_err(|error| read_error(&error))?;
    row.map(|row| row.0.try_into()).transpose()
}

pub(crate) async fn intakes_due(
    pool: &PgPool,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ChargebackIntake>, StoreError> {
    let rows: Vec<Json<IntakeRow>> = sqlx::query_scalar(
        // Few wait at a time. One whose charge was made known since it was looked for is due at once.
        "SELECT to_jsonb(i) FROM refunds.chargeback_intakes i WHERE i.dispute_id IS NULL AND (i.next_try_at <= $1 \
         OR EXISTS (SELECT FROM refunds.refundable_charges c WHERE c.tenant_id = i.tenant_id \
            AND c.gateway_reference = i.gateway_reference AND c.connector = i.processor \
            AND c.created_at >= i.updated_at)) \
         ORDER BY i.next_try_at, i.intake_id LIMIT $2",
    )
    .bind(now)
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.0.try_into()).collect()
}
