//! What is not known, and how asking clears it up.

use serde_json::json;
use tender_domain::ports::{
    CallKind, Capture, GatewayAnswer, GatewayError, Lookup, PaymentGateway, UnknownOutcome,
};
use tender_gateways::SaferpayOptions;

use crate::outcomes::{a_lost_answer_is_found, assert_found, became, each_refusal_is_what_is_said_of_it};
use crate::requests::{
    approval, assert_not_done, assert_unknown, authorization, capture_of, refund_of, void_of,
    what_says_nothing_is_unknown,
};
use crate::rig::{Double, VISA, made, options, saferpay};
use crate::rules::error;
use crate::standin::Fault;

#[tokio::test]
async fn a_lost_answer_is_found_by_our_reference_and_nothing_is_called_not_found() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    // A sale whose second step was never asked for is taken when it is asked about, once.
    a_lost_answer_is_found(&double, &saferpay, VISA).await;
    let taken: i64 = double.kept().rules.transactions.values().map(|one| one.taken).sum();
    assert_eq!(taken, 800);
    for kind in [CallKind::Capture, CallKind::Void, CallKind::Refund] {
        assert_eq!(became(&saferpay, kind, "att_1").await, Lookup::Pending);
    }
}

#[tokio::test]
async fn a_second_step_without_an_end_is_taken_up_again() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    for (place, is_done) in [false, true].into_iter().enumerate() {
        let (sale, refund) = (format!("att_{place}"), format!("rf_{place}"));
        double.kept().rules.captures_fail = Some(is_done);
        assert_unknown(&saferpay.authorize(&authorization(&sale, VISA, 800, true)).await);
        double.kept().rules.captures_fail = None;
        let found = became(&saferpay, CallKind::Authorize, &sale).await;
        assert_found(&found, 800, true);
        let Lookup::Answered(GatewayAnswer::Approved { gateway_reference, .. }) = found else { return };
        double.kept().rules.captures_fail = Some(is_done);
        assert_unknown(&saferpay.refund(&refund_of(&refund, &gateway_reference, 300)).await);
        double.kept().rules.captures_fail = None;
        assert_found(&became(&saferpay, CallKind::Refund, &refund).await, 300, false);
        assert_eq!(double.kept().rules.given_back(&gateway_reference), 300);
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_capture_is_unknown_and_a_void_is_told_again() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let held = approval(&saferpay.authorize(&authorization("att_1", VISA, 800, false)).await, 800, false);
    double.next(Fault::LostAfter);
    assert_unknown(&saferpay.capture(&capture_of("cap_1", &held, 500)).await);
    assert_eq!(double.kept().rules.transactions[&held].taken, 500);
    let held = approval(&saferpay.authorize(&authorization("att_2", VISA, 800, false)).await, 800, false);
    double.next(Fault::LostAfter);
    assert_unknown(&saferpay.void(&void_of("att_2", &held)).await);
    approval(&saferpay.void(&void_of("att_2", &held)).await, 800, false);
    // Nothing is held for who waits for the authorization, nor sold.
    let sale = approval(&saferpay.authorize(&authorization("att_3", VISA, 800, true)).await, 800, true);
    double.kept().rules.transactions.get_mut(&sale).expect("it was made").status = "CANCELED";
    for attempt in ["att_2", "att_3"] {
        let became = became(&saferpay, CallKind::Authorize, attempt).await;
        assert!(matches!(&became, Lookup::Answered(GatewayAnswer::Declined(_))), "{attempt}: {became:?}");
    }
}

#[tokio::test]
async fn a_capture_that_never_came_is_sent_again_and_of_what_was_let_go_nothing_was_taken() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    assert_eq!(saferpay.capabilities().unknown_capture, UnknownOutcome::AGAIN);
    let held = approval(&saferpay.authorize(&authorization("att_1", VISA, 800, false)).await, 800, false);
    let capture = capture_of("cap_1", &held, 500);
    double.next(Fault::LostBefore);
    assert_unknown(&saferpay.capture(&capture).await);
    approval(&saferpay.capture(&capture).await, 500, true);
    assert_eq!(double.kept().rules.transactions[&held].taken, 500);

    let held = approval(&saferpay.authorize(&authorization("att_2", VISA, 800, false)).await, 800, false);
    double.kept().rules.transactions.get_mut(&held).expect("it was made").status = "CANCELED";
    let over = saferpay.capture(&capture_of("cap_2", &held, 500)).await;
    assert!(matches!(over, Ok(GatewayAnswer::Declined(_))), "{over:?}");
}

#[tokio::test]
async fn a_capture_whose_answer_was_lost_is_found_with_what_it_took_as_soon_as_it_is_shown() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let held = approval(&saferpay.authorize(&authorization("att_1", VISA, 800, false)).await, 800, false);
    let capture = capture_of("cap_1", &held, 500);
    double.next(Fault::LostAfter);
    assert_unknown(&saferpay.capture(&capture).await);
    // Shown as it was before, it is sent once more, and refused: that says that it was captured, and not how much.
    let again = Capture { is_again: true, ..capture.clone() };
    double.kept().rules.shows_late = true;
    assert_unknown(&saferpay.capture(&again).await);
    double.kept().rules.shows_late = false;
    approval(&saferpay.capture(&again).await, 500, true);
    // Another one finds nothing to take.
    assert_not_done(&saferpay.capture(&capture).await);
    assert_eq!(double.kept().rules.transactions[&held].taken, 500);

    // A person took another amount in the Backoffice: that is what is told, and is nobody's 500.
    let held = approval(&saferpay.authorize(&authorization("att_2", VISA, 800, false)).await, 800, false);
    double.kept().rules.transactions.get_mut(&held).expect("it was made").captured(300);
    let again = Capture { is_again: true, ..capture_of("cap_2", &held, 500) };
    approval(&saferpay.capture(&again).await, 300, true);
}

#[tokio::test]
async fn a_refund_of_what_is_not_shown_as_captured_yet_can_be_made_later() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let sale = approval(&saferpay.authorize(&authorization("att_1", VISA, 800, true)).await, 800, true);
    double.kept().rules.shows_late = true;
    let early = saferpay.refund(&refund_of("rf_1", &sale, 300)).await;
    assert!(matches!(early, Err(GatewayError::NotNow(_))), "{early:?}");
    double.kept().rules.shows_late = false;
    approval(&saferpay.refund(&refund_of("rf_1", &sale, 300)).await, 300, false);
    assert_eq!(double.kept().rules.given_back(&sale), 300);
}

#[tokio::test]
async fn a_cancellation_of_another_transaction_lets_nothing_go() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let held = approval(&saferpay.authorize(&authorization("att_1", VISA, 800, false)).await, 800, false);
    double
        .next(Fault::Refused(200, json!({"TransactionId": "another", "Date": "2026-11-30T00:45:23+01:00"})));
    assert_unknown(&saferpay.void(&void_of("att_1", &held)).await);
}

#[tokio::test]
async fn a_capture_a_void_or_a_refund_that_saferpay_does_not_answer_is_unknown() {
    let double = Double::start();
    what_says_nothing_is_unknown(&saferpay(&double), VISA, |silence| double.next(silence.into())).await;
}

#[tokio::test]
async fn each_class_of_refusal_is_what_saferpay_says_of_it() {
    let double = Double::start();
    let saferpay = saferpay(&double);
    let refusals = [
        (400, error("VALIDATION_FAILED"), true),
        (401, error("AUTHENTICATION_FAILED"), true),
        (403, error("PERMISSION_DENIED"), true),
        (402, error("TERMINAL_NOT_FOUND"), true),
        (409, error("CONFLICT"), false),
        (500, error("INTERNAL_ERROR"), false),
        // Saferpay itself does not know.
        (402, error("COMMUNICATION_TIMEOUT"), false),
        (402, error("UNEXPECTED_ERROR_BY_ACQUIRER"), false),
        // A decline in a failure of Saferpay's is none.
        (500, error("TRANSACTION_DECLINED"), false),
        // Not Saferpay's own words: somebody between us.
        (403, json!("go away"), false),
        (302, json!({}), false),
    ];
    each_refusal_is_what_is_said_of_it(&double, &saferpay, (VISA, "41111111111"), refusals).await;
    assert!(double.kept().rules.transactions.is_empty());
}

#[tokio::test]
async fn without_a_connection_or_the_right_password_nothing_was_sent() {
    let double = Double::start();
    let away = made(SaferpayOptions { api_base: "http://127.0.0.1:1".into(), ..options(&double) });
    assert_not_done(&away.authorize(&authorization("att_1", VISA, 800, true)).await);
    assert!(saferpay(&double).check_reachable().await.is_ok());
    let wrong = made(SaferpayOptions { password: "wrong".into(), ..options(&double) });
    assert_not_done(&wrong.authorize(&authorization("att_2", VISA, 800, true)).await);
    assert!(wrong.check_reachable().await.is_err());
}
