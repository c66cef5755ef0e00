//! Every operation, when all goes well, and what a gateway refuses.

use serde_json::json;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Agreement, AgreementKind, Authorize, Avs, Capture, CompleteChallenge, DeclineCode, GatewayAnswer,
    PaymentGateway, ScaRequest, ThreeDs,
};
use tender_gateways::{AdyenGateway, AdyenOptions};

use crate::double::{API_KEY, Double, HMAC_KEY, MERCHANT};
use crate::requests::assert_still_open;
use crate::rig::{
    CHALLENGED, RETURN_URL, VISA, adyen, approval, approved, assert_not_done, assert_unknown, authorization,
    capture_of, options, payer, refund_of, void_of,
};

#[tokio::test]
async fn what_is_asked_is_in_adyens_words() {
    let double = Double::start();
    let adyen = adyen(&double);
    let request = Authorize {
        statement_descriptor: Some("Seeblick's Hotel".into()),
        ..authorization("att_1", VISA, 500, false)
    };
    adyen.authorize(&request).await.expect("answered");
    let (path, body) = double.last_asked();
    assert_eq!(path, "payments");
    let wanted = json!({
        "merchantAccount": MERCHANT, "reference": "hold/sandbox/att_1",
        "amount": {"currency": "EUR", "value": 500},
        "paymentMethod": {"type": "scheme", "storedPaymentMethodId": "VISA000000000001"},
        "shopperReference": "tender-sandbox-c1", "shopperInteraction": "ContAuth",
        "recurringProcessingModel": "CardOnFile", "channel": "Web", "returnUrl": RETURN_URL,
        "additionalData": {"manualCapture": "true"}, "shopperStatement": "Seeblick's Hotel",
    });
    assert_eq!(body, wanted);

    let away = Authorize { off_session: true, ..authorization("att_2", VISA, 500, true) };
    adyen.authorize(&away).await.expect("answered");
    let (_, body) = double.last_asked();
    assert_eq!((&body["reference"], &body["captureDelayHours"]), (&json!("sale/sandbox/att_2"), &json!(0)));
    assert_eq!(body["recurringProcessingModel"], "UnscheduledCardOnFile");
    assert_eq!(body["authenticationData"], json!({"attemptAuthentication": "never"}));
    assert!(body.get("additionalData").is_none() && body.get("shopperStatement").is_none());
}

#[tokio::test]
async fn where_there_is_no_way_back_nobody_is_sent_away_to_authenticate() {
    let double = Double::start();
    let adyen =
        AdyenGateway::new(AdyenOptions { return_url: None, ..options(&double) }).expect("good options");
    approved(&adyen, "att_1", 500, true).await;
    let (_, body) = double.last_asked();
    assert_eq!(body["authenticationData"], json!({"attemptAuthentication": "never"}));
    let asked = double.books().asked.len();
    let forced = Authorize { three_ds: ThreeDs::Force, ..authorization("att_2", VISA, 500, true) };
    let challenged = authorization("att_3", CHALLENGED, 500, true);
    for request in [forced, challenged] {
        let answer = adyen.authorize(&request).await.expect("answered");
        let GatewayAnswer::Declined(why) = answer else { panic!("{answer:?}") };
        assert_eq!(why.code, DeclineCode::AuthenticationRequired);
    }
    assert_eq!(double.books().asked.len(), asked + 1, "what is forced is not even asked for");
}

#[tokio::test]
async fn who_pays_is_told_and_no_half_of_an_address_or_browser() {
    let double = Double::start();
    let adyen = adyen(&double);
    let request = Authorize { payer: payer(), ..authorization("att_1", VISA, 500, true) };
    adyen.authorize(&request).await.expect("answered");
    let (_, body) = double.last_asked();
    let address = |street: &str| json!({"street": street, "houseNumberOrName": "N/A", "city": "Berlin", "postalCode": "10115", "country": "DE"});
    assert_eq!(body["billingAddress"], address("Hauptstrasse 7"));
    assert_eq!(body["deliveryAddress"], address("Weg 1"));
    assert_eq!(body["shopperName"], json!({"firstName": "Ada King", "lastName": "Byron"}));
    assert_eq!(
        (&body["shopperEmail"], &body["shopperIP"]),
        (&json!("ada@example.com"), &json!("203.0.113.7"))
    );
    let browser = json!({"acceptHeader": "text/html", "userAgent": "Lynx/2.9", "language": "de-DE", "colorDepth": 24,
        "screenHeight": 1080, "screenWidth": 1920, "timeZoneOffset": -60, "javaEnabled": false,
        "javaScriptEnabled": true});
    assert_eq!(body["browserInfo"], browser);

    let mut half = payer();
    let billed = half.billing.as_mut().and_then(|billing| billing.address.as_mut()).expect("there");
    billed.postal_code = None;
    half.browser.as_mut().expect("there").user_agent = None;
    let request = Authorize { payer: half, ..authorization("att_2", VISA, 500, true) };
    adyen.authorize(&request).await.expect("answered");
    let (_, body) = double.last_asked();
    assert!(body.get("billingAddress").is_none() && body.get("browserInfo").is_none(), "{body}");
}

#[tokio::test]
async fn an_approval_tells_the_checks_and_a_decline_its_reason() {
    let double = Double::start();
    let adyen = adyen(&double);
    let answer = adyen.authorize(&authorization("att_1", VISA, 500, true)).await.expect("answered");
    let GatewayAnswer::Approved { avs, acquirer, .. } = answer else { panic!("approved") };
    assert_eq!(avs, Avs { avs_result: Some("Y".into()), cvv_result: Some("M".into()) });
    assert_eq!(acquirer.as_deref(), Some("TestPmmAcquirer"));
    for (code, ours) in [("02", DeclineCode::CardDeclined), ("06", DeclineCode::ExpiredCard)] {
        let token = format!("tender-sandbox-c1/DECLINED000000{code}");
        let answer = adyen.authorize(&authorization(&format!("att_{code}"), &token, 500, true)).await;
        let Ok(GatewayAnswer::Declined(decline)) = answer else { panic!("declined: {answer:?}") };
        assert_eq!((decline.code, decline.network_code.as_deref()), (ours, Some("05")));
    }
}

#[tokio::test]
async fn captures_voids_and_refunds_are_never_told_as_done_by_their_answer() {
    let double = Double::start();
    let adyen = adyen(&double);
    let held = approved(&adyen, "att_1", 900, false).await;
    assert_unknown(&adyen.capture(&capture_of("cap_1", &held, 800)).await);
    assert_unknown(&adyen.refund(&refund_of("rf_1", &held, 300)).await);
    let other = approved(&adyen, "att_2", 900, false).await;
    assert_unknown(&adyen.void(&void_of("att_2", &other)).await);
    // Also what will not be done: only the notification tells.
    assert_unknown(&adyen.refund(&refund_of("rf_2", &held, 9_000)).await);
    assert_eq!(double.books().payments[&held]["captured"], 800);
    assert_eq!(double.books().payments[&held]["refunded"], 300);
    let named: Vec<_> = double.books().asked.iter().map(|(_, body)| body["reference"].clone()).collect();
    assert_eq!(
        named,
        [
            "hold/sandbox/att_1",
            "capture/sandbox/cap_1",
            "refund/sandbox/rf_1",
            "hold/sandbox/att_2",
            "void/sandbox/att_2/void",
            "refund/sandbox/rf_2",
        ]
    );
}

#[tokio::test]
async fn amounts_are_adyens_own() {
    let double = Double::start();
    let adyen = adyen(&double);
    for (reference, minor, code, wire) in [
        ("att_1", 500, "JPY", 500),
        ("att_2", 5, "ISK", 500),
        ("att_3", 5_124, "BHD", 5_124),
        ("att_4", 500, "IDR", 5),
    ] {
        let amount = Money::new(minor, code.parse().expect("a currency"));
        let request = Authorize { amount, ..authorization(reference, VISA, 1, true) };
        let answer = adyen.authorize(&request).await;
        assert!(
            matches!(answer, Ok(GatewayAnswer::Approved { amount: told, .. }) if told == amount),
            "{code}"
        );
        let (_, body) = double.last_asked();
        assert_eq!(body["amount"], json!({"currency": code, "value": wire}));
    }
    let asked = double.books().asked.len();
    for amount in [Money::new(0, Currency::EUR), Money::new(501, "IDR".parse().expect("a currency"))] {
        let request = Authorize { amount, ..authorization("att_5", VISA, 1, true) };
        assert_not_done(&adyen.authorize(&request).await);
    }
    assert_eq!(double.books().asked.len(), asked, "nothing was sent");
}

#[tokio::test]
async fn what_adyen_cannot_know_is_not_sent_into_an_address() {
    let double = Double::start();
    let adyen = adyen(&double);
    for reference in ["gw_1", "PSPPAYMENT000001/../x", "", "PSPPAYMENT000001?x=y"] {
        assert_not_done(&adyen.capture(&capture_of("cap_1", reference, 1)).await);
        assert_not_done(&adyen.void(&void_of("att_1", reference)).await);
        assert_not_done(&adyen.refund(&refund_of("rf_1", reference, 1)).await);
    }
    for token in ["tok_visa", "pm_card_visa", "tender-stranger-c1/VISA000000000001", "4111111111111111", ""] {
        let answer = adyen.authorize(&authorization("att_1", token, 500, true)).await.expect("answered");
        let code = DeclineCode::InvalidToken;
        assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
    }
    let held = approved(&adyen, "att_2", 900, false).await;
    let part = Capture { is_final: false, ..capture_of("cap_2", &held, 100) };
    assert_not_done(&adyen.capture(&part).await);
    assert_eq!(double.books().asked.len(), 1);
    assert_not_done(&adyen.refund(&refund_of("rf_2", "PSPNOBODYKNOWS01", 1)).await);
    let unknown = authorization("att_3", "tender-sandbox-c1/NOBODYKNOWS00001", 5, true);
    let answer = adyen.authorize(&unknown).await.expect("answered");
    assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == DeclineCode::InvalidToken));
}

#[tokio::test]
async fn a_challenge_goes_on_with_what_the_browser_brings_and_only_for_its_own_payment() {
    let double = Double::start();
    let adyen = adyen(&double);
    let mut challenges = Vec::new();
    for reference in ["att_1", "att_2"] {
        let answer =
            adyen.authorize(&authorization(reference, CHALLENGED, 700, false)).await.expect("answered");
        let GatewayAnswer::Challenge { url, challenge_reference, .. } = answer else {
            panic!("challenge: {answer:?}")
        };
        assert!(url.starts_with("https://checkoutshopper-test.adyen.com/"), "{url}");
        challenges.push(challenge_reference);
    }
    let complete = |reference: &str, result: &str| CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        challenge_reference: challenges[0].clone(),
        result: result.to_owned(),
    };
    for nothing in
        ["", "redirect_status=succeeded&x=two words", "redirectResult=", "redirectResult=met!nobody"]
    {
        assert_still_open(&adyen.complete_challenge(&complete("att_1", nothing)).await, &challenges[0]);
    }
    // The result of another payment ends that one, as its notification tells, and not this one.
    let of_another = double.authenticate(&challenges[1], true);
    assert_still_open(&adyen.complete_challenge(&complete("att_1", &of_another)).await, &challenges[0]);
    let back = format!("{RETURN_URL}&{}", double.authenticate(&challenges[0], true));
    let first = adyen.complete_challenge(&complete("att_1", &back)).await;
    assert_eq!(approval(&first, 700, false), challenges[0]);
    assert_eq!(
        approval(&adyen.complete_challenge(&complete("att_1", &back)).await, 700, false),
        challenges[0]
    );
}

#[tokio::test]
async fn what_must_be_authenticated_and_cannot_be_is_not_sent() {
    let double = Double::start();
    let adyen = adyen(&double);
    let away =
        Authorize { off_session: true, three_ds: ThreeDs::Force, ..authorization("att_1", VISA, 700, true) };
    let answer = adyen.authorize(&away).await.expect("answered");
    let code = DeclineCode::AuthenticationRequired;
    assert!(matches!(&answer, GatewayAnswer::Declined(decline) if decline.code == code), "{answer:?}");
    assert!(double.books().asked.is_empty());
}

#[test]
fn what_is_secret_is_not_printed() {
    let options = AdyenOptions {
        hmac_key: Some(HMAC_KEY.into()),
        ..AdyenOptions::new("http://127.0.0.1:1", API_KEY, MERCHANT, RETURN_URL)
    };
    let printed = format!("{options:?}");
    assert!(!printed.contains(API_KEY) && !printed.contains(HMAC_KEY), "{printed}");
    let with = |api_base: &str, key: &str| AdyenOptions::new(api_base, key, MERCHANT, RETURN_URL);
    for api_base in ["ftp://checkout-test.adyen.com", "nonsense"] {
        assert!(AdyenGateway::new(with(api_base, API_KEY)).is_err(), "{api_base}");
    }
    let refused = AdyenGateway::new(with("http://127.0.0.1:1", "AQE\nhidden")).err();
    assert!(!refused.expect("no header can hold it").to_string().contains("hidden"));
    for key in ["hidden", "44782DEF", ""] {
        let options = AdyenOptions { hmac_key: Some(key.into()), ..with("http://127.0.0.1:1", API_KEY) };
        let refused = AdyenGateway::new(options).err().expect("no key of Adyen").to_string();
        assert!(refused.contains("hmac_key") && !refused.contains("hidden"), "{refused}");
    }
}

#[tokio::test]
async fn it_is_reachable_when_the_account_can_be_asked() {
    let double = Double::start();
    adyen(&double).check_reachable().await.expect("it answers");
    let wrong = AdyenOptions { api_key: "another".into(), ..options(&double) };
    let wrong = AdyenGateway::new(wrong).expect("good options");
    assert!(wrong.check_reachable().await.is_err());
    assert_eq!(double.take_violations().len(), 1);
}

#[tokio::test]
async fn a_series_is_told_by_its_kind_and_the_networks_name_of_its_first_payment_is_kept() {
    let double = Double::start();
    let adyen = adyen(&double);
    for (number, kind) in [AgreementKind::Recurring, AgreementKind::Unscheduled].into_iter().enumerate() {
        let first = Authorize {
            sca: ScaRequest { begins: Some(kind), ..ScaRequest::default() },
            ..authorization(&format!("att_first_{number}"), VISA, 500, true)
        };
        let answer = adyen.authorize(&first).await.expect("answered");
        let GatewayAnswer::Approved { sca, .. } = answer else { panic!("approved: {answer:?}") };
        let named = sca.and_then(|sca| sca.network_transaction_id);
        assert_eq!(named.as_deref(), Some("MCC123456"));
        let model = if kind == AgreementKind::Recurring { "Subscription" } else { "UnscheduledCardOnFile" };
        assert_eq!(double.last_asked().1["recurringProcessingModel"], model);
        let agreement = Some(Agreement { kind, network_transaction_id: named });
        let next = Authorize {
            off_session: true,
            sca: ScaRequest { agreement, ..ScaRequest::default() },
            ..authorization(&format!("att_next_{number}"), VISA, 500, true)
        };
        adyen.authorize(&next).await.expect("answered");
        assert_eq!(double.last_asked().1["recurringProcessingModel"], model);
    }
}
