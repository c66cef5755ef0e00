//! What hotels want kept: the tables, the rows of their writes, and their reads.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use tender_domain::deposits::{EvaluatedDeposit, PolicyType};
use tender_domain::hotels::{
    Booking, BookingChannel, HotelNotification, HotelPayment, HotelReservation, HotelSettings, HotelStore,
    HotelWrite, ReservationStatus,
};
use tender_domain::kernel::{
    IntentId, Money, NotificationId, PaymentLinkId, Save, StoreError, TenantId, Timestamp, Version,
};
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec, read_error};
use uuid::Uuid;

use crate::PgIntentStore;
use crate::dispatches::due;
use crate::hotel_notifications::{
    DUE_NOTIFICATIONS, notification, notification_rows, notifications_of_payment,
};
use crate::hotel_settings::{settings, settings_rows};
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
        Column::new("notification_url", ColumnType::Text),
    ],
};

pub(crate) static HOTEL_RESERVATIONS: TableSpec = TableSpec {
    name: "hotel_reservations",
    key: &[Column::new("reservation_id", ColumnType::Text)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("hotel_id", ColumnType::Text),
        Column::new("rate_plan", ColumnType::Text),
        Column::new("guest", ColumnType::Json),
        Column::new("total_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("arrival", ColumnType::Text),
        Column::new("departure", ColumnType::Text),
        Column::new("channel", ColumnType::Text),
        Column::new("status", ColumnType::Text),
        Column::new("policy_type", ColumnType::Text),
        Column::new("policy_version", ColumnType::BigInt),
        Column::new("deposit_minor", ColumnType::BigInt),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("link_id", ColumnType::Uuid),
        Column::new("paid", ColumnType::Json),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn hotel_rows(write: &HotelWrite, rows: &mut Rows) {
    match write {
        HotelWrite::Page(page) => rows.insert(&LOCATOR, vec![LOCATED_AS.into(), page.key.as_str().into()]),
        HotelWrite::Payment(payment) => payment_rows(payment, rows),
        HotelWrite::Reservation(save) => reservation_rows(save, rows),
        HotelWrite::Settings(save) => settings_rows(save, rows),
        HotelWrite::Notification(save) => notification_rows(save, rows),
    }
}

fn reservation_rows(save: &Save<HotelReservation>, rows: &mut Rows) {
    let reservation = &*save.after;
    let (booking, deposit) = (&reservation.booking, &reservation.deposit);
    let paid: Vec<Uuid> = reservation.paid.iter().map(|payment| payment.uuid()).collect();
    let cells = vec![
        reservation.id.as_str().into(),
        reservation.version.number().into(),
        booking.hotel_id.as_str().into(),
        booking.rate_plan.as_deref().into(),
        Cell::json(&booking.guest).expect("a guest is a struct of texts"),
        booking.total.minor().into(),
        booking.total.currency().code().into(),
        booking.arrival.to_string().as_str().into(),
        booking.departure.to_string().as_str().into(),
        booking.channel.as_str().into(),
        reservation.status.as_str().into(),
        deposit.policy_type.as_str().into(),
        deposit.policy_version.number().into(),
        deposit.amount.minor().into(),
        reservation.payment.map(|payment| payment.uuid()).into(),
        reservation.link.map(|link| link.uuid()).into(),
        Cell::json(&paid).expect("a list of ids"),
        reservation.created_at.into(),
        reservation.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&HOTEL_RESERVATIONS, cells),
        Some(before) => rows.update(&HOTEL_RESERVATIONS, before.version.number(), cells),
    }
}

fn payment_rows(payment: &HotelPayment, rows: &mut Rows) {
    let cells = vec![
        payment.intent_id.uuid().into(),
        payment.hotel_id.as_str().into(),
        payment.channel.as_str().into(),
        payment.booking_reference.as_deref().into(),
        Cell::json(&payment.guest).expect("a guest is a struct of texts"),
        payment.success_url.as_deref().into(),
        payment.failure_url.as_deref().into(),
        payment.notification_url.as_deref().into(),
    ];
    rows.insert(&HOTEL_PAYMENTS, cells);
}

struct PaymentRow {
    hotel_id: String,
    channel: String,
    booking_reference: Option<String>,
    guest: String,
    success_url: Option<String>,
    failure_url: Option<String>,
    notification_url: Option<String>,
}

from_row!(PaymentRow {
    hotel_id,
    channel,
    booking_reference,
    guest,
    success_url,
    failure_url,
    notification_url
});

struct ReservationRow {
    version: i64,
    hotel_id: String,
    rate_plan: Option<String>,
    guest: String,
    total_minor: i64,
    currency: String,
    arrival: String,
    departure: String,
    channel: String,
    status: String,
    policy_type: String,
    policy_version: i64,
    deposit_minor: i64,
    intent_id: Option<Uuid>,
    link_id: Option<Uuid>,
    paid: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

from_row!(ReservationRow {
    version,
    hotel_id,
    rate_plan,
    guest,
    total_minor,
    currency,
    arrival,
    departure,
    channel,
    status,
    policy_type,
    policy_version,
    deposit_minor,
    intent_id,
    link_id,
    paid,
    created_at,
    updated_at
});

impl ReservationRow {
    fn into_reservation(self, tenant: &TenantId, id: &str) -> Result<HotelReservation, StoreError> {
        let place = Place { table: "hotel_reservations", row: id };
        let currency = place.currency("currency", &self.currency)?;
        let day =
            |column, text: &str| text.parse::<NaiveDate>().map_err(|error| place.corrupt(column, error));
        let paid: Vec<Uuid> = place.json("paid", &self.paid)?;
        Ok(HotelReservation {
            tenant: tenant.clone(),
            id: id.to_owned(),
            version: Version::new(self.version),
            booking: Booking {
                hotel_id: self.hotel_id,
                rate_plan: self.rate_plan,
                guest: place.json("guest", &self.guest)?,
                total: Money::new(self.total_minor, currency),
                arrival: day("arrival", &self.arrival)?,
                departure: day("departure", &self.departure)?,
                channel: place.word("channel", &self.channel, BookingChannel::find)?,
            },
            status: place.word("status", &self.status, ReservationStatus::find)?,
            deposit: EvaluatedDeposit {
                policy_type: place.word("policy_type", &self.policy_type, PolicyType::find)?,
                amount: Money::new(self.deposit_minor, currency),
                policy_version: Version::new(self.policy_version),
            },
            payment: self.intent_id.map(IntentId::from_uuid),
            link: self.link_id.map(PaymentLinkId::from_uuid),
            paid: paid.into_iter().map(IntentId::from_uuid).collect(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

#[async_trait]
impl HotelStore for PgIntentStore {
    async fn hotel_payment(
        &self,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<Option<HotelPayment>, StoreError> {
        let row: Option<PaymentRow> = sqlx::query_as(
            "SELECT hotel_id, channel, booking_reference, guest::text AS guest, success_url, failure_url, \
             notification_url FROM intents.hotel_payments WHERE tenant_id = $1 AND intent_id = $2",
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
            notification_url: row.notification_url,
        }))
    }

    async fn reservation(&self, tenant: &TenantId, id: &str) -> Result<Option<HotelReservation>, StoreError> {
        let row: Option<ReservationRow> = sqlx::query_as(
            "SELECT version, hotel_id, rate_plan, guest::text AS guest, total_minor, currency, arrival, departure, \
             channel, status, policy_type, policy_version, deposit_minor, intent_id, link_id, paid::text AS paid, \
             created_at, updated_at \
             FROM intents.hotel_reservations WHERE tenant_id = $1 AND reservation_id = $2",
        )
        .bind(tenant.as_str())
        .bind(id)
        .fetch_optional(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        row.map(|row| row.into_reservation(tenant, id)).transpose()
    }

    async fn hotel_settings(
        &self,
        tenant: &TenantId,
        hotel_id: &str,
    ) -> Result<Option<HotelSettings>, StoreError> {
        settings(self.pool(), tenant, hotel_id).await
    }

    async fn hotel_notification(
        &self,
        tenant: &TenantId,
        id: NotificationId,
    ) -> Result<Option<HotelNotification>, StoreError> {
        notification(self.pool(), tenant, id).await
    }

    async fn notifications_of_payment(
        &self,
        tenant: &TenantId,
        payment: IntentId,
        limit: usize,
    ) -> Result<Vec<HotelNotification>, StoreError> {
        notifications_of_payment(self.pool(), tenant, (payment, limit)).await
    }

    async fn due_notifications(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, NotificationId)>, StoreError> {
        due(self.pool(), DUE_NOTIFICATIONS, (now, limit)).await
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
