//! A customer's transactions: payments, what refunds told of them, and refunds that are open.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgPool, Postgres, QueryBuilder};
use tender_domain::intents::{
    Intent, IntentStatus, RefundOfIntent, Transaction, TransactionFilter, TransactionKind, TransactionPage,
    TransactionStanding,
};
use tender_domain::kernel::{IntentId, RefundId, StoreError, TenantId};
use tender_domain::refunds::{OpenRefund, RefundStatus};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::reads::WHOLE;
use crate::rows::IntentRow;
use crate::storefront_reads;

/// How many there are in all; and of one of the page, if there is one: whether it is a refund, its id, its intent's.
type FoundRow = (i64, Option<bool>, Option<Uuid>, Option<Uuid>);

/// Which rows a page has is found first, over indexes and of the customer's own payments alone; then what they are. Pages
/// are numbered, as the document has it: what is skipped are ids of one customer, never a table.
pub(crate) async fn transactions(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &TransactionFilter,
    (skip, limit): (u64, u32),
) -> Result<TransactionPage, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new("");
    push_found(&mut query, tenant, filter);
    query.push(
        "SELECT (SELECT count(*) FROM found), page.is_refund, page.id, page.intent_id FROM (SELECT 1) always \
         LEFT JOIN (SELECT * FROM found ORDER BY at DESC, id DESC OFFSET ",
    );
    query.push_bind(i64::try_from(skip).unwrap_or(i64::MAX)).push(" LIMIT ").push_bind(i64::from(limit));
    query.push(") page ON true ORDER BY page.at DESC, page.id DESC");
    let rows: Vec<FoundRow> =
        query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let total = rows.first().map_or(0, |row| u64::try_from(row.0).unwrap_or(0));
    let found = rows.into_iter().filter_map(|(_, is_refund, id, intent)| Some((is_refund?, id?, intent?)));
    let found: Vec<(bool, Uuid, Uuid)> = found.collect();
    let intents = intents(pool, tenant, &found).await?;
    let told: Vec<RefundId> =
        found.iter().filter(|row| row.0).map(|row| RefundId::from_uuid(row.1)).collect();
    let told = storefront_reads::refunds_named(pool, tenant, &told).await?;
    let told: BTreeMap<Uuid, RefundOfIntent> =
        told.into_iter().map(|refund| (refund.id.uuid(), refund)).collect();
    let open: BTreeMap<Uuid, &OpenRefund> = filter.open.iter().map(|open| (open.id.uuid(), open)).collect();
    let rows = found.into_iter().filter_map(|(is_refund, id, intent)| {
        let intent = Arc::clone(intents.get(&IntentId::from_uuid(intent))?);
        if !is_refund {
            return Some(Transaction::Payment(intent));
        }
        match told.get(&id) {
            Some(refund) => Some(Transaction::Refund(intent, refund.clone())),
            None => Some(Transaction::OpenRefund(intent, (*open.get(&id)?).clone())),
        }
    });
    Ok(TransactionPage { total, rows: rows.collect() })
}

/// `WITH found AS (…)`: the ids of all transactions that pass the filter.
fn push_found(query: &mut QueryBuilder<Postgres>, tenant: &TenantId, filter: &TransactionFilter) {
    // The door's name stands in the text, so that the index of its payments can be taken.
    query.push("WITH paid AS (SELECT intent_id, created_at");
    if filter.standing.is_some() {
        query.push(", status");
    }
    query.push(" FROM intents.intents WHERE tenant_id = ").push_bind(tenant.as_str());
    query.push(" AND customer_id = ").push_bind(filter.customer_id.clone());
    query.push(" AND channel = '").push(filter.channel.as_str()).push("'), found AS MATERIALIZED (");
    let mut union = "";
    if filter.kind != Some(TransactionKind::Refund) {
        query.push(
            "SELECT false AS is_refund, intent_id AS id, intent_id, created_at AS at FROM paid WHERE true",
        );
        if let Some(standing) = filter.standing {
            query.push(" AND status = ANY(").push_bind(words(standing)).push(")");
        }
        push_range(query, "created_at", filter);
        union = " UNION ALL ";
    }
    if filter.kind != Some(TransactionKind::Payment) {
        query.push(union).push(
            "SELECT true AS is_refund, r.refund_id AS id, p.intent_id, r.at FROM paid p CROSS JOIN LATERAL (\
             SELECT refund_id, status, COALESCE(created_at, processed_at) AS at FROM intents.refunds_seen \
             WHERE tenant_id = ",
        );
        query
            .push_bind(tenant.as_str())
            .push(" AND intent_id = p.intent_id AND amount_minor > 0) r WHERE true");
        if let Some(standing) = filter.standing {
            query.push(" AND r.status = ANY(").push_bind(refund_words(standing)).push(")");
        }
        push_range(query, "r.at", filter);
        push_open(query, tenant, filter);
    }
    query.push(") ");
}

/// The refunds that are open, but for those that were told of as ended meanwhile.
fn push_open(query: &mut QueryBuilder<Postgres>, tenant: &TenantId, filter: &TransactionFilter) {
    let stands_so = |open: &&OpenRefund| {
        filter.standing.is_none_or(|standing| TransactionStanding::of_refund(open.status) == standing)
    };
    let open = || filter.open.iter().filter(stands_so);
    let ids: Vec<Uuid> = open().map(|open| open.id.uuid()).collect();
    let intents: Vec<Uuid> = open().map(|open| open.intent_id.uuid()).collect();
    let begun: Vec<_> = open().map(|open| open.created_at).collect();
    query.push(" UNION ALL SELECT true, o.id, o.intent_id, o.at FROM unnest(").push_bind(ids);
    query.push(", ").push_bind(intents).push(", ").push_bind(begun);
    query.push(
        ") o (id, intent_id, at) JOIN paid p ON p.intent_id = o.intent_id WHERE NOT EXISTS (\
         SELECT 1 FROM intents.refunds_seen s WHERE s.tenant_id = ",
    );
    query.push_bind(tenant.as_str()).push(" AND s.refund_id = o.id)");
    push_range(query, "o.at", filter);
}

fn push_range(query: &mut QueryBuilder<Postgres>, at: &'static str, filter: &TransactionFilter) {
    if let Some(from) = filter.from {
        query.push(" AND ").push(at).push(" >= ").push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(" AND ").push(at).push(" <= ").push_bind(to);
    }
}

/// The statuses of payments that stand so.
fn words(standing: TransactionStanding) -> Vec<&'static str> {
    let all = IntentStatus::ALL.iter();
    all.filter(|status| TransactionStanding::of_payment(**status) == standing)
        .map(|status| status.as_str())
        .collect()
}

/// The statuses of refunds that stand so.
fn refund_words(standing: TransactionStanding) -> Vec<&'static str> {
    let all = RefundStatus::ALL.iter();
    all.filter(|status| TransactionStanding::of_refund(**status) == standing)
        .map(|status| status.as_str())
        .collect()
}

async fn intents(
    pool: &PgPool,
    tenant: &TenantId,
    found: &[(bool, Uuid, Uuid)],
) -> Result<BTreeMap<IntentId, Arc<Intent>>, StoreError> {
    if found.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<Uuid> = found.iter().map(|row| row.2).collect();
    let sql = format!("{WHOLE} intents.intents i WHERE i.tenant_id = $1 AND i.intent_id = ANY($2)");
    let rows: Vec<IntentRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(tenant.as_str())
        .bind(ids)
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    let intents =
        rows.into_iter().map(|row| Intent::try_from(row).map(|intent| (intent.id, Arc::new(intent))));
    intents.collect()
}
