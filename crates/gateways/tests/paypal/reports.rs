//! What moved the balance.

use serde_json::json;
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{GatewayError, PaymentGateway, SettlementKind, SettlementRequest};

use crate::double::Double;
use crate::rig::paypal;

#[tokio::test]
async fn transactions_are_told_page_by_page() {
    let double = Double::start();
    let moved = |id: &str, code: &str, amount: &str| {
        json!({"transaction_info": {"transaction_id": id, "transaction_event_code": code, "transaction_status": "S",
            "transaction_initiation_date": "2026-01-02T03:04:05+0000",
            "transaction_amount": {"currency_code": "EUR", "value": amount}, "custom_field": "sandbox/att_1"}})
    };
    double.books().transactions =
        vec![moved("TX1", "T0006", "10.00"), moved("TX2", "T1107", "-4.00"), moved("TX3", "T0400", "-6.00")];
    let paypal = paypal(&double);
    let reports = paypal.settlement_reports().expect("there are some");
    let at = |seconds| Timestamp::from_timestamp(seconds, 0).expect("a time");
    let mut asked = SettlementRequest { from: at(1_767_225_600), until: at(1_767_312_000), cursor: None };
    let mut told = Vec::new();
    loop {
        let page = reports.settlement(&asked).await.expect("answered");
        told.extend(page.rows.iter().map(|row| (row.kind, row.net.minor())));
        asked.cursor = page.next;
        if asked.cursor.is_none() {
            break;
        }
    }
    let wanted =
        [(SettlementKind::Charge, 1_000), (SettlementKind::Refund, -400), (SettlementKind::Payout, -600)];
    assert_eq!(told, wanted);
    let bad = SettlementRequest { cursor: Some("1&page_size=1".into()), ..asked };
    assert!(matches!(reports.settlement(&bad).await, Err(GatewayError::NotDone(_))));
}
