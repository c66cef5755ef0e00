use std::collections::BTreeMap;
use std::fmt::Display;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use sqlx::types::Json;
use tender_domain::kernel::{Currency, Money, StoreError, TenantId, Version};
use tender_domain::operations::{DefaultCaptureMode, SettingsValues, TenantSettings, ThreeDsPolicy};
use tender_postgres::read_error;

const TABLE: &str = "tenant_settings";

type Row = (
    i64,
    Json<Vec<String>>,
    String,
    Json<BTreeMap<String, i64>>,
    String,
    Option<i64>,
    i32,
    i32,
    Json<Vec<String>>,
    DateTime<Utc>,
    DateTime<Utc>,
);

pub(crate) async fn settings(pool: &PgPool, tenant: &TenantId) -> Result<Option<TenantSettings>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT version, allowed_methods, default_capture_mode, max_authorization, three_ds_policy, \
         risk_analysis_max_eur, dispute_retention_days, max_attempts, allowed_origins, created_at, updated_at \
         FROM operations.tenant_settings WHERE tenant_id = $1",
    )
    .bind(tenant.as_str())
    .fetch_optional(pool)
    .await
    .map_err(|error| read_error(&error))?;
    row.map(|row| read(tenant, row)).transpose()
}

fn read(tenant: &TenantId, row: Row) -> Result<TenantSettings, StoreError> {
    let (
        version,
        methods,
        capture_mode,
        limits,
        policy,
        risk_analysis_max,
        retention,
        attempts,
        origins,
        created_at,
        updated_at,
    ) = row;
    let corrupt =
        |column: &'static str, problem: &dyn Display| StoreError::corrupt(TABLE, column, tenant, problem);
    let count =
        |column: &'static str, number: i32| u32::try_from(number).map_err(|error| corrupt(column, &error));
    let limit = |(code, minor): (String, i64)| {
        let currency: Currency = code.parse().map_err(|error| corrupt("max_authorization", &error))?;
        let limit = Money::positive(minor, currency).map_err(|error| corrupt("max_authorization", &error))?;
        Ok((currency, limit))
    };
    let values = SettingsValues {
        allowed_methods: methods.0,
        default_capture_mode: DefaultCaptureMode::find(&capture_mode)
            .ok_or_else(|| corrupt("default_capture_mode", &"it is no capture mode"))?,
        max_authorization: limits.0.into_iter().map(limit).collect::<Result<_, StoreError>>()?,
        three_ds_policy: ThreeDsPolicy::find(&policy)
            .ok_or_else(|| corrupt("three_ds_policy", &"it is no policy"))?,
        risk_analysis_max: risk_analysis_max.map(|minor| Money::new(minor, Currency::EUR)),
        dispute_retention_days: count("dispute_retention_days", retention)?,
        max_attempts: count("max_attempts", attempts)?,
        allowed_origins: origins.0,
    };
    Ok(TenantSettings {
        tenant: tenant.clone(),
        version: Version::new(version),
        values,
        created_at,
        updated_at,
    })
}
