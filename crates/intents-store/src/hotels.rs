//! What hotels want kept: the tables, the rows of their writes, and their reads.

use async_trait::async_trait;
use tender_domain::hotels::{BookingChannel, HotelPayment, HotelStore};
use tender_domain::intents::PageLocation;
use tender_domain::kernel::{IntentId, StoreError, TenantId};
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec, read_error};

use crate::PgIntentStore;
use crate::payment_link_rows::LOCATOR;
use crate::rows::{Place, from_row};

/// The kind of the locator's entries of payment pages.
const LOCATED_AS: &str = "payment_page";

pub(crate) static HOTEL_PAYMENTS: TableSpec = TableSpec {
    name: "hotel_payments",
    key: &[Column::new("intent_id", ColumnType::Uuid)],
    columns: &[
        Column::new("hotel_id", ColumnType::Text),
        Column::new("channel", ColumnType::Text),
        Column::new("booking_reference", ColumnType::Text),
        Column::new("guest", ColumnType::Json),
        Column::new("success_url", ColumnType::Text),
        Column::new("failure_url", ColumnType::Text),
    ],
};

pub(crate) fn hotel_payment_rows(payment: &HotelPayment, rows: &mut Rows) {
    let cells = vec![
        payment.intent_id.uuid().into(),
        payment.hotel_id.as_str().into(),
        payment.channel.as_str().into(),
        payment.booking_reference.as_deref().into(),
        Cell::json(&payment.guest).expect("a guest is a struct of texts"),
        payment.success_url.as_deref().into(),
        payment.failure_url.as_deref().into(),
    ];
    rows.insert(&HOTEL_PAYMENTS, cells);
}

pub(crate) fn page_rows(page: &PageLocation, rows: &mut Rows) {
    rows.insert(&LOCATOR, vec![LOCATED_AS.into(), page.key.as_str().into()]);
}

struct PaymentRow {
    hotel_id: String,
    channel: String,
    booking_reference: Option<String>,
    guest: String,
    success_url: Option<String>,
    failure_url: Option<String>,
}

from_row!(PaymentRow { hotel_id, channel, booking_reference, guest, success_url, failure_url });

#[async_trait]
impl HotelStore for PgIntentStore {
    async fn hotel_payment(
        &self,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<Option<HotelPayment>, StoreError> {
        let row: Option<PaymentRow> = sqlx::query_as(
            "SELECT hotel_id, channel, booking_reference, guest::text AS guest, success_url, failure_url \
             FROM intents.hotel_payments WHERE tenant_id = $1 AND intent_id = $2",
        )
        .bind(tenant.as_str())
        .bind(id.uuid())
        .fetch_optional(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        let Some(row) = row else { return Ok(None) };
        let place = Place { table: "hotel_payments", row: id.uuid() };
        Ok(Some(HotelPayment {
            tenant: tenant.clone(),
            intent_id: id,
            hotel_id: row.hotel_id,
            channel: place.word("channel", &row.channel, BookingChannel::find)?,
            booking_reference: row.booking_reference,
            guest: place.json("guest", &row.guest)?,
            success_url: row.success_url,
            failure_url: row.failure_url,
        }))
    }

    async fn tenant_of_page(&self, key: &str) -> Result<Option<TenantId>, StoreError> {
        let found: Option<(String,)> =
            sqlx::query_as("SELECT tenant_id FROM intents.locator WHERE kind = $1 AND key = $2")
                .bind(LOCATED_AS)
                .bind(key)
                .fetch_optional(self.pool())
                .await
                .map_err(|error| read_error(&error))?;
        let tenant = found.map(|(tenant,)| tenant.parse());
        tenant.transpose().map_err(|error| StoreError::corrupt("locator", "tenant_id", key, error))
    }
}
