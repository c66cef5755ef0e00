//! What moved the balance.

use serde_json::json;
use tender_domain::ports::{GatewayError, PaymentGateway, SettlementKind, SettlementRequest};
use tender_gateways::WorldpayOptions;

use crate::rig::{Double, at, made, options, worldpay};

#[tokio::test]
async fn a_statement_is_fetched_page_by_page() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let reports = worldpay.settlement_reports().expect("an account is set");
    let asked = SettlementRequest { from: at(1_700_000_000), until: at(1_700_086_400), cursor: None };
    let none = reports.settlement(&asked).await.expect("answered");
    assert!(none.rows.is_empty() && none.next.is_none());
    let item = json!({"statementItemId": "a", "transferType": "COMMISSION", "amount": 1.5,
        "fundingType": "debit", "timestamp": "2026-01-02T03:04:05Z"});
    double.kept().rules.statement =
        Some(json!({"currency": "EUR", "pageNumber": 1, "pageCount": 2, "accountStatementItems": [item]}));
    let page = reports.settlement(&asked).await.expect("answered");
    assert_eq!((page.rows[0].kind, page.rows[0].net.minor()), (SettlementKind::Fee, -150));
    let next = SettlementRequest { cursor: page.next, ..asked.clone() };
    reports.settlement(&next).await.expect("answered");
    let wrong = SettlementRequest { cursor: Some("next".into()), ..asked };
    assert!(matches!(reports.settlement(&wrong).await, Err(GatewayError::NotDone(_))));
}

#[test]
fn without_an_account_there_are_no_reports() {
    let double = Double::start();
    let without = made(WorldpayOptions { account_number: None, ..options(&double) });
    assert!(without.settlement_reports().is_none());
}
