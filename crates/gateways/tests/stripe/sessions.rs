//! Sessions of iDEAL, Klarna and PayPal: what Stripe makes of them, and what of them is told when and by whom.

use serde_json::{Value, json};
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp};
use tender_domain::ports::{
    Authorize, CallEnd, CallKind, CompleteChallenge, DeclineCode, GatewayAnswer, GatewayFact, PaymentGateway,
    SessionFlow, SessionPage, SessionRequest,
};
use tender_gateways::{StripeGateway, StripeOptions};

use crate::callbacks::told;
use crate::double::{Double, Fault};
use crate::rig::{
    RETURN_URL, approval, assert_not_done, assert_unknown, authorization, capture_of, options, payer,
    refund_of, stripe, void_of,
};

/// The customer pays on the method's page.
fn pay(intent: &mut Value) {
    crate::rules::charge_it(intent, "ch_of_the_page");
    let method = intent["payment_method_types"][0].as_str().expect("a method").to_owned();
    intent["latest_charge"]["payment_method_details"] = json!({"type": method, (method): {}});
}

fn fail(intent: &mut Value, code: &str) {
    intent["status"] = "requires_payment_method".into();
    intent["next_action"] = Value::Null;
    intent["last_payment_error"] =
        json!({"type": "invalid_request_error", "code": code, "message": "The customer did not pay."});
}

fn session(method: &str) -> SessionRequest {
    SessionRequest {
        method: method.into(),
        flow: SessionFlow::Redirect,
        return_url: Some("https://shop.example.com/paid".into()),
        expires_at: Timestamp::from_timestamp(1_800_000_000, 0).expect("a time"),
        page: None,
    }
}

fn asked(reference: &str, method: &str, capture: bool) -> Authorize {
    Authorize { session: Some(session(method)), ..authorization(reference, "", 700, capture) }
}

fn back(reference: &str, intent: &str) -> CompleteChallenge {
    CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: reference.into(),
        challenge_reference: intent.into(),
        result: String::new(),
    }
}

async fn begun(stripe: &StripeGateway, request: &Authorize) -> (String, String) {
    let answer = stripe.authorize(request).await.expect("answered");
    let GatewayAnswer::Challenge { url, challenge_reference, .. } = answer else { panic!("{answer:?}") };
    (url, challenge_reference)
}

#[tokio::test]
async fn a_session_is_asked_for_with_what_its_method_needs_and_the_same_again_is_the_same_page() {
    let double = Double::start();
    let stripe = stripe(&double);
    assert_eq!(stripe.alternative_methods(), ["ideal", "klarna", "paypal"]);
    for method in stripe.alternative_methods() {
        let page = SessionPage {
            reference: Some("Booking 7".into()),
            payer_name: Some("Ada Byron".into()),
            payer_email: Some("ada@page.example".into()),
            ..SessionPage::default()
        };
        let wanted = SessionRequest { page: Some(Box::new(page)), ..session(method) };
        let reference = format!("att_{method}");
        let request = Authorize {
            session: Some(wanted),
            statement_descriptor: Some("Seeblick".into()),
            ..asked(&reference, method, true)
        };
        let (url, id) = begun(&stripe, &request).await;
        assert!(url.starts_with("https://pm-redirects.stripe.com/"), "{url}");
        assert_eq!(begun(&stripe, &request).await, (url, id));
        let (_, fields) = double.last_asked();
        let said = |name: &str| fields.get(name).map(String::as_str);
        assert_eq!(said("return_url"), Some("https://shop.example.com/paid"));
        assert_eq!(said("payment_method_data[billing_details][email]"), Some("ada@page.example"));
        assert_eq!(
            (said("description"), said("statement_descriptor")),
            (Some("Booking 7"), Some("Seeblick"))
        );

        let known = Authorize { payer: payer(), ..asked(&format!("{reference}_known"), method, true) };
        begun(&stripe, &known).await;
        let (_, fields) = double.last_asked();
        assert_eq!(fields["payment_method_data[billing_details][name]"], "Ada King Byron");
        assert_eq!(fields["payment_method_data[billing_details][address][country]"], "DE");
    }
    let anywhere = SessionRequest { return_url: None, ..session("paypal") };
    begun(&stripe, &Authorize { session: Some(anywhere), ..asked("att_9", "paypal", true) }).await;
    assert_eq!(double.last_asked().1["return_url"], RETURN_URL, "the account's own");
}

#[tokio::test]
async fn the_return_and_the_event_tell_the_same_of_a_session_whichever_comes_first() {
    let double = Double::start();
    let stripe = stripe(&double);
    double.books().search_lags = true;
    for (method, capture) in [("ideal", true), ("klarna", true), ("klarna", false), ("paypal", false)] {
        let reference = format!("att_{method}_{capture}");
        let request = asked(&reference, method, capture);
        let (url, id) = begun(&stripe, &request).await;
        let open = stripe.complete_challenge(&back(&reference, &id)).await.expect("answered");
        assert!(matches!(&open, GatewayAnswer::Challenge { url: again, .. } if *again == url), "{open:?}");
        // Back before Stripe is done: the session stays as it is.
        double.change(&id, |intent| intent["status"] = "processing".into());
        let open = stripe.complete_challenge(&back(&reference, &id)).await.expect("answered");
        assert!(matches!(&open, GatewayAnswer::Challenge { url, .. } if url.is_empty()), "{open:?}");

        double.change(&id, pay);
        let intent = double.books().intents[&id].clone();
        let what =
            if capture { "payment_intent.succeeded" } else { "payment_intent.amount_capturable_updated" };
        let event = told(what, &intent);
        let returned = stripe.complete_challenge(&back(&reference, &id)).await;
        assert_eq!(approval(&returned, 700, capture), id);
        let end = CallEnd::Answered(returned.expect("approved"));
        assert_eq!(event.fact, GatewayFact::Ended { kind: CallKind::Authorize, reference, end });
        if !capture {
            approval(&stripe.capture(&capture_of(&format!("cap_{method}"), &id, 600)).await, 600, true);
        }
        approval(&stripe.refund(&refund_of(&format!("rf_{method}_{capture}"), &id, 100)).await, 100, false);
    }
}

#[tokio::test]
async fn a_session_that_was_not_paid_says_why_by_both_ways() {
    let double = Double::start();
    let stripe = stripe(&double);
    for (code, ours) in [
        ("payment_intent_authentication_failure", DeclineCode::AuthenticationFailed),
        ("payment_method_customer_decline", DeclineCode::CustomerCanceled),
        ("payment_intent_payment_attempt_expired", DeclineCode::AuthenticationAbandoned),
        ("payment_method_provider_decline", DeclineCode::CardDeclined),
    ] {
        let reference = format!("att_{code}");
        let (_, id) = begun(&stripe, &asked(&reference, "klarna", true)).await;
        double.change(&id, |intent| fail(intent, code));
        let event = told("payment_intent.payment_failed", &double.books().intents[&id].clone());
        let returned = stripe.complete_challenge(&back(&reference, &id)).await.expect("answered");
        assert!(matches!(&returned, GatewayAnswer::Declined(why) if why.code == ours), "{returned:?}");
        let end = CallEnd::Answered(returned);
        assert_eq!(event.fact, GatewayFact::Ended { kind: CallKind::Authorize, reference, end });
    }
}

#[tokio::test]
async fn a_session_that_nobody_pays_is_given_up_and_one_that_was_paid_is_not() {
    let double = Double::start();
    let stripe = stripe(&double);
    for paid in [false, true] {
        let reference = format!("att_{paid}");
        let (_, id) = begun(&stripe, &asked(&reference, "paypal", true)).await;
        if paid {
            double.change(&id, pay);
        }
        let given_up = stripe.give_up_challenge(&void_of(&reference, &id)).await.expect("answered");
        assert_eq!(matches!(given_up, Some(GatewayAnswer::Declined(_))), paid, "{given_up:?}");
        let end = stripe.complete_challenge(&back(&reference, &id)).await;
        if paid {
            approval(&end, 700, true);
        } else {
            assert_not_done(&end);
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_same_request_is_told_the_page() {
    let double = Double::start();
    let stripe = stripe(&double);
    let request = asked("att_1", "ideal", true);
    double.next(Fault::LostAfter);
    assert_unknown(&stripe.authorize(&request).await);
    let (_, id) = begun(&stripe, &request).await;
    assert_eq!(double.books().intents.keys().collect::<Vec<_>>(), [&id], "it is one session");
}

#[tokio::test]
async fn what_a_method_cannot_do_is_refused_before_anything_is_sent() {
    let double = Double::start();
    let nowhere = StripeGateway::new(StripeOptions { return_url: None, ..options(&double) }).expect("good");
    let no_way_back = SessionRequest { return_url: None, ..session("paypal") };
    let no_way_back = Authorize { session: Some(no_way_back), ..asked("att_1", "paypal", true) };
    assert_not_done(&nowhere.authorize(&no_way_back).await);
    let stripe = stripe(&double);
    let usd = Money::new(700, Currency::USD);
    for refused in [
        asked("att_2", "card", true),
        asked("att_3", "giropay", true),
        asked("att_4", "ideal", false),
        Authorize { amount: usd, ..asked("att_5", "ideal", true) },
    ] {
        assert_not_done(&stripe.authorize(&refused).await);
    }
    assert!(double.books().asked.is_empty());
    // What the account has not switched on is refused by Stripe, and is another connector's.
    let chf = Money::new(700, "CHF".parse().expect("a currency"));
    assert_not_done(&stripe.authorize(&Authorize { amount: chf, ..asked("att_6", "klarna", true) }).await);
    assert!(double.books().intents.is_empty());
}
