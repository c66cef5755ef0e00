//! Every operation, when all goes well, and what a gateway refuses.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Agreement, AgreementKind, Authorize, Avs, CallbackHeaders, CallbackRefusal, CardData, CompleteChallenge,
    DeclineCode, GatewayAnswer, GatewayError, PaymentGateway, ScaRequest, ThreeDs,
};
use tender_gateways::{PayPalGateway, PayPalOptions};

use crate::double::{CLIENT_ID, CLIENT_SECRET, Double, Fault};
use crate::requests::{assert_still_open, name_left};
use crate::rig::{
    CHALLENGED, RETURN_URL, VISA, approval, approved, assert_not_done, assert_unknown, authorization,
    capture_of, options, payer, paypal, refund_of, void_of,
};

#[tokio::test]
async fn what_is_asked_is_in_paypals_words() {
    let double = Double::start();
    let paypal = paypal(&double);
    let request = Authorize {
        statement_descriptor: Some("Seeblick's Hotel".into()),
        ..authorization("att_1", VISA, 1_234, false)
    };
    paypal.authorize(&request).await.expect("answered");
    let (path, body) = double.last_asked();
    assert_eq!(path, "v2/checkout/orders");
    let wanted = json!({
        "intent": "AUTHORIZE",
        "purchase_units": [{"custom_id": "sandbox/att_1", "soft_descriptor": "Seeblicks Hotel",
            "amount": {"currency_code": "EUR", "value": "12.34"}}],
        "payment_source": {"card": {"vault_id": "tokenvisa1",
            "stored_credential": {"payment_initiator": "CUSTOMER", "payment_type": "ONE_TIME", "usage": "SUBSEQUENT"},
            "attributes": {"verification": {"method": "SCA_WHEN_REQUIRED"}},
            "experience_context": {"return_url": RETURN_URL, "cancel_url": RETURN_URL}}},
    });
    assert_eq!(body, wanted);
    let away = Authorize { off_session: true, ..authorization("att_2", VISA, 500, true) };
    paypal.authorize(&away).await.expect("answered");
    let card = double.last_asked().1["payment_source"]["card"].clone();
    assert_eq!(card["stored_credential"]["payment_initiator"], "MERCHANT");
    assert!(card.get("attributes").is_none() && card.get("experience_context").is_none());
    assert_eq!(double.books().sessions, 1, "one session serves many calls");
}

#[tokio::test]
async fn where_it_goes_is_told_with_a_country_only() {
    let double = Double::start();
    let paypal = paypal(&double);
    let request = Authorize { payer: payer(), ..authorization("att_1", VISA, 500, true) };
    paypal.authorize(&request).await.expect("answered");
    let unit = double.last_asked().1["purchase_units"][0].clone();
    let wanted = json!({"name": {"full_name": "Bob"}, "address": {"country_code": "DE", "address_line_1": "Weg 1",
        "admin_area_2": "Berlin", "postal_code": "10115"}});
    assert_eq!(unit["shipping"], wanted);
    let mut nowhere = payer();
    nowhere.shipping.as_mut().and_then(|shipping| shipping.address.as_mut()).expect("there").country = None;
    let request = Authorize { payer: nowhere, ..authorization("att_2", VISA, 500, true) };
    paypal.authorize(&request).await.expect("answered");
    let unit = double.last_asked().1["purchase_units"][0].clone();
    assert!(unit.get("shipping").is_none(), "{unit}");
}

#[tokio::test]
async fn money_is_held_taken_and_given_back() {
    let double = Double::start();
    let paypal = paypal(&double);
    let answer = paypal.authorize(&authorization("att_1", VISA, 12_345, false)).await;
    let held = approval(&answer, 12_345, false);
    let Ok(GatewayAnswer::Approved { avs, response_code, .. }) = answer else { panic!("approved") };
    assert_eq!(avs, Avs { avs_result: Some("Y".into()), cvv_result: Some("M".into()) });
    assert_eq!(response_code.as_deref(), Some("0000"));
    // Nothing was taken yet.
    assert_not_done(&paypal.refund(&refund_of("rf_0", &held, 1)).await);
    approval(&paypal.capture(&capture_of("cap_1", &held, 12_000)).await, 12_000, true);
    approval(&paypal.refund(&refund_of("rf_1", &held, 7_000)).await, 7_000, false);
    assert_not_done(&paypal.refund(&refund_of("rf_2", &held, 5_001)).await);
    let taken = approved(&paypal, "att_2", 500, true).await;
    approval(&paypal.refund(&refund_of("rf_3", &taken, 500)).await, 500, false);
    assert_not_done(&paypal.void(&void_of("att_2", &taken)).await);
}

#[tokio::test]
async fn what_was_let_go_by_somebody_else_is_let_go_and_what_was_taken_cannot_be() {
    let double = Double::start();
    let paypal = paypal(&double);
    for (reference, status) in [("att_1", "VOIDED"), ("att_2", "CAPTURED")] {
        let held = approved(&paypal, reference, 900, false).await;
        let place = "/purchase_units/0/payments/authorizations/0/status";
        let at_paypal =
            |order: &mut serde_json::Value| *order.pointer_mut(place).expect("held") = status.into();
        at_paypal(double.books().orders.get_mut(&held).expect("there"));
        match paypal.void(&void_of(reference, &held)).await {
            Ok(GatewayAnswer::Approved { .. }) if status == "VOIDED" => {}
            Ok(GatewayAnswer::Declined(_)) if status == "CAPTURED" => {}
            other => panic!("{status}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_void_is_done_when_paypal_says_that_it_is_voided() {
    let double = Double::start();
    let paypal = paypal(&double);
    let held = approved(&paypal, "att_1", 900, false).await;
    for status in ["CREATED", "PENDING", "CAPTURED"] {
        let amount = json!({"currency_code": "EUR", "value": "9.00"});
        double.next(Fault::Refused(200, json!({"id": "AUTH01", "status": status, "amount": amount})));
        assert_unknown(&paypal.void(&void_of("att_1", &held)).await);
    }
    approval(&paypal.void(&void_of("att_1", &held)).await, 900, false);
}

#[tokio::test]
async fn what_was_let_go_is_not_done_for_who_still_waits_for_its_authorization() {
    let double = Double::start();
    let paypal = paypal(&double);
    let held = approved(&paypal, "att_1", 900, false).await;
    approval(&paypal.void(&void_of("att_1", &held)).await, 900, false);
    let complete = CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: "att_1".to_owned(),
        challenge_reference: held,
        result: String::new(),
    };
    assert_not_done(&paypal.complete_challenge(&complete).await);
}

#[tokio::test]
async fn a_challenge_stays_open_whatever_else_the_browser_brings() {
    let double = Double::start();
    let paypal = paypal(&double);
    let mut orders = Vec::new();
    for reference in ["att_1", "att_2"] {
        let answer = paypal.authorize(&authorization(reference, CHALLENGED, 700, false)).await;
        let Ok(GatewayAnswer::Challenge { challenge_reference, .. }) = answer else { panic!("challenge") };
        orders.push(challenge_reference);
    }
    let complete = |result: &str| CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: "att_1".to_owned(),
        challenge_reference: orders[0].clone(),
        result: result.to_owned(),
    };
    let of_another = double.authenticate(&orders[1], true);
    for brought in ["", "token=ORDER999999", "two words", &of_another] {
        let open = paypal.complete_challenge(&complete(brought)).await;
        let stays = matches!(&open, Ok(GatewayAnswer::Challenge { url, challenge_reference, .. })
            if url.starts_with("https://www.sandbox.paypal.com/") && *challenge_reference == orders[0]);
        assert!(stays, "{brought}: {open:?}");
    }
    assert_eq!(double.books().orders[&orders[1]]["status"], "APPROVED", "it is not paid by this one");
    // PayPal does not show the order: it is paid by us alone, and was not.
    let order = double.books().orders.remove(&orders[0]).expect("it is there");
    assert_still_open(&paypal.complete_challenge(&complete("")).await, &orders[0]);
    double.books().orders.insert(orders[0].clone(), order);
    let back = double.authenticate(&orders[0], true);
    assert_eq!(approval(&paypal.complete_challenge(&complete(&back)).await, 700, false), orders[0]);
}

#[tokio::test]
async fn amounts_are_decimals_with_the_places_of_their_currency() {
    let double = Double::start();
    let paypal = paypal(&double);
    for (reference, minor, code, value) in
        [("att_1", 500, "JPY", "500"), ("att_2", 50_000, "HUF", "500"), ("att_3", 5, "USD", "0.05")]
    {
        let amount = Money::new(minor, code.parse().expect("a currency"));
        let request = Authorize { amount, ..authorization(reference, VISA, 1, true) };
        let answer = paypal.authorize(&request).await;
        assert!(
            matches!(answer, Ok(GatewayAnswer::Approved { amount: told, .. }) if told == amount),
            "{code}"
        );
        let sent = double.last_asked().1["purchase_units"][0]["amount"].clone();
        assert_eq!(sent, json!({"currency_code": code, "value": value}));
    }
    let asked = double.books().asked.len();
    for amount in [Money::new(0, Currency::EUR), Money::new(501, "HUF".parse().expect("a currency"))] {
        let request = Authorize { amount, ..authorization("att_4", VISA, 1, true) };
        assert_not_done(&paypal.authorize(&request).await);
    }
    assert_eq!(double.books().asked.len(), asked, "nothing was sent");
}

#[tokio::test]
async fn declines_come_in_two_forms_and_tokens_that_are_not_known_in_a_third() {
    let double = Double::start();
    let paypal = paypal(&double);
    for (token, code) in [
        ("paypal-sandbox/tokendeclined5400", DeclineCode::ExpiredCard),
        ("paypal-sandbox/tokenissue", DeclineCode::ExpiredCard),
        ("paypal-sandbox/nobodyknows", DeclineCode::InvalidToken),
        ("paypal-stranger/tokenvisa1", DeclineCode::InvalidToken),
        ("tok_visa", DeclineCode::InvalidToken),
        ("", DeclineCode::InvalidToken),
    ] {
        let answer = paypal.authorize(&authorization(&format!("att_{token}"), token, 500, true)).await;
        assert!(
            matches!(&answer, Ok(GatewayAnswer::Declined(decline)) if decline.code == code),
            "{answer:?}"
        );
    }
    assert_eq!(double.books().asked.len(), 3, "what is no token of the tenant's is not sent");
    for reference in ["gw_1", "ORDER000001/../x", "", "ORDER000001?x=y", "ORDER999999"] {
        assert_not_done(&paypal.capture(&capture_of("cap_1", reference, 1)).await);
        assert_not_done(&paypal.void(&void_of("att_1", reference)).await);
        assert_not_done(&paypal.refund(&refund_of("rf_1", reference, 1)).await);
    }
}

#[tokio::test]
async fn a_challenge_goes_on_with_the_order_that_the_browser_brings_and_only_its_own() {
    let double = Double::start();
    let paypal = paypal(&double);
    let mut orders = Vec::new();
    for reference in ["att_1", "att_2"] {
        let answer = paypal.authorize(&authorization(reference, CHALLENGED, 700, false)).await;
        let Ok(GatewayAnswer::Challenge { url, challenge_reference, .. }) = answer else {
            panic!("challenge")
        };
        assert!(url.starts_with("https://www.sandbox.paypal.com/"), "{url}");
        orders.push(challenge_reference);
    }
    let complete = |result: &str| CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: "att_1".to_owned(),
        challenge_reference: String::new(),
        result: result.to_owned(),
    };
    for nothing in ["", "two words", "token=ORDER999999"] {
        assert_unknown(&paypal.complete_challenge(&complete(nothing)).await);
    }
    let of_another = double.authenticate(&orders[1], true);
    assert_unknown(&paypal.complete_challenge(&complete(&of_another)).await);
    assert_eq!(double.books().orders[&orders[1]]["status"], "APPROVED", "it is not paid by this one");
    let open = paypal.complete_challenge(&complete(&orders[0])).await;
    assert!(matches!(open, Ok(GatewayAnswer::Challenge { .. })), "not met yet: {open:?}");
    let back = format!("{RETURN_URL}&{}", double.authenticate(&orders[0], true));
    assert_eq!(approval(&paypal.complete_challenge(&complete(&back)).await, 700, false), orders[0]);
}

#[tokio::test]
async fn a_challenge_that_came_to_nothing_is_found_by_its_order() {
    let double = Double::start();
    let paypal = paypal(&double);
    let answer = paypal.authorize(&authorization("att_1", CHALLENGED, 700, false)).await;
    let Ok(GatewayAnswer::Challenge { challenge_reference, .. }) = answer else { panic!("{answer:?}") };
    let failed = CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: "att_1".to_owned(),
        result: double.authenticate(&challenge_reference, false),
        challenge_reference: challenge_reference.clone(),
    };
    let end = paypal.complete_challenge(&failed).await;
    let Ok(GatewayAnswer::Declined(why)) = end else { panic!("{end:?}") };
    assert_eq!(why.code, DeclineCode::AuthenticationFailed);
    assert_eq!(name_left(&why), Some(challenge_reference.as_str()));
}

#[tokio::test]
async fn without_a_way_back_what_must_be_authenticated_is_declined() {
    let double = Double::start();
    let no_way_back = PayPalOptions { return_url: None, ..options(&double) };
    let no_way_back = PayPalGateway::new(no_way_back).expect("good options");
    let forced = Authorize { three_ds: ThreeDs::Force, ..authorization("att_1", VISA, 700, true) };
    for request in [&forced, &authorization("att_2", CHALLENGED, 700, true)] {
        let answer = no_way_back.authorize(request).await.expect("answered");
        let code = DeclineCode::AuthenticationRequired;
        assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
    }
    assert_eq!(double.books().asked.len(), 1);
}

#[tokio::test]
async fn a_refund_that_cannot_be_made_yet_is_told_so() {
    let double = Double::start();
    let paypal = paypal(&double);
    let taken = approved(&paypal, "att_1", 1_000, true).await;
    let refused = paypal.refund(&refund_of("rf_1", &taken, 78)).await;
    let code = DeclineCode::InsufficientFunds;
    assert!(matches!(&refused, Ok(GatewayAnswer::Declined(told)) if told.code == code), "{refused:?}");
    let refused = paypal.refund(&refund_of("rf_2", &taken, 79)).await;
    assert!(matches!(refused, Err(GatewayError::NotNow(_))), "{refused:?}");
}

#[tokio::test]
async fn a_refund_that_hangs_is_asked_about_by_its_id() {
    let double = Double::start();
    let paypal = paypal(&double);
    let taken = approved(&paypal, "att_1", 1_000, true).await;
    let refund = refund_of("rf_1", &taken, 77);
    assert_unknown(&paypal.refund(&refund).await);
    let id = double.books().refunds.keys().next().cloned().expect("it is there");
    double.books().refunds.get_mut(&id).expect("there")["status"] = "COMPLETED".into();
    assert_eq!(approval(&paypal.refund(&refund).await, 77, false), id);
    double.books().refunds.get_mut(&id).expect("there")["status"] = "FAILED".into();
    assert!(matches!(paypal.refund(&refund).await, Ok(GatewayAnswer::Declined(_))));
    assert_eq!(double.books().refunds.len(), 1);
}

#[tokio::test]
async fn a_card_is_a_token_of_its_tenant_and_a_wrong_number_is_not_repeated() {
    let double = Double::start();
    let paypal = paypal(&double);
    let card = |number: &str| CardData {
        number: number.into(),
        exp_month: 4,
        exp_year: 2040,
        cvc: Some("123".into()),
        holder_name: Some("Ada Lovelace".into()),
    };
    let tenant = TenantId::sandbox();
    let made = paypal.tokenise(&tenant, &card("4111111111111111")).await.expect("answered");
    let again = paypal.tokenise(&tenant, &card("4111111111111111")).await.expect("answered");
    assert_eq!(made.token.expose_secret(), again.token.expose_secret());
    let stranger: TenantId = "stranger".parse().expect("a tenant");
    let id = made.token.expose_secret().rsplit('/').next().expect("an id");
    // Whoever writes another tenant's name before the token is told by its customer.
    let stolen = SecretString::from(format!("paypal-stranger/{id}"));
    assert!(paypal.inspect_token(&stranger, &stolen).await.expect("answered").is_none());
    let refused = paypal.tokenise(&tenant, &card("4111111111111112")).await;
    let Err(GatewayError::NotDone(why)) = refused else { panic!("not done: {refused:?}") };
    assert!(!why.contains("41111111111"), "{why}");
}

#[tokio::test]
async fn a_session_that_paypal_ended_is_opened_again_and_wrong_credentials_send_nothing() {
    let double = Double::start();
    let one = paypal(&double);
    approved(&one, "att_1", 100, true).await;
    double.books().sessions += 1;
    approved(&one, "att_2", 100, true).await;
    one.check_reachable().await.expect("it opens");
    let wrong = PayPalOptions { client_secret: "another".into(), ..options(&double) };
    let wrong = PayPalGateway::new(wrong).expect("good options");
    assert_not_done(&wrong.authorize(&authorization("att_3", VISA, 100, true)).await);
    assert!(wrong.check_reachable().await.is_err());
    assert_eq!(double.books().orders.len(), 2);
}

#[test]
fn what_is_secret_is_not_printed_and_no_callback_is_taken() {
    let options = PayPalOptions::new("http://127.0.0.1:1", CLIENT_ID, CLIENT_SECRET);
    assert!(!format!("{options:?}").contains(CLIENT_SECRET));
    let paypal = PayPalGateway::new(options).expect("good options");
    let now = tender_domain::kernel::Timestamp::from_timestamp(1_795_000_000, 0).expect("an instant");
    let refused = paypal.parse_callback(&CallbackHeaders::default(), b"{}", now);
    assert_eq!(refused, Err(CallbackRefusal::NotSupported));
    for (api_base, client_id) in
        [("ftp://x", "id"), ("http://127.0.0.1:1", ""), ("http://127.0.0.1:1", "a:b")]
    {
        assert!(
            PayPalGateway::new(PayPalOptions::new(api_base, client_id, "s")).is_err(),
            "{api_base} {client_id}"
        );
    }
}

#[tokio::test]
async fn a_series_is_told_by_its_kind_and_the_networks_name_of_its_first_payment_is_kept() {
    let double = Double::start();
    let paypal = paypal(&double);
    for (number, kind) in [AgreementKind::Recurring, AgreementKind::Unscheduled].into_iter().enumerate() {
        let first = Authorize {
            sca: ScaRequest { begins: Some(kind), ..ScaRequest::default() },
            ..authorization(&format!("att_first_{number}"), VISA, 500, true)
        };
        let answer = paypal.authorize(&first).await.expect("answered");
        let GatewayAnswer::Approved { sca, .. } = answer else { panic!("approved: {answer:?}") };
        let named = sca.and_then(|sca| sca.network_transaction_id);
        assert_eq!(named.as_deref(), Some("MCC123456"));
        let named_so = if kind == AgreementKind::Recurring { "RECURRING" } else { "UNSCHEDULED" };
        let credential = double.last_asked().1["payment_source"]["card"]["stored_credential"].clone();
        let wanted = json!({"payment_initiator": "CUSTOMER", "payment_type": named_so, "usage": "FIRST"});
        assert_eq!(credential, wanted);
        let agreement = Some(Agreement { kind, network_transaction_id: named });
        let next = Authorize {
            off_session: true,
            sca: ScaRequest { agreement, ..ScaRequest::default() },
            ..authorization(&format!("att_next_{number}"), VISA, 500, true)
        };
        paypal.authorize(&next).await.expect("answered");
        let credential = double.last_asked().1["payment_source"]["card"]["stored_credential"].clone();
        let wanted = json!({"payment_initiator": "MERCHANT", "payment_type": named_so, "usage": "SUBSEQUENT",
            "previous_network_transaction_reference": {"id": "MCC123456"}});
        assert_eq!(credential, wanted);
    }
}
