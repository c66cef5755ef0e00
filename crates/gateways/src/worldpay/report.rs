//! Worldpay's statements of an account, as rows for settlement.

use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::{GatewayError, SettlementKind, SettlementPage, SettlementRequest, SettlementRow};

use super::call::WHO;
use super::event::instant;
use super::request::query;
use super::wire::{Statement, StatementItem};
use crate::name::Name;
use crate::rest::Response;
use crate::said::unknown;

/// The page of a statement that is asked for.
///
/// # Errors
/// `NotDone` for a cursor that is none.
pub(super) fn page(account: &str, asked: &SettlementRequest) -> Result<String, GatewayError> {
    let page: u32 = match &asked.cursor {
        Some(cursor) => cursor.parse().map_err(|_| GatewayError::NotDone("the cursor is none".to_owned()))?,
        None => 1,
    };
    let format = |time: tender_domain::kernel::Timestamp| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let pairs = [
        ("startDate", format(asked.from)),
        ("endDate", format(asked.until)),
        ("accountNumber", account.to_owned()),
        ("pageNumber", page.to_string()),
        ("pageSize", "500".to_owned()),
    ];
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(format!("accounts/statements?{}", query(&pairs)))
}

/// The rows of an answer.
///
/// # Errors
/// `Unknown` for a row that cannot be read: a statement is taken whole or not at all.
pub(super) fn rows(response: &Response) -> Result<SettlementPage, GatewayError> {
    // No content: nothing moved.
    if response.status == 204 {
        return Ok(SettlementPage { rows: Vec::new(), next: None });
    }
    let statement: Statement<'_> = response.json_borrowed(WHO)?;
    let items = statement.account_statement_items.unwrap_or_default();
    if items.is_empty() {
        return Ok(SettlementPage { rows: Vec::new(), next: None });
    }
    let currency = statement.currency.as_deref().and_then(|code| code.parse::<Currency>().ok());
    let currency = currency.ok_or_else(|| unknown("Worldpay's statement names no currency"))?;
    let read = |item: &StatementItem<'_>| {
        row(item, currency).ok_or_else(|| {
            unknown(&format!("the row {} of a statement is not understood", item.statement_item_id))
        })
    };
    let rows = items.iter().map(read).collect::<Result<_, _>>()?;
    let (page, pages) = (statement.page_number.unwrap_or(1), statement.page_count.unwrap_or(1));
    Ok(SettlementPage { rows, next: (page < pages).then(|| (page + 1).to_string()) })
}

fn row(item: &StatementItem<'_>, currency: Currency) -> Option<SettlementRow> {
    let moved = Money::from_decimal_text(item.amount.get(), currency).ok()?;
    let is_debit = match item.funding_type.as_deref()?.to_ascii_lowercase().as_str() {
        "credit" => false,
        "debit" => true,
        _ => return None,
    };
    let minor = moved.minor().checked_abs()?;
    let net = Money::new(if is_debit { -minor } else { minor }, currency);
    let reference = item.transaction_reference.clone().filter(|text| !text.is_empty());
    let kind = kind(item.transfer_type.as_deref().unwrap_or_default());
    Some(SettlementRow {
        id: item.statement_item_id.clone(),
        kind,
        gateway_reference: reference.clone().filter(|text| Name::find(text).is_some()),
        reference,
        gross: net,
        fee: Money::zero(currency),
        net,
        payout: item
            .statement_number
            .filter(|_| kind == SettlementKind::Payout)
            .map(|number| number.to_string()),
        booked_at: instant(&item.timestamp)?,
    })
}

fn kind(transfer: &str) -> SettlementKind {
    match transfer.to_ascii_uppercase().replace('_', " ").as_str() {
        "ACQUIRING SETTLEMENT" | "PAYIN" | "SPLIT PAYMENT" | "STREAMLINE TRANSFER" => SettlementKind::Charge,
        "REFUND" | "PAYIN REFUND" | "PAYIN REVERSAL" => SettlementKind::Refund,
        "CHARGEBACK" => SettlementKind::Dispute,
        "COMMISSION" | "DEDUCTION" => SettlementKind::Fee,
        text if text.contains("PAYOUT") || text == "BANKOUT" => SettlementKind::Payout,
        _ => SettlementKind::Adjustment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(body: &str) -> Response {
        Response { status: 200, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_statement_is_rows_with_signs_and_exact_amounts() {
        let page = rows(&response(
            r#"{"accountNumber":"1","currency":"GBP","pageNumber":1,"pageCount":2,"accountStatementItems":[
            {"statementItemId":"a","transferType":"ACQUIRING SETTLEMENT","amount":1024.30,"fundingType":"credit",
             "timestamp":"2026-01-02T03:04:05Z","transactionReference":"sale/sandbox/att_1","statementNumber":7},
            {"statementItemId":"b","transferType":"CHARGEBACK","amount":0.29,"fundingType":"debit",
             "timestamp":"2026-01-02T03:04:05","transactionReference":"order 7"},
            {"statementItemId":"c","transferType":"PAYOUT","amount":1000,"fundingType":"debit",
             "timestamp":"2026-01-02T03:04:05Z","statementNumber":8}]}"#,
        ))
        .expect("a statement");
        assert_eq!(page.next.as_deref(), Some("2"));
        let told: Vec<_> = page.rows.iter().map(|row| (row.kind, row.net.minor())).collect();
        let wanted = [
            (SettlementKind::Charge, 102_430),
            (SettlementKind::Dispute, -29),
            (SettlementKind::Payout, -100_000),
        ];
        assert_eq!(told, wanted);
        assert_eq!(page.rows[0].gateway_reference.as_deref(), Some("sale/sandbox/att_1"));
        let other = &page.rows[1];
        assert_eq!((other.gateway_reference.as_deref(), other.reference.as_deref()), (None, Some("order 7")));
        assert_eq!((page.rows[0].payout.as_deref(), page.rows[2].payout.as_deref()), (None, Some("8")));
        assert!(page.rows.iter().all(|row| row.gross.minor() - row.fee.minor() == row.net.minor()));
    }

    #[test]
    fn a_statement_with_a_row_that_is_not_understood_is_not_taken() {
        for item in [
            r#""amount":1.005,"fundingType":"credit","timestamp":"2026-01-02T03:04:05Z""#,
            r#""amount":1,"fundingType":"sideways","timestamp":"2026-01-02T03:04:05Z""#,
            r#""amount":1,"fundingType":"credit","timestamp":"soon""#,
        ] {
            let body =
                format!(r#"{{"currency":"GBP","accountStatementItems":[{{"statementItemId":"a",{item}}}]}}"#);
            assert!(matches!(rows(&response(&body)), Err(GatewayError::Unknown(_))), "{item}");
        }
        let none = rows(&Response { status: 204, body: Vec::new() }).expect("nothing moved");
        assert_eq!((none.rows.len(), none.next), (0, None));
    }
}
