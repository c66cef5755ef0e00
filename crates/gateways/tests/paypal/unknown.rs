//! What is not known, and how the same request again clears it up.

use std::time::Duration;

use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CallKind, Lookup, LookupRequest, PaymentGateway, UnknownOutcome};
use tender_gateways::{PayPalGateway, PayPalOptions};

use crate::double::{Double, Fault, error};
use crate::requests::{Silence, what_says_nothing_is_unknown};
use crate::rig::{
    VISA, approval, approved, assert_not_done, assert_unknown, authorization, capture_of, options, paypal,
    refund_of, void_of,
};

#[tokio::test]
async fn an_unknown_outcome_is_cleared_up_by_the_id_for_as_long_as_it_is_kept_and_never_by_asking() {
    let double = Double::start();
    let paypal = paypal(&double);
    let key_life = Duration::from_secs(6 * 3600);
    let can = paypal.capabilities();
    assert_eq!(can.unknown_outcome, UnknownOutcome::Replay { key_life });
    // What is done with a payment is not made anew with its order.
    let key_life = Duration::from_secs(45 * 24 * 3600);
    let replay = UnknownOutcome::Replay { key_life };
    assert_eq!((can.unknown_capture, can.unknown_refund), (replay, replay));
    let asked =
        LookupRequest { tenant: TenantId::sandbox(), kind: CallKind::Refund, reference: "rf_1".to_owned() };
    assert_eq!(paypal.lookup(&asked).await.expect("answered"), Lookup::Pending);
}

#[tokio::test]
async fn a_lost_answer_is_told_by_the_same_request_again_and_has_one_effect() {
    let double = Double::start();
    let paypal = paypal(&double);
    for fault in [Fault::LostBefore, Fault::LostAfter, Fault::Nonsense] {
        double.books().orders.clear();
        let reference = format!("att_{}", double.books().asked.len());
        double.next(fault);
        let request = authorization(&reference, VISA, 800, false);
        assert_unknown(&paypal.authorize(&request).await);
        let held = approval(&paypal.authorize(&request).await, 800, false);
        assert_eq!(double.books().orders.len(), 1);

        let capture = capture_of(&format!("cap_{reference}"), &held, 800);
        double.next(Fault::LostAfter);
        assert_unknown(&paypal.capture(&capture).await);
        approval(&paypal.capture(&capture).await, 800, true);

        let refund = refund_of(&format!("rf_{reference}"), &held, 300);
        double.next(Fault::LostAfter);
        assert_unknown(&paypal.refund(&refund).await);
        approval(&paypal.refund(&refund).await, 300, false);
        assert_eq!(double.books().orders[&held]["refunded"], 300);

        let reference = format!("{reference}_2");
        let held = approved(&paypal, &reference, 100, false).await;
        double.next(Fault::LostAfter);
        assert_unknown(&paypal.void(&void_of(&reference, &held)).await);
        approval(&paypal.void(&void_of(&reference, &held)).await, 100, false);
    }
}

#[tokio::test]
async fn a_capture_a_void_or_a_refund_that_paypal_does_not_answer_is_unknown() {
    let double = Double::start();
    what_says_nothing_is_unknown(&paypal(&double), VISA, |silence| {
        double.next(match silence {
            Silence::Lost => Fault::LostAfter,
            Silence::Page => Fault::Nonsense,
            Silence::Foreign => Fault::Refused(200, json!({"ok": true})),
        });
    })
    .await;
}

#[tokio::test]
async fn each_class_of_refusal_is_what_paypal_says_of_it() {
    let double = Double::start();
    let paypal = paypal(&double);
    let said = |issue: &str| error("NAME", issue, "card 4111111111111111");
    for (place, (status, body, is_known)) in [
        (400, said("INVALID_PARAMETER"), true),
        (403, said("PERMISSION_DENIED"), true),
        (422, said("CURRENCY_NOT_SUPPORTED"), true),
        (429, said("RATE_LIMIT_REACHED"), true),
        // A request with the same id is at work.
        (409, said("PREVIOUS_REQUEST_IN_PROGRESS"), false),
        (408, said("TIMEOUT"), false),
        (500, said("INTERNAL_SERVER_ERROR"), false),
        (503, said("SERVICE_UNAVAILABLE"), false),
        // A card's issue in a failure of PayPal is no decline.
        (500, said("INSTRUMENT_DECLINED"), false),
        // Not PayPal's own words: somebody between us.
        (403, json!("go away"), false),
        (302, json!({}), false),
    ]
    .into_iter()
    .enumerate()
    {
        double.next(Fault::Refused(status, body));
        let answer = paypal.authorize(&authorization(&format!("att_{place}"), VISA, 5, true)).await;
        if is_known {
            assert_not_done(&answer)
        } else {
            assert_unknown(&answer)
        }
        assert!(!format!("{answer:?}").contains("41111111111"), "{place}: {answer:?}");
    }
    assert!(double.books().orders.is_empty());
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let double = Double::start();
    let held = approved(&paypal(&double), "att_1", 800, false).await;
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let nobody = listener.local_addr().expect("bound").port();
    drop(listener);
    let away = PayPalOptions { api_base: format!("http://127.0.0.1:{nobody}"), ..options(&double) };
    let away = PayPalGateway::new(away).expect("good options");
    assert_not_done(&away.authorize(&authorization("att_2", VISA, 800, true)).await);
    assert_not_done(&away.capture(&capture_of("cap_1", &held, 800)).await);
}
