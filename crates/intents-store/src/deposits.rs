//! Deposit policies: their table, the rows of their writes, and their read.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tender_domain::deposits::{DepositStore, HotelPolicies};
use tender_domain::kernel::{Save, StoreError, TenantId, Version};
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec, read_error};

use crate::PgIntentStore;
use crate::rows::Place;

pub(crate) static DEPOSIT_POLICIES: TableSpec = TableSpec {
    name: "deposit_policies",
    key: &[Column::new("hotel_id", ColumnType::Text)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("policies", ColumnType::Json),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn deposit_policy_rows(save: &Save<HotelPolicies>, rows: &mut Rows) {
    let hotel = &*save.after;
    let cells = vec![
        hotel.hotel_id.as_str().into(),
        hotel.version.number().into(),
        Cell::json(&hotel.policies).expect("policies are structs with a JSON form"),
        hotel.created_at.into(),
        hotel.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&DEPOSIT_POLICIES, cells),
        Some(before) => rows.update(&DEPOSIT_POLICIES, before.version.number(), cells),
    }
}

#[async_trait]
impl DepositStore for PgIntentStore {
    async fn deposit_policies(
        &self,
        tenant: &TenantId,
        hotel_id: &str,
    ) -> Result<Option<HotelPolicies>, StoreError> {
        let row: Option<(i64, String, DateTime<Utc>, DateTime<Utc>)> = sqlx::query_as(
            "SELECT version, policies::text, created_at, updated_at FROM intents.deposit_policies \
             WHERE tenant_id = $1 AND hotel_id = $2",
        )
        .bind(tenant.as_str())
        .bind(hotel_id)
        .fetch_optional(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        let Some((version, policies, created_at, updated_at)) = row else { return Ok(None) };
        let place = Place { table: "deposit_policies", row: hotel_id };
        Ok(Some(HotelPolicies {
            tenant: tenant.clone(),
            hotel_id: hotel_id.to_owned(),
            version: Version::new(version),
            policies: place.json("policies", &policies)?,
            created_at,
            updated_at,
        }))
    }
}
