//! Every operation, when all goes well, and what a gateway refuses.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Authorize, Avs, CompleteChallenge, DeclineCode, GatewayAnswer, GatewayError, PaymentGateway, SessionFlow,
    SessionPage, SessionRequest,
};
use tender_gateways::{SquareGateway, SquareOptions};

use crate::requests::{
    approval, assert_not_done, assert_still_open, assert_unknown, authorization, capture_of, payer,
    refund_of, void_of,
};
use crate::rig::{Double, RETURN_URL, VISA, at, options, square};
use crate::rules::LOCATION;

#[tokio::test]
async fn what_is_asked_is_in_squares_words() {
    let double = Double::start();
    let square = square(&double);
    let request = Authorize {
        statement_descriptor: Some("Seeblick's Hotel".into()),
        payer: payer(),
        ..authorization("att_1", VISA, 1_234, false)
    };
    let answer = square.authorize(&request).await.expect("answered");
    let asked = double.last_asked();
    let mut body = asked.json().expect("JSON");
    let key = body.as_object_mut().expect("an object").remove("idempotency_key").expect("a key");
    assert_eq!(key.as_str().map(str::len), Some(40));
    let address = |line: &str| json!({"country": "DE", "address_line_1": line, "locality": "Berlin", "postal_code": "10115"});
    let wanted = json!({"source_id": "ccof:visa", "customer_id": "CUSTvisa", "autocomplete": false,
        "amount_money": {"amount": 1234, "currency": "EUR"}, "location_id": LOCATION,
        "note": "hold/sandbox/att_1", "reference_id": "att_1", "customer_details": {"customer_initiated": true},
        "delay_duration": "PT168H", "delay_action": "CANCEL",
        "statement_description_identifier": "Seeblicks Hotel", "buyer_email_address": "ada@example.com",
        "billing_address": address("Hauptstrasse 7"), "shipping_address": address("Weg 1")});
    assert_eq!((asked.what.as_str(), body), ("POST v2/payments", wanted));
    let GatewayAnswer::Approved { avs, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(avs, Avs { avs_result: Some("Y".into()), cvv_result: Some("U".into()) });
    let away = Authorize { off_session: true, ..authorization("att_2", VISA, 500, true) };
    square.authorize(&away).await.expect("answered");
    let body = double.last_asked().json().expect("JSON");
    assert_eq!(body["customer_details"]["customer_initiated"], false);
    assert!(body.get("delay_duration").is_none() && body["note"] == "sale/sandbox/att_2");
}

#[tokio::test]
async fn money_is_held_taken_in_part_and_given_back() {
    let double = Double::start();
    let square = square(&double);
    let held = approval(&square.authorize(&authorization("att_1", VISA, 12_345, false)).await, 12_345, false);
    assert_eq!(approval(&square.capture(&capture_of("cap_1", &held, 10_000)).await, 10_000, true), "cap_1");
    assert_eq!(double.kept().rules.payments[&held]["amount_money"]["amount"], 10_000);
    // The same amount, and not the same capture.
    assert_not_done(&square.capture(&capture_of("cap_2", &held, 10_000)).await);
    approval(&square.capture(&capture_of("cap_1", &held, 10_000)).await, 10_000, true);
    approval(&square.refund(&refund_of("rf_1", &held, 4_000)).await, 4_000, false);
    let body = double.last_asked().json().expect("JSON");
    assert_eq!(body["reason"], "refund/sandbox/rf_1");
    assert_not_done(&square.refund(&refund_of("rf_2", &held, 6_001)).await);
    assert_unknown(&square.refund(&refund_of("rf_3", &held, 77)).await);
    let taken = square.void(&void_of("att_1", &held)).await;
    assert!(
        matches!(&taken, Ok(GatewayAnswer::Declined(why)) if why.code == DeclineCode::TransactionNotAllowed)
    );
}

#[tokio::test]
async fn who_comes_between_a_capture_and_its_end_is_refused() {
    let double = Double::start();
    let square = square(&double);
    let held = approval(&square.authorize(&authorization("att_1", VISA, 1_000, false)).await, 1_000, false);
    let ends = futures_util::future::join_all(["cap_1", "cap_2", "cap_3"].map(|reference| {
        let (square, held) = (&square, held.clone());
        async move { square.capture(&capture_of(reference, &held, 1_000)).await }
    }))
    .await;
    let taken = ends.iter().filter(|end| matches!(end, Ok(GatewayAnswer::Approved { .. }))).count();
    assert_eq!(taken, 1, "{ends:?}");
    for end in ends.iter().filter(|end| end.is_err()) {
        assert_not_done(end);
    }
}

#[tokio::test]
async fn currencies_that_square_does_not_take_are_not_sent() {
    let double = Double::start();
    let francs = Authorize {
        amount: Money::new(500, "CHF".parse::<Currency>().expect("a currency")),
        ..authorization("att_1", VISA, 5, true)
    };
    assert_not_done(&square(&double).authorize(&francs).await);
    assert!(double.kept().asked.is_empty());
}

#[tokio::test]
async fn what_the_shops_form_made_becomes_a_card_of_the_tenants() {
    let double = Double::start();
    let square = square(&double);
    let (tenant, nonce) = (TenantId::sandbox(), SecretString::from("cnon:card-nonce-ok"));
    let stored = square.inspect_token(&tenant, &nonce).await.expect("answered").expect("a card");
    let again = square.inspect_token(&tenant, &nonce).await.expect("answered").expect("a card");
    assert_eq!(again.token.expose_secret(), stored.token.expose_secret());
    assert_eq!((stored.brand.as_str(), stored.last4.as_str(), stored.exp_year), ("VISA", "1111", 2040));
    assert_eq!(stored.card_identity.expose_secret(), "sq-1-fp");
    let answer = square.authorize(&authorization("att_1", stored.token.expose_secret(), 300, true)).await;
    approval(&answer, 300, true);
    assert!(square.inspect_token(&tenant, &stored.token).await.expect("answered").is_some());
    let stranger: TenantId = "stranger".parse().expect("a tenant");
    assert!(square.inspect_token(&stranger, &stored.token).await.expect("answered").is_none());
    // Another tenant's, under this tenant's name.
    let forged = stored.token.expose_secret().replace("sandbox", "stranger");
    assert!(square.inspect_token(&stranger, &forged.into()).await.expect("answered").is_none());
    let bad = SecretString::from("cnon:card-nonce-declined");
    assert!(square.inspect_token(&tenant, &bad).await.is_err());
}

fn session() -> SessionRequest {
    SessionRequest {
        method: SessionRequest::CARD.into(),
        flow: SessionFlow::Redirect,
        return_url: None,
        expires_at: at(1_800_000_000),
        page: Some(Box::new(SessionPage {
            reference: Some("Booking 7".into()),
            payer_email: Some("ada@example.com".into()),
            ..SessionPage::default()
        })),
    }
}

#[tokio::test]
async fn a_page_is_paid_on_and_the_payment_is_looked_at() {
    let double = Double::start();
    let square = square(&double);
    let request = Authorize { session: Some(session()), ..authorization("att_1", "", 700, true) };
    let answer = square.authorize(&request).await.expect("answered");
    assert_eq!(
        square.authorize(&request).await.expect("answered"),
        answer,
        "asked again it is the same page"
    );
    let GatewayAnswer::Challenge { url, challenge_reference, .. } = answer else { panic!("{answer:?}") };
    assert!(url.starts_with("https://square.link/"));
    let body = double.last_asked().json().expect("JSON");
    assert_eq!(body["checkout_options"]["redirect_url"], RETURN_URL);
    assert_eq!(
        (&body["quick_pay"]["name"], &body["payment_note"]),
        (&json!("Booking 7"), &json!("sale/sandbox/att_1"))
    );
    let complete = |reference: &str, challenge: &str| CompleteChallenge {
        tenant: TenantId::sandbox(),
        reference: reference.into(),
        challenge_reference: challenge.into(),
        result: "orderId=somebodys".into(),
    };
    for nothing in ["", "../orders", "LINK000001/"] {
        assert_not_done(&square.complete_challenge(&complete("att_1", nothing)).await);
    }
    assert_unknown(&square.complete_challenge(&complete("att_1", "nothing1")).await);
    // Nobody paid; and a card that was declined there may be followed by another.
    for _ in 0..2 {
        let open = square.complete_challenge(&complete("att_1", &challenge_reference)).await;
        assert_still_open(&open, &challenge_reference);
        double.kept().rules.visit(&challenge_reference, "FAILED");
    }
    double.kept().rules.visit(&challenge_reference, "COMPLETED");
    approval(&square.complete_challenge(&complete("att_1", &challenge_reference)).await, 700, true);
    assert_unknown(&square.complete_challenge(&complete("att_9", &challenge_reference)).await);
    // One that was named before its order was.
    let link = challenge_reference.split('/').next().expect("one part");
    approval(&square.complete_challenge(&complete("att_1", link)).await, 700, true);
    let held = Authorize { capture: false, ..request };
    assert_not_done(&square.authorize(&held).await);
}

#[tokio::test]
async fn a_page_is_taken_away_unless_somebody_paid_there_and_what_was_paid_is_found_afterwards() {
    let double = Double::start();
    let square = square(&double);
    let page =
        |reference: &str| Authorize { session: Some(session()), ..authorization(reference, "", 700, true) };
    for (reference, tried, keeps_orders) in [
        ("att_1", None, false),
        ("att_2", Some("FAILED"), false),
        ("att_3", Some("COMPLETED"), false),
        ("att_4", Some("PENDING"), false),
        ("att_5", None, true),
    ] {
        let answer = square.authorize(&page(reference)).await.expect("answered");
        let GatewayAnswer::Challenge { challenge_reference, .. } = answer else { panic!("{answer:?}") };
        double.kept().rules.keeps_orders = keeps_orders;
        if let Some(status) = tried {
            double.kept().rules.visit(&challenge_reference, status);
        }
        let up = void_of(reference, &challenge_reference);
        for _ in 0..2 {
            let given_up = square.give_up_challenge(&up).await;
            match (tried, keeps_orders) {
                (None | Some("FAILED"), false) => assert!(matches!(given_up, Ok(None)), "{given_up:?}"),
                // It can be paid yet.
                (None, true) => assert!(matches!(given_up, Err(GatewayError::Unknown(_))), "{given_up:?}"),
                _ => assert!(matches!(given_up, Ok(Some(GatewayAnswer::Declined(_)))), "{given_up:?}"),
            }
        }
        let complete = CompleteChallenge {
            tenant: TenantId::sandbox(),
            reference: reference.into(),
            challenge_reference: challenge_reference.clone(),
            result: String::new(),
        };
        let end = square.complete_challenge(&complete).await;
        match (tried, keeps_orders) {
            (Some("COMPLETED"), _) => drop(approval(&end, 700, true)),
            (Some("PENDING"), _) => assert_unknown(&end),
            (_, true) => assert_still_open(&end, &challenge_reference),
            _ => assert_not_done(&end),
        }
    }
}

#[test]
fn options_that_cannot_be_used_say_so() {
    let refused = |options: SquareOptions| SquareGateway::new(options).err().expect("refused").to_string();
    let good = || SquareOptions::new("https://connect.example.com", "token", LOCATION);
    let unsigned = SquareOptions { signature_key: Some("key".into()), ..good() };
    assert!(refused(unsigned).contains("notification_url"));
    assert!(refused(SquareOptions { location_id: "a/b".into(), ..good() }).contains("location_id"));
    assert!(refused(SquareOptions { api_base: "ftp://x".into(), ..good() }).contains("api_base"));
}

#[tokio::test]
async fn whose_a_payment_is_square_is_asked() {
    let double = Double::start();
    let square = square(&double);
    let paid = approval(&square.authorize(&authorization("att_1", VISA, 500, true)).await, 500, true);
    assert_eq!(square.owner_of_payment(&paid).await.expect("asked"), Some(TenantId::sandbox()));
    for nobodys in ["PAYnobody", "", "../refunds"] {
        assert_eq!(square.owner_of_payment(nobodys).await.expect("asked"), None, "{nobodys}");
    }
    let away = SquareOptions { api_base: "http://127.0.0.1:1".into(), ..options(&double) };
    assert!(SquareGateway::new(away).expect("good").owner_of_payment(&paid).await.is_err());
}
