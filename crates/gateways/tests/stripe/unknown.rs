//! What is not known, and how the same request again clears it up.

use std::time::Duration;

use serde_json::json;
use tender_domain::ports::{Authorize, GatewayAnswer, PaymentGateway, Refund, UnknownOutcome};
use tender_gateways::{StripeGateway, StripeOptions};

use crate::double::{Double, Fault, error};
use crate::requests::{Silence, what_says_nothing_is_unknown};
use crate::rig::{
    approval, approved, assert_not_done, assert_unknown, authorization, capture_of, eur, options, refund_of,
    stripe, void_of,
};

#[test]
fn an_unknown_outcome_is_cleared_up_by_the_key_for_a_day() {
    let double = Double::start();
    let key_life = Duration::from_secs(24 * 3600);
    assert_eq!(stripe(&double).capabilities().unknown_outcome, UnknownOutcome::Replay { key_life });
}

#[tokio::test]
async fn a_lost_answer_is_told_by_the_same_request_again_and_has_one_effect() {
    let double = Double::start();
    let stripe = stripe(&double);
    for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Nonsense] {
        double.books().intents.clear();
        let reference = format!("att_{}", double.books().asked.len());
        double.next(fault);
        let request = authorization(&reference, "pm_card_visa", 800, false);
        assert_unknown(&stripe.authorize(&request).await);
        let held = approval(&stripe.authorize(&request).await, 800, false);
        assert_eq!(double.books().intents.len(), 1);

        let capture = capture_of(&format!("cap_{reference}"), &held, 800);
        double.next(Fault::LostAfter);
        assert_unknown(&stripe.capture(&capture).await);
        approval(&stripe.capture(&capture).await, 800, true);

        let refund = refund_of(&format!("rf_{reference}"), &held, 300);
        double.next(Fault::LostAfter);
        assert_unknown(&stripe.refund(&refund).await);
        approval(&stripe.refund(&refund).await, 300, false);
        assert_eq!(double.books().intents[&held]["refunded"], 300);

        let reference = format!("{reference}_2");
        let held = approved(&stripe, &reference, 100, false).await;
        double.next(Fault::LostAfter);
        assert_unknown(&stripe.void(&void_of(&reference, &held)).await);
        approval(&stripe.void(&void_of(&reference, &held)).await, 100, false);
    }
}

#[tokio::test]
async fn a_failure_of_stripe_is_unknown_as_long_as_its_key_says_so() {
    let double = Double::start();
    let stripe = stripe(&double);
    double.next(Fault::SavedFailure);
    let request = authorization("att_1", "pm_card_visa", 800, true);
    for _ in 0..3 {
        assert_unknown(&stripe.authorize(&request).await);
    }
    assert_eq!(double.books().asked.len(), 1);
}

#[tokio::test]
async fn the_same_reference_is_one_effect_and_with_other_words_none() {
    let double = Double::start();
    let stripe = stripe(&double);
    let request = authorization("att_1", "pm_card_visa", 1_000, true);
    let first = stripe.authorize(&request).await;
    let taken = approval(&first, 1_000, true);
    assert_eq!(approval(&stripe.authorize(&request).await, 1_000, true), taken);
    assert_not_done(&stripe.authorize(&Authorize { amount: eur(1_001), ..request }).await);

    let refund = refund_of("rf_1", &taken, 700);
    let refunds = (0..10).map(|_| stripe.refund(&refund));
    for answer in futures_util::future::join_all(refunds).await {
        approval(&answer, 700, false);
    }
    assert_not_done(&stripe.refund(&Refund { amount: eur(1), ..refund }).await);
    assert_eq!(double.books().intents[&taken]["refunded"], 700);
}

#[tokio::test]
async fn a_capture_a_void_or_a_refund_that_stripe_does_not_answer_is_unknown() {
    let double = Double::start();
    what_says_nothing_is_unknown(&stripe(&double), "pm_card_visa", |silence| {
        double.next(match silence {
            Silence::Lost => Fault::LostAfter,
            Silence::Page => Fault::Nonsense,
            Silence::Foreign => Fault::Refused(200, json!({"ok": true})),
        });
    })
    .await;
}

#[tokio::test]
async fn each_class_of_refusal_is_what_stripe_says_of_it() {
    let double = Double::start();
    let stripe = stripe(&double);
    let invalid = |code| error("invalid_request_error", code, "no card 4242424242424242");
    for (place, (status, body, is_known)) in [
        (400, invalid("parameter_invalid_integer"), true),
        (401, error("authentication_error", "api_key_expired", "no"), true),
        (403, error("invalid_request_error", "forbidden", "no"), true),
        (404, invalid("resource_missing"), true),
        // Refused before anything began.
        (429, error("invalid_request_error", "rate_limit", "slower"), true),
        (429, error("invalid_request_error", "lock_timeout", "busy"), true),
        // A request with the same key is at work.
        (409, error("idempotency_error", "idempotency_key_in_use", "wait"), false),
        (424, error("api_error", "dependency", "no"), false),
        (408, error("api_error", "timeout", "no"), false),
        (500, error("api_error", "internal", "no"), false),
        (503, error("api_error", "internal", "no"), false),
        // A card's error in a failure of Stripe is no decline.
        (500, error("card_error", "card_declined", "no"), false),
        // Not Stripe's own words: somebody between us.
        (403, json!("go away"), false),
        (302, json!({}), false),
    ]
    .into_iter()
    .enumerate()
    {
        let shown = format!("{status} {body}");
        double.next(Fault::Refused(status, body));
        let answer = stripe.authorize(&authorization(&format!("att_{place}"), "pm_card_visa", 5, true)).await;
        if is_known {
            assert_not_done(&answer)
        } else {
            assert_unknown(&answer)
        }
        assert!(!format!("{answer:?}").contains("42424242424"), "{shown}: {answer:?}");
    }
    assert!(double.books().intents.is_empty());
}

#[tokio::test]
async fn what_is_still_processed_is_asked_about_by_its_id() {
    let double = Double::start();
    let stripe = stripe(&double);
    let request = authorization("att_1", "pm_card_processing", 800, true);
    assert_unknown(&stripe.authorize(&request).await);
    let id = double.books().intents.keys().next().cloned().expect("it is there");
    double.change(&id, |intent| {
        intent["status"] = "succeeded".into();
        intent["amount_received"] = 800.into();
    });
    assert_eq!(approval(&stripe.authorize(&request).await, 800, true), id);
}

#[tokio::test]
async fn a_question_that_fails_says_nothing_of_a_payment() {
    let double = Double::start();
    let request = authorization("att_1", "pm_card_processing", 800, true);
    assert_unknown(&stripe(&double).authorize(&request).await);
    double.books().intents.clear();
    // The payment is not found by its id now; it was made.
    assert_unknown(&stripe(&double).authorize(&request).await);
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let double = Double::start();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let nobody = listener.local_addr().expect("bound").port();
    drop(listener);
    let away = StripeOptions { api_base: format!("http://127.0.0.1:{nobody}"), ..options(&double) };
    let away = StripeGateway::new(away).expect("good options");
    assert_not_done(&away.authorize(&authorization("att_1", "pm_card_visa", 800, true)).await);
}

#[tokio::test]
async fn another_key_is_refused_and_nothing_is_done() {
    let double = Double::start();
    let mut wrong = options(&double);
    wrong.secret_key = "sk_test_other".into();
    let answer = StripeGateway::new(wrong).expect("good options");
    let answer = answer.authorize(&authorization("att_1", "pm_card_visa", 800, true)).await;
    assert_not_done(&answer);
    assert_eq!(double.take_violations().len(), 1);
    assert!(!matches!(answer, Ok(GatewayAnswer::Approved { .. })));
}
