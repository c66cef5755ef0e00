//! Payments at PayU, which is a double of its API: from what its form made to the ledger, with its notifications through the
//! real route.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::payu_rules::{NOTIFY_URL, POS, PayU, SECRET};
use crate::program::{Place, Running};
use crate::standin::Double;
use crate::worldpay_square::{is_sound, method, path, pay, shows, tell};

/// Sends what PayU tells of an order or a refund; the status of the answer.
async fn told(tender: &Running, body: &Value) -> u16 {
    let hash = HEXLOWER.encode(&Sha256::digest(format!("{body}second key").as_bytes()));
    let signature = format!("sender=checkout;signature={hash};algorithm=SHA-256;content=DOCUMENT");
    tell(tender, "payu", ("OpenPayu-Signature", signature), body).await
}

#[tokio::test]
async fn at_payu_money_is_held_taken_given_back_and_a_slow_sale_ends_by_its_notification() {
    let (place, double) = (Place::new(), Double::<PayU>::start());
    let api_base = double.address();
    let settings = [
        ("TENDER__GATEWAYS__PAYU__POS_ID", POS),
        ("TENDER__GATEWAYS__PAYU__CLIENT_SECRET", SECRET),
        ("TENDER__GATEWAYS__PAYU__SECOND_KEY", "second key"),
        ("TENDER__GATEWAYS__PAYU__NOTIFY_URL", NOTIFY_URL),
        ("TENDER__GATEWAYS__PAYU__TEST_API_BASE", api_base.as_str()),
        ("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "2000"),
    ];
    let tender = Running::start_with(&place.data(), &settings).await;
    let visa = method(&tender, "TOK_1IOPVS7E").await;
    let held = pay(&tender, &visa, "manual").await;
    assert_eq!(held["status"], "requires_capture", "{held}");
    let (status, taken) = tender.call("POST", &path(&held, "/capture"), Some(&json!({"amount": 5000}))).await;
    assert_eq!((status, &taken["status"], &taken["amount"]), (200, &json!("succeeded"), &json!(5000)));
    let refund = json!({"payment_intent_id": held["id"], "amount": 1194});
    let (_, refund) = tender.call("POST", "/v1/payments/refunds", Some(&refund)).await;
    assert_eq!(refund["status"], "succeeded", "{refund}");

    // A sale that takes longer than it is looked at.
    double.kept().rules.looks = 9;
    let body = json!({"amount": 700, "currency": "EUR", "confirm": true, "payment_method_id": visa});
    let (_, sale) = tender.call("POST", "/v1/payments/intents", Some(&body)).await;
    assert_eq!(sale["status"], "processing", "{sale}");
    let found =
        double.kept().rules.orders.iter_mut().find(|(_, order)| order.amount == 700).map(|(id, order)| {
            order.shown();
            (id.clone(), order.name.clone())
        });
    let (id, name) = found.expect("it was made");
    let order = |status: &str| {
        json!({"order": {"orderId": id, "extOrderId": name, "orderCreateDate": "2026-11-23T12:30:00.000+01:00",
            "currencyCode": "EUR", "totalAmount": "700", "status": status}})
    };
    let forged = ("OpenPayu-Signature", "signature=00;algorithm=MD5".to_owned());
    assert_eq!(tell(&tender, "payu", forged, &order("WAITING_FOR_CONFIRMATION")).await, 400);
    assert_eq!(double.kept().rules.orders[&id].taken, 0);
    // Told twice, it happened once.
    for _ in 0..2 {
        assert_eq!(told(&tender, &order("WAITING_FOR_CONFIRMATION")).await, 200);
        assert_eq!(double.kept().rules.orders[&id].taken, 700);
    }
    for _ in 0..2 {
        assert_eq!(told(&tender, &order("COMPLETED")).await, 200);
    }
    shows(&tender, &path(&sale, ""), |now| now["status"] == "succeeded").await;
    is_sound(tender, &place).await;
}
