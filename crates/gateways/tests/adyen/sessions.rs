//! Sessions of iDEAL, Klarna and PayPal: what Adyen makes of them, and what of them is told when and by whom.

use serde_json::json;
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallEnd, CallKind, CallbackHeaders, CompleteChallenge, GatewayAnswer, GatewayFact,
    PaymentGateway, SessionFlow, SessionPage, SessionRequest,
};
use tender_gateways::AdyenGateway;

use crate::double::{Double, Fault, body_of};
use crate::requests::assert_still_open;
use crate::rig::{
    RETURN_URL, adyen, approval, assert_not_done, assert_unknown, authorization, capture_of, now, payer,
};

fn session(method: &str) -> SessionRequest {
    SessionRequest {
        method: method.into(),
        flow: SessionFlow::Redirect,
        return_url: Some("https://shop.example.com/paid".into()),
        expires_at: Timestamp::from_timestamp(1_800_000_000, 0).expect("a time"),
        page: Some(Box::new(SessionPage {
            reference: Some("Booking 7".into()),
            payer_email: Some("ada@page.example".into()),
            ..SessionPage::default()
        })),
    }
}

/// Of a payer who is known.
fn asked(reference: &str, method: &str, capture: bool) -> Authorize {
    let session = Some(session(method));
    Authorize { session, payer: payer(), ..authorization(reference, "", 700, capture) }
}

fn back(reference: &str, challenge: &str, brought: &str) -> CompleteChallenge {
    CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: reference.into(),
        challenge_reference: challenge.into(),
        result: brought.into(),
    }
}

/// The page's own name at Adyen, and what the session is called.
async fn begun(adyen: &AdyenGateway, request: &Authorize) -> (String, String) {
    let answer = adyen.authorize(request).await.expect("answered");
    let GatewayAnswer::Challenge { url, challenge_reference, .. } = answer else { panic!("{answer:?}") };
    let psp = url.rsplit("?p=").next().expect("a page").to_owned();
    assert!(url.starts_with("https://checkoutshopper-test.adyen.com/"), "{url}");
    (psp, challenge_reference)
}

/// What the last notification tells.
fn notified(double: &Double, adyen: &AdyenGateway) -> GatewayFact {
    let body = body_of(&[double.books().notices.last().cloned().expect("it was told")]);
    let events = adyen.parse_callback(&CallbackHeaders::default(), body.as_bytes(), now());
    events.expect("signed and understood").remove(0).fact
}

#[tokio::test]
async fn a_session_is_asked_for_with_what_its_method_needs_and_the_same_again_is_the_same_page() {
    let double = Double::start();
    let adyen = adyen(&double);
    assert_eq!(adyen.alternative_methods(), ["ideal", "klarna", "paypal"]);
    for method in adyen.alternative_methods() {
        let reference = format!("att_{method}");
        let request = asked(&reference, method, true);
        let (psp, name) = begun(&adyen, &request).await;
        assert_eq!(name, format!("sale/sandbox/{reference}"));
        assert_eq!(begun(&adyen, &request).await, (psp, name));
        let (path, body) = double.last_asked();
        assert_eq!(
            (path.as_str(), &body["returnUrl"]),
            ("payments", &json!("https://shop.example.com/paid"))
        );
        assert_eq!(body["sessionValidity"], "2027-01-15T08:00:00Z");
        assert_eq!(
            (&body["shopperEmail"], &body["captureDelayHours"]),
            (&json!("ada@example.com"), &json!(0))
        );
    }
    let stranger = SessionRequest { return_url: None, ..session("paypal") };
    let stranger = Authorize { session: Some(stranger), ..authorization("att_9", "", 700, true) };
    begun(&adyen, &stranger).await;
    let (_, body) = double.last_asked();
    assert_eq!((&body["returnUrl"], &body["shopperEmail"]), (&json!(RETURN_URL), &json!("ada@page.example")));
}

#[tokio::test]
async fn the_return_and_the_notification_tell_the_same_of_a_session_whichever_comes_first() {
    let double = Double::start();
    let adyen = adyen(&double);
    for (method, capture) in [("ideal", true), ("klarna", true), ("klarna", false), ("paypal", false)] {
        let reference = format!("att_{method}_{capture}");
        let (psp, name) = begun(&adyen, &asked(&reference, method, capture)).await;
        // Back with nothing, and back before the method is done: the session stays as it is.
        for brought in ["".to_owned(), format!("redirectResult=back%21{psp}")] {
            assert_still_open(&adyen.complete_challenge(&back(&reference, &name, &brought)).await, &name);
        }
        // Another result is another question.
        let brought = double.at_the_page(&psp, true);
        let told = notified(&double, &adyen);
        let GatewayFact::Ended { kind, reference: of, end: CallEnd::Answered(answer) } = told else {
            panic!("{told:?}")
        };
        assert_eq!((kind, of.as_str()), (CallKind::Authorize, &*reference));
        assert_eq!(approval(&Ok(answer), 700, capture), psp);
        let other = back(&reference, &name, &brought.replace("back%21", "came%21"));
        assert_eq!(approval(&adyen.complete_challenge(&other).await, 700, capture), psp);
        if !capture {
            // Received; its notification ends it.
            assert_unknown(&adyen.capture(&capture_of(&format!("cap_{method}"), &psp, 700)).await);
        }
    }
}

#[tokio::test]
async fn a_session_that_was_not_paid_is_declined_by_both_ways() {
    let double = Double::start();
    let adyen = adyen(&double);
    let (psp, name) = begun(&adyen, &asked("att_1", "ideal", true)).await;
    let brought = double.at_the_page(&psp, false);
    let end = adyen.complete_challenge(&back("att_1", &name, &brought)).await;
    assert!(matches!(end, Ok(GatewayAnswer::Declined(_))), "{end:?}");
    let told = notified(&double, &adyen);
    let is_declined = matches!(&told, GatewayFact::Ended { reference, end: CallEnd::Answered(GatewayAnswer::Declined(_)), .. }
        if reference == "att_1");
    assert!(is_declined, "{told:?}");
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_same_request_is_told_the_page() {
    let double = Double::start();
    let adyen = adyen(&double);
    let request = asked("att_1", "paypal", true);
    double.next(Fault::LostAfter);
    assert_unknown(&adyen.authorize(&request).await);
    let (psp, _) = begun(&adyen, &request).await;
    assert_eq!(double.books().payments.keys().collect::<Vec<_>>(), [&psp], "it is one session");
}

#[tokio::test]
async fn what_a_method_cannot_do_is_refused_before_anything_is_sent() {
    let double = Double::start();
    let adyen = adyen(&double);
    let usd = Money::new(700, Currency::USD);
    let nobody = Authorize { payer: Default::default(), ..asked("att_1", "klarna", true) };
    for refused in [
        nobody,
        asked("att_2", "card", true),
        asked("att_3", "giropay", true),
        asked("att_4", "ideal", false),
        Authorize { amount: usd, ..asked("att_5", "ideal", true) },
    ] {
        assert_not_done(&adyen.authorize(&refused).await);
    }
    assert!(double.books().asked.is_empty());
}
