//! What is not known, and how the same request again clears it up.

use std::time::Duration;

use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    CallKind, CompleteChallenge, GatewayAnswer, Lookup, LookupRequest, PaymentGateway, UnknownOutcome,
};
use tender_gateways::{AdyenGateway, AdyenOptions};

use crate::double::{Double, Fault, error};
use crate::requests::{Silence, assert_still_open, what_says_nothing_is_unknown};
use crate::rig::{
    CHALLENGED, VISA, adyen, approval, approved, assert_not_done, assert_unknown, authorization, capture_of,
    options, refund_of, void_of,
};

#[tokio::test]
async fn an_unknown_outcome_is_cleared_up_by_the_key_for_a_week_and_never_by_asking() {
    let double = Double::start();
    let adyen = adyen(&double);
    let key_life = Duration::from_secs(7 * 24 * 3600);
    assert_eq!(adyen.capabilities().unknown_outcome, UnknownOutcome::Replay { key_life });
    let asked =
        LookupRequest { tenant: TenantId::sandbox(), kind: CallKind::Capture, reference: "cap_1".to_owned() };
    assert_eq!(adyen.lookup(&asked).await.expect("answered"), Lookup::Pending);
    assert!(double.books().asked.is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_told_by_the_same_request_again_and_has_one_effect() {
    let double = Double::start();
    let adyen = adyen(&double);
    for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Nonsense] {
        double.books().payments.clear();
        let reference = format!("att_{}", double.books().asked.len());
        double.next(fault);
        let request = authorization(&reference, VISA, 800, false);
        assert_unknown(&adyen.authorize(&request).await);
        let held = approval(&adyen.authorize(&request).await, 800, false);
        assert_eq!(double.books().payments.len(), 1);

        for _ in 0..2 {
            double.next(Fault::LostAfter);
            assert_unknown(&adyen.capture(&capture_of(&format!("cap_{reference}"), &held, 800)).await);
            double.next(Fault::LostAfter);
            assert_unknown(&adyen.refund(&refund_of(&format!("rf_{reference}"), &held, 300)).await);
        }
        assert_eq!(double.books().payments[&held]["captured"], 800);
        assert_eq!(double.books().payments[&held]["refunded"], 300);
    }
}

#[tokio::test]
async fn a_capture_a_void_or_a_refund_that_adyen_does_not_answer_is_unknown() {
    let double = Double::start();
    what_says_nothing_is_unknown(&adyen(&double), VISA, |silence| {
        double.next(match silence {
            Silence::Lost => Fault::LostAfter,
            Silence::Page => Fault::Nonsense,
            Silence::Foreign => Fault::Refused(200, json!({"ok": true})),
        });
    })
    .await;
}

#[tokio::test]
async fn each_class_of_refusal_is_what_adyen_says_of_it() {
    let double = Double::start();
    let adyen = adyen(&double);
    let said = |status, code| error(status, code, "no card 4111111111111111");
    for (place, (fault, is_known)) in [
        (Fault::Refused(400, said(400, "702")), true),
        (Fault::Refused(401, said(401, "000")), true),
        (Fault::Refused(403, said(403, "901")), true),
        (Fault::Refused(422, said(422, "14_012")), true),
        (Fault::Refused(429, said(429, "429")), true),
        // A request with the same key is at work.
        (Fault::Refused(409, said(409, "704")), false),
        (Fault::Refused(422, said(422, "704")), false),
        (Fault::Transient(422, said(422, "702")), false),
        (Fault::Refused(408, said(408, "0")), false),
        (Fault::Refused(500, said(500, "905")), false),
        (Fault::Refused(503, said(503, "0")), false),
        // Not Adyen's own words: somebody between us.
        (Fault::Refused(403, json!("go away")), false),
        (Fault::Refused(403, json!({"message": "go away"})), false),
        (Fault::Refused(302, json!({})), false),
    ]
    .into_iter()
    .enumerate()
    {
        double.next(fault);
        let answer = adyen.authorize(&authorization(&format!("att_{place}"), VISA, 5, true)).await;
        if is_known {
            assert_not_done(&answer)
        } else {
            assert_unknown(&answer)
        }
        assert!(!format!("{answer:?}").contains("41111111111"), "{place}: {answer:?}");
    }
    assert!(double.books().payments.is_empty());
}

#[tokio::test]
async fn what_is_pending_is_unknown() {
    let double = Double::start();
    let adyen = adyen(&double);
    let request = authorization("att_1", "tender-sandbox-c1/PENDING000000001", 800, true);
    for _ in 0..2 {
        assert_unknown(&adyen.authorize(&request).await);
    }
    assert_eq!(double.books().asked.len(), 1);
}

#[tokio::test]
async fn a_challenge_whose_result_may_have_been_taken_is_unknown() {
    let double = Double::start();
    let adyen = adyen(&double);
    let answer = adyen.authorize(&authorization("att_1", CHALLENGED, 700, true)).await.expect("answered");
    let GatewayAnswer::Challenge { challenge_reference, .. } = answer else { panic!("challenge") };
    let complete = |result: String| CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: "att_1".to_owned(),
        challenge_reference: challenge_reference.clone(),
        result,
    };
    let result = double.authenticate(&challenge_reference, true);
    for (status, code) in [(500, "905"), (408, "0"), (409, "704"), (422, "704")] {
        double.next(Fault::Refused(status, error(status, code, "no")));
        assert_unknown(&adyen.complete_challenge(&complete(result.clone())).await);
    }
    double.next(Fault::Refused(200, json!({"resultCode": "Authorised", "pspReference": "PSPNOBODY0000001"})));
    assert_unknown(&adyen.complete_challenge(&complete(result.clone())).await);
    double.next(Fault::LostAfter);
    assert_unknown(&adyen.complete_challenge(&complete(result.clone())).await);
    approval(&adyen.complete_challenge(&complete(result)).await, 700, true);
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let double = Double::start();
    let held = approved(&adyen(&double), "att_1", 800, false).await;
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let nobody = listener.local_addr().expect("bound").port();
    drop(listener);
    let away = AdyenOptions { api_base: format!("http://127.0.0.1:{nobody}"), ..options(&double) };
    let away = AdyenGateway::new(away).expect("good options");
    assert_not_done(&away.authorize(&authorization("att_2", VISA, 800, true)).await);
    assert_not_done(&away.void(&void_of("att_1", &held)).await);
    // Nobody but us completes a challenge.
    let result = "redirectResult=met!PSP".to_owned();
    let complete = CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: "att_1".into(),
        challenge_reference: "PSPPAYMENT000001".into(),
        result,
    };
    assert_still_open(&away.complete_challenge(&complete).await, "PSPPAYMENT000001");
}
