//! Every operation, when all goes well, and what a gateway refuses.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Agreement, AgreementKind, Authorize, Capture, DeclineCode, GatewayAnswer, GatewayError, PaymentGateway,
    Refund, ScaRequest,
};
use tender_gateways::PayUOptions;

use crate::requests::{
    approval, assert_not_done, assert_unknown, authorization, capture_of, payer, refund_of, void_of,
};
use crate::rig::{Double, RETURN_URL, VISA, payu};
use crate::rules::NOTIFY_URL;

#[tokio::test]
async fn what_is_asked_is_in_payus_words() {
    let double = Double::start();
    let payu = payu(&double);
    let request = Authorize {
        statement_descriptor: Some("Hotel Seeblick am schönen See".into()),
        payer: payer(),
        ..authorization("att_1", VISA, 1_234, false)
    };
    let held = approval(&payu.authorize(&request).await, 1_234, false);
    let wanted = json!({"merchantPosId": "300746", "extOrderId": "hold/sandbox/att_1", "customerIp": "203.0.113.7",
        "description": "Hotel Seeblick am schönen See", "statementDescription": "Hotel Seeblick am schö",
        "currencyCode": "EUR", "totalAmount": "1234",
        "products": [{"name": "Hotel Seeblick am schönen See", "unitPrice": "1234", "quantity": "1"}],
        "notifyUrl": NOTIFY_URL, "continueUrl": RETURN_URL, "cardOnFile": "STANDARD_CARDHOLDER",
        "payMethods": {"payMethod": {"type": "CARD_TOKEN", "value": "TOKC_visa"}},
        "buyer": {"extCustomerId": "c0ffee", "email": "ada@example.com", "phone": "+49 30 123456",
            "firstName": "Ada King", "lastName": "Byron"},
        "threeDsAuthentication": {"browser": {"acceptHeaders": "text/html", "requestIP": "203.0.113.7",
            "screenWidth": "1920", "javaEnabled": false, "timezoneOffset": "-60", "screenHeight": "1080",
            "userAgent": "Lynx/2.9", "colorDepth": "24", "language": "de-DE"}}});
    let asked = double.last_asked();
    assert_eq!((asked.what.as_str(), asked.json()), ("POST api/v2_1/orders", Ok(wanted)));
    assert_eq!(double.kept().rules.orders[&held].name, "hold/sandbox/att_1");
}

#[tokio::test]
async fn who_charges_a_stored_card_is_said() {
    let double = Double::start();
    let payu = payu(&double);
    let on = |kind| Some(Agreement { kind, network_transaction_id: None });
    let (recurring, unscheduled) = (AgreementKind::Recurring, AgreementKind::Unscheduled);
    for (place, (begins, agreement, away, field, said)) in [
        (Some(recurring), None, false, "recurring", "FIRST"),
        (Some(unscheduled), None, false, "cardOnFile", "FIRST"),
        (None, on(recurring), true, "recurring", "STANDARD"),
        (None, on(unscheduled), true, "cardOnFile", "STANDARD_MERCHANT"),
        (None, None, true, "cardOnFile", "STANDARD_MERCHANT"),
    ]
    .into_iter()
    .enumerate()
    {
        let request = Authorize {
            off_session: away,
            sca: ScaRequest { begins, agreement, ..ScaRequest::default() },
            ..authorization(&format!("att_{place}"), VISA, 500, false)
        };
        approval(&payu.authorize(&request).await, 500, false);
        let body = double.last_asked().json().expect("JSON");
        assert_eq!(body[field], said, "{place}");
        assert_eq!(body.get("continueUrl").is_some(), !away, "{place}");
    }
}

#[tokio::test]
async fn money_is_held_taken_and_given_back() {
    let double = Double::start();
    let payu = payu(&double);
    let held = approval(&payu.authorize(&authorization("att_1", VISA, 12_345, false)).await, 12_345, false);
    assert_not_done(&payu.capture(&capture_of("cap_0", &held, 12_346)).await);
    assert_eq!(approval(&payu.capture(&capture_of("cap_1", &held, 10_000)).await, 10_000, true), "cap_1");
    let body = double.last_asked().json().expect("JSON");
    assert_eq!(body, json!({"amount": "10000", "currencyCode": "EUR"}));
    assert_not_done(&payu.capture(&capture_of("cap_2", &held, 2_345)).await);
    let refund = approval(&payu.refund(&refund_of("rf_1", &held, 4_000)).await, 4_000, false);
    assert!(refund.starts_with("50000"), "PayU's own name of it: {refund}");
    let body = double.last_asked().json().expect("JSON");
    assert_eq!(body["refund"]["extRefundId"], "refund/sandbox/rf_1");
    assert_not_done(&payu.refund(&refund_of("rf_2", &held, 6_001)).await);
    // An equal one is another one.
    approval(&payu.refund(&refund_of("rf_3", &held, 4_000)).await, 4_000, false);
    let taken = payu.void(&void_of("att_1", &held)).await;
    assert!(
        matches!(&taken, Ok(GatewayAnswer::Declined(why)) if why.code == DeclineCode::TransactionNotAllowed)
    );

    let whole = approval(&payu.authorize(&authorization("att_2", VISA, 500, false)).await, 500, false);
    approval(&payu.capture(&capture_of("cap_3", &whole, 500)).await, 500, true);
    assert!(double.last_asked().body.is_empty(), "all of it is taken without a word");
    let sold = approval(&payu.authorize(&authorization("att_3", VISA, 700, true)).await, 700, true);
    assert_eq!(double.kept().rules.orders[&sold].taken, 700);
}

#[tokio::test]
async fn amounts_that_payu_cannot_take_are_not_sent_and_hungary_has_two_places() {
    let double = Double::start();
    let payu = payu(&double);
    let money =
        |minor, code: &str| tender_domain::kernel::Money::new(minor, code.parse().expect("a currency"));
    let request = Authorize { amount: money(50_000, "HUF"), ..authorization("att_1", VISA, 1, false) };
    let answer = payu.authorize(&request).await;
    let Ok(GatewayAnswer::Approved { amount, gateway_reference: held, .. }) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(amount, money(50_000, "HUF"));
    assert_eq!(double.last_asked().json().expect("JSON")["totalAmount"], "50000");
    let other = Capture { amount: money(1, "EUR"), ..capture_of("cap_1", &held, 1) };
    assert_not_done(&payu.capture(&other).await);
    let effects = double.kept().asked.len();
    for code in ["KWD", "MGA"] {
        let request = Authorize { amount: money(500, code), ..authorization("att_2", VISA, 1, true) };
        assert_not_done(&payu.authorize(&request).await);
        let refund = Refund { amount: money(500, code), ..refund_of("rf_1", &held, 1) };
        assert_not_done(&payu.refund(&refund).await);
    }
    assert_eq!(double.kept().asked.len(), effects);
}

#[tokio::test]
async fn each_reason_of_a_decline_is_told_in_our_words() {
    let double = Double::start();
    let payu = payu(&double);
    for (token, code, network) in [
        ("TOKC_declinedS05", DeclineCode::DoNotHonor, Some("S05")),
        ("TOKC_declinedS54", DeclineCode::ExpiredCard, Some("S54")),
        ("TOKC_declinedSSD", DeclineCode::AuthenticationRequired, Some("SSD")),
        ("TOKC_declined999", DeclineCode::CardDeclined, Some("999")),
        ("TOKC_expired", DeclineCode::ExpiredCard, None),
        ("TOKC_fraud", DeclineCode::SuspectedFraud, None),
    ] {
        let token = format!("payu-sandbox/c0ffee/{token}");
        let answer = payu.authorize(&authorization(&format!("att_{token}"), &token, 5, true)).await;
        let Ok(GatewayAnswer::Declined(why)) = &answer else { panic!("{token}: {answer:?}") };
        assert_eq!((why.code, why.network_code.as_deref()), (code, network), "{token}");
        assert!(!format!("{why:?}").contains("44443333"), "{why:?}");
    }
}

#[tokio::test]
async fn a_refund_that_waits_is_unknown_and_one_that_was_canceled_is_declined() {
    let double = Double::start();
    let payu = payu(&double);
    let taken = approval(&payu.authorize(&authorization("att_1", VISA, 900, true)).await, 900, true);
    double.kept().rules.refunds_wait = true;
    assert_unknown(&payu.refund(&refund_of("rf_1", &taken, 300)).await);
    for (status, is_declined) in [("CANCELED", true), ("PONDERED", false)] {
        let order = |double: &Double| double.kept().rules.orders[&taken].refunds[0].status;
        double.kept().rules.orders.get_mut(&taken).expect("there").refunds[0].status = status;
        let again = payu.refund(&refund_of("rf_1", &taken, 300)).await;
        assert_eq!(matches!(again, Ok(GatewayAnswer::Declined(_))), is_declined, "{again:?}");
        assert_eq!(order(&double), status);
    }
}

#[tokio::test]
async fn a_refund_that_cannot_be_made_yet_is_told_so() {
    let double = Double::start();
    let payu = payu(&double);
    let taken = approval(&payu.authorize(&authorization("att_1", VISA, 1_000, true)).await, 1_000, true);
    let refused = payu.refund(&refund_of("rf_1", &taken, 78)).await;
    let code = DeclineCode::InsufficientFunds;
    assert!(matches!(&refused, Ok(GatewayAnswer::Declined(told)) if told.code == code), "{refused:?}");
    let refused = payu.refund(&refund_of("rf_2", &taken, 79)).await;
    assert!(matches!(refused, Err(GatewayError::NotNow(_))), "{refused:?}");
    approval(&payu.refund(&refund_of("rf_3", &taken, 100)).await, 100, false);
}

#[tokio::test]
async fn what_payus_form_made_is_stored_once_and_card_numbers_are_not_taken() {
    let double = Double::start();
    let payu = payu(&double);
    let tenant = TenantId::sandbox();
    let once = SecretString::from("TOK_1IOPVS7E");
    let card = payu.inspect_token(&tenant, &once).await.expect("answered").expect("stored");
    assert_eq!((card.brand.as_str(), card.last4.as_str()), ("VISA", "1111"));
    assert_eq!((card.exp_month, card.exp_year), (4, 2040));
    let body = double.last_asked().json().expect("JSON");
    assert_eq!((&body["totalAmount"], &body["cardOnFile"]), (&json!("0"), &json!("FIRST")));
    let token = card.token.expose_secret();
    assert!(token.starts_with("payu-sandbox/") && token.ends_with("/TOKC_visa"), "{token}");
    approval(&payu.authorize(&authorization("att_1", token, 300, true)).await, 300, true);
    // The same once more is refused by PayU, and another's is another.
    assert!(payu.inspect_token(&tenant, &once).await.is_err());
    for none in [token, "TOKC_visa", "tok_visa", "TOK_a/b"] {
        let seen = payu.inspect_token(&tenant, &SecretString::from(none)).await.expect("answered");
        assert!(seen.is_none(), "{none}");
    }
    let challenged = payu.inspect_token(&tenant, &SecretString::from("TOK_challenged")).await;
    let Err(GatewayError::NotDone(why)) = challenged else { panic!("{challenged:?}") };
    assert!(why.contains("authenticate"), "{why}");
}

#[tokio::test]
async fn whose_a_payment_is_payu_says() {
    let double = Double::start();
    let payu = payu(&double);
    let held = approval(&payu.authorize(&authorization("att_1", VISA, 900, false)).await, 900, false);
    assert_eq!(payu.owner_of_payment(&held).await.expect("answered"), Some(TenantId::sandbox()));
    for none in ["WZHF5FFDRJ999999GUEST000P01", "../orders", ""] {
        assert_eq!(payu.owner_of_payment(none).await.expect("answered"), None, "{none}");
    }
}

#[test]
fn options_that_cannot_be_used_are_refused_by_name() {
    let clock = || std::sync::Arc::new(tender_testkit::ManualClock::default());
    let good = || PayUOptions::new("https://secure.payu.com", "300746", "secret");
    assert!(tender_gateways::PayUGateway::new(good(), clock()).is_ok());
    for (bad, option) in [
        (PayUOptions { api_base: "ftp://x".into(), ..good() }, "api_base"),
        (PayUOptions { pos_id: "shop".into(), ..good() }, "pos_id"),
        (PayUOptions { pos_id: String::new(), ..good() }, "pos_id"),
        (PayUOptions { second_key: Some("".into()), ..good() }, "second_key"),
        (PayUOptions { notify_url: Some("pay.example.com".into()), ..good() }, "notify_url"),
        (PayUOptions { return_url: Some("shop".into()), ..good() }, "return_url"),
    ] {
        let refused = tender_gateways::PayUGateway::new(bad, clock()).err().expect("it cannot be used");
        assert_eq!((refused.gateway, refused.option), ("PayU", option));
    }
}
