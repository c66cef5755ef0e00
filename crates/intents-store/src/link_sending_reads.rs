//! The reads of messages that bring links to their guests.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::kernel::{NotificationId, PaymentLinkId, StoreError, TenantId, Version};
use tender_domain::payment_links::LinkSending;
use tender_domain::ports::NoticeChannel;
use tender_postgres::read_error;
use uuid::Uuid;

use crate::dispatches::DispatchRow;
use crate::rows::{Place, from_row};

const COLUMNS: &str = "sending_id, version, link_id, channel, recipient, base_url, status, failures, due_at, problem, \
    created_at, updated_at";

/// Those that are to be tried, the longest due first.
pub(crate) const DUE_SENDINGS: &str = "SELECT tenant_id, sending_id FROM intents.link_sendings \
    WHERE status = 'requested' AND due_at <= $1 ORDER BY due_at LIMIT $2";

struct SendingRow {
    sending_id: Uuid,
    version: i64,
    link_id: Uuid,
    channel: String,
    recipient: String,
    base_url: String,
    status: String,
    failures: i32,
    due_at: Option<DateTime<Utc>>,
    problem: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

from_row!(SendingRow {
    sending_id,
    version,
    link_id,
    channel,
    recipient,
    base_url,
    status,
    failures,
    due_at,
    problem,
    created_at,
    updated_at
});

impl SendingRow {
    fn into_sending(self, tenant: &TenantId) -> Result<LinkSending, StoreError> {
        let place = Place { table: "link_sendings", row: self.sending_id };
        let dispatch = DispatchRow {
            status: self.status,
            failures: self.failures,
            due_at: self.due_at,
            problem: self.problem,
        };
        Ok(LinkSending {
            id: NotificationId::from_uuid(self.sending_id),
            tenant: tenant.clone(),
            version: Version::new(self.version),
            link: PaymentLinkId::from_uuid(self.link_id),
            channel: place.word("channel", &self.channel, NoticeChannel::find)?,
            recipient: self.recipient,
            base_url: self.base_url,
            dispatch: dispatch.into_dispatch(place)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

pub(crate) async fn sending(
    pool: &PgPool,
    tenant: &TenantId,
    id: NotificationId,
) -> Result<Option<LinkSending>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM intents.link_sendings WHERE tenant_id = $1 AND sending_id = $2");
    let row: Option<SendingRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(tenant.as_str())
        .bind(id.uuid())
        .fetch_optional(pool)
        .await
        .map_err(|error| read_error(&error))?;
    row.map(|row| row.into_sending(tenant)).transpose()
}

pub(crate) async fn sendings_of_link(
    pool: &PgPool,
    tenant: &TenantId,
    (link, limit): (PaymentLinkId, usize),
) -> Result<Vec<LinkSending>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM intents.link_sendings WHERE tenant_id = $1 AND link_id = $2 \
         ORDER BY created_at DESC, sending_id DESC LIMIT $3"
    );
    let rows: Vec<SendingRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(tenant.as_str())
        .bind(link.uuid())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.into_sending(tenant)).collect()
}
