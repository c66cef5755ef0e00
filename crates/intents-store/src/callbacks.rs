//! Callbacks of gateways: single statements beside the batched commit, for nobody's payment waits for them.

use async_trait::async_trait;
use sqlx::PgPool;
use tender_domain::intents::{CallbackStore, GatewayCallback};
use tender_domain::kernel::{CaptureId, IntentId, StoreError, TenantId, Timestamp};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::rows::{CallbackRow, FactJson, NOBODY};

const COLUMNS: &str = "tenant_id, connector, event_id, event_type, occurred_at, received_at, fact::text AS fact, \
     body, state, failures, next_try_at, note";

/// [`CallbackStore`] in PostgreSQL. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PgCallbackStore {
    pool: PgPool,
}

impl PgCallbackStore {
    /// Callbacks behind this pool, whose role may use the schema.
    #[must_use]
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    async fn rows(
        &self,
        query: sqlx::query::QueryAs<'_, sqlx::Postgres, CallbackRow, sqlx::postgres::PgArguments>,
    ) -> Result<Vec<GatewayCallback>, StoreError> {
        let rows = query.fetch_all(&self.pool).await.map_err(|error| read_error(&error))?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

fn tenant_of(callback: &GatewayCallback) -> String {
    callback.tenant.as_ref().map_or(NOBODY, TenantId::as_str).to_owned()
}

fn fact_of(callback: &GatewayCallback) -> String {
    serde_json::to_string(&FactJson::from(&callback.fact)).expect("texts and numbers have a JSON form")
}

#[async_trait]
impl CallbackStore for PgCallbackStore {
    async fn keep(&self, callbacks: &[GatewayCallback]) -> Result<usize, StoreError> {
        let texts = |text: fn(&GatewayCallback) -> &str| {
            callbacks.iter().map(|callback| text(callback).to_owned()).collect::<Vec<String>>()
        };
        let written = sqlx::query(
            "INSERT INTO intents.gateway_callbacks (tenant_id, connector, event_id, event_type, occurred_at, \
             received_at, fact, body, state, failures, next_try_at) \
             SELECT t, c, e, y, o, r, f::jsonb, b, s, 0, n FROM unnest($1::text[], $2::text[], $3::text[], \
             $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], \
             $10::timestamptz[]) AS u (t, c, e, y, o, r, f, b, s, n) \
             ON CONFLICT (tenant_id, connector, event_id) DO NOTHING",
        )
        .bind(callbacks.iter().map(tenant_of).collect::<Vec<_>>())
        .bind(texts(|callback| &callback.connector))
        .bind(texts(|callback| &callback.event_id))
        .bind(texts(|callback| &callback.event_type))
        .bind(callbacks.iter().map(|callback| callback.occurred_at).collect::<Vec<_>>())
        .bind(callbacks.iter().map(|callback| callback.received_at).collect::<Vec<_>>())
        .bind(callbacks.iter().map(fact_of).collect::<Vec<_>>())
        .bind(texts(|callback| &callback.body))
        .bind(callbacks.iter().map(|callback| callback.state.as_str().to_owned()).collect::<Vec<_>>())
        .bind(callbacks.iter().map(|callback| callback.next_try_at).collect::<Vec<_>>())
        .execute(&self.pool)
        .await
        .map_err(|error| read_error(&error))?;
        Ok(usize::try_from(written.rows_affected()).unwrap_or(usize::MAX))
    }

    async fn callbacks_due(&self, now: Timestamp, limit: usize) -> Result<Vec<GatewayCallback>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.gateway_callbacks WHERE next_try_at <= $1 \
             ORDER BY next_try_at, received_at LIMIT $2"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(now);
        self.rows(query.bind(i64::try_from(limit).unwrap_or(i64::MAX))).await
    }

    async fn settle(&self, callback: &GatewayCallback) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE intents.gateway_callbacks SET state = $4, failures = $5, next_try_at = $6, note = $7 \
             WHERE tenant_id = $1 AND connector = $2 AND event_id = $3 AND state = 'pending'",
        )
        .bind(tenant_of(callback))
        .bind(&callback.connector)
        .bind(&callback.event_id)
        .bind(callback.state.as_str())
        .bind(i32::try_from(callback.failures).unwrap_or(i32::MAX))
        .bind(callback.next_try_at)
        .bind(&callback.note)
        .execute(&self.pool)
        .await
        .map_err(|error| read_error(&error))?;
        Ok(())
    }

    async fn give(
        &self,
        callback: &GatewayCallback,
        tenant: &TenantId,
        (kind, key): (&str, &str),
    ) -> Result<(), StoreError> {
        // One statement, so that it is in one place at every instant.
        let sql = format!(
            "WITH known AS (INSERT INTO intents.locator (kind, key, tenant_id) VALUES ($4, $5, $3) \
             ON CONFLICT (kind, key) DO NOTHING), \
             moved AS (DELETE FROM intents.gateway_callbacks \
             WHERE tenant_id = '{NOBODY}' AND connector = $1 AND event_id = $2 RETURNING *) \
             INSERT INTO intents.gateway_callbacks (tenant_id, connector, event_id, event_type, occurred_at, \
             received_at, fact, body, state, failures, next_try_at, note) \
             SELECT $3, connector, event_id, event_type, occurred_at, received_at, fact, body, state, failures, \
             next_try_at, note FROM moved ON CONFLICT (tenant_id, connector, event_id) DO NOTHING"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(&callback.connector)
            .bind(&callback.event_id)
            .bind(tenant.as_str())
            .bind(kind)
            .bind(key)
            .execute(&self.pool)
            .await
            .map_err(|error| read_error(&error))?;
        Ok(())
    }

    async fn callbacks(
        &self,
        tenant: Option<&TenantId>,
        limit: usize,
    ) -> Result<Vec<GatewayCallback>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.gateway_callbacks WHERE tenant_id = $1 AND failures >= 0 \
             ORDER BY received_at DESC, event_id LIMIT $2"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
        let query = query.bind(tenant.map_or(NOBODY, TenantId::as_str).to_owned());
        self.rows(query.bind(i64::try_from(limit).unwrap_or(i64::MAX))).await
    }

    async fn located(&self, kind: &str, key: &str) -> Result<Option<TenantId>, StoreError> {
        let found: Option<(String,)> =
            sqlx::query_as("SELECT tenant_id FROM intents.locator WHERE kind = $1 AND key = $2")
                .bind(kind)
                .bind(key)
                .fetch_optional(&self.pool)
                .await
                .map_err(|error| read_error(&error))?;
        let tenant = found.map(|(tenant,)| tenant.parse());
        tenant.transpose().map_err(|error| StoreError::corrupt("locator", "tenant_id", key, error))
    }

    async fn intent_of_capture(
        &self,
        tenant: &TenantId,
        id: CaptureId,
    ) -> Result<Option<IntentId>, StoreError> {
        let found: Option<(Uuid,)> =
            sqlx::query_as("SELECT intent_id FROM intents.captures WHERE tenant_id = $1 AND capture_id = $2")
                .bind(tenant.as_str())
                .bind(id.uuid())
                .fetch_optional(&self.pool)
                .await
                .map_err(|error| read_error(&error))?;
        Ok(found.map(|(id,)| IntentId::from_uuid(id)))
    }
}
