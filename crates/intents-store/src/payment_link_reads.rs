//! The reads of payment links.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool, Postgres, QueryBuilder};
use tender_domain::kernel::{
    Cursor, Direction, IntentId, Money, NotificationId, Page, PageRequest, PaymentLinkId, StoreError,
    TenantId, Timestamp, Version,
};
use tender_domain::payment_links::{
    LinkSending, LinkStatus, LinkUsage, PaymentLink, PaymentLinkFilter, PaymentLinkStore,
};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::PgIntentStore;
use crate::dispatches::due;
use crate::link_sending_reads::{DUE_SENDINGS, sending, sendings_of_link};
use crate::payment_link_rows::{LOCATED_AS, hex};
use crate::rows::{Place, from_row};

const COLUMNS: &str = "p.tenant_id, p.link_id, p.version, p.livemode, p.amount_minor, p.currency, p.customer_id, \
    p.merchant_account_id, p.description, p.order_ref, p.details::text AS details, p.guest::text AS guest, p.usage, \
    p.status, p.expires_at, p.token_hash, p.intent_id, p.hotel_id, p.created_at, p.updated_at";

struct LinkRow {
    tenant_id: String,
    link_id: Uuid,
    version: i64,
    livemode: bool,
    amount_minor: i64,
    currency: String,
    customer_id: Option<String>,
    merchant_account_id: String,
    description: Option<String>,
    order_ref: Option<String>,
    details: String,
    guest: String,
    usage: String,
    status: String,
    expires_at: DateTime<Utc>,
    token_hash: Vec<u8>,
    intent_id: Option<Uuid>,
    hotel_id: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

from_row!(LinkRow {
    tenant_id,
    link_id,
    version,
    livemode,
    amount_minor,
    currency,
    customer_id,
    merchant_account_id,
    description,
    order_ref,
    details,
    guest,
    usage,
    status,
    expires_at,
    token_hash,
    intent_id,
    hotel_id,
    created_at,
    updated_at
});

impl TryFrom<LinkRow> for PaymentLink {
    type Error = StoreError;

    fn try_from(row: LinkRow) -> Result<Self, StoreError> {
        let place = Place { table: "payment_links", row: row.link_id };
        let hash = row.token_hash.as_slice().try_into();
        Ok(Self {
            id: PaymentLinkId::from_uuid(row.link_id),
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            version: Version::new(row.version),
            livemode: row.livemode,
            amount: Money::new(row.amount_minor, place.currency("currency", &row.currency)?),
            details: place.json("details", &row.details)?,
            guest: place.json("guest", &row.guest)?,
            usage: place.word("usage", &row.usage, LinkUsage::find)?,
            status: place.word("status", &row.status, LinkStatus::find)?,
            expires_at: row.expires_at,
            token_hash: hash.map_err(|_| place.corrupt("token_hash", "has not 32 bytes"))?,
            intent: row.intent_id.map(IntentId::from_uuid),
            created_at: row.created_at,
            updated_at: row.updated_at,
            customer_id: row.customer_id,
            merchant_account_id: row.merchant_account_id,
            description: row.description,
            order_ref: row.order_ref,
            hotel_id: row.hotel_id,
        })
    }
}

fn one(row: Result<Option<LinkRow>, sqlx::Error>) -> Result<Option<PaymentLink>, StoreError> {
    row.map_err(|error| read_error(&error))?.map(TryInto::try_into).transpose()
}

#[async_trait]
impl PaymentLinkStore for PgIntentStore {
    async fn payment_link(
        &self,
        tenant: &TenantId,
        id: PaymentLinkId,
    ) -> Result<Option<PaymentLink>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.payment_links p WHERE p.tenant_id = $1 AND p.link_id = $2"
        );
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id.uuid());
        one(query.fetch_optional(self.pool()).await)
    }

    async fn payment_link_by_token(&self, hash: &[u8; 32]) -> Result<Option<PaymentLink>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM intents.locator l JOIN intents.payment_links p \
             ON p.tenant_id = l.tenant_id AND p.token_hash = $3 WHERE l.kind = $1 AND l.key = $2"
        );
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(LOCATED_AS).bind(hex(hash)).bind(hash.to_vec());
        one(query.fetch_optional(self.pool()).await)
    }

    async fn link_sending(
        &self,
        tenant: &TenantId,
        id: NotificationId,
    ) -> Result<Option<LinkSending>, StoreError> {
        sending(self.pool(), tenant, id).await
    }

    async fn sendings_of_link(
        &self,
        tenant: &TenantId,
        link: PaymentLinkId,
        limit: usize,
    ) -> Result<Vec<LinkSending>, StoreError> {
        sendings_of_link(self.pool(), tenant, (link, limit)).await
    }

    async fn due_sendings(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, NotificationId)>, StoreError> {
        due(self.pool(), DUE_SENDINGS, (now, limit)).await
    }

    async fn payment_links(
        &self,
        tenant: &TenantId,
        filter: &PaymentLinkFilter,
        page: &PageRequest,
    ) -> Result<Page<PaymentLink>, StoreError> {
        links(self.pool(), tenant, filter, page).await
    }
}

async fn links(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &PaymentLinkFilter,
    page: &PageRequest,
) -> Result<Page<PaymentLink>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT ");
    query.push(COLUMNS).push(" FROM intents.payment_links p WHERE p.tenant_id = ").push_bind(tenant.as_str());
    if let Some(order) = &filter.order_ref {
        query.push(" AND p.order_ref = ").push_bind(order.clone());
    }
    if let Some(customer) = &filter.customer_id {
        query.push(" AND p.customer_id = ").push_bind(customer.clone());
    }
    let (beyond, order) = match page.direction {
        Direction::Older => (" AND p.link_id < ", "p.link_id DESC"),
        Direction::Newer => (" AND p.link_id > ", "p.link_id"),
    };
    if let Some(Cursor(id)) = page.cursor {
        query.push(beyond).push_bind(id);
    }
    query.push(" ORDER BY ").push(order).push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<LinkRow> =
        query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let links = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(page, links))
}
