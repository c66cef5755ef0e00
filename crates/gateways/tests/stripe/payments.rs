//! Every operation, when all goes well, and what a gateway refuses.

use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    AgreementKind, Authorize, Avs, CallKind, Capture, CompleteChallenge, DeclineCode, GatewayAnswer, Lookup,
    LookupRequest, PaymentGateway, Refund, ScaRequest, ThreeDs,
};
use tender_gateways::{StripeGateway, StripeOptions};

use crate::double::{Double, SECRET_KEY};
use crate::rig::{
    RETURN_URL, approval, approved, assert_not_done, assert_unknown, authorization, capture_of, eur, options,
    payer, refund_of, stripe, void_of,
};
use crate::rules::charge_it;

#[tokio::test]
async fn money_is_held_taken_and_given_back() {
    let double = Double::start();
    let stripe = stripe(&double);
    let answer = stripe.authorize(&authorization("att_1", "pm_card_visa", 12_345, false)).await;
    let held = approval(&answer, 12_345, false);
    let Ok(GatewayAnswer::Approved { avs, .. }) = answer else { panic!("approved") };
    let checks = Avs { avs_result: Some("Z".into()), cvv_result: Some("M".into()) };
    assert_eq!(avs, checks);

    let taken = stripe.capture(&capture_of("cap_1", &held, 12_000)).await;
    let charge = approval(&taken, 12_000, true);
    assert!(charge.starts_with("ch_"), "{charge}");
    // What was not taken is let go, and nothing can be taken twice.
    assert_not_done(&stripe.capture(&capture_of("cap_2", &held, 345)).await);

    approval(&stripe.refund(&refund_of("rf_1", &held, 7_000)).await, 7_000, false);
    assert_not_done(&stripe.refund(&refund_of("rf_2", &held, 5_001)).await);
    approval(&stripe.refund(&refund_of("rf_3", &held, 5_000)).await, 5_000, false);

    let at_once = approved(&stripe, "att_2", 500, true).await;
    approval(&stripe.refund(&refund_of("rf_4", &at_once, 500)).await, 500, false);
}

#[tokio::test]
async fn what_is_held_is_let_go_once() {
    let double = Double::start();
    let stripe = stripe(&double);
    let held = approved(&stripe, "att_1", 900, false).await;
    approval(&stripe.void(&void_of("att_1", &held)).await, 900, false);
    assert_not_done(&stripe.capture(&capture_of("cap_1", &held, 900)).await);
    // Let go by somebody else before: it is let go.
    let held = approved(&stripe, "att_2", 900, false).await;
    double.books().intents.get_mut(&held).expect("there")["status"] = "canceled".into();
    approval(&stripe.void(&void_of("att_2", &held)).await, 900, false);
    // Taken before: no repetition will change that.
    let taken = approved(&stripe, "att_3", 900, true).await;
    let refused = stripe.void(&void_of("att_3", &taken)).await;
    assert!(matches!(refused, Ok(GatewayAnswer::Declined(_))), "{refused:?}");
}

#[tokio::test]
async fn amounts_are_stripes_own() {
    let double = Double::start();
    let stripe = stripe(&double);
    for (reference, minor, code, wire) in
        [("att_1", 500, "JPY", "500"), ("att_2", 5, "ISK", "500"), ("att_3", 5_120, "BHD", "5120")]
    {
        let amount = Money::new(minor, code.parse().expect("a currency"));
        let request = Authorize { amount, ..authorization(reference, "pm_card_visa", 1, true) };
        let answer = stripe.authorize(&request).await;
        assert!(matches!(answer, Ok(GatewayAnswer::Approved { amount: told, .. }) if told == amount));
        let (_, fields) = double.last_asked();
        assert_eq!((fields["amount"].as_str(), fields["currency"].as_str()), (wire, &*code.to_lowercase()));
    }
    let asked = double.books().asked.len();
    for (minor, currency) in [(5_124, Currency::BHD), (0, Currency::EUR), (-5, Currency::EUR)] {
        let amount = Money::new(minor, currency);
        let request = Authorize { amount, ..authorization("att_4", "pm_card_visa", 1, true) };
        assert_not_done(&stripe.authorize(&request).await);
    }
    assert_eq!(double.books().asked.len(), asked, "nothing was sent");
}

#[tokio::test]
async fn where_it_goes_is_told_with_a_name_and_a_street_only() {
    let double = Double::start();
    let stripe = stripe(&double);
    let request = Authorize { payer: payer(), ..authorization("att_1", "pm_card_visa", 500, true) };
    stripe.authorize(&request).await.expect("answered");
    let (_, fields) = double.last_asked();
    for (name, value) in [
        ("shipping[name]", "Bob"),
        ("shipping[address][line1]", "Weg 1"),
        ("shipping[address][postal_code]", "10115"),
        ("shipping[address][country]", "DE"),
    ] {
        assert_eq!(fields[name], value);
    }
    let mut nameless = payer();
    nameless.shipping.as_mut().expect("there").name = None;
    let request = Authorize { payer: nameless, ..authorization("att_2", "pm_card_visa", 500, true) };
    stripe.authorize(&request).await.expect("answered");
    let (_, fields) = double.last_asked();
    assert!(fields.keys().all(|name| !name.starts_with("shipping")), "{fields:?}");
}

#[tokio::test]
async fn what_is_asked_is_in_stripes_words() {
    let double = Double::start();
    let stripe = stripe(&double);
    let request = Authorize {
        statement_descriptor: Some("Seeblick's Hotel".into()),
        ..authorization("att_1", "pm_card_visa", 500, true)
    };
    stripe.authorize(&request).await.expect("answered");
    let (path, fields) = double.last_asked();
    assert_eq!(path, "v1/payment_intents");
    for (name, value) in [
        ("capture_method", "automatic"),
        ("return_url", RETURN_URL),
        ("statement_descriptor_suffix", "Seeblicks Hotel"),
        ("metadata[tender_tenant]", "sandbox"),
        ("metadata[tender_reference]", "att_1"),
    ] {
        assert_eq!(fields[name], value);
    }
    let away = Authorize { off_session: true, ..authorization("att_2", "pm_card_visa", 500, false) };
    stripe.authorize(&away).await.expect("answered");
    let (_, fields) = double.last_asked();
    assert_eq!((fields["off_session"].as_str(), fields["capture_method"].as_str()), ("true", "manual"));
    assert!(!fields.contains_key("statement_descriptor_suffix"));
}

#[tokio::test]
async fn the_first_payment_of_an_agreement_is_told_with_the_networks_name() {
    let double = Double::start();
    let stripe = stripe(&double);
    let sca = ScaRequest { begins: Some(AgreementKind::Recurring), ..ScaRequest::default() };
    let request = Authorize { sca, ..authorization("att_1", "pm_card_visa", 500, true) };
    let answer = stripe.authorize(&request).await.expect("answered");
    let (_, fields) = double.last_asked();
    assert_eq!(fields["setup_future_usage"], "off_session");
    let GatewayAnswer::Approved { sca: Some(told), .. } = answer else { panic!("{answer:?}") };
    assert_eq!(told.network_transaction_id.as_deref(), Some("network-1"));
}

#[tokio::test]
async fn a_capture_that_is_not_the_last_is_not_sent() {
    let double = Double::start();
    let stripe = stripe(&double);
    let held = approved(&stripe, "att_1", 900, false).await;
    let part = Capture { is_final: false, ..capture_of("cap_1", &held, 100) };
    assert_not_done(&stripe.capture(&part).await);
    assert_eq!(double.books().asked.len(), 1);
}

#[tokio::test]
async fn what_stripe_cannot_know_is_not_sent_into_an_address() {
    let double = Double::start();
    let stripe = stripe(&double);
    for reference in ["gw_1", "pi_1/../../v1/customers", "", "pi_1?x=y"] {
        assert_not_done(&stripe.capture(&capture_of("cap_1", reference, 1)).await);
        assert_not_done(&stripe.void(&void_of("att_1", reference)).await);
        assert_not_done(&stripe.refund(&refund_of("rf_1", reference, 1)).await);
    }
    assert!(double.books().asked.is_empty());
    assert_not_done(&stripe.refund(&refund_of("rf_2", "pi_nobody_knows", 1)).await);
}

#[tokio::test]
async fn one_tenants_references_are_nothing_to_another() {
    let double = Double::start();
    let stripe = stripe(&double);
    approved(&stripe, "att_1", 100, true).await;
    let tenant: TenantId = "stranger".parse().expect("a tenant");
    let theirs = Authorize { tenant, ..authorization("att_1", "pm_card_visa", 200, true) };
    approval(&stripe.authorize(&theirs).await, 200, true);
}

#[tokio::test]
async fn a_challenge_goes_on_with_what_the_browser_brings() {
    for (result, lags) in [("brought", true), ("other", false), ("", false)] {
        let double = Double::start();
        let stripe = stripe(&double);
        let request = authorization("att_1", "pm_card_authenticationRequired", 700, true);
        let answer = stripe.authorize(&request).await.expect("answered");
        let GatewayAnswer::Challenge { url, challenge_reference, .. } = answer.clone() else {
            panic!("challenge: {answer:?}");
        };
        assert!(url.starts_with("https://hooks.stripe.com/"), "{url}");
        double.books().search_lags = lags;
        let other = approved(&stripe, "att_other", 700, true).await;
        let result = match result {
            "brought" => {
                format!("{RETURN_URL}&payment_intent={challenge_reference}&redirect_status=succeeded")
            }
            // A customer who names another payment completes only their own.
            "other" => other,
            nothing => nothing.to_owned(),
        };
        let complete = CompleteChallenge {
            tenant: TenantId::sandbox(),
            reference: "att_1".into(),
            challenge_reference: String::new(),
            result,
        };
        assert_eq!(stripe.complete_challenge(&complete).await.expect("answered"), answer, "not met yet");
        charge_it(double.books().intents.get_mut(&challenge_reference).expect("there"), "ch_9");
        approval(&stripe.complete_challenge(&complete).await, 700, true);
        let failed = serde_json::json!({"type": "invalid_request_error",
            "code": "payment_intent_authentication_failure", "message": "not authenticated"});
        double.change(&challenge_reference, |intent| {
            intent["status"] = "requires_payment_method".into();
            intent["last_payment_error"] = failed;
        });
        let declined = stripe.complete_challenge(&complete).await.expect("answered");
        let code = DeclineCode::AuthenticationFailed;
        assert!(matches!(&declined, GatewayAnswer::Declined(decline) if decline.code == code));
    }
}

#[tokio::test]
async fn a_challenge_that_nobody_finds_is_unknown() {
    let double = Double::start();
    let stripe = stripe(&double);
    double.books().search_lags = true;
    for result in ["", "pi_000009", "payment_intent=pi_000009", "success"] {
        let complete = CompleteChallenge {
            tenant: TenantId::sandbox(),
            reference: "att_1".into(),
            challenge_reference: String::new(),
            result: result.into(),
        };
        assert_unknown(&stripe.complete_challenge(&complete).await);
    }
}

#[tokio::test]
async fn a_challenge_that_is_given_up_cannot_be_met_and_one_that_was_met_is_not_given_up() {
    let double = Double::start();
    let stripe = stripe(&double);
    for (reference, met) in [("att_1", false), ("att_2", true)] {
        let request = authorization(reference, "pm_card_authenticationRequired", 700, true);
        let Ok(GatewayAnswer::Challenge { challenge_reference, .. }) = stripe.authorize(&request).await
        else {
            panic!("challenge");
        };
        if met {
            charge_it(double.books().intents.get_mut(&challenge_reference).expect("there"), "ch_9");
        }
        let given_up = stripe.give_up_challenge(&void_of(reference, &challenge_reference)).await;
        match given_up.expect("answered").expect("it says so") {
            GatewayAnswer::Approved { captured: false, .. } if !met => {
                assert_eq!(double.books().intents[&challenge_reference]["status"], "canceled");
            }
            GatewayAnswer::Declined(_) if met => {}
            other => panic!("{reference}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_must_be_authenticated_is_not_approved_before() {
    let double = Double::start();
    let with_a_way_back = stripe(&double);
    let forced = Authorize { three_ds: ThreeDs::Force, ..authorization("att_1", "pm_card_visa", 700, true) };
    let answer = with_a_way_back.authorize(&forced).await.expect("answered");
    assert!(matches!(answer, GatewayAnswer::Challenge { .. }), "{answer:?}");

    let no_way_back = StripeGateway::new(StripeOptions { return_url: None, ..options(&double) });
    let no_way_back = no_way_back.expect("good options");
    let needs_it = authorization("att_2", "pm_card_authenticationRequired", 700, true);
    let away = Authorize {
        off_session: true,
        ..authorization("att_3", "pm_card_authenticationRequired", 700, true)
    };
    let forced_away = Authorize { off_session: true, reference: "att_4".into(), ..forced.clone() };
    for (gateway, request) in [
        (&no_way_back, &needs_it),
        (&with_a_way_back, &away),
        (&with_a_way_back, &forced_away),
        (&no_way_back, &Authorize { reference: "att_5".into(), ..forced }),
    ] {
        let answer = gateway.authorize(request).await.expect("answered");
        let code = DeclineCode::AuthenticationRequired;
        assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
    }
    assert_eq!(double.books().asked.len(), 3, "what cannot be authenticated is not sent");
}

#[tokio::test]
async fn another_amount_is_told_as_it_is() {
    let double = Double::start();
    let stripe = stripe(&double);
    let answer = stripe.authorize(&authorization("att_1", "pm_card_wrongAmount", 800, true)).await;
    approval(&answer, 799, true);
}

#[tokio::test]
async fn a_reference_is_looked_up_and_what_is_not_shown_may_be_there() {
    let double = Double::start();
    let stripe = stripe(&double);
    let held = approved(&stripe, "att_1", 900, false).await;
    let ask = |kind, reference: &str| LookupRequest {
        tenant: TenantId::sandbox(),
        kind,
        reference: reference.to_owned(),
    };
    let became = async |kind, reference| stripe.lookup(&ask(kind, reference)).await.expect("answered");
    let answered = |minor, was_captured, lookup| match lookup {
        Lookup::Answered(answer) => approval(&Ok(answer), minor, was_captured),
        other => panic!("answered expected: {other:?}"),
    };
    assert_eq!(answered(900, false, became(CallKind::Authorize, "att_1").await), held);
    assert_eq!(became(CallKind::Void, "att_1/void").await, Lookup::Pending);
    stripe.capture(&capture_of("cap_1", &held, 800)).await.expect("answered");
    answered(800, true, became(CallKind::Capture, "cap_1").await);
    answered(900, false, became(CallKind::Authorize, "att_1").await);
    let other = approved(&stripe, "att_2", 900, false).await;
    stripe.void(&void_of("att_2", &other)).await.expect("answered");
    answered(900, false, became(CallKind::Void, "att_2/void").await);
    double.books().search_lags = true;
    for kind in CallKind::ALL {
        assert_eq!(became(*kind, "att_1").await, Lookup::Pending, "{}", kind.as_str());
    }
}

#[tokio::test]
async fn a_refund_that_our_balance_does_not_cover_is_told_so_and_may_be_made_later() {
    let double = Double::start();
    let stripe = stripe(&double);
    let taken = approved(&stripe, "att_1", 1_000, true).await;
    let refund = Refund { amount: eur(78), ..refund_of("rf_1", &taken, 1) };
    let refused = stripe.refund(&refund).await;
    let code = DeclineCode::InsufficientFunds;
    assert!(matches!(&refused, Ok(GatewayAnswer::Declined(told)) if told.code == code), "{refused:?}");
    assert_eq!(double.books().refunds.len(), 0);
}

#[tokio::test]
async fn a_refund_that_hangs_is_asked_about_by_its_id() {
    let double = Double::start();
    let stripe = stripe(&double);
    let taken = approved(&stripe, "att_1", 1_000, true).await;
    let refund = Refund { amount: eur(77), ..refund_of("rf_1", &taken, 1) };
    assert_unknown(&stripe.refund(&refund).await);
    let id = double.books().refunds.keys().next().cloned().expect("it is there");
    double.books().refunds.get_mut(&id).expect("there")["status"] = "succeeded".into();
    // The key's answer says for ever that it hangs.
    assert_eq!(approval(&stripe.refund(&refund).await, 77, false), id);
    double.books().refunds.get_mut(&id).expect("there")["status"] = "failed".into();
    let failed = stripe.refund(&refund).await;
    assert!(matches!(failed, Ok(GatewayAnswer::Declined(_))), "{failed:?}");
    assert_eq!(double.books().refunds.len(), 1);
}

#[test]
fn what_is_secret_is_not_printed() {
    let options = StripeOptions {
        webhook_secret: Some("whsec_hidden".into()),
        ..StripeOptions::new("http://127.0.0.1:1", SECRET_KEY)
    };
    let printed = format!("{options:?}");
    assert!(!printed.contains(SECRET_KEY) && !printed.contains("whsec_hidden"), "{printed}");
    for api_base in ["ftp://api.stripe.com", "nonsense"] {
        assert!(StripeGateway::new(StripeOptions::new(api_base, SECRET_KEY)).is_err(), "{api_base}");
    }
    let refused = StripeGateway::new(StripeOptions::new("https://api.stripe.com", "sk_\nhidden")).err();
    let refused = refused.expect("no header can hold it").to_string();
    assert!(!refused.contains("hidden"), "{refused}");
}
