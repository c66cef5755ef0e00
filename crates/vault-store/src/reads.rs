//! The reads: one query each.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, QueryBuilder};
use tender_domain::kernel::{Direction, MethodId, Page, PageRequest, StoreError, TenantId};
use tender_domain::vault::{MethodFilter, MethodFingerprint, PaymentMethod};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::row::{COLUMNS, MethodRow};

type Found = Option<Arc<PaymentMethod>>;

fn select(tenant: &TenantId) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT ");
    query
        .push(COLUMNS)
        .push(" FROM vault.payment_methods WHERE tenant_id = ")
        .push_bind(tenant.as_str().to_owned());
    query
}

async fn one(pool: &PgPool, mut query: QueryBuilder<Postgres>) -> Result<Found, StoreError> {
    let row: Option<MethodRow> =
        query.build_query_as().fetch_optional(pool).await.map_err(|error| read_error(&error))?;
    row.map(|row| row.try_into().map(Arc::new)).transpose()
}

/// Which method.
pub(crate) type Key = (TenantId, MethodId);

/// The methods of these keys that exist. Each is looked up by its primary key, whatever the planner knows of the table.
pub(crate) async fn methods_of(
    connection: &mut PgConnection,
    keys: Arc<[Key]>,
) -> Result<Vec<(Key, Result<Arc<PaymentMethod>, StoreError>)>, sqlx::Error> {
    let tenants: Vec<&str> = keys.iter().map(|(tenant, _)| tenant.as_str()).collect();
    let ids: Vec<Uuid> = keys.iter().map(|(_, id)| id.uuid()).collect();
    let sql = format!(
        "SELECT m.* FROM unnest($1::text[], $2::uuid[]) AS k(tenant, id) CROSS JOIN LATERAL \
         (SELECT {COLUMNS} FROM vault.payment_methods WHERE tenant_id = k.tenant AND method_id = k.id LIMIT 1) m"
    );
    let rows: Vec<MethodRow> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(&tenants).bind(&ids).fetch_all(connection).await?;
    let by_place: HashMap<(&str, Uuid), &Key> =
        keys.iter().map(|key| ((key.0.as_str(), key.1.uuid()), key)).collect();
    let found = rows.into_iter().filter_map(|row| {
        let key = (*by_place.get(&row.place())?).clone();
        Some((key, row.try_into().map(Arc::new)))
    });
    Ok(found.collect())
}

pub(crate) async fn default_method(
    pool: &PgPool,
    tenant: &TenantId,
    customer_id: &str,
) -> Result<Found, StoreError> {
    let mut query = select(tenant);
    query.push(" AND default_of = ").push_bind(customer_id.to_owned());
    one(pool, query).await
}

pub(crate) async fn newest_other_method(
    pool: &PgPool,
    (tenant, customer_id): (&TenantId, &str),
    except: MethodId,
    month: i32,
) -> Result<Found, StoreError> {
    let mut query = select(tenant);
    query.push(" AND deleted_at IS NULL AND customer_id = ").push_bind(customer_id.to_owned());
    query.push(" AND method_id <> ").push_bind(except.uuid());
    query.push(" ORDER BY coalesce(exp_year * 12 + exp_month < ").push_bind(month);
    query.push(", false), method_id DESC LIMIT 1");
    one(pool, query).await
}

pub(crate) async fn method_of_instrument(
    pool: &PgPool,
    tenant: &TenantId,
    customer_id: &str,
    fingerprint: MethodFingerprint,
) -> Result<Found, StoreError> {
    let mut query = select(tenant);
    query.push(" AND deleted_at IS NULL AND fingerprint = ").push_bind(fingerprint.0.to_vec());
    query.push(" AND customer_id = ").push_bind(customer_id.to_owned());
    query.push(" ORDER BY duplicate_of IS NOT NULL, method_id LIMIT 1");
    one(pool, query).await
}

/// What the filter asks of the card or account itself.
fn push_instrument(query: &mut QueryBuilder<Postgres>, filter: &MethodFilter) {
    if let Some(method_type) = filter.method_type {
        query.push(" AND type = ").push_bind(method_type.as_str());
    }
    if let Some(fingerprint) = filter.fingerprint {
        query.push(" AND fingerprint = ").push_bind(fingerprint.0.to_vec());
    }
    let range = filter.last_month;
    if range.is_open() {
        return;
    }
    query.push(if range.or_none {
        " AND (exp_year IS NULL OR (true"
    } else {
        " AND (exp_year IS NOT NULL AND (true"
    });
    if let Some(from) = range.from {
        query.push(" AND exp_year * 12 + exp_month >= ").push_bind(from);
    }
    if let Some(until) = range.until {
        query.push(" AND exp_year * 12 + exp_month < ").push_bind(until);
    }
    query.push("))");
}

pub(crate) async fn methods(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &MethodFilter,
    page: &PageRequest,
) -> Result<Page<Arc<PaymentMethod>>, StoreError> {
    let mut query = select(tenant);
    query.push(" AND deleted_at IS NULL");
    if let Some(customer_id) = &filter.customer_id {
        query.push(" AND customer_id = ").push_bind(customer_id.clone());
    }
    if let Some(merchant) = &filter.merchant_account_id {
        query.push(" AND merchant_account_id = ").push_bind(merchant.clone());
    }
    if let Some(from) = filter.created.from {
        query.push(" AND created_at >= ").push_bind(from);
    }
    if let Some(until) = filter.created.until {
        query.push(" AND created_at < ").push_bind(until);
    }
    for (key, value) in &filter.metadata {
        query.push(" AND metadata ->> ").push_bind(key.clone()).push(" = ").push_bind(value.clone());
    }
    push_instrument(&mut query, filter);
    let (beyond, order) = match page.direction {
        Direction::Older => (" AND method_id < ", "DESC"),
        Direction::Newer => (" AND method_id > ", "ASC"),
    };
    if let Some(cursor) = page.cursor {
        query.push(beyond).push_bind(cursor.0);
    }
    query.push(" ORDER BY method_id ").push(order).push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<MethodRow> =
        query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let methods = rows.into_iter().map(|row| row.try_into().map(Arc::new)).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(page, methods))
}
