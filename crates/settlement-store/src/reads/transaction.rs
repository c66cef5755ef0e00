//! The transaction of one effect.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tender_domain::kernel::{IntentId, Money, StoreError, TenantId};
use tender_domain::ledger::{EffectId, LedgerTransaction, Posting, Transfer, TransferId};
use tender_postgres::read_error;
use uuid::Uuid;

use super::columns::Place;

const TRANSACTION: &str = "
SELECT id, transfer_count, kind, intent_id, debit_account, credit_account, amount_minor, currency, occurred_at, posted_at
FROM settlement.ledger_transfers WHERE tenant_id = $1 AND effect_id = $2 ORDER BY transfer_no";

type Row = (Uuid, i32, String, Option<Uuid>, String, String, i64, String, DateTime<Utc>, DateTime<Utc>);

pub(crate) async fn transaction(
    pool: &PgPool,
    tenant: &TenantId,
    effect: &EffectId,
) -> Result<Option<LedgerTransaction>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(TRANSACTION)
        .bind(tenant.as_str())
        .bind(effect.as_str())
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    let Some((_, count, kind, intent, .., occurred_at, posted_at)) = rows.first() else { return Ok(None) };
    let place = Place { table: "ledger_transfers", row: effect };
    if usize::try_from(*count) != Ok(rows.len()) {
        return Err(place.corrupt("transfer_count", format!("{count}, but {} are there", rows.len())));
    }
    let posting = Posting {
        tenant: tenant.clone(),
        effect: effect.clone(),
        kind: place.kind(kind)?,
        intent: intent.map(IntentId::from_uuid),
        occurred_at: *occurred_at,
        posted_at: *posted_at,
        transfers: rows.iter().map(transfer).collect::<Result<_, _>>()?,
    };
    LedgerTransaction::new(posting).map(Some).map_err(|error| place.corrupt("amount_minor", error))
}

fn transfer((id, _, _, _, debit, credit, amount, currency, _, _): &Row) -> Result<Transfer, StoreError> {
    let place = Place { table: "ledger_transfers", row: id };
    Ok(Transfer {
        id: TransferId::new(*id),
        debit: place.parse("debit_account", debit)?,
        credit: place.parse("credit_account", credit)?,
        amount: Money::new(*amount, place.currency(currency)?),
    })
}
