//! What is not known, and how asking clears it up.

use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    CallKind, GatewayAnswer, Lookup, LookupRequest, NEVER_FINAL, PaymentGateway, UnknownOutcome,
};
use tender_gateways::{WorldpayGateway, WorldpayOptions};

use crate::requests::{assert_not_done, assert_unknown, authorization, capture_of, eur, refund_of};
use crate::rig::{Double, VISA, made, options, worldpay};
use crate::rules::error;
use crate::standin::Fault;

async fn became(worldpay: &WorldpayGateway, kind: CallKind, reference: &str) -> Lookup {
    let asked = LookupRequest { tenant: TenantId::sandbox(), kind, reference: reference.to_owned() };
    worldpay.lookup(&asked).await.expect("answered")
}

#[tokio::test]
async fn a_lost_answer_is_found_by_our_reference_and_nothing_is_called_not_found() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let capabilities = worldpay.capabilities();
    assert_eq!(capabilities.unknown_outcome, UnknownOutcome::Lookup);
    assert_eq!(capabilities.not_found_is_final_after, NEVER_FINAL);
    for (reference, capture, fault) in [
        ("att_1", true, Fault::LostAfter),
        ("att_2", false, Fault::Nonsense),
        ("att_3", true, Fault::LostBefore),
    ] {
        let is_done = !matches!(fault, Fault::LostBefore);
        double.next(fault);
        assert_unknown(&worldpay.authorize(&authorization(reference, VISA, 800, capture)).await);
        let found = became(&worldpay, CallKind::Authorize, reference).await;
        match found {
            Lookup::Answered(GatewayAnswer::Approved { amount, captured, .. }) if is_done => {
                assert_eq!((amount, captured), (eur(800), capture));
            }
            Lookup::Pending if !is_done => {}
            other => panic!("{reference}: {other:?}"),
        }
    }
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
    for (place, (status, body, is_known)) in [
        (400, said("bodyDoesNotMatchSchema"), true),
        (401, said("accessDenied"), true),
        (429, said("tooManyRequests"), true),
        (400, said("transactionHasAlreadyBeenProcessed"), false),
        (500, said("internalErrorOccurred"), false),
        // Not Worldpay's own words: somebody between us.
        (403, json!("go away"), false),
        (302, json!({}), false),
    ]
    .into_iter()
    .enumerate()
    {
        double.next(Fault::Refused(status, body));
        let answer = worldpay.authorize(&authorization(&format!("att_{place}"), VISA, 5, true)).await;
        if is_known {
            assert_not_done(&answer)
        } else {
            assert_unknown(&answer)
        }
        assert!(!format!("{answer:?}").contains("44443333"), "{place}: {answer:?}");
    }
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
