//! Square's payouts and what each is made of, as rows for settlement. A page is one payout.

use serde_json::Value;
use tender_domain::ports::{GatewayError, SettlementKind, SettlementPage, SettlementRequest, SettlementRow};

use super::answer::{problems, refusal};
use super::call::{Connection, WHO};
use super::wire::{Entries, Entry, Money, Payout, Payouts};
use crate::rest::Response;
use crate::said::unknown;

/// The most pages that a payout's entries are read of: 10 000 movements.
const PAGES_MAX: u32 = 100;

/// The payout at which the cursor stands, with its entries.
pub(super) async fn page(
    connection: &Connection,
    location: &str,
    asked: &SettlementRequest,
) -> Result<SettlementPage, GatewayError> {
    let (from, until) = (asked.from.to_rfc3339(), asked.until.to_rfc3339());
    let mut pairs =
        vec![("location_id", location), ("begin_time", &from), ("end_time", &until), ("limit", "1")];
    pairs.extend(asked.cursor.as_deref().map(|cursor| ("cursor", cursor)));
    let found: Payouts = read(&connection.report(&format!("v2/payouts?{}", query(&pairs))).await?)?;
    let next = found.cursor.filter(|cursor| !cursor.is_empty());
    let Some(payout) = found.payouts.into_iter().next() else {
        return Ok(SettlementPage { rows: Vec::new(), next });
    };
    let mut rows = vec![paid_out(&payout)?];
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let mut pairs = vec![("limit", "100")];
        pairs.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let path = format!("v2/payouts/{}/payout-entries?{}", payout.id, query(&pairs));
        let found: Entries = read(&connection.report(&path).await?)?;
        for entry in &found.payout_entries {
            rows.push(row(entry, &payout.id)?);
        }
        cursor = found.cursor.filter(|cursor| !cursor.is_empty());
        if cursor.is_none() {
            return Ok(SettlementPage { rows, next });
        }
    }
    Err(unknown(&format!("the payout {} has more movements than are read", payout.id)))
}

fn read<T: serde::de::DeserializeOwned>(answer: &Response) -> Result<T, GatewayError> {
    if answer.is_success() {
        return answer.json(WHO);
    }
    Err(refusal(answer, &problems(answer)?))
}

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// What leaves the balance with a payout. Also with one that failed: what comes back of it is among the movements of later
/// payouts (`RETURNED_PAYOUT`), piece by piece, and the two are nothing together.
fn paid_out(payout: &Payout) -> Result<SettlementRow, GatewayError> {
    let not_understood = || unknown(&format!("the payout {} is not understood", payout.id));
    let sent = payout.amount_money.read().ok_or_else(not_understood)?;
    let minor = sent.minor().checked_neg().ok_or_else(not_understood)?;
    let net = tender_domain::kernel::Money::new(minor, sent.currency());
    Ok(SettlementRow {
        id: payout.id.clone(),
        kind: SettlementKind::Payout,
        gateway_reference: None,
        reference: None,
        gross: net,
        fee: tender_domain::kernel::Money::zero(sent.currency()),
        net,
        payout: Some(payout.id.clone()),
        booked_at: payout.created_at.parse().map_err(|_| not_understood())?,
    })
}

fn row(entry: &Entry, payout: &str) -> Result<SettlementRow, GatewayError> {
    let not_understood = || unknown(&format!("the entry {} of a payout is not understood", entry.id));
    let gross = entry.gross_amount_money.read().ok_or_else(not_understood)?;
    let fee = match &entry.fee_amount_money {
        Some(fee) => Money::read(fee).ok_or_else(not_understood)?,
        None => tender_domain::kernel::Money::zero(gross.currency()),
    };
    let net = entry.net_amount_money.read().ok_or_else(not_understood)?;
    if gross.checked_sub(fee).ok() != Some(net) {
        return Err(unknown(&format!("the entry {} of a payout does not add up", entry.id)));
    }
    Ok(SettlementRow {
        id: entry.id.clone(),
        kind: kind(&entry.kind),
        gateway_reference: payment_of(entry),
        reference: None,
        gross,
        fee,
        net,
        payout: Some(payout.to_owned()),
        booked_at: entry.effective_at.parse().map_err(|_| not_understood())?,
    })
}

/// The payment in the entry's details, whose field has a name of its type (`type_charge_details`).
fn payment_of(entry: &Entry) -> Option<String> {
    let details =
        entry.more.iter().filter(|(name, _)| name.starts_with("type_") && name.ends_with("_details"));
    let named = details.filter_map(|(_, details)| details.get("payment_id").and_then(Value::as_str)).next();
    named.map(str::to_owned)
}

fn kind(word: &str) -> SettlementKind {
    match word {
        "CHARGE" => SettlementKind::Charge,
        "REFUND" | "RETURNED_PAYOUT_REFUND" | "UNLINKED_REFUND" => SettlementKind::Refund,
        "DISPUTE" | "OPEN_DISPUTE" => SettlementKind::Dispute,
        "FEE" | "TAX_ON_FEE" | "THIRD_PARTY_FEE" | "SQUARE_PAYROLL_TRANSFER_FEE" => SettlementKind::Fee,
        "RETURNED_PAYOUT" | "AUTOMATIC_SAVINGS" | "DEPOSIT_FEE" => SettlementKind::Payout,
        _ => SettlementKind::Adjustment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Entry {
        serde_json::from_str(text).expect("an entry")
    }

    #[test]
    fn entries_are_rows_that_add_up() {
        let charge = row(
            &entry(
                r#"{"id":"poe_1","type":"CHARGE","effective_at":"2021-12-14T23:31:49Z",
                "gross_amount_money":{"amount":1000,"currency_code":"USD"},
                "fee_amount_money":{"amount":29,"currency_code":"USD"},
                "net_amount_money":{"amount":971,"currency_code":"USD"},
                "type_charge_details":{"payment_id":"PAY1"}}"#,
            ),
            "po_1",
        )
        .expect("a row");
        assert_eq!((charge.kind, charge.fee.minor(), charge.net.minor()), (SettlementKind::Charge, 29, 971));
        assert_eq!(
            (charge.gateway_reference.as_deref(), charge.payout.as_deref()),
            (Some("PAY1"), Some("po_1"))
        );
        let refund = row(
            &entry(
                r#"{"id":"poe_2","type":"REFUND","effective_at":"2021-12-14T23:31:49Z",
                "gross_amount_money":{"amount":-50,"currency":"USD"},"fee_amount_money":{"amount":-2,"currency":"USD"},
                "net_amount_money":{"amount":-48,"currency":"USD"},
                "type_refund_details":{"payment_id":"PAY1","refund_id":"R1"}}"#,
            ),
            "po_1",
        )
        .expect("a row");
        assert_eq!((refund.kind, refund.net.minor()), (SettlementKind::Refund, -48));
        let wrong = entry(
            r#"{"id":"poe_3","type":"CHARGE","effective_at":"2021-12-14T23:31:49Z",
            "gross_amount_money":{"amount":10,"currency":"USD"},"net_amount_money":{"amount":9,"currency":"USD"}}"#,
        );
        assert!(matches!(row(&wrong, "po_1"), Err(GatewayError::Unknown(_))), "it does not add up");
    }
}
