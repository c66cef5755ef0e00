//! What hotels ask of their payments: the table, the rows of its writes, and its read.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tender_domain::hotels::{HotelSettings, HotelValues};
use tender_domain::kernel::{Save, StoreError, TenantId, Version};
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec, read_error};

use crate::rows::{Place, from_row};

pub(crate) static HOTEL_SETTINGS: TableSpec = TableSpec {
    name: "hotel_settings",
    key: &[Column::new("hotel_id", ColumnType::Text)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("psp", ColumnType::Text),
        Column::new("locale", ColumnType::Text),
        Column::new("notification_url", ColumnType::Text),
        Column::new("notification_emails", ColumnType::Json),
        Column::new("agents", ColumnType::Json),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn settings_rows(save: &Save<HotelSettings>, rows: &mut Rows) {
    let settings = &*save.after;
    let cells = vec![
        settings.hotel_id.as_str().into(),
        settings.version.number().into(),
        settings.values.psp.as_deref().into(),
        settings.values.locale.as_deref().into(),
        settings.values.notification_url.as_deref().into(),
        Cell::json(&settings.values.notification_emails).expect("a list of texts"),
        Cell::json(&settings.values.agents).expect("a list of pairs of texts"),
        settings.created_at.into(),
        settings.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&HOTEL_SETTINGS, cells),
        Some(before) => rows.update(&HOTEL_SETTINGS, before.version.number(), cells),
    }
}

struct SettingsRow {
    version: i64,
    psp: Option<String>,
    locale: Option<String>,
    notification_url: Option<String>,
    notification_emails: String,
    agents: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

from_row!(SettingsRow {
    version,
    psp,
    locale,
    notification_url,
    notification_emails,
    agents,
    created_at,
    updated_at
});

pub(crate) async fn settings(
    pool: &PgPool,
    tenant: &TenantId,
    hotel_id: &str,
) -> Result<Option<HotelSettings>, StoreError> {
    let row: Option<SettingsRow> = sqlx::query_as(
        "SELECT version, psp, locale, notification_url, notification_emails::text AS notification_emails, \
         agents::text AS agents, created_at, updated_at FROM intents.hotel_settings WHERE tenant_id = $1 AND hotel_id = $2",
    )
    .bind(tenant.as_str())
    .bind(hotel_id)
    .fetch_optional(pool)
    .await
    .map_err(|error| read_error(&error))?;
    let Some(row) = row else { return Ok(None) };
    let place = Place { table: "hotel_settings", row: hotel_id };
    Ok(Some(HotelSettings {
        tenant: tenant.clone(),
        hotel_id: hotel_id.to_owned(),
        version: Version::new(row.version),
        values: HotelValues {
            psp: row.psp,
            locale: row.locale,
            notification_url: row.notification_url,
            notification_emails: place.json("notification_emails", &row.notification_emails)?,
            agents: place.json("agents", &row.agents)?,
        },
        created_at: row.created_at,
        updated_at: row.updated_at,
    }))
}
