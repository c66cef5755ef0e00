//! A row of `orders`.

use chrono::{DateTime, Utc};
use serde_json::Map;
use tender_domain::intents::StoredOrder;
use tender_domain::kernel::{Money, StoreError, Version};
use tender_domain::ports::{Order, OrderStatus, Reservation};

use super::column::{Place, from_row};

/// A row of `orders`.
#[derive(Debug)]
pub(crate) struct OrderRow {
    tenant_id: String,
    order_ref: String,
    version: i64,
    kind: String,
    customer_id: String,
    amount_minor: i64,
    currency: String,
    status: String,
    starts_at: Option<DateTime<Utc>>,
    product_type: Option<String>,
    rate_plan: Option<String>,
    reservation_id: Option<String>,
    reservation_holder: Option<String>,
    reservation_expires_at: Option<DateTime<Utc>>,
    details: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

from_row!(OrderRow {
    tenant_id,
    order_ref,
    version,
    kind,
    customer_id,
    amount_minor,
    currency,
    status,
    starts_at,
    product_type,
    rate_plan,
    reservation_id,
    reservation_holder,
    reservation_expires_at,
    details,
    created_at,
    updated_at
});

impl TryFrom<OrderRow> for StoredOrder {
    type Error = StoreError;

    fn try_from(row: OrderRow) -> Result<Self, StoreError> {
        let reference = row.order_ref.clone();
        let place = Place { table: "orders", row: reference.as_str() };
        let reservation = match row.reservation_id {
            None => None,
            Some(id) => Some(Reservation {
                id,
                holder: place.there("reservation_holder", row.reservation_holder)?,
                expires_at: place.there("reservation_expires_at", row.reservation_expires_at)?,
            }),
        };
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            version: Version::new(row.version),
            order: Order {
                reference: row.order_ref,
                kind: row.kind,
                customer_id: row.customer_id,
                amount: Money::new(row.amount_minor, place.currency("currency", &row.currency)?),
                status: place.word("status", &row.status, OrderStatus::find)?,
                starts_at: row.starts_at,
                product_type: row.product_type,
                rate_plan: row.rate_plan,
                reservation,
                details: row.details.as_deref().map_or(Ok(Map::new()), |text| place.json("details", text))?,
            },
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
