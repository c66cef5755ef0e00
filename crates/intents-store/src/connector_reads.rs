//! The reads of connectors, rules and logs, and the log's own writes: they are no effect of a payment, so they are
//! written beside the batched commit, in batches of their own.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool, QueryBuilder};
use tender_domain::connectors::{
    Connector, ConnectorLog, ConnectorStatus, ConnectorStore, CredentialsNote, DeclineTable, LoggedCall,
    RoutingRules, TenantRouting,
};
use tender_domain::kernel::{
    ConnectorId, ConnectorLogId, Direction, Page, PageRequest, StoreError, TenantId, Timestamp, Version,
};
use tender_domain::ports::DeclineCode;
use tender_postgres::read_error;
use uuid::Uuid;

use crate::PgIntentStore;
use crate::connector_rows::{CONNECTOR_LOCATED_AS, CredentialsJson};
use crate::rows::{Place, from_row};

const COLUMNS: &str = "c.tenant_id, c.connector_id, c.version, c.livemode, c.name, c.kind, c.status, c.priority, \
    c.region, c.config::text AS config, c.credentials::text AS credentials, \
    c.retryable_declines::text AS retryable_declines, c.decline_table_version, c.created_at, c.updated_at";

/// What of a connector's payments is open, one condition of an index at a time.
const OPEN: &str = "\
    SELECT attempt_id FROM intents.attempts WHERE tenant_id = $1 AND connector = $2 AND next_check_at IS NOT NULL \
    UNION \
    SELECT attempt_id FROM intents.attempts WHERE tenant_id = $1 AND connector = $2 AND queued_at IS NOT NULL \
    UNION \
    SELECT attempt_id FROM intents.attempts WHERE tenant_id = $1 AND connector = $2 AND status = 'challenge' \
    UNION \
    SELECT attempt_id FROM intents.attempts WHERE tenant_id = $1 AND connector = $2 AND expires_at IS NOT NULL \
    UNION \
    SELECT a.attempt_id FROM intents.captures c JOIN intents.attempts a USING (tenant_id, attempt_id) \
    WHERE c.tenant_id = $1 AND a.connector = $2 AND (c.next_check_at IS NOT NULL OR c.queued_at IS NOT NULL)";

struct Row {
    tenant_id: String,
    connector_id: Uuid,
    version: i64,
    livemode: bool,
    name: String,
    kind: String,
    status: String,
    priority: i32,
    region: Option<String>,
    config: String,
    credentials: String,
    retryable_declines: Option<String>,
    decline_table_version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

from_row!(Row {
    tenant_id,
    connector_id,
    version,
    livemode,
    name,
    kind,
    status,
    priority,
    region,
    config,
    credentials,
    retryable_declines,
    decline_table_version,
    created_at,
    updated_at
});

impl TryFrom<Row> for Connector {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let place = Place { table: "connectors", row: row.connector_id };
        let codes: Option<Vec<String>> =
            row.retryable_declines.map(|text| place.json("retryable_declines", &text)).transpose()?;
        let declines = declines(place, "retryable_declines", codes)?;
        let credentials: CredentialsJson = place.json("credentials", &row.credentials)?;
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            id: ConnectorId::from_uuid(row.connector_id),
            version: Version::new(row.version),
            livemode: row.livemode,
            name: row.name,
            kind: row.kind,
            status: place.word("status", &row.status, ConnectorStatus::find)?,
            priority: row.priority,
            region: row.region,
            config: place.json("config", &row.config)?,
            credentials: CredentialsNote::from(credentials),
            declines: declines.of_version(Version::new(row.decline_table_version)),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

#[async_trait]
impl ConnectorStore for PgIntentStore {
    async fn routing(&self, tenant: &TenantId) -> Result<TenantRouting, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.connectors c WHERE c.tenant_id = $1 ORDER BY c.connector_id"
        );
        let query = sqlx::query_as::<_, Row>(AssertSqlSafe(sql)).bind(tenant.as_str());
        let rows = query.fetch_all(self.pool()).await.map_err(|error| read_error(&error))?;
        let connectors = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        Ok(TenantRouting { connectors, rules: rules(self.pool(), tenant).await? })
    }

    async fn routing_changed_since(
        &self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, Timestamp)>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        // Each branch stops at the limit by its own index.
        let rows: Vec<(String, DateTime<Utc>)> = sqlx::query_as(
            "SELECT tenant_id, updated_at FROM (\
             (SELECT tenant_id, updated_at FROM intents.connectors \
              WHERE updated_at >= $1 AND version > 0 ORDER BY updated_at, tenant_id LIMIT $2) \
             UNION ALL \
             (SELECT tenant_id, updated_at FROM intents.routing_rule_sets \
              WHERE updated_at >= $1 AND version > 0 ORDER BY updated_at, tenant_id LIMIT $2)) changed \
             ORDER BY updated_at, tenant_id LIMIT $2",
        )
        .bind(since)
        .bind(limit)
        .fetch_all(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        let named = |(tenant, at): (String, DateTime<Utc>)| {
            let place = Place { table: "connectors", row: tenant.as_str() };
            Ok((tenant.parse().map_err(|error| place.corrupt("tenant_id", error))?, at))
        };
        rows.into_iter().map(named).collect()
    }

    async fn connector_of_callback(&self, id: ConnectorId) -> Result<Option<Connector>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.locator l JOIN intents.connectors c \
             ON c.tenant_id = l.tenant_id AND c.connector_id = $3 WHERE l.kind = $1 AND l.key = $2"
        );
        let query = sqlx::query_as::<_, Row>(AssertSqlSafe(sql))
            .bind(CONNECTOR_LOCATED_AS)
            .bind(id.to_string())
            .bind(id.uuid());
        let row = query.fetch_optional(self.pool()).await.map_err(|error| read_error(&error))?;
        row.map(TryInto::try_into).transpose()
    }

    async fn open_payments(&self, tenant: &TenantId, connector: &str) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM ({OPEN}) o");
        let query = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(connector);
        let count = query.fetch_one(self.pool()).await.map_err(|error| read_error(&error))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn keep_logs(&self, lines: &[ConnectorLog]) -> Result<(), StoreError> {
        keep_logs(self.pool(), lines).await
    }

    async fn logs(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        page: &PageRequest,
    ) -> Result<Page<ConnectorLog>, StoreError> {
        logs(self.pool(), tenant, connector, page).await
    }

    async fn forget_logs(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "DELETE FROM intents.connector_logs WHERE ctid = ANY(ARRAY(\
             SELECT ctid FROM intents.connector_logs WHERE at < $1 AND took_millis >= 0 ORDER BY at LIMIT $2))",
        );
        let query = query.bind(before).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let forgotten = query.execute(self.pool()).await.map_err(|error| read_error(&error))?;
        Ok(forgotten.rows_affected())
    }
}

async fn rules(pool: &PgPool, tenant: &TenantId) -> Result<RoutingRules, StoreError> {
    let row: Option<(i64, String, String, String, DateTime<Utc>)> = sqlx::query_as(
        "SELECT version, rules::text, operator_declines::text, operator_decline_versions::text, updated_at \
         FROM intents.routing_rule_sets WHERE tenant_id = $1",
    )
    .bind(tenant.as_str())
    .fetch_optional(pool)
    .await
    .map_err(|error| read_error(&error))?;
    let Some((version, rules, tables, versions, updated_at)) = row else {
        return Ok(RoutingRules::unset(tenant.clone(), DateTime::UNIX_EPOCH));
    };
    let place = Place { table: "routing_rule_sets", row: tenant.as_str() };
    let rules = place.json("rules", &rules)?;
    let mut tables: BTreeMap<Uuid, Vec<String>> = place.json("operator_declines", &tables)?;
    let mut versions: BTreeMap<Uuid, Version> = place.json("operator_decline_versions", &versions)?;
    // Written before tables had versions of their own.
    for connector in tables.keys() {
        versions.entry(*connector).or_insert(Version::FIRST);
    }
    let table = |(connector, version): (Uuid, Version)| {
        let table = declines(place, "operator_declines", tables.remove(&connector))?;
        Ok((ConnectorId::from_uuid(connector), table.of_version(version)))
    };
    let declines = versions.into_iter().map(table).collect::<Result<_, StoreError>>()?;
    Ok(RoutingRules { tenant: tenant.clone(), version: Version::new(version), rules, declines, updated_at })
}

fn declines<R: Copy + std::fmt::Display>(
    place: Place<R>,
    column: &'static str,
    codes: Option<Vec<String>>,
) -> Result<DeclineTable, StoreError> {
    let code = |text: String| place.word(column, &text, DeclineCode::find);
    let codes = codes.map(|codes| codes.into_iter().map(code).collect::<Result<_, _>>()).transpose()?;
    DeclineTable::of(codes).map_err(|refusal| place.corrupt(column, refusal))
}

async fn keep_logs(pool: &PgPool, lines: &[ConnectorLog]) -> Result<(), StoreError> {
    let texts = |of: fn(&ConnectorLog) -> &str| lines.iter().map(of).collect::<Vec<_>>();
    let millis = |line: &ConnectorLog| i64::try_from(line.call.took_millis).unwrap_or(i64::MAX);
    let query = sqlx::query(
        "INSERT INTO intents.connector_logs \
         (tenant_id, log_id, connector_id, call, reference, outcome, took_millis, request, answer, at) \
         SELECT unnest($1::text[]), unnest($2::uuid[]), unnest($3::uuid[]), unnest($4::text[]), unnest($5::text[]), \
         unnest($6::text[]), unnest($7::bigint[]), unnest($8::text[])::jsonb, unnest($9::text[])::jsonb, \
         unnest($10::timestamptz[]) ON CONFLICT DO NOTHING",
    )
    .bind(texts(|line| line.tenant.as_str()))
    .bind(lines.iter().map(|line| line.id.uuid()).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.connector.uuid()).collect::<Vec<_>>())
    .bind(texts(|line| &line.call.call))
    .bind(texts(|line| &line.call.reference))
    .bind(texts(|line| &line.call.outcome))
    .bind(lines.iter().map(millis).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.call.request.to_string()).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.call.answer.to_string()).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.at).collect::<Vec<_>>());
    query.execute(pool).await.map(|_| ()).map_err(|error| read_error(&error))
}

struct LogRow {
    log_id: Uuid,
    call: String,
    reference: String,
    outcome: String,
    took_millis: i64,
    request: String,
    answer: String,
    at: DateTime<Utc>,
}

from_row!(LogRow { log_id, call, reference, outcome, took_millis, request, answer, at });

async fn logs(
    pool: &PgPool,
    tenant: &TenantId,
    connector: ConnectorId,
    page: &PageRequest,
) -> Result<Page<ConnectorLog>, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT log_id, call, reference, outcome, took_millis, request::text AS request, answer::text AS answer, at \
         FROM intents.connector_logs WHERE took_millis >= 0 AND tenant_id = ",
    );
    query.push_bind(tenant.as_str().to_owned()).push(" AND connector_id = ").push_bind(connector.uuid());
    let (beyond, order) = match page.direction {
        Direction::Older => (" AND log_id < ", "DESC"),
        Direction::Newer => (" AND log_id > ", "ASC"),
    };
    if let Some(cursor) = page.cursor {
        query.push(beyond).push_bind(cursor.0);
    }
    query.push(" ORDER BY log_id ").push(order).push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<LogRow> =
        query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let line = |row: LogRow| {
        let place = Place { table: "connector_logs", row: row.log_id };
        Ok(ConnectorLog {
            id: ConnectorLogId::from_uuid(row.log_id),
            tenant: tenant.clone(),
            connector,
            call: LoggedCall {
                call: row.call,
                reference: row.reference,
                request: place.json("request", &row.request)?,
                answer: place.json("answer", &row.answer)?,
                outcome: row.outcome,
                took_millis: u64::try_from(row.took_millis)
                    .map_err(|error| place.corrupt("took_millis", error))?,
            },
            at: row.at,
        })
    };
    Ok(Page::from_fetched(page, rows.into_iter().map(line).collect::<Result<_, StoreError>>()?))
}
