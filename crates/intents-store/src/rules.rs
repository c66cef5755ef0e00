//! What tenants' settings ask: table, rows, read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tender_domain::intents::{CaptureMode, TenantRules};
use tender_domain::kernel::{Currency, Money, StoreError, Timestamp, Version};
use tender_domain::operations::ThreeDsPolicy;
use tender_postgres::{Cell, Column, ColumnType, TableSpec, read_error};

use crate::rows::from_row;

/// What the rules are of.
const SCOPE: &str = "tenant";

pub(crate) static TENANT_RULES: TableSpec = TableSpec {
    name: "tenant_rules",
    key: &[Column::new("scope", ColumnType::Text)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("allowed_methods", ColumnType::Json),
        Column::new("default_capture_mode", ColumnType::Text),
        Column::new("max_authorization", ColumnType::Json),
        Column::new("max_attempts", ColumnType::Int),
        Column::new("three_ds_policy", ColumnType::Text),
        Column::new("risk_analysis_max_eur", ColumnType::BigInt),
        Column::new("recorded_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn rules_cells(rules: &TenantRules) -> Vec<Cell> {
    let limits: BTreeMap<&str, i64> =
        rules.max_authorization.iter().map(|(currency, limit)| (currency.code(), limit.minor())).collect();
    vec![
        SCOPE.into(),
        rules.version.number().into(),
        Cell::json(&rules.allowed_methods).expect("texts have a JSON form"),
        rules.default_capture_mode.as_str().into(),
        Cell::json(&limits).expect("a map of texts has a JSON form"),
        i32::try_from(rules.max_attempts).unwrap_or(i32::MAX).into(),
        rules.three_ds_policy.as_str().into(),
        rules.risk_analysis_max.map(Money::minor).into(),
        rules.recorded_at.into(),
    ]
}

struct Row {
    tenant_id: String,
    version: i64,
    allowed_methods: String,
    default_capture_mode: String,
    max_authorization: String,
    max_attempts: i32,
    three_ds_policy: String,
    risk_analysis_max_eur: Option<i64>,
    recorded_at: DateTime<Utc>,
}

from_row!(Row {
    tenant_id,
    version,
    allowed_methods,
    default_capture_mode,
    max_authorization,
    max_attempts,
    three_ds_policy,
    risk_analysis_max_eur,
    recorded_at
});

impl TryFrom<Row> for TenantRules {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let bad = |column, problem: String| {
            StoreError::corrupt("tenant_rules", column, row.tenant_id.as_str(), problem)
        };
        let limits: BTreeMap<String, i64> = serde_json::from_str(&row.max_authorization)
            .map_err(|error| bad("max_authorization", error.to_string()))?;
        let limit = |(code, minor): (String, i64)| {
            let currency: Currency =
                code.parse().map_err(|error| bad("max_authorization", format!("{error}")))?;
            Ok((currency, Money::new(minor, currency)))
        };
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|error| bad("tenant_id", format!("{error}")))?,
            version: Version::new(row.version),
            allowed_methods: serde_json::from_str(&row.allowed_methods)
                .map_err(|error| bad("allowed_methods", error.to_string()))?,
            default_capture_mode: CaptureMode::find(&row.default_capture_mode)
                .ok_or_else(|| bad("default_capture_mode", "is not known".to_owned()))?,
            max_authorization: limits.into_iter().map(limit).collect::<Result<_, StoreError>>()?,
            max_attempts: u32::try_from(row.max_attempts)
                .map_err(|error| bad("max_attempts", error.to_string()))?,
            three_ds_policy: ThreeDsPolicy::find(&row.three_ds_policy)
                .ok_or_else(|| bad("three_ds_policy", "is not known".to_owned()))?,
            risk_analysis_max: row.risk_analysis_max_eur.map(|minor| Money::new(minor, Currency::EUR)),
            recorded_at: row.recorded_at,
        })
    }
}

pub(crate) async fn rules_since(
    pool: &PgPool,
    since: Timestamp,
    limit: usize,
) -> Result<Vec<TenantRules>, StoreError> {
    let sql = "SELECT tenant_id, version, allowed_methods::text AS allowed_methods, default_capture_mode, \
               max_authorization::text AS max_authorization, max_attempts, three_ds_policy, \
               risk_analysis_max_eur, recorded_at FROM intents.tenant_rules \
               WHERE recorded_at >= $1 AND version > 0 ORDER BY recorded_at, tenant_id LIMIT $2";
    let query = sqlx::query_as(sql).bind(since).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows: Vec<Row> = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    rows.into_iter().map(TryInto::try_into).collect()
}
