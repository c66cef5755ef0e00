//! What is not known, and how the same request again clears it up.

use std::time::Duration;

use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{CallKind, Lookup, LookupRequest, PaymentGateway, UnknownOutcome};
use tender_gateways::{SquareGateway, SquareOptions};

use crate::outcomes::each_refusal_is_what_is_said_of_it;
use crate::requests::{
    approval, assert_not_done, assert_unknown, authorization, capture_of, refund_of, void_of,
    what_says_nothing_is_unknown,
};
use crate::rig::{Double, VISA, options, square};
use crate::rules::error;
use crate::standin::Fault;

#[tokio::test]
async fn a_lost_answer_is_told_by_the_same_request_again_and_has_one_effect() {
    let double = Double::start();
    let square = square(&double);
    let key_life = Duration::from_secs(24 * 3600);
    assert_eq!(square.capabilities().unknown_outcome, UnknownOutcome::Replay { key_life });
    let asked =
        LookupRequest { tenant: TenantId::sandbox(), kind: CallKind::Refund, reference: "rf_1".to_owned() };
    assert_eq!(square.lookup(&asked).await.expect("answered"), Lookup::Pending);
    for (place, fault) in [Fault::LostBefore, Fault::LostAfter, Fault::Nonsense].into_iter().enumerate() {
        double.kept().rules.payments.clear();
        let reference = format!("att_{place}");
        double.next(fault);
        let request = authorization(&reference, VISA, 800, false);
        assert_unknown(&square.authorize(&request).await);
        let held = approval(&square.authorize(&request).await, 800, false);
        assert_eq!(double.kept().rules.payments.len(), 1);

        // Lost at the second step of a capture, which was done.
        let capture = capture_of(&format!("cap_{place}"), &held, 700);
        double.next(Fault::LostAfter);
        assert_unknown(&square.capture(&capture).await);
        double.next(Fault::Refused(500, error("API_ERROR", "INTERNAL_SERVER_ERROR", "-", "oops")));
        assert_unknown(&square.capture(&capture).await);
        approval(&square.capture(&capture).await, 700, true);
        approval(&square.capture(&capture).await, 700, true);

        let refund = refund_of(&format!("rf_{place}"), &held, 300);
        double.next(Fault::LostAfter);
        assert_unknown(&square.refund(&refund).await);
        approval(&square.refund(&refund).await, 300, false);
        assert_eq!(double.kept().rules.payments[&held]["refunded"], 300);

        let reference = format!("{reference}_2");
        let held =
            approval(&square.authorize(&authorization(&reference, VISA, 100, false)).await, 100, false);
        double.next(Fault::LostAfter);
        assert_unknown(&square.void(&void_of(&reference, &held)).await);
        approval(&square.void(&void_of(&reference, &held)).await, 100, false);
    }
}

#[tokio::test]
async fn a_capture_a_void_or_a_refund_that_square_does_not_answer_is_unknown() {
    let double = Double::start();
    what_says_nothing_is_unknown(&square(&double), VISA, |silence| double.next(silence.into())).await;
}

#[tokio::test]
async fn each_class_of_refusal_is_what_square_says_of_it() {
    let double = Double::start();
    let square = square(&double);
    let said = |code: &str| error("INVALID_REQUEST_ERROR", code, "-", "card 4111111111111111");
    let refusals = [
        (400, said("MISSING_REQUIRED_PARAMETER"), true),
        (401, said("UNAUTHORIZED"), true),
        (429, said("RATE_LIMITED"), true),
        (400, said("IDEMPOTENCY_KEY_REUSED"), true),
        (409, said("CONFLICT"), false),
        (500, said("INTERNAL_SERVER_ERROR"), false),
        // A card's code in a failure of Square's is no decline.
        (500, said("CARD_DECLINED"), false),
        // Not Square's own words: somebody between us.
        (403, json!("go away"), false),
        (302, json!({}), false),
    ];
    each_refusal_is_what_is_said_of_it(&double, &square, (VISA, "41111111111"), refusals).await;
    assert!(double.kept().rules.payments.is_empty());
}

#[tokio::test]
async fn without_a_connection_or_the_right_token_nothing_was_sent() {
    let double = Double::start();
    let made = |options| SquareGateway::new(options).expect("good options");
    let away = made(SquareOptions { api_base: "http://127.0.0.1:1".into(), ..options(&double) });
    assert_not_done(&away.authorize(&authorization("att_1", VISA, 800, true)).await);
    assert!(square(&double).check_reachable().await.is_ok());
    let wrong = made(SquareOptions { access_token: "wrong".into(), ..options(&double) });
    assert_not_done(&wrong.authorize(&authorization("att_2", VISA, 800, true)).await);
    assert!(wrong.check_reachable().await.is_err());
}
