//! What hotels are told of the end of payments: the table, the rows of its writes, and its reads.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::hotels::{HotelNotification, NewNotification, NotificationWay, PaymentEnd};
use tender_domain::kernel::{IntentId, NotificationId, Save, StoreError, TenantId, Version};
use tender_postgres::{Column, ColumnType, Rows, TableSpec, read_error};
use uuid::Uuid;

use crate::dispatches::DispatchRow;
use crate::rows::{Place, from_row};

pub(crate) static HOTEL_NOTIFICATIONS: TableSpec = TableSpec {
    name: "hotel_notifications",
    key: &[Column::new("notification_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("intent_version", ColumnType::BigInt),
        Column::new("ended_as", ColumnType::Text),
        Column::new("way", ColumnType::Text),
        Column::new("address", ColumnType::Text),
        Column::new("subject", ColumnType::Text),
        Column::new("body", ColumnType::Text),
        Column::new("status", ColumnType::Text),
        Column::new("failures", ColumnType::Int),
        Column::new("due_at", ColumnType::Timestamp),
        Column::new("problem", ColumnType::Text),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn notification_rows(save: &Save<HotelNotification>, rows: &mut Rows) {
    let notification = &*save.after;
    let (told, dispatch) = (&notification.told, &notification.dispatch);
    let cells = vec![
        told.id.uuid().into(),
        notification.version.number().into(),
        notification.intent_id.uuid().into(),
        notification.intent_version.number().into(),
        notification.end.as_str().into(),
        told.way.as_str().into(),
        told.address.as_str().into(),
        told.subject.as_deref().into(),
        told.body.as_str().into(),
        dispatch.status.as_str().into(),
        i32::try_from(dispatch.failures).unwrap_or(i32::MAX).into(),
        dispatch.due_at.into(),
        dispatch.problem.as_deref().into(),
        notification.created_at.into(),
        notification.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&HOTEL_NOTIFICATIONS, cells),
        Some(before) => rows.update(&HOTEL_NOTIFICATIONS, before.version.number(), cells),
    }
}

const COLUMNS: &str = "notification_id, version, intent_id, intent_version, ended_as, way, address, subject, body, \
    status, failures, due_at, problem, created_at, updated_at";

/// Those that are to be tried, the longest due first.
pub(crate) const DUE_NOTIFICATIONS: &str = "SELECT tenant_id, notification_id FROM intents.hotel_notifications \
    WHERE status = 'requested' AND due_at <= $1 ORDER BY due_at LIMIT $2";

struct NotificationRow {
    notification_id: Uuid,
    version: i64,
    intent_id: Uuid,
    intent_version: i64,
    ended_as: String,
    way: String,
    address: String,
    subject: Option<String>,
    body: String,
    status: String,
    failures: i32,
    due_at: Option<DateTime<Utc>>,
    problem: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

from_row!(NotificationRow {
    notification_id,
    version,
    intent_id,
    intent_version,
    ended_as,
    way,
    address,
    subject,
    body,
    status,
    failures,
    due_at,
    problem,
    created_at,
    updated_at
});

impl NotificationRow {
    fn into_notification(self, tenant: &TenantId) -> Result<HotelNotification, StoreError> {
        let place = Place { table: "hotel_notifications", row: self.notification_id };
        let dispatch = DispatchRow {
            status: self.status,
            failures: self.failures,
            due_at: self.due_at,
            problem: self.problem,
        };
        Ok(HotelNotification {
            tenant: tenant.clone(),
            intent_id: IntentId::from_uuid(self.intent_id),
            intent_version: Version::new(self.intent_version),
            end: place.word("ended_as", &self.ended_as, PaymentEnd::find)?,
            told: NewNotification {
                id: NotificationId::from_uuid(self.notification_id),
                way: place.word("way", &self.way, NotificationWay::find)?,
                address: self.address,
                subject: self.subject,
                body: self.body,
            },
            version: Version::new(self.version),
            dispatch: dispatch.into_dispatch(place)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

pub(crate) async fn notification(
    pool: &PgPool,
    tenant: &TenantId,
    id: NotificationId,
) -> Result<Option<HotelNotification>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM intents.hotel_notifications WHERE tenant_id = $1 AND notification_id = $2"
    );
    let row: Option<NotificationRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(tenant.as_str())
        .bind(id.uuid())
        .fetch_optional(pool)
        .await
        .map_err(|error| read_error(&error))?;
    row.map(|row| row.into_notification(tenant)).transpose()
}

pub(crate) async fn notifications_of_payment(
    pool: &PgPool,
    tenant: &TenantId,
    (payment, limit): (IntentId, usize),
) -> Result<Vec<HotelNotification>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM intents.hotel_notifications WHERE tenant_id = $1 AND intent_id = $2 \
         ORDER BY intent_version, way, address LIMIT $3"
    );
    let rows: Vec<NotificationRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(tenant.as_str())
        .bind(payment.uuid())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.into_notification(tenant)).collect()
}
