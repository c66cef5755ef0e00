use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, PgPool, Postgres, QueryBuilder, Row as _};
use tender_domain::kernel::{
    Cursor, Direction, KeyId, Page, PageRequest, ScopeSet, StoreError, TenantId, UnknownScope, Version,
};
use tender_domain::operations::{ApiKey, ApiKeyFilter, ApiKeyStatus, MaskedKey};
use tender_domain::ports::ApiKeyLookup;
use tender_postgres::read_error;
use uuid::Uuid;

const TABLE: &str = "api_keys";

const SELECT: &str = "SELECT k.tenant_id, k.key_id, k.version, k.name, k.key_hash, k.prefix, k.last4, k.scopes, \
                      k.publishable, k.livemode, k.expires_at, k.revoked_at, k.issued_by, k.created_at, k.updated_at ";

struct Row {
    tenant_id: String,
    key_id: Uuid,
    version: i64,
    name: String,
    key_hash: Vec<u8>,
    prefix: String,
    last4: String,
    scopes: Json<Vec<String>>,
    publishable: bool,
    livemode: bool,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    issued_by: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl FromRow<'_, PgRow> for Row {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            tenant_id: row.try_get("tenant_id")?,
            key_id: row.try_get("key_id")?,
            version: row.try_get("version")?,
            name: row.try_get("name")?,
            key_hash: row.try_get("key_hash")?,
            prefix: row.try_get("prefix")?,
            last4: row.try_get("last4")?,
            scopes: row.try_get("scopes")?,
            publishable: row.try_get("publishable")?,
            livemode: row.try_get("livemode")?,
            expires_at: row.try_get("expires_at")?,
            revoked_at: row.try_get("revoked_at")?,
            issued_by: row.try_get("issued_by")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    }
}

impl TryFrom<Row> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let id = KeyId::from_uuid(row.key_id);
        let tenant =
            row.tenant_id.parse().map_err(|error| StoreError::corrupt(TABLE, "tenant_id", id, error))?;
        let hash = <[u8; 32]>::try_from(row.key_hash);
        let hash = hash.map_err(|_| StoreError::corrupt(TABLE, "key_hash", id, "it has not 32 bytes"))?;
        let scopes: Result<ScopeSet, UnknownScope> = row.scopes.0.iter().map(|scope| scope.parse()).collect();
        Ok(Self {
            id,
            tenant,
            version: Version::new(row.version),
            name: row.name,
            lookup: ApiKeyLookup(hash),
            masked: MaskedKey { prefix: row.prefix, last4: row.last4 },
            scopes: scopes.map_err(|error| StoreError::corrupt(TABLE, "scopes", id, error))?,
            publishable: row.publishable,
            livemode: row.livemode,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            issued_by: row.issued_by.into(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

async fn one(pool: &PgPool, mut query: QueryBuilder<Postgres>) -> Result<Option<ApiKey>, StoreError> {
    let row: Option<Row> =
        query.build_query_as().fetch_optional(pool).await.map_err(|error| read_error(&error))?;
    row.map(ApiKey::try_from).transpose()
}

pub(crate) async fn api_key(
    pool: &PgPool,
    tenant: &TenantId,
    id: KeyId,
) -> Result<Option<ApiKey>, StoreError> {
    let mut query = QueryBuilder::new(SELECT);
    query.push("FROM operations.api_keys k WHERE k.tenant_id = ").push_bind(tenant.as_str());
    query.push(" AND k.key_id = ").push_bind(id.uuid());
    one(pool, query).await
}

pub(crate) async fn api_key_by_lookup(
    pool: &PgPool,
    lookup: &ApiKeyLookup,
) -> Result<Option<ApiKey>, StoreError> {
    let mut query = QueryBuilder::new(SELECT);
    query.push(
        "FROM operations.locator l JOIN operations.api_keys k ON k.tenant_id = l.tenant_id AND k.key_hash = ",
    );
    query.push_bind(lookup.0.as_slice());
    query.push(" WHERE l.kind = 'api_key' AND l.key = ").push_bind(lookup.to_hex());
    one(pool, query).await
}

pub(crate) async fn api_keys(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &ApiKeyFilter,
    page: &PageRequest,
) -> Result<Page<ApiKey>, StoreError> {
    let mut query = QueryBuilder::new(SELECT);
    query.push("FROM operations.api_keys k WHERE k.tenant_id = ").push_bind(tenant.as_str());
    if let Some((status, now)) = filter.status {
        match status {
            ApiKeyStatus::Revoked => query.push(" AND k.revoked_at IS NOT NULL"),
            ApiKeyStatus::Expired => {
                query.push(" AND k.revoked_at IS NULL AND k.expires_at <= ").push_bind(now)
            }
            ApiKeyStatus::Active => query
                .push(" AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ")
                .push_bind(now)
                .push(")"),
        };
    }
    let (beyond, order) = match page.direction {
        Direction::Older => (" AND k.key_id < ", " ORDER BY k.key_id DESC"),
        Direction::Newer => (" AND k.key_id > ", " ORDER BY k.key_id"),
    };
    if let Some(Cursor(id)) = page.cursor {
        query.push(beyond).push_bind(id);
    }
    query.push(order).push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let keys = rows.into_iter().map(ApiKey::try_from).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(page, keys))
}
