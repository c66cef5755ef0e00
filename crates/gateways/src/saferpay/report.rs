//! What Saferpay handed in to the acquirer, as rows for settlement: the captures that its Management API reports
//! (<https://saferpay.github.io/jsonapi/#rest_customers_customerId_transactions>). What the acquirer takes for it, when it
//! pays and what it takes back Saferpay does not know.

use chrono::{DateTime, Duration, NaiveDateTime};
use tender_domain::kernel::{Currency, Money, Timestamp};
use tender_domain::ports::{GatewayError, SettlementKind, SettlementPage, SettlementRequest, SettlementRow};

use super::answer::refusal;
use super::call::WHO;
use super::wire::{Reported, ReportedAmount, ReportedDetails, ReportedTransaction};
use crate::rest::Response;
use crate::said::unknown;

/// Saferpay takes up to 2000, and may answer with fewer.
const PAGE_SIZE: u32 = 500;
/// The most pages that are read of a time.
const PAGES_MAX: u32 = 2_000;

/// How long before the time transactions are asked for as well: they are named by when they happened, and may be captured
/// later.
const fn held() -> Duration {
    Duration::days(31)
}

/// The page of transactions that is asked for.
///
/// # Errors
/// `NotDone` for a cursor that is none.
pub(super) fn page(terminal: &str, asked: &SettlementRequest) -> Result<String, GatewayError> {
    let minute = |time: Timestamp| time.format("%Y-%m-%dT%H:%M").to_string();
    // They happened later than the one; and in the minute of the other or before, for yesterday ends at 23:59 there.
    let from = asked.from - held() - Duration::minutes(1);
    let until = asked.until - Duration::nanoseconds(1);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("TransactionState", "SUCCESSFUL")
        .append_pair("TerminalId", terminal)
        .append_pair("StartDate", &minute(from))
        .append_pair("EndDate", &minute(until))
        .append_pair("PageSize", &PAGE_SIZE.to_string())
        .append_pair("PageNumber", &number(asked)?.to_string())
        .finish();
    Ok(format!("transactions?{query}"))
}

/// Which page it is, from 1 on.
fn number(asked: &SettlementRequest) -> Result<u32, GatewayError> {
    let Some(cursor) = &asked.cursor else { return Ok(1) };
    let page = cursor.parse().ok().filter(|page| *page > 0);
    page.ok_or_else(|| GatewayError::NotDone("the cursor is none".to_owned()))
}

/// The rows of an answer: what of it was captured within the time.
///
/// # Errors
/// `NotDone` when Saferpay refuses, as it does of days that are not over; `Unknown` for a transaction that cannot be read:
/// a page is taken whole or not at all.
pub(super) fn rows(asked: &SettlementRequest, response: &Response) -> Result<SettlementPage, GatewayError> {
    if !response.is_success() {
        return Err(refusal(response));
    }
    let found: Reported = response.json(WHO)?;
    let mut rows = Vec::new();
    for one in &found.transactions {
        let not_understood =
            || unknown(&format!("the transaction {} of a report is not understood", one.transaction_id));
        let Some(details) = &one.authorization_details else { continue };
        if was_taken(details).ok_or_else(not_understood)? {
            rows.push(row(one, details).ok_or_else(not_understood)?);
        }
    }
    rows.retain(|row| (asked.from..asked.until).contains(&row.booked_at));
    let page = number(asked)?;
    let is_more = u64::from(page).saturating_mul(found.page_size) < found.total_transactions;
    if is_more && (found.transactions.is_empty() || page >= PAGES_MAX) {
        return Err(unknown("Saferpay's report has no end, or one that is further than is read"));
    }
    Ok(SettlementPage { rows, next: is_more.then(|| page.saturating_add(1).to_string()) })
}

/// Whether money of it was handed in; none for a state that is not known.
fn was_taken(details: &ReportedDetails) -> Option<bool> {
    match details.state.as_str() {
        "CAPTURED" => Some(true),
        // In parts, and not to the end yet.
        "AUTHORIZED" => Some(details.has_partial_captures),
        "CANCELED" => Some(false),
        _ => None,
    }
}

fn row(one: &ReportedTransaction, details: &ReportedDetails) -> Option<SettlementRow> {
    let taken = amount(details.captured_merchant_amount.as_ref()?, one.merchant_currency.as_deref())?;
    let (kind, gross) = match details.kind.as_str() {
        "PAYMENT" => (SettlementKind::Charge, taken),
        "REFUND" => (SettlementKind::Refund, Money::new(taken.minor().checked_neg()?, taken.currency())),
        _ => return None,
    };
    let is_payment = kind == SettlementKind::Charge;
    Some(SettlementRow {
        id: one.transaction_id.clone(),
        kind,
        // Of a refund it does not say of which payment it is.
        gateway_reference: is_payment.then(|| one.transaction_id.clone()),
        reference: one.order_id.clone().filter(|text| !text.is_empty()),
        gross,
        fee: Money::zero(gross.currency()),
        net: gross,
        payout: None,
        booked_at: instant(details.capture_date.as_deref().or(details.last_action_date.as_deref())?)?,
    })
}

/// An amount in major units, with all places of its currency. With fewer it could be one in minor units, as amounts are
/// elsewhere at Saferpay: such a one is not read.
fn amount(said: &ReportedAmount, currency: Option<&str>) -> Option<Money> {
    let (text, currency) = match said {
        ReportedAmount::Whole(amount) => (amount.value.as_str(), amount.currency_code.as_str()),
        ReportedAmount::Text(text) => (text.as_str(), currency?),
    };
    let currency: Currency = currency.parse().ok()?;
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    if u32::try_from(places).ok()? != currency.exponent() {
        return None;
    }
    Money::from_decimal_text(text, currency).ok().filter(|money| money.minor() > 0)
}

/// `2025-08-14T12:41:30.618`, which names no zone: read as UTC.
fn instant(text: &str) -> Option<Timestamp> {
    let named = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    named.or_else(|| Some(NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn asked(cursor: Option<&str>) -> SettlementRequest {
        SettlementRequest {
            from: time("2025-08-14T00:00:00Z"),
            until: time("2025-08-15T00:00:00Z"),
            cursor: cursor.map(str::to_owned),
        }
    }

    fn read(transactions: &str, total: u32) -> Result<SettlementPage, GatewayError> {
        let body = format!(
            r#"{{"PageNumber":0,"PageSize":2,"TotalTransactions":{total},"Transactions":[{transactions}]}}"#
        );
        rows(&asked(None), &Response { status: 200, body: body.into_bytes() })
    }

    fn transaction(kind: &str, state: &str, amount: &str, more: &str) -> String {
        format!(
            r#"{{"MerchantCurrency":"EUR","TransactionId":"j8nCKM","OrderId":"sale:sandbox:att_1",
            "AuthorizationDetails":{{"Type":"{kind}","State":"{state}","CapturedMerchantAmount":{amount},
            "LastActionDate":"2025-08-14T12:41:30.618"{more}}}}}"#
        )
    }

    #[test]
    fn what_was_captured_is_a_row_without_a_fee_and_what_was_not_is_none() {
        let [payment, refund] = ["PAYMENT", "REFUND"].map(|kind| {
            let page = read(&transaction(kind, "CAPTURED", r#""5.00""#, ""), 1).expect("a page");
            assert_eq!((page.rows.len(), page.next), (1, None));
            page.rows.into_iter().next().expect("it is there")
        });
        assert_eq!((payment.kind, payment.net.minor()), (SettlementKind::Charge, 500));
        assert_eq!((refund.kind, refund.net.minor()), (SettlementKind::Refund, -500));
        assert!(payment.fee.is_zero() && payment.payout.is_none(), "only the acquirer knows");
        assert_eq!(payment.gateway_reference.as_deref(), Some("j8nCKM"));
        assert_eq!((refund.gateway_reference, refund.gross), (None, refund.net), "it does not say of which");
        assert_eq!(payment.reference.as_deref(), Some("sale:sandbox:att_1"));
        assert_eq!(payment.booked_at, time("2025-08-14T12:41:30.618Z"));
        for state in ["AUTHORIZED", "CANCELED"] {
            let page = read(&transaction("PAYMENT", state, r#""5.00""#, ""), 1).expect("a page");
            assert!(page.rows.is_empty(), "{state}");
        }
        let parts = transaction("PAYMENT", "AUTHORIZED", r#""3.00""#, r#","HasPartialCaptures":true"#);
        assert_eq!(read(&parts, 1).expect("a page").rows[0].net.minor(), 300);
        let failed = r#"{"TransactionId":"x","FailedDetails":{}}"#;
        assert!(read(failed, 1).expect("a page").rows.is_empty());
    }

    #[test]
    fn the_time_is_that_of_the_capture() {
        let of = |date: &str| {
            let more = format!(r#","CaptureDate":"{date}""#);
            read(&transaction("PAYMENT", "CAPTURED", r#""5.00""#, &more), 1).expect("a page").rows.len()
        };
        for (date, rows) in [
            ("2025-08-13T23:59:59.999", 0),
            ("2025-08-14T00:00:00", 1),
            ("2025-08-14T23:59:59.999", 1),
            ("2025-08-15T00:00:00", 0),
            ("2025-08-15T01:30:00+02:00", 1),
        ] {
            assert_eq!(of(date), rows, "{date}");
        }
        let path = page("17812345", &asked(None)).expect("a page");
        for part in [
            "transactions?TransactionState=SUCCESSFUL&TerminalId=17812345",
            "StartDate=2025-07-13T23%3A59",
            "EndDate=2025-08-14T23%3A59",
            "PageNumber=1",
        ] {
            assert!(path.contains(part), "{path}");
        }
    }

    #[test]
    fn an_amount_is_read_in_both_forms_and_only_with_all_places_of_its_currency() {
        let of = |amount: &str| read(&transaction("PAYMENT", "CAPTURED", amount, ""), 1);
        let object = |value: &str, code: &str| format!(r#"{{"Value":"{value}","CurrencyCode":"{code}"}}"#);
        for (amount, minor) in [
            (r#""17.50""#.to_owned(), 1_750),
            (object("17.50", "CHF"), 1_750),
            (object("100", "JPY"), 100),
            (object("1.005", "BHD"), 1_005),
        ] {
            assert_eq!(of(&amount).expect("a page").rows[0].net.minor(), minor, "{amount}");
        }
        for amount in [
            r#""500""#.to_owned(),
            r#""5.0""#.to_owned(),
            r#""-5.00""#.to_owned(),
            r#""0.00""#.to_owned(),
            object("5.00", "JPY"),
            object("5.00", "XYZ"),
            "null".to_owned(),
        ] {
            assert!(matches!(of(&amount), Err(GatewayError::Unknown(_))), "{amount}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_taken() {
        for transaction in [
            transaction("PAYMENT", "LOST", r#""5.00""#, ""),
            transaction("CREDIT", "CAPTURED", r#""5.00""#, ""),
            transaction("PAYMENT", "CAPTURED", r#""5.00""#, r#","CaptureDate":"soon""#),
        ] {
            assert!(matches!(read(&transaction, 1), Err(GatewayError::Unknown(_))), "{transaction}");
        }
    }

    #[test]
    fn pages_end_with_the_last_transaction() {
        let one = transaction("PAYMENT", "CAPTURED", r#""5.00""#, "");
        assert_eq!(read(&one, 3).expect("a page").next.as_deref(), Some("2"));
        assert_eq!(read(&one, 2).expect("a page").next, None, "a page has two");
        assert!(matches!(read("", 3), Err(GatewayError::Unknown(_))), "there would be no end");
        for wrong in ["0", "-1", "1&PageSize=9", ""] {
            assert!(matches!(page("1", &asked(Some(wrong))), Err(GatewayError::NotDone(_))), "{wrong}");
        }
    }
}
