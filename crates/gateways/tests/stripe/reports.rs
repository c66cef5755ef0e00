//! What moved the balance.

use serde_json::json;
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{PaymentGateway, SettlementKind, SettlementRequest};

use crate::double::Double;
use crate::rig::stripe;

#[tokio::test]
async fn movements_are_told_page_by_page_with_the_payment_that_made_them() {
    let double = Double::start();
    let movement = |id: &str, category: &str, (gross, fee): (i64, i64), source: serde_json::Value| {
        json!({"id": id, "object": "balance_transaction", "amount": gross, "fee": fee, "net": gross - fee,
            "currency": "eur", "type": "adjustment", "reporting_category": category, "created": 1_767_225_600,
            "source": source})
    };
    let charge = json!({"id": "ch_1", "payment_intent": "pi_1", "metadata": {"tender_reference": "att_1"}, "amount": 1000});
    let refund = json!({"id": "re_1", "payment_intent": "pi_1", "metadata": {"tender_reference": "rf_1"}});
    let dispute = json!({"id": "dp_1", "payment_intent": "pi_2", "metadata": {}});
    double.books().movements = vec![
        movement("txn_5", "payout", (-655, 0), json!({"id": "po_1"})),
        movement("txn_4", "fee", (-60, 0), json!(null)),
        movement("txn_3", "dispute", (-100, 15), dispute),
        movement("txn_2", "refund", (-141, 0), refund),
        movement("txn_1", "charge", (1_000, 29), charge),
    ];
    let stripe = stripe(&double);
    let reports = stripe.settlement_reports().expect("there are some");
    let at = |seconds| Timestamp::from_timestamp(seconds, 0).expect("a time");
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
    let told: Vec<_> = rows.iter().map(|row| (row.id.as_str(), row.kind, row.net.minor())).collect();
    let wanted = [
        ("txn_5", SettlementKind::Payout, -655),
        ("txn_4", SettlementKind::Fee, -60),
        ("txn_3", SettlementKind::Dispute, -115),
        ("txn_2", SettlementKind::Refund, -141),
        ("txn_1", SettlementKind::Charge, 971),
    ];
    assert_eq!(told, wanted);
    assert_eq!(rows.iter().map(|row| row.net.minor()).sum::<i64>(), 0, "all of it was paid out");
    assert_eq!((rows[0].payout.as_deref(), rows[4].payout.as_deref()), (Some("po_1"), None));
    let named: Vec<_> =
        rows.iter().map(|row| (row.gateway_reference.as_deref(), row.reference.as_deref())).collect();
    let none = (None, None);
    assert_eq!(
        named,
        [none, none, (Some("pi_2"), None), (Some("pi_1"), Some("rf_1")), (Some("pi_1"), Some("att_1"))]
    );
}
