//! What moved the balance: payouts, and what each is made of.

use serde_json::json;
use tender_domain::ports::{PaymentGateway, SettlementKind, SettlementRequest};

use crate::rig::{Double, at, square};

#[tokio::test]
async fn a_page_is_a_payout_with_all_that_it_is_made_of() {
    let double = Double::start();
    let money = |minor: i64| json!({"amount": minor, "currency": "EUR"});
    let entry = |id: &str, kind: &str, gross: i64, fee: i64| {
        json!({"id": id, "type": kind, "effective_at": "2026-01-02T03:04:05Z", "gross_amount_money": money(gross),
            "fee_amount_money": money(fee), "net_amount_money": money(gross - fee),
            "type_charge_details": {"payment_id": "PAY1"}})
    };
    let payout = |id: &str, minor: i64| json!({"id": id, "status": "PAID", "amount_money": money(minor), "created_at": "2026-01-03T03:04:05Z"});
    double.kept().rules.payouts = vec![
        (
            payout("po_1", 938),
            vec![entry("e1", "CHARGE", 1_000, 29), entry("e2", "REFUND", -50, -2), entry("e3", "FEE", 15, 0)],
        ),
        (payout("po_2", 100), vec![]),
    ];
    let square = square(&double);
    let reports = square.settlement_reports().expect("there are some");
    let asked = SettlementRequest { from: at(1_767_000_000), until: at(1_768_000_000), cursor: None };
    let first = reports.settlement(&asked).await.expect("answered");
    let told: Vec<_> = first.rows.iter().map(|row| (row.kind, row.net.minor())).collect();
    let wanted = [
        (SettlementKind::Payout, -938),
        (SettlementKind::Charge, 971),
        (SettlementKind::Refund, -48),
        (SettlementKind::Fee, 15),
    ];
    assert_eq!(told, wanted);
    assert_eq!(first.rows.iter().map(|row| row.net.minor()).sum::<i64>(), 0, "all of it was paid out");
    assert!(first.rows.iter().all(|row| row.payout.as_deref() == Some("po_1")));
    let next = SettlementRequest { cursor: first.next, ..asked };
    let second = reports.settlement(&next).await.expect("answered");
    assert_eq!((second.rows.len(), second.next), (1, None));
}

#[tokio::test]
async fn what_a_payout_that_failed_took_along_comes_back_with_later_ones() {
    let double = Double::start();
    let money = |minor: i64| json!({"amount": minor, "currency": "EUR"});
    let entry = |id: &str, kind: &str, minor: i64| {
        json!({"id": id, "type": kind, "effective_at": "2026-01-02T03:04:05Z", "gross_amount_money": money(minor),
            "net_amount_money": money(minor)})
    };
    let payout = |id: &str, status: &str, minor: i64| json!({"id": id, "status": status, "amount_money": money(minor), "created_at": "2026-01-03T03:04:05Z"});
    double.kept().rules.payouts = vec![
        (payout("po_1", "FAILED", 900), vec![entry("e1", "CHARGE", 900)]),
        (payout("po_2", "PAID", 700), vec![entry("e2", "RETURNED_PAYOUT", 600), entry("e3", "CHARGE", 100)]),
        (payout("po_3", "PAID", 300), vec![entry("e4", "RETURNED_PAYOUT", 300)]),
    ];
    let square = square(&double);
    let reports = square.settlement_reports().expect("there are some");
    let mut asked = SettlementRequest { from: at(1_767_000_000), until: at(1_768_000_000), cursor: None };
    let mut rows = Vec::new();
    loop {
        let page = reports.settlement(&asked).await.expect("answered");
        rows.extend(page.rows);
        asked.cursor = page.next;
        if asked.cursor.is_none() {
            break;
        }
    }
    let to_the_bank = rows.iter().filter(|row| row.kind == SettlementKind::Payout);
    assert_eq!(to_the_bank.map(|row| row.net.minor()).sum::<i64>(), -1_000, "as much as arrived there");
    assert_eq!(rows.iter().map(|row| row.net.minor()).sum::<i64>(), 0);
}
