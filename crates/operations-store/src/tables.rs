//! The tables as data, and the rows of a write.

use std::collections::BTreeMap;

use tender_domain::kernel::{Money, Scope, ScopeSet};
use tender_domain::operations::{ApiKey, OperationsWrite, Tenant, TenantSettings};
use tender_postgres::{Cell, Column, ColumnType, Rows, Schema, TableSpec};

use crate::SCHEMA;

static TENANTS: TableSpec = TableSpec {
    name: "tenants",
    key: &[],
    columns: &[
        Column::new("display_name", ColumnType::Text),
        Column::new("version", ColumnType::BigInt),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

static API_KEYS: TableSpec = TableSpec {
    name: "api_keys",
    key: &[Column::new("key_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("name", ColumnType::Text),
        Column::new("key_hash", ColumnType::Bytes),
        Column::new("prefix", ColumnType::Text),
        Column::new("last4", ColumnType::Text),
        Column::new("scopes", ColumnType::Json),
        Column::new("publishable", ColumnType::Bool),
        Column::new("livemode", ColumnType::Bool),
        Column::new("expires_at", ColumnType::Timestamp),
        Column::new("revoked_at", ColumnType::Timestamp),
        Column::new("issued_by", ColumnType::Text),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

/// Inserted only: a hash belongs to its key for ever.
static LOCATOR: TableSpec = TableSpec {
    name: "locator",
    key: &[Column::new("kind", ColumnType::Text), Column::new("key", ColumnType::Text)],
    columns: &[],
};

static SETTINGS: TableSpec = TableSpec {
    name: "tenant_settings",
    key: &[],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("allowed_methods", ColumnType::Json),
        Column::new("default_capture_mode", ColumnType::Text),
        Column::new("max_authorization", ColumnType::Json),
        Column::new("three_ds_policy", ColumnType::Text),
        Column::new("risk_analysis_max_eur", ColumnType::BigInt),
        Column::new("dispute_retention_days", ColumnType::Int),
        Column::new("max_attempts", ColumnType::Int),
        Column::new("allowed_origins", ColumnType::Json),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

static TABLES: [&TableSpec; 4] = [&TENANTS, &API_KEYS, &LOCATOR, &SETTINGS];

/// Schema `operations`, as the batched commit sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct OperationsSchema;

impl Schema for OperationsSchema {
    type Write = OperationsWrite;

    fn name(&self) -> &'static str {
        SCHEMA
    }

    fn tables(&self) -> &'static [&'static TableSpec] {
        &TABLES
    }

    fn rows(&self, write: &OperationsWrite, rows: &mut Rows) {
        match write {
            OperationsWrite::Tenant(save) => match &save.before {
                None => rows.insert(&TENANTS, tenant(&save.after)),
                Some(before) => rows.update(&TENANTS, before.version.number(), tenant(&save.after)),
            },
            OperationsWrite::ApiKey(save) => match &save.before {
                None => {
                    rows.insert(&API_KEYS, api_key(&save.after));
                    rows.insert(&LOCATOR, vec!["api_key".into(), save.after.lookup.to_hex().into()]);
                }
                Some(before) => rows.update(&API_KEYS, before.version.number(), api_key(&save.after)),
            },
            OperationsWrite::Settings(save) => match &save.before {
                None => rows.insert(&SETTINGS, settings(&save.after)),
                Some(before) => rows.update(&SETTINGS, before.version.number(), settings(&save.after)),
            },
        }
    }
}

fn tenant(tenant: &Tenant) -> Vec<Cell> {
    vec![
        tenant.display_name.as_str().into(),
        tenant.version.number().into(),
        tenant.created_at.into(),
        tenant.updated_at.into(),
    ]
}

fn api_key(key: &ApiKey) -> Vec<Cell> {
    vec![
        key.id.uuid().into(),
        key.version.number().into(),
        key.name.as_str().into(),
        key.lookup.0.to_vec().into(),
        key.masked.prefix.as_str().into(),
        key.masked.last4.as_str().into(),
        scopes(key.scopes),
        key.publishable.into(),
        key.livemode.into(),
        key.expires_at.into(),
        key.revoked_at.into(),
        (&*key.issued_by).into(),
        key.created_at.into(),
        key.updated_at.into(),
    ]
}

fn scopes(scopes: ScopeSet) -> Cell {
    json(&scopes.iter().map(Scope::as_str).collect::<Vec<_>>())
}

fn settings(settings: &TenantSettings) -> Vec<Cell> {
    let values = &settings.values;
    let days = |days: u32| Cell::Int(Some(i32::try_from(days).expect("the domain bounds it at 3650")));
    let limits: BTreeMap<&str, i64> =
        values.max_authorization.values().map(|limit| (limit.currency().code(), limit.minor())).collect();
    vec![
        settings.version.number().into(),
        json(&values.allowed_methods),
        values.default_capture_mode.as_str().into(),
        json(&limits),
        values.three_ds_policy.as_str().into(),
        values.risk_analysis_max.map(Money::minor).into(),
        days(values.dispute_retention_days),
        days(values.max_attempts),
        json(&values.allowed_origins),
        settings.created_at.into(),
        settings.updated_at.into(),
    ]
}

fn json<T: serde::Serialize>(value: &T) -> Cell {
    Cell::json(value).expect("lists and maps of texts and numbers have a JSON form")
}
