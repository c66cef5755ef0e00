//! What moved Stripe's balance, as rows for settlement: its balance transactions, newest first, each with what made it.

use tender_domain::kernel::{Money, Timestamp};
use tender_domain::ports::{GatewayError, SettlementKind, SettlementPage, SettlementRequest, SettlementRow};

use super::call::Response;
use super::money::from_stripe;
use super::refusal::object;
use super::request::{self, Request};
use super::token::is_id;
use super::wire::{Expandable, Movement, Movements, Source, metadata};

/// The page of movements that is asked for.
///
/// # Errors
/// `NotDone` for a cursor that is none.
pub(super) fn page(asked: &SettlementRequest) -> Result<Request, GatewayError> {
    let after = asked.cursor.as_deref();
    if after.is_some_and(|id| !is_id(id, "txn_")) {
        return Err(GatewayError::NotDone("the cursor is none".to_owned()));
    }
    Ok(request::movements(asked.from.timestamp(), asked.until.timestamp(), after))
}

/// The rows of an answer.
///
/// # Errors
/// `Unknown` for a row that cannot be read: a page is taken whole or not at all.
pub(super) fn rows(response: &Response) -> Result<SettlementPage, GatewayError> {
    let found: Movements = object(response)?.map_err(|refusal| refusal.error())?;
    let next = found.data.last().filter(|_| found.has_more).map(|last| last.id.clone());
    let rows = found.data.iter().map(row).collect::<Result<_, _>>()?;
    Ok(SettlementPage { rows, next })
}

fn row(movement: &Movement) -> Result<SettlementRow, GatewayError> {
    let wrong = |what: &str| GatewayError::Unknown(format!("the movement {} {what}", movement.id));
    let not_understood = || wrong("is not understood");
    let money = |minor| from_stripe(minor, &movement.currency).ok_or_else(not_understood);
    let (gross, fee, net): (Money, Money, Money) =
        (money(movement.amount)?, money(movement.fee)?, money(movement.net)?);
    if gross.checked_sub(fee).ok() != Some(net) {
        return Err(wrong("does not add up"));
    }
    let kind = kind(movement.reporting_category.as_deref().unwrap_or(&movement.kind));
    let (id, source) = match &movement.source {
        Some(Expandable::Id(id)) => (Some(id), None),
        Some(Expandable::Object(source)) => (Some(&source.id), Some(source)),
        None => (None, None),
    };
    Ok(SettlementRow {
        id: movement.id.clone(),
        kind,
        gateway_reference: source.and_then(|source| source.payment_intent.clone()),
        reference: source.and_then(reference),
        gross,
        fee,
        net,
        payout: id.filter(|_| kind == SettlementKind::Payout).cloned(),
        booked_at: Timestamp::from_timestamp(movement.created, 0).ok_or_else(not_understood)?,
    })
}

/// Our reference, which charges have of their payment, and refunds of their own.
fn reference(source: &Source) -> Option<String> {
    source.metadata.get(metadata::REFERENCE).cloned()
}

/// Stripe's reporting categories, and its types where it names no category
/// (<https://docs.stripe.com/reports/reporting-categories>).
fn kind(word: &str) -> SettlementKind {
    match word {
        "charge" | "payment" | "charge_failure" | "payment_failure_refund" => SettlementKind::Charge,
        "refund" | "payment_refund" | "refund_failure" | "partial_capture_reversal" => SettlementKind::Refund,
        "dispute" | "dispute_reversal" => SettlementKind::Dispute,
        "fee" | "stripe_fee" | "network_cost" | "tax" | "tax_fee" => SettlementKind::Fee,
        "payout" | "payout_reversal" | "payout_cancel" | "payout_failure" => SettlementKind::Payout,
        _ => SettlementKind::Adjustment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(movement: &str) -> Response {
        let body = format!(r#"{{"object":"list","has_more":false,"data":[{movement}]}}"#);
        Response { status: 200, body: body.into_bytes() }
    }

    #[test]
    fn a_row_that_is_not_understood_or_does_not_add_up_is_not_taken() {
        for (amount, currency, created) in [(1_000, "eur", 0), (971, "btc", 0), (971, "eur", i64::MAX)] {
            let movement = format!(
                r#"{{"id":"txn_1","amount":{amount},"fee":0,"net":971,"currency":"{currency}","type":"charge",
                "created":{created},"source":"ch_1"}}"#
            );
            let told = rows(&response(&movement));
            assert!(matches!(told, Err(GatewayError::Unknown(_))), "{amount} {currency} {created}");
        }
    }

    #[test]
    fn a_cursor_is_a_movement() {
        let at = |seconds| Timestamp::from_timestamp(seconds, 0).expect("a time");
        let asked =
            |cursor: &str| SettlementRequest { from: at(1), until: at(2), cursor: Some(cursor.to_owned()) };
        assert!(page(&asked("txn_1")).is_ok());
        assert!(matches!(page(&asked("../charges")), Err(GatewayError::NotDone(_))));
    }
}
