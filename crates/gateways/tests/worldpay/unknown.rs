//! What is not known, and how asking clears it up.

use serde_json::json;
use tender_domain::ports::{CallKind, DeclineCode, GatewayAnswer, Lookup, PaymentGateway};
use tender_gateways::WorldpayOptions;

use crate::outcomes::{a_lost_answer_is_found, became, each_refusal_is_what_is_said_of_it};
use crate::requests::{
    approval, assert_not_done, assert_unknown, authorization, capture_of, name_left, refund_of, void_of,
    what_says_nothing_is_unknown,
};
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
async fn a_capture_a_void_or_a_refund_that_worldpay_does_not_answer_is_unknown() {
    let double = Double::start();
    what_says_nothing_is_unknown(&worldpay(&double), VISA, |silence| double.next(silence.into())).await;
}

#[tokio::test]
async fn what_worldpay_takes_in_is_what_was_asked_for() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    for (place, (said, was_taken_in)) in [
        (json!({"outcome": "sentForSettlement", "_links": {}}), true),
        (json!({"_actions": {"refundPayment": {"href": "/a", "method": "POST"}}}), true),
        (json!({"outcome": "sentForCancellation", "_links": {"self": {"href": "/a"}}}), false),
        (json!({"_links": {}}), false),
        (json!({}), false),
    ]
    .into_iter()
    .enumerate()
    {
        let attempt = format!("att_{place}");
        let held =
            approval(&worldpay.authorize(&authorization(&attempt, VISA, 800, false)).await, 800, false);
        double.next(Fault::Refused(202, said.clone()));
        let answer = worldpay.capture(&capture_of("cap_1", &held, 800)).await;
        assert_eq!(answer.is_ok(), was_taken_in, "{said}");
        if !was_taken_in {
            assert_unknown(&answer);
        }
    }
}

#[tokio::test]
async fn what_was_let_go_or_refused_is_declined_to_who_waits_for_its_authorization() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    for (attempt, capture, event, code) in [
        ("att_1", false, "Sent for Cancellation", DeclineCode::IncorrectData),
        ("att_2", true, "Sent for Cancellation", DeclineCode::IncorrectData),
        ("att_3", false, "Cancelled", DeclineCode::TransactionNotAllowed),
        ("att_4", false, "Expired", DeclineCode::TransactionNotAllowed),
        ("att_5", true, "Refused", DeclineCode::CardDeclined),
    ] {
        double.next(Fault::LostAfter);
        assert_unknown(&worldpay.authorize(&authorization(attempt, VISA, 800, capture)).await);
        let name = format!("{}/sandbox/{attempt}", if capture { "sale" } else { "hold" });
        double.kept().rules.payments.get_mut(&name).expect("it was made").last_event = event;
        let became = became(&worldpay, CallKind::Authorize, attempt).await;
        let Lookup::Answered(GatewayAnswer::Declined(why)) = became else { panic!("{event}: {became:?}") };
        assert_eq!(why.code, code, "{event}");
        // A person or time let it go, and declined nothing.
        let left = (code != DeclineCode::TransactionNotAllowed).then_some(name.as_str());
        assert_eq!(name_left(&why), left, "{event}");
    }
    // Who lets it go is told that it is.
    approval(&worldpay.void(&void_of("att_1", "hold/sandbox/att_1")).await, 800, false);
}

#[tokio::test]
async fn a_void_that_cannot_be_asked_for_is_declined_only_when_the_money_was_taken() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let held = approval(&worldpay.authorize(&authorization("att_1", VISA, 800, false)).await, 800, false);
    let stands = |event| double.kept().rules.payments.get_mut(&held).expect("it was made").last_event = event;
    stands("Authorization Requested");
    assert_unknown(&worldpay.void(&void_of("att_1", &held)).await);
    stands("Settled");
    let taken = worldpay.void(&void_of("att_1", &held)).await;
    assert!(
        matches!(&taken, Ok(GatewayAnswer::Declined(why)) if why.code == DeclineCode::TransactionNotAllowed),
        "{taken:?}"
    );
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
