//! Changes of store credit, by their ids.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tender_domain::kernel::{CreditAdjustmentId, Money, StoreError, TenantId};
use tender_domain::ledger::{CreditAdjustment, CreditAdjustmentType};
use tender_postgres::read_error;
use uuid::Uuid;

use super::columns::Place;

const ADJUSTMENTS: &str = "
SELECT adjustment_id, customer_id, kind, amount_minor, currency, merchant_account, reason, order_ref, made_by, made_at
FROM settlement.store_credit_adjustments WHERE tenant_id = $1 AND adjustment_id = ANY($2)";

type Row = (Uuid, String, String, i64, String, String, String, Option<String>, String, DateTime<Utc>);

pub(crate) async fn credit_adjustments(
    pool: &PgPool,
    tenant: &TenantId,
    ids: &[CreditAdjustmentId],
) -> Result<Vec<CreditAdjustment>, StoreError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<Row> = sqlx::query_as(ADJUSTMENTS)
        .bind(tenant.as_str())
        .bind(ids)
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| adjustment(tenant, row)).collect()
}

fn adjustment(tenant: &TenantId, row: Row) -> Result<CreditAdjustment, StoreError> {
    let (id, customer, kind, amount, currency, merchant, reason, order_ref, made_by, made_at) = row;
    let place = Place { table: "store_credit_adjustments", row: &id };
    let known = CreditAdjustmentType::find(&kind);
    Ok(CreditAdjustment {
        id: CreditAdjustmentId::from_uuid(id),
        tenant: tenant.clone(),
        customer: place.parse("customer_id", &customer)?,
        kind: known.ok_or_else(|| place.corrupt("kind", format!("`{kind}` is no kind")))?,
        amount: Money::new(amount, place.currency(&currency)?),
        merchant_account: place.parse("merchant_account", &merchant)?,
        reason,
        order_ref,
        made_by,
        made_at,
    })
}
