//! PayPal's transactions, as rows for settlement (<https://developer.paypal.com/docs/api/transaction-search/v1/>). They are
//! those that moved the balance; PayPal shows them up to three hours late.

use chrono::DateTime;
use tender_domain::kernel::{Currency, Money, Timestamp};
use tender_domain::ports::{GatewayError, SettlementKind, SettlementPage, SettlementRequest, SettlementRow};

use super::call::Response;
use super::refusal::object;
use super::token::is_id;
use super::wire::{Amount, Moved, Transactions};

/// The page of transactions that is asked for.
///
/// # Errors
/// `NotDone` for a cursor that is none.
pub(super) fn page(asked: &SettlementRequest) -> Result<String, GatewayError> {
    let page: u32 = match &asked.cursor {
        Some(cursor) => cursor.parse().map_err(|_| GatewayError::NotDone("the cursor is none".to_owned()))?,
        None => 1,
    };
    let time = |time: Timestamp| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    // Whose end PayPal takes as a part of the time.
    let until = asked.until - chrono::Duration::seconds(1);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("start_date", &time(asked.from))
        .append_pair("end_date", &time(until))
        .append_pair("fields", "transaction_info")
        .append_pair("balance_affecting_records_only", "Y")
        .append_pair("page_size", "100")
        .append_pair("page", &page.to_string())
        .finish();
    Ok(format!("v1/reporting/transactions?{query}"))
}

/// The rows of an answer.
///
/// # Errors
/// `Unknown` for a row that cannot be read: a page is taken whole or not at all.
pub(super) fn rows(response: &Response) -> Result<SettlementPage, GatewayError> {
    let found: Transactions = object(response)?.map_err(|refusal| refusal.error())?;
    let moved = found.transaction_details.iter().map(|one| &one.transaction_info);
    // Denied and pending ones moved nothing.
    let moved = moved.filter(|one| matches!(one.transaction_status.as_deref(), Some("S" | "V")));
    let read = |one: &Moved| {
        row(one).ok_or_else(|| {
            GatewayError::Unknown(format!("the transaction {} is not understood", one.transaction_id))
        })
    };
    let rows = moved.map(read).collect::<Result<_, _>>()?;
    let next = (found.page < found.total_pages).then(|| (found.page + 1).to_string());
    Ok(SettlementPage { rows, next })
}

fn row(moved: &Moved) -> Option<SettlementRow> {
    let gross = signed(&moved.transaction_amount)?;
    // What PayPal takes is negative there.
    let fee = match &moved.fee_amount {
        Some(fee) => signed(fee)?,
        None => Money::zero(gross.currency()),
    };
    let fee = Money::new(fee.minor().checked_neg()?, fee.currency());
    let kind = kind(&moved.transaction_event_code);
    let is_order = moved.paypal_reference_id_type.as_deref() == Some("ODR");
    let named = moved.paypal_reference_id.clone().filter(|id| is_order && is_id(id));
    Some(SettlementRow {
        id: moved.transaction_id.clone(),
        kind,
        gateway_reference: named,
        reference: moved.custom_field.clone().filter(|text| !text.is_empty()),
        gross,
        fee,
        net: gross.checked_sub(fee).ok()?,
        payout: Some(moved.transaction_id.clone()).filter(|_| kind == SettlementKind::Payout),
        booked_at: instant(&moved.transaction_initiation_date)?,
    })
}

/// An amount with its sign.
fn signed(amount: &Amount) -> Option<Money> {
    let currency: Currency = amount.currency_code.parse().ok()?;
    Money::from_decimal_text(&amount.value, currency).ok()
}

/// `2014-07-11T04:03:52+0000`.
fn instant(text: &str) -> Option<Timestamp> {
    let at = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z").ok();
    at.map(|at| at.to_utc()).or_else(|| text.parse().ok())
}

/// PayPal's event codes (<https://developer.paypal.com/docs/reports/reference/tcodes/>).
fn kind(code: &str) -> SettlementKind {
    match code {
        "T0106" | "T0107" => SettlementKind::Fee,
        "T1106" | "T1110" | "T1111" => SettlementKind::Dispute,
        "T1107" => SettlementKind::Refund,
        code if code.starts_with("T00") => SettlementKind::Charge,
        code if code.starts_with("T01") => SettlementKind::Fee,
        code if code.starts_with("T04") => SettlementKind::Payout,
        code if code.starts_with("T12") => SettlementKind::Dispute,
        _ => SettlementKind::Adjustment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(info: &str) -> Response {
        let body =
            format!(r#"{{"transaction_details":[{{"transaction_info":{info}}}],"page":1,"total_pages":2}}"#);
        Response { status: 200, body: body.into_bytes() }
    }

    fn info(code: &str, amount: &str, fee: &str, status: &str) -> String {
        format!(
            r#"{{"transaction_id":"5TY05013RG002845M","transaction_event_code":"{code}",
            "transaction_initiation_date":"2026-01-02T03:04:05+0100","transaction_status":"{status}",
            "transaction_amount":{{"currency_code":"USD","value":"{amount}"}},
            "fee_amount":{{"currency_code":"USD","value":"{fee}"}},"custom_field":"sandbox/att_1",
            "paypal_reference_id":"5O190127TN364715T","paypal_reference_id_type":"ODR"}}"#
        )
    }

    #[test]
    fn a_transaction_is_a_row_with_its_sign_and_adds_up() {
        let page = rows(&response(&info("T0006", "10.00", "-0.59", "S"))).expect("a page");
        assert_eq!(page.next.as_deref(), Some("2"));
        let row = &page.rows[0];
        assert_eq!(
            (row.kind, row.gross.minor(), row.fee.minor(), row.net.minor()),
            (SettlementKind::Charge, 1_000, 59, 941)
        );
        assert_eq!(row.gateway_reference.as_deref(), Some("5O190127TN364715T"));
        assert_eq!(row.reference.as_deref(), Some("sandbox/att_1"));
        assert_eq!(row.booked_at, "2026-01-02T02:04:05Z".parse::<Timestamp>().expect("a time"));
        let refund = rows(&response(&info("T1107", "-10.00", "0.30", "S"))).expect("a page");
        assert_eq!((refund.rows[0].kind, refund.rows[0].net.minor()), (SettlementKind::Refund, -970));
        let payout = rows(&response(&info("T0400", "-9.41", "0.00", "S"))).expect("a page");
        assert_eq!((payout.rows[0].kind, payout.rows[0].payout.is_some()), (SettlementKind::Payout, true));
    }

    #[test]
    fn what_moved_nothing_is_no_row_and_what_is_not_understood_is_not_taken() {
        for status in ["D", "P"] {
            assert!(rows(&response(&info("T0006", "1.00", "0.00", status))).expect("a page").rows.is_empty());
        }
        let wrong = rows(&response(&info("T0006", "1.005", "0.00", "S")));
        assert!(matches!(wrong, Err(GatewayError::Unknown(_))), "{wrong:?}");
    }
}
