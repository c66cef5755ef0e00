//! What people are told of refunds: the table, the rows of its writes, and its reads.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use tender_domain::kernel::{
    IntentId, NotificationId, RefundId, Save, StoreError, TenantId, Timestamp, Version,
};
use tender_domain::notices::{NewRefundNotice, NoticeReader, RefundNotice, RefundNoticeStore};
use tender_domain::ports::NoticeChannel;
use tender_postgres::{Column, ColumnType, Rows, TableSpec, read_error};
use uuid::Uuid;

use crate::PgIntentStore;
use crate::dispatches::{DispatchRow, due};
use crate::rows::{Place, from_row};

pub(crate) static REFUND_NOTICES: TableSpec = TableSpec {
    name: "refund_notices",
    key: &[Column::new("notification_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("refund_id", ColumnType::Uuid),
        Column::new("reader", ColumnType::Text),
        Column::new("channel", ColumnType::Text),
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

pub(crate) fn refund_notice_rows(save: &Save<RefundNotice>, rows: &mut Rows) {
    let notice = &*save.after;
    let (told, dispatch) = (&notice.told, &notice.dispatch);
    let cells = vec![
        told.id.uuid().into(),
        notice.version.number().into(),
        notice.intent_id.uuid().into(),
        notice.refund_id.uuid().into(),
        told.reader.as_str().into(),
        told.channel.as_str().into(),
        told.address.as_str().into(),
        told.subject.as_str().into(),
        told.body.as_str().into(),
        dispatch.status.as_str().into(),
        i32::try_from(dispatch.failures).unwrap_or(i32::MAX).into(),
        dispatch.due_at.into(),
        dispatch.problem.as_deref().into(),
        notice.created_at.into(),
        notice.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&REFUND_NOTICES, cells),
        Some(before) => rows.update(&REFUND_NOTICES, before.version.number(), cells),
    }
}

const COLUMNS: &str = "notification_id, version, intent_id, refund_id, reader, channel, address, subject, body, status, \
    failures, due_at, problem, created_at, updated_at";

/// Those that are to be tried, the longest due first.
const DUE: &str = "SELECT tenant_id, notification_id FROM intents.refund_notices \
    WHERE status = 'requested' AND due_at <= $1 ORDER BY due_at LIMIT $2";

struct NoticeRow {
    notification_id: Uuid,
    version: i64,
    intent_id: Uuid,
    refund_id: Uuid,
    reader: String,
    channel: String,
    address: String,
    subject: String,
    body: String,
    status: String,
    failures: i32,
    due_at: Option<DateTime<Utc>>,
    problem: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

from_row!(NoticeRow {
    notification_id,
    version,
    intent_id,
    refund_id,
    reader,
    channel,
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

impl NoticeRow {
    fn into_notice(self, tenant: &TenantId) -> Result<RefundNotice, StoreError> {
        let place = Place { table: "refund_notices", row: self.notification_id };
        let dispatch = DispatchRow {
            status: self.status,
            failures: self.failures,
            due_at: self.due_at,
            problem: self.problem,
        };
        Ok(RefundNotice {
            tenant: tenant.clone(),
            intent_id: IntentId::from_uuid(self.intent_id),
            refund_id: RefundId::from_uuid(self.refund_id),
            told: NewRefundNotice {
                id: NotificationId::from_uuid(self.notification_id),
                reader: place.word("reader", &self.reader, NoticeReader::find)?,
                channel: place.word("channel", &self.channel, NoticeChannel::find)?,
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

#[async_trait]
impl RefundNoticeStore for PgIntentStore {
    async fn refund_notice(
        &self,
        tenant: &TenantId,
        id: NotificationId,
    ) -> Result<Option<RefundNotice>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.refund_notices WHERE tenant_id = $1 AND notification_id = $2"
        );
        let row: Option<NoticeRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(tenant.as_str())
            .bind(id.uuid())
            .fetch_optional(self.pool())
            .await
            .map_err(|error| read_error(&error))?;
        row.map(|row| row.into_notice(tenant)).transpose()
    }

    async fn refund_notices_of(
        &self,
        tenant: &TenantId,
        payment: IntentId,
        limit: usize,
    ) -> Result<Vec<RefundNotice>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.refund_notices WHERE tenant_id = $1 AND intent_id = $2 \
             ORDER BY created_at, refund_id, address LIMIT $3"
        );
        let rows: Vec<NoticeRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(tenant.as_str())
            .bind(payment.uuid())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(self.pool())
            .await
            .map_err(|error| read_error(&error))?;
        rows.into_iter().map(|row| row.into_notice(tenant)).collect()
    }

    async fn due_refund_notices(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, NotificationId)>, StoreError> {
        due(self.pool(), DUE, (now, limit)).await
    }
}
