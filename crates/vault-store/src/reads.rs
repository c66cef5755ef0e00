//! The reads: one query each.

use std::sync::Arc;

use sqlx::{PgPool, Postgres, QueryBuilder};
use tender_domain::kernel::{Direction, MethodId, Page, PageRequest, StoreError, TenantId};
use tender_domain::vault::{MethodFilter, PaymentMethod};
use tender_postgres::read_error;

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

pub(crate) async fn method(pool: &PgPool, tenant: &TenantId, id: MethodId) -> Result<Found, StoreError> {
    let mut query = select(tenant);
    query.push(" AND method_id = ").push_bind(id.uuid());
    one(pool, query).await
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
    tenant: &TenantId,
    customer_id: &str,
    except: MethodId,
) -> Result<Found, StoreError> {
    let mut query = select(tenant);
    query.push(" AND deleted_at IS NULL AND customer_id = ").push_bind(customer_id.to_owned());
    query.push(" AND method_id <> ").push_bind(except.uuid()).push(" ORDER BY method_id DESC LIMIT 1");
    one(pool, query).await
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
    if let Some(from) = filter.created.from {
        query.push(" AND created_at >= ").push_bind(from);
    }
    if let Some(until) = filter.created.until {
        query.push(" AND created_at < ").push_bind(until);
    }
    for (key, value) in &filter.metadata {
        query.push(" AND metadata ->> ").push_bind(key.clone()).push(" = ").push_bind(value.clone());
    }
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
