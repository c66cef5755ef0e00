//! What the workers look for, over all tenants.

use std::sync::Arc;

use sqlx::PgPool;
use tender_domain::kernel::{StoreError, Timestamp};
use tender_domain::vault::PaymentMethod;
use tender_postgres::read_error;

use crate::row::{COLUMNS, MethodRow};

fn rows(found: Vec<MethodRow>) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
    found.into_iter().map(|row| row.try_into().map(Arc::new)).collect()
}

fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(crate) async fn verifications(
    pool: &PgPool,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
    let query = format!(
        "SELECT {COLUMNS} FROM vault.payment_methods WHERE verification_due_at <= $1 \
         ORDER BY verification_due_at, tenant_id, method_id LIMIT $2"
    );
    let found = sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(now).bind(limited(limit)).fetch_all(pool);
    rows(found.await.map_err(|error| read_error(&error))?)
}

/// Each half is a range of the same index: cards of which it was told that they expire are passed over in this month's.
pub(crate) async fn expiries(
    pool: &PgPool,
    month: i32,
    limit: usize,
) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
    let half = |which: &str| {
        format!(
            "(SELECT {COLUMNS} FROM vault.payment_methods WHERE deleted_at IS NULL AND exp_year IS NOT NULL \
             AND expiry_told IS DISTINCT FROM 'expired' AND {which} ORDER BY exp_year * 12 + exp_month LIMIT $2)"
        )
    };
    let expired = half("exp_year * 12 + exp_month < $1");
    let expiring = half("exp_year * 12 + exp_month = $1 AND expiry_told IS NULL");
    let query = format!("{expired} UNION ALL {expiring} LIMIT $2");
    let found = sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(month).bind(limited(limit)).fetch_all(pool);
    rows(found.await.map_err(|error| read_error(&error))?)
}
