use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, FromRow, PgPool, Row as _};
use tender_domain::kernel::{KeyId, Scope, StoreError, Version};
use tender_domain::ports::{ApiKeyGrant, ApiKeyLookup, ApiKeyProjection, ProjectedKey};
use uuid::Uuid;

use crate::deadline::{ANSWER_WITHIN, within};
use crate::read_error;

const TABLE: &str = "api_key_projection";

/// A service's own copy of the API keys, in its own schema.
#[derive(Clone)]
pub struct PgApiKeyProjection {
    pool: PgPool,
    find: String,
    record: String,
}

impl PgApiKeyProjection {
    /// The copy in this schema, whose migrations began with [`SPINE`](crate::SPINE).
    #[must_use]
    pub fn new(pool: PgPool, schema: &'static str) -> Self {
        let find = format!(
            "SELECT p.tenant_id,p.key_id,p.version,p.scopes,p.publishable,p.livemode,p.expires_at,p.revoked_at,\
             p.confirmed_at FROM {schema}.locator l JOIN {schema}.{TABLE} p ON p.tenant_id=l.tenant_id AND p.key_hash=$2 \
             WHERE l.kind='api_key' AND l.key=$1"
        );
        let record = format!(
            "WITH located AS (INSERT INTO {schema}.locator (kind,key,tenant_id) VALUES ('api_key',$1,$2) \
             ON CONFLICT DO NOTHING) \
             INSERT INTO {schema}.{TABLE} AS p (key_hash,tenant_id,key_id,version,scopes,publishable,livemode,\
             expires_at,revoked_at,confirmed_at) VALUES (decode($1,'hex'),$2,$3,$4,$5,$6,$7,$8,$9,$10) \
             ON CONFLICT (tenant_id,key_id) DO UPDATE SET version=excluded.version,scopes=excluded.scopes,\
             publishable=excluded.publishable,livemode=excluded.livemode,expires_at=excluded.expires_at,\
             revoked_at=excluded.revoked_at,confirmed_at=excluded.confirmed_at \
             WHERE p.version<excluded.version OR (p.version=excluded.version AND p.confirmed_at<excluded.confirmed_at)"
        );
        Self { pool, find, record }
    }
}

impl fmt::Debug for PgApiKeyProjection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgApiKeyProjection").finish_non_exhaustive()
    }
}

struct KeyRow {
    tenant_id: String,
    key_id: Uuid,
    version: i64,
    scopes: Json<Vec<String>>,
    publishable: bool,
    livemode: bool,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    confirmed_at: DateTime<Utc>,
}

impl FromRow<'_, PgRow> for KeyRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            tenant_id: row.try_get("tenant_id")?,
            key_id: row.try_get("key_id")?,
            version: row.try_get("version")?,
            scopes: row.try_get("scopes")?,
            publishable: row.try_get("publishable")?,
            livemode: row.try_get("livemode")?,
            expires_at: row.try_get("expires_at")?,
            revoked_at: row.try_get("revoked_at")?,
            confirmed_at: row.try_get("confirmed_at")?,
        })
    }
}

impl KeyRow {
    fn read(self, lookup: ApiKeyLookup) -> Result<ProjectedKey, StoreError> {
        let id = KeyId::from_uuid(self.key_id);
        let tenant =
            self.tenant_id.parse().map_err(|error| StoreError::corrupt(TABLE, "tenant_id", id, error))?;
        // A scope that a newer release wrote allows nothing here.
        let scopes = self.scopes.0.iter().filter_map(|scope| scope.parse().ok()).collect();
        let grant = ApiKeyGrant {
            id,
            tenant,
            publishable: self.publishable,
            livemode: self.livemode,
            scopes,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        };
        Ok(ProjectedKey {
            lookup,
            grant,
            version: Version::new(self.version),
            confirmed_at: self.confirmed_at,
        })
    }
}

#[async_trait]
impl ApiKeyProjection for PgApiKeyProjection {
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ProjectedKey>, StoreError> {
        let asked = sqlx::query_as(AssertSqlSafe(self.find.clone()))
            .bind(lookup.to_hex())
            .bind(lookup.0.as_slice())
            .fetch_optional(&self.pool);
        let row: Option<KeyRow> = within(ANSWER_WITHIN, asked).await.map_err(|error| read_error(&error))?;
        row.map(|row| row.read(*lookup)).transpose()
    }

    async fn record(&self, key: &ProjectedKey) -> Result<(), StoreError> {
        let scopes: Vec<&str> = key.grant.scopes.iter().map(Scope::as_str).collect();
        let written = sqlx::query(AssertSqlSafe(self.record.clone()))
            .bind(key.lookup.to_hex())
            .bind(key.grant.tenant.as_str())
            .bind(key.grant.id.uuid())
            .bind(key.version.number())
            .bind(Json(scopes))
            .bind(key.grant.publishable)
            .bind(key.grant.livemode)
            .bind(key.grant.expires_at)
            .bind(key.grant.revoked_at)
            .bind(key.confirmed_at)
            .execute(&self.pool);
        within(ANSWER_WITHIN, written).await.map(drop).map_err(|error| read_error(&error))
    }
}
