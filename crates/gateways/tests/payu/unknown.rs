//! What is not known, and what is said of it.

use serde_json::json;
use tender_domain::ports::{CallKind, GatewayAnswer, Lookup, NEVER_FINAL, PaymentGateway, UnknownOutcome};
use tender_gateways::PayUOptions;

use crate::outcomes::{became, each_refusal_is_what_is_said_of_it};
use crate::requests::{
    approval, assert_not_done, assert_unknown, authorization, capture_of, refund_of, void_of,
    what_says_nothing_is_unknown,
};
use crate::rig::{Double, VISA, made, options, payu};
use crate::rules::error;
use crate::standin::Fault;

#[tokio::test]
async fn a_lost_answer_is_unknown_until_payu_tells_and_is_never_paid_twice() {
    let double = Double::start();
    let payu = payu(&double);
    assert_eq!(payu.capabilities().unknown_outcome, UnknownOutcome::CallbackOnly);
    assert_eq!(payu.capabilities().not_found_is_final_after, NEVER_FINAL);
    for fault in [Fault::LostAfter, Fault::Nonsense] {
        double.kept().rules.orders.clear();
        double.next(fault);
        let request = authorization("att_1", VISA, 800, true);
        assert_unknown(&payu.authorize(&request).await);
        assert_eq!(became(&payu, CallKind::Authorize, "att_1").await, Lookup::Pending);
        // The order's name is taken.
        assert_unknown(&payu.authorize(&request).await);
        assert_eq!(double.kept().rules.orders.len(), 1);
    }
}

#[tokio::test]
async fn a_payment_that_takes_longer_than_we_look_is_unknown_and_is_not_taken_meanwhile() {
    let double = Double::start();
    let payu = payu(&double);
    double.kept().rules.looks = 2;
    approval(&payu.authorize(&authorization("att_1", VISA, 800, true)).await, 800, true);
    double.kept().rules.looks = 9;
    assert_unknown(&payu.authorize(&authorization("att_2", VISA, 800, true)).await);
    let taken: i64 = double.kept().rules.orders.values().map(|order| order.taken).sum();
    assert_eq!(taken, 800);
}

#[tokio::test]
async fn a_second_step_without_an_end_leaves_a_sale_unknown_and_held() {
    let double = Double::start();
    let payu = payu(&double);
    double.kept().rules.confirming_fails = true;
    assert_unknown(&payu.authorize(&authorization("att_1", VISA, 800, true)).await);
    let order = double.kept().rules.orders.values().next().cloned().expect("one");
    assert_eq!((order.status, order.taken), ("WAITING_FOR_CONFIRMATION", 0));
}

#[tokio::test]
async fn what_payu_took_by_itself_is_no_hold() {
    let double = Double::start();
    let payu = payu(&double);
    double.kept().rules.collects = true;
    assert_unknown(&payu.authorize(&authorization("att_1", VISA, 800, false)).await);
    approval(&payu.authorize(&authorization("att_2", VISA, 800, true)).await, 800, true);
}

#[tokio::test]
async fn a_lost_answer_to_a_capture_a_void_or_a_refund_is_unknown_and_has_one_effect() {
    let double = Double::start();
    let payu = payu(&double);
    let held = approval(&payu.authorize(&authorization("att_1", VISA, 800, false)).await, 800, false);
    double.next(Fault::LostAfter);
    assert_unknown(&payu.capture(&capture_of("cap_1", &held, 500)).await);
    assert_not_done(&payu.capture(&capture_of("cap_1", &held, 500)).await);
    assert_eq!(double.kept().rules.orders[&held].taken, 500);
    double.next(Fault::LostAfter);
    assert_unknown(&payu.refund(&refund_of("rf_1", &held, 300)).await);
    // The same again is the same.
    approval(&payu.refund(&refund_of("rf_1", &held, 300)).await, 300, false);
    assert_eq!(double.kept().rules.orders[&held].refunds.len(), 1);
    let held = approval(&payu.authorize(&authorization("att_2", VISA, 800, false)).await, 800, false);
    double.next(Fault::LostAfter);
    assert_unknown(&payu.void(&void_of("att_2", &held)).await);
    approval(&payu.void(&void_of("att_2", &held)).await, 800, false);
}

#[tokio::test]
async fn a_capture_that_never_came_is_sent_again_and_of_what_was_let_go_nothing_was_taken() {
    let double = Double::start();
    let payu = payu(&double);
    assert_eq!(payu.capabilities().unknown_capture, UnknownOutcome::AGAIN);
    assert_eq!(payu.capabilities().unknown_refund, UnknownOutcome::AGAIN);
    let held = approval(&payu.authorize(&authorization("att_1", VISA, 800, false)).await, 800, false);
    let capture = capture_of("cap_1", &held, 500);
    double.next(Fault::LostBefore);
    assert_unknown(&payu.capture(&capture).await);
    approval(&payu.capture(&capture).await, 500, true);
    assert_eq!(double.kept().rules.orders[&held].taken, 500);

    let held = approval(&payu.authorize(&authorization("att_2", VISA, 800, false)).await, 800, false);
    let capture = capture_of("cap_2", &held, 500);
    double.next(Fault::LostBefore);
    assert_unknown(&payu.capture(&capture).await);
    double.kept().rules.orders.get_mut(&held).expect("it was made").status = "CANCELED";
    let over = payu.capture(&capture).await;
    assert!(matches!(over, Ok(GatewayAnswer::Declined(_))), "{over:?}");
}

#[tokio::test]
async fn a_capture_a_void_or_a_refund_that_payu_does_not_answer_is_unknown() {
    let double = Double::start();
    what_says_nothing_is_unknown(&payu(&double), VISA, |silence| double.next(silence.into())).await;
}

#[tokio::test]
async fn each_class_of_refusal_is_what_payu_says_of_it() {
    let double = Double::start();
    let payu = payu(&double);
    let said = |code: &str| error(code, "card 4444333322221111");
    let refusals = [
        (400, said("ERROR_VALUE_INVALID"), true),
        (403, said("UNAUTHORIZED_REQUEST"), true),
        (403, json!({"status": {"error": "access_denied", "error_description": "Access is denied"}}), true),
        (400, said("ERROR_ORDER_NOT_UNIQUE"), false),
        (408, said("TIMEOUT"), false),
        (500, said("ERROR_INTERNAL"), false),
        // What its checks refuse is no decline in a failure of PayU's.
        (500, said("BUSINESS_ERROR"), false),
        (503, said("SERVICE_NOT_AVAILABLE"), false),
        // Not PayU's own words: somebody between us.
        (403, json!("go away"), false),
        (403, json!({}), false),
        (302, json!({}), false),
        (302, json!({"status": {"statusCode": "SUCCESS"}, "orderId": "WZHF5FFDRJ1GUEST000P01"}), false),
        (
            302,
            json!({"status": {"statusCode": "SUCCESS"}, "orderId": "../x", "redirectUri": "https://a"}),
            false,
        ),
    ];
    each_refusal_is_what_is_said_of_it(&double, &payu, (VISA, "44443333"), refusals).await;
    assert!(double.kept().rules.orders.is_empty());
}

#[tokio::test]
async fn a_session_is_kept_and_opened_anew_when_payu_has_ended_it() {
    let double = Double::start();
    let payu = payu(&double);
    for reference in ["att_1", "att_2"] {
        approval(&payu.authorize(&authorization(reference, VISA, 5, true)).await, 5, true);
    }
    assert_eq!(double.kept().rules.sessions, 1);
    double.kept().rules.sessions = 7;
    approval(&payu.authorize(&authorization("att_3", VISA, 5, true)).await, 5, true);
    assert_eq!(double.kept().rules.sessions, 8);
    assert_eq!(double.kept().rules.orders.len(), 3);
}

#[tokio::test]
async fn without_a_connection_or_the_right_secret_nothing_was_sent() {
    let double = Double::start();
    let away = made(PayUOptions { api_base: "http://127.0.0.1:1".into(), ..options(&double) });
    assert_not_done(&away.authorize(&authorization("att_1", VISA, 800, true)).await);
    assert!(away.check_reachable().await.is_err());
    assert!(payu(&double).check_reachable().await.is_ok());
    let wrong = made(PayUOptions { client_secret: "wrong".into(), ..options(&double) });
    assert_not_done(&wrong.authorize(&authorization("att_2", VISA, 800, true)).await);
    assert!(wrong.check_reachable().await.is_err());
}
