//! Every operation, when all goes well, and what a gateway refuses.

use serde_json::json;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Agreement, AgreementKind, Authorize, Avs, CardData, CompleteChallenge, DeclineCode, GatewayAnswer,
    PaymentGateway, ScaRequest, SessionFlow, SessionPage, SessionRequest,
};
use tender_gateways::WorldpayOptions;

use crate::requests::{
    approval, assert_not_done, assert_still_open, assert_unknown, authorization, capture_of, name_left,
    payer, refund_of, void_of,
};
use crate::rig::{Double, RETURN_URL, VISA, at, made, options, worldpay};

#[tokio::test]
async fn what_is_asked_is_in_worldpays_words() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let request = Authorize {
        statement_descriptor: Some("Seeblick's Hotel".into()),
        // Nothing of it is needed there, and nothing is told.
        payer: payer(),
        ..authorization("att_1", VISA, 1_234, false)
    };
    let answer = worldpay.authorize(&request).await.expect("answered");
    let wanted = json!({"transactionReference": "hold/sandbox/att_1", "merchant": {"entity": "default"},
        "instruction": {"method": "card", "settlement": {"auto": false},
            "paymentInstrument": {"type": "token", "href": format!("{}/tokens/tokenvisa01", double.address())},
            "narrative": {"line1": "Seeblicks Hotel"}, "value": {"currency": "EUR", "amount": 1234},
            "customerAgreement": {"type": "cardOnFile", "storedCardUsage": "subsequent"}}});
    let asked = double.last_asked();
    assert_eq!((asked.what.as_str(), asked.json()), ("POST api/payments", Ok(wanted)));
    let GatewayAnswer::Approved { gateway_reference, avs, sca, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(gateway_reference, "hold/sandbox/att_1");
    assert_eq!(avs, Avs { avs_result: Some("N".into()), cvv_result: Some("M".into()) });
    assert_eq!(sca.and_then(|sca| sca.network_transaction_id).as_deref(), Some("060720116005060"));

    let agreement =
        Agreement { kind: AgreementKind::Recurring, network_transaction_id: Some("060720116005060".into()) };
    let away = Authorize {
        off_session: true,
        sca: ScaRequest { agreement: Some(agreement), ..ScaRequest::default() },
        ..authorization("att_2", VISA, 500, true)
    };
    worldpay.authorize(&away).await.expect("answered");
    let body = double.last_asked().json().expect("JSON");
    assert_eq!(body["transactionReference"], "sale/sandbox/att_2");
    assert_eq!(body["instruction"]["narrative"]["line1"], "Tender Shop");
    let wanted = json!({"type": "subscription", "storedCardUsage": "subsequent",
        "schemeReference": "060720116005060"});
    assert_eq!(body["instruction"]["customerAgreement"], wanted);
}

#[tokio::test]
async fn money_is_held_taken_and_given_back() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let held =
        approval(&worldpay.authorize(&authorization("att_1", VISA, 12_345, false)).await, 12_345, false);
    assert_eq!(approval(&worldpay.capture(&capture_of("cap_1", &held, 10_000)).await, 10_000, true), "cap_1");
    let body = double.last_asked().json().expect("JSON");
    assert_eq!(body["reference"], "cap_1");
    assert_not_done(&worldpay.capture(&capture_of("cap_2", &held, 2_345)).await);
    assert_eq!(approval(&worldpay.refund(&refund_of("rf_1", &held, 4_000)).await, 4_000, false), "rf_1");
    assert_not_done(&worldpay.refund(&refund_of("rf_2", &held, 6_001)).await);
    approval(&worldpay.refund(&refund_of("rf_3", &held, 6_000)).await, 6_000, false);
    let taken = worldpay.void(&void_of("att_1", &held)).await;
    assert!(
        matches!(&taken, Ok(GatewayAnswer::Declined(why)) if why.code == DeclineCode::TransactionNotAllowed)
    );
}

#[tokio::test]
async fn what_the_quick_way_does_not_know_the_slow_one_does() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let held = approval(&worldpay.authorize(&authorization("att_1", VISA, 500, false)).await, 500, false);
    double.kept().rules.is_slow = true;
    double.kept().rules.search_lags = true;
    // Shown by nobody yet: nothing is sent, and it can be asked for again.
    assert_not_done(&worldpay.capture(&capture_of("cap_1", &held, 500)).await);
    double.kept().rules.search_lags = false;
    approval(&worldpay.capture(&capture_of("cap_1", &held, 500)).await, 500, true);
}

#[tokio::test]
async fn a_void_is_known_when_its_amount_is() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let held = approval(&worldpay.authorize(&authorization("att_1", VISA, 500, false)).await, 500, false);
    double.kept().rules.search_lags = true;
    assert_unknown(&worldpay.void(&void_of("att_1", &held)).await);
    assert_eq!(double.kept().rules.payments[&held].last_event, "Sent for Cancellation");
    double.kept().rules.search_lags = false;
    let effects = double.kept().asked.len();
    approval(&worldpay.void(&void_of("att_1", &held)).await, 500, false);
    assert_eq!(double.kept().asked.len(), effects, "it is let go once");
}

#[tokio::test]
async fn each_outcome_that_is_none_is_a_decline_or_unknown() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    for (outcome, code) in [
        ("fraudHighRisk", DeclineCode::SuspectedFraud),
        ("3dsAuthenticationFailed", DeclineCode::AuthenticationFailed),
        ("3dsDeviceDataRequired", DeclineCode::AuthenticationRequired),
        ("3dsChallenged", DeclineCode::AuthenticationRequired),
        ("sentForCancellation", DeclineCode::IncorrectData),
    ] {
        let token = format!("worldpay-sandbox/tokenoutcome{outcome}");
        let answer = worldpay.authorize(&authorization(outcome, &token, 5, false)).await;
        let Ok(GatewayAnswer::Declined(why)) = answer else { panic!("{outcome}: {answer:?}") };
        assert_eq!(why.code, code, "{outcome}");
        // What waits for its customer was not declined there.
        let is_declined = code != DeclineCode::AuthenticationRequired;
        let name = format!("hold/sandbox/{outcome}");
        assert_eq!(name_left(&why), is_declined.then_some(name.as_str()), "{outcome}");
    }
    // Taken without being asked to, and a word that is new.
    for outcome in ["sentForSettlement", "pondered"] {
        let token = format!("worldpay-sandbox/tokenoutcome{outcome}");
        assert_unknown(&worldpay.authorize(&authorization(outcome, &token, 5, false)).await);
    }
    let refused =
        worldpay.authorize(&authorization("att_r", "worldpay-sandbox/tokenrefused54", 5, true)).await;
    let Ok(GatewayAnswer::Declined(why)) = refused else { panic!("{refused:?}") };
    assert_eq!((why.code, why.network_code.as_deref()), (DeclineCode::ExpiredCard, Some("54")));
    assert!(!why.message.contains("44443333"), "{why:?}");
}

fn session(return_url: Option<&str>) -> SessionRequest {
    SessionRequest {
        method: SessionRequest::CARD.into(),
        flow: SessionFlow::Redirect,
        return_url: return_url.map(str::to_owned),
        expires_at: at(1_772_625_600 + 900),
        page: Some(Box::new(SessionPage {
            cancel_url: Some("https://shop.example.com/left".into()),
            reference: Some("Booking 7".into()),
            ..SessionPage::default()
        })),
    }
}

#[tokio::test]
async fn a_page_is_paid_on_and_worldpay_is_asked_when_the_browser_comes_back() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    for (reference, paid) in [("att_1", true), ("att_2", false)] {
        let request = Authorize { session: Some(session(None)), ..authorization(reference, "", 700, true) };
        let answer = worldpay.authorize(&request).await.expect("answered");
        let GatewayAnswer::Challenge { url, challenge_reference, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(url, "https://payments.worldpay.com/app/hpp/1");
        let body = double.last_asked().json().expect("JSON");
        assert_eq!((&body["expiry"], &body["description"]), (&json!("840"), &json!("Booking 7")));
        assert_eq!(body["resultURLs"]["successURL"], RETURN_URL);
        assert_eq!(body["resultURLs"]["cancelURL"], "https://shop.example.com/left");
        let complete = CompleteChallenge {
            tenant: TenantId::sandbox(),
            reference: reference.into(),
            challenge_reference: challenge_reference.clone(),
            result: "paymentStatus=AUTHORISED".into(),
        };
        assert_unknown(&worldpay.complete_challenge(&complete).await);
        double.kept().rules.visit(&challenge_reference, 700, paid);
        let end = worldpay.complete_challenge(&complete).await;
        if paid {
            approval(&end, 700, true);
        } else {
            // Another card can be tried there: nothing has ended but that try.
            assert_still_open(&end, &challenge_reference);
            double.kept().rules.visit(&challenge_reference, 700, true);
            approval(&worldpay.complete_challenge(&complete).await, 700, true);
        }
    }
}

#[tokio::test]
async fn a_page_ends_before_its_session_and_none_is_made_that_would_outlive_it() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let until = |seconds: i64| {
        let session = SessionRequest { expires_at: at(1_772_625_600 + seconds), ..session(None) };
        Authorize { session: Some(session), ..authorization("att_1", "", 700, true) }
    };
    assert_not_done(&worldpay.authorize(&until(359)).await);
    assert!(double.kept().asked.is_empty());
    worldpay.authorize(&until(360)).await.expect("answered");
    assert_eq!(double.last_asked().json().expect("JSON")["expiry"], "300");
}

#[tokio::test]
async fn a_page_has_a_way_back_and_is_of_cards() {
    let double = Double::start();
    let nowhere = made(WorldpayOptions { return_url: None, ..options(&double) });
    let request = Authorize { session: Some(session(None)), ..authorization("att_1", "", 700, true) };
    assert_not_done(&nowhere.authorize(&request).await);
    let ideal = SessionRequest { method: "ideal".into(), ..session(Some(RETURN_URL)) };
    let request = Authorize { session: Some(ideal), ..request };
    assert_not_done(&nowhere.authorize(&request).await);
    assert!(double.kept().asked.is_empty());
}

#[tokio::test]
async fn a_name_that_is_too_long_is_not_sent() {
    let double = Double::start();
    let tenant: TenantId = "t".repeat(30).parse().expect("a tenant");
    let token = format!("worldpay-{tenant}/tokenvisa01");
    let long = format!("att_{}", "0".repeat(26));
    let request = Authorize { tenant, ..authorization(&long, &token, 5, true) };
    assert_not_done(&worldpay(&double).authorize(&request).await);
    assert!(double.kept().asked.is_empty());
}

#[tokio::test]
async fn the_same_card_is_the_same_namespace_and_another_date_is_another() {
    let double = Double::start();
    let worldpay = worldpay(&double);
    let card = |year| CardData {
        number: "4444333322221111".into(),
        exp_month: 4,
        exp_year: year,
        cvc: None,
        holder_name: Some("Ada".into()),
    };
    let mut namespaces = Vec::new();
    for year in [2040, 2040, 2041] {
        worldpay.tokenise(&TenantId::sandbox(), &card(year)).await.expect("a token");
        let body = double.last_asked().json().expect("JSON");
        namespaces.push(body["namespace"].as_str().expect("text").to_owned());
    }
    assert!(namespaces[0] == namespaces[1] && namespaces[1] != namespaces[2], "{namespaces:?}");
}
