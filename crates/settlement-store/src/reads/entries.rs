//! Lines of the ledger, newest first.

use chrono::{DateTime, Utc};
use sqlx::{PgPool, Postgres, QueryBuilder};
use tender_domain::kernel::{Cursor, Direction, IntentId, Money, Page, PageRequest, StoreError, TenantId};
use tender_domain::ledger::{EntryFilter, LedgerEntry, Side, TransferId};
use tender_postgres::read_error;
use uuid::Uuid;

use super::columns::Place;

type Row = (Uuid, String, String, String, Option<Uuid>, String, i64, String, DateTime<Utc>, DateTime<Utc>);

/// A line's place in the order of ids: its transfer, and in it the debit before the credit.
#[derive(Clone, Copy)]
struct Position {
    transfer: Uuid,
    side: Side,
}

impl From<Cursor> for Position {
    fn from(Cursor(entry): Cursor) -> Self {
        let transfer = TransferId::new(entry).uuid();
        let side = if transfer == entry { Side::Debit } else { Side::Credit };
        Self { transfer, side }
    }
}

/// Each side is read by an index of its own, so that the lines of one account are found without looking at others';
/// the two are then merged.
pub(crate) async fn entries(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &EntryFilter,
    page: &PageRequest,
) -> Result<Page<LedgerEntry>, StoreError> {
    let order = match page.direction {
        Direction::Older => "DESC",
        Direction::Newer => "ASC",
    };
    let mut query = QueryBuilder::<Postgres>::new("SELECT * FROM (");
    for side in [Side::Debit, Side::Credit] {
        query.push(if side == Side::Debit { "(" } else { " UNION ALL (" });
        push_side(&mut query, side, tenant, filter);
        push_cursor(&mut query, side, page);
        query.push(" ORDER BY id ").push(order).push(" LIMIT ").push_bind(page.fetch()).push(")");
    }
    // `debit` sorts after `credit` as text and before it in the order of ids.
    let side_order = if page.direction == Direction::Older { "ASC" } else { "DESC" };
    query.push(") AS lines ORDER BY id ").push(order).push(", side ").push(side_order);
    query.push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let lines = rows.into_iter().map(entry).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(page, lines))
}

fn push_side(query: &mut QueryBuilder<Postgres>, side: Side, tenant: &TenantId, filter: &EntryFilter) {
    let account = match side {
        Side::Debit => "debit_account",
        Side::Credit => "credit_account",
    };
    query.push("SELECT id, '").push(side.as_str()).push("' AS side, effect_id, kind, intent_id, ");
    query.push(account).push(" AS account, amount_minor, currency, occurred_at, posted_at");
    query.push(" FROM settlement.ledger_transfers WHERE tenant_id = ");
    query.push_bind(tenant.as_str().to_owned());
    if let Some(wanted) = &filter.account {
        query.push(" AND ").push(account).push(" = ").push_bind(wanted.to_string());
    }
    if let Some(effect) = &filter.effect {
        query.push(" AND effect_id = ").push_bind(effect.as_str().to_owned());
    }
    if let Some(intent) = filter.intent {
        query.push(" AND intent_id = ").push_bind(intent.uuid());
    }
    if let Some(from) = filter.posted_from {
        query.push(" AND posted_at >= ").push_bind(from);
    }
    if let Some(before) = filter.posted_before {
        query.push(" AND posted_at < ").push_bind(before);
    }
}

fn push_cursor(query: &mut QueryBuilder<Postgres>, side: Side, page: &PageRequest) {
    let Some(from) = page.cursor.map(Position::from) else { return };
    // The other line of the cursor's own transfer is on the page only if it lies in the direction asked.
    let (strictly, with_transfer, takes_other) = match page.direction {
        Direction::Older => (" AND id < ", " AND id <= ", side < from.side),
        Direction::Newer => (" AND id > ", " AND id >= ", side > from.side),
    };
    query.push(if takes_other { with_transfer } else { strictly }).push_bind(from.transfer);
}

fn entry(row: Row) -> Result<LedgerEntry, StoreError> {
    let (id, side, effect, kind, intent, account, amount, currency, occurred_at, posted_at) = row;
    let place = Place { table: "ledger_transfers", row: &id };
    let side = Side::find(&side).ok_or_else(|| place.corrupt("side", format!("`{side}` is no side")))?;
    let account_column = match side {
        Side::Debit => "debit_account",
        Side::Credit => "credit_account",
    };
    Ok(LedgerEntry {
        id: TransferId::new(id).entry(side),
        effect: place.parse("effect_id", &effect)?,
        kind: place.kind(&kind)?,
        intent: intent.map(IntentId::from_uuid),
        account: place.parse(account_column, &account)?,
        side,
        amount: Money::new(amount, place.currency(&currency)?),
        occurred_at,
        posted_at,
    })
}
