//! Callbacks of gateways: single statements beside the batched commit, for nobody's payment waits for them.

use async_trait::async_trait;
use sqlx::PgPool;
use tender_domain::intents::{CallbackFilter, CallbackState, CallbackStore, GatewayCallback};
use tender_domain::kernel::{
    CallbackId, CaptureId, Direction, IntentId, Page, PageRequest, Save, StoreError, TenantId, Timestamp,
};
use tender_postgres::{Column, ColumnType, Rows, TableSpec, read_error};
use uuid::Uuid;

use crate::cells::count;
use crate::rows::{CallbackRow, FactJson, NOBODY};

const COLUMNS: &str = "tenant_id, connector, event_id, event_type, occurred_at, received_at, fact::text AS fact, \
     body, state, failures, next_try_at, note, callback_id, version, round";

/// What of a callback a person changes who has it handled again: with its audit message, so by the batched commit.
pub(crate) static GATEWAY_CALLBACKS: TableSpec = TableSpec {
    name: "gateway_callbacks",
    key: &[Column::new("connector", ColumnType::Text), Column::new("event_id", ColumnType::Text)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("round", ColumnType::Int),
        Column::new("state", ColumnType::Text),
        Column::new("failures", ColumnType::Int),
        Column::new("next_try_at", ColumnType::Timestamp),
        Column::new("note", ColumnType::Text),
    ],
};

/// A callback always is there before it is changed so.
pub(crate) fn callback_rows(save: &Save<GatewayCallback>, rows: &mut Rows) {
    let (Some(before), after) = (save.before.as_deref(), &*save.after) else { return };
    let cells = vec![
        after.connector.as_str().into(),
        after.event_id.as_str().into(),
        after.version.number().into(),
        count(after.round),
        after.state.as_str().into(),
        count(after.failures),
        after.next_try_at.into(),
        after.note.as_deref().into(),
    ];
    rows.update(&GATEWAY_CALLBACKS, before.version.number(), cells);
}

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
             received_at, fact, body, state, failures, next_try_at, callback_id, version, note) \
             SELECT t, c, e, y, o, r, f::jsonb, b, s, 0, n, i, v, w FROM unnest($1::text[], $2::text[], $3::text[], \
             $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], \
             $10::timestamptz[], $11::uuid[], $12::bigint[], $13::text[]) AS u (t, c, e, y, o, r, f, b, s, n, i, v, w) \
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
        .bind(callbacks.iter().map(|callback| callback.id.uuid()).collect::<Vec<_>>())
        .bind(callbacks.iter().map(|callback| callback.version.number()).collect::<Vec<_>>())
        .bind(callbacks.iter().map(|callback| callback.note.clone()).collect::<Vec<_>>())
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
            "UPDATE intents.gateway_callbacks SET state = $4, failures = $5, next_try_at = $6, note = $7, \
             version = $8 WHERE tenant_id = $1 AND connector = $2 AND event_id = $3 AND state = 'pending' \
             AND version = $8 - 1",
        )
        .bind(tenant_of(callback))
        .bind(&callback.connector)
        .bind(&callback.event_id)
        .bind(callback.state.as_str())
        .bind(i32::try_from(callback.failures).unwrap_or(i32::MAX))
        .bind(callback.next_try_at)
        .bind(&callback.note)
        .bind(callback.version.number())
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
        let sql = "WITH known AS (INSERT INTO intents.locator (kind, key, tenant_id) VALUES ($4, $5, $3) \
             ON CONFLICT (kind, key) DO NOTHING) SELECT intents.give_gateway_callback($1, $2, $3)";
        sqlx::query(sql)
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

    async fn page_of_callbacks(
        &self,
        tenant: &TenantId,
        filter: &CallbackFilter,
        page: &PageRequest,
    ) -> Result<Page<GatewayCallback>, StoreError> {
        let (compare, order) = match page.direction {
            Direction::Older => ("<", "DESC"),
            Direction::Newer => (">", "ASC"),
        };
        // Without a state the index by id is read, with one the index by state: the text names it only then.
        let of_state = if filter.state.is_some() { "state = $6" } else { "$6::text IS NULL" };
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.gateway_callbacks WHERE tenant_id = $1 AND failures >= 0 \
             AND ($2::text IS NULL OR connector = $2) \
             AND ($3::timestamptz IS NULL OR received_at >= $3) \
             AND ($4::timestamptz IS NULL OR received_at < $4) \
             AND ($5::uuid IS NULL OR callback_id {compare} $5) AND {of_state} \
             ORDER BY callback_id {order} LIMIT $7"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(filter.connector.clone())
            .bind(filter.received_from)
            .bind(filter.received_to)
            .bind(page.cursor.map(|cursor| cursor.0))
            .bind(filter.state.map(CallbackState::as_str))
            .bind(page.fetch());
        Ok(Page::from_fetched(page, self.rows(query).await?))
    }

    async fn callback(
        &self,
        tenant: &TenantId,
        id: CallbackId,
    ) -> Result<Option<GatewayCallback>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.gateway_callbacks \
             WHERE tenant_id = $1 AND callback_id = $2 AND failures >= 0"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str().to_owned());
        Ok(self.rows(query.bind(id.uuid())).await?.pop())
    }

    async fn oldest_pending(&self) -> Result<Option<Timestamp>, StoreError> {
        // Few are pending at any time, and the index has no others.
        sqlx::query_scalar(
            "SELECT min(received_at) FROM intents.gateway_callbacks WHERE next_try_at IS NOT NULL",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(|error| read_error(&error))
    }

    async fn forget_callbacks(&self, received_before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let gone: i32 = sqlx::query_scalar("SELECT intents.forget_gateway_callbacks($1, $2)")
            .bind(received_before)
            .bind(i32::try_from(limit).unwrap_or(i32::MAX))
            .fetch_one(&self.pool)
            .await
            .map_err(|error| read_error(&error))?;
        Ok(usize::try_from(gone).unwrap_or_default())
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
