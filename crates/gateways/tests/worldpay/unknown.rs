//! What is not known, and how asking clears it up.

use serde_json::json;
use tender_domain::ports::{CallKind, Lookup, PaymentGateway};
use tender_gateways::WorldpayOptions;

use crate::outcomes::{a_lost_answer_is_found, became, each_refusal_is_what_is_said_of_it};
use crate::requests::{assert_not_done, assert_unknown, authorization, capture_of, refund_of};
use crate::rig::{Double, VISA, made, options, worldpay};
use crate::rules::error;
use crate::standin::Fault;

#[tokio::test]
async fn a_lost_answer_is_found_by_our_reference_and_nothing_is_called_not_found() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    a_lost_answer_is_found(&double, &worldpay, VISA).await;
    double.kept().rules.search_lags = true;
    assert_eq!(became(&worldpay, CallKind::Authorize, "att_1").await, Lookup::Pending);
    assert_eq!(became(&worldpay, CallKind::Refund, "rf_1").await, Lookup::Pending);
}

#[tokio::test]
async fn a_payment_that_was_made_before_is_not_made_again_and_not_called_failed() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let request = authorization("att_1", VISA, 800, true);
    worldpay.authorize(&request).await.expect("answered");
    assert_unknown(&worldpay.authorize(&request).await);
    assert_eq!(double.kept().rules.payments.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_to_a_capture_or_a_refund_is_unknown() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    worldpay.authorize(&authorization("att_1", VISA, 800, false)).await.expect("answered");
    double.next(Fault::LostAfter);
    assert_unknown(&worldpay.capture(&capture_of("cap_1", "hold/sandbox/att_1", 800)).await);
    assert_eq!(double.kept().rules.payments["hold/sandbox/att_1"].taken, 800);
    double.next(Fault::LostAfter);
    assert_unknown(&worldpay.refund(&refund_of("rf_1", "hold/sandbox/att_1", 300)).await);
    assert_eq!(double.kept().rules.payments["hold/sandbox/att_1"].refunded, 300);
}

#[tokio::test]
async fn each_class_of_refusal_is_what_worldpay_says_of_it() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let said = |name: &str| error(name, "card 4444333322221111");
    let refusals = [
        (400, said("bodyDoesNotMatchSchema"), true),
        (401, said("accessDenied"), true),
        (429, said("tooManyRequests"), true),
        (400, said("transactionHasAlreadyBeenProcessed"), false),
        (500, said("internalErrorOccurred"), false),
        // Not Worldpay's own words: somebody between us.
        (403, json!("go away"), false),
        (302, json!({}), false),
    ];
    each_refusal_is_what_is_said_of_it(&double, &worldpay, (VISA, "44443333"), refusals).await;
    assert!(double.kept().rules.payments.is_empty());
}

#[tokio::test]
async fn without_a_connection_or_the_right_password_nothing_was_sent() {
    let double = Double::start();
    let away = made(WorldpayOptions { api_base: "http://127.0.0.1:1".into(), ..options(&double) });
    assert_not_done(&away.authorize(&authorization("att_1", VISA, 800, true)).await);
    assert!(away.check_reachable().await.is_err());
    assert!(worldpay(&double).check_reachable().await.is_ok());
    let wrong = made(WorldpayOptions { password: "wrong".into(), ..options(&double) });
    assert_not_done(&wrong.authorize(&authorization("att_2", VISA, 800, true)).await);
    assert!(wrong.check_reachable().await.is_err());
}
