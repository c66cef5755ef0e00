//! What the published test tokens do, and what becomes of an intent that was declined.

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{System, Tenant};

pub(crate) async fn each_test_token_ends_as_published(system: &System) {
    let shop = system.tenant();
    for (token, status, decline, network) in [
        ("tok_visa", "succeeded", None, None),
        ("tok_mastercard", "succeeded", None, None),
        ("tok_amex", "succeeded", None, None),
        ("tok_dispute", "succeeded", None, None),
        ("tok_declined", "requires_payment_method", Some("card_declined"), Some("05")),
        ("tok_insufficient_funds", "requires_payment_method", Some("insufficient_funds"), Some("51")),
        ("tok_expired_card", "requires_payment_method", Some("expired_card"), Some("54")),
        ("tok_stolen", "requires_payment_method", Some("stolen_card"), Some("43")),
        ("tok_error", "requires_payment_method", None, None),
        ("tok_challenge", "requires_action", None, None),
    ] {
        let method = shop.method(token).await;
        let intent = shop.pay(&method, 1000, "EUR").await;
        assert_eq!(intent["status"], status, "{token}: {intent}");
        let error = &intent["last_payment_error"];
        assert_eq!(error["decline_code"].as_str(), decline, "{token}: {intent}");
        assert_eq!(error["network_code"].as_str(), network, "{token}: {intent}");
        assert_eq!(error.is_null(), status != "requires_payment_method", "{token}: {intent}");
        if token == "tok_error" {
            assert_eq!(error["code"], "gateway_error", "{intent}");
        }
    }
}

pub(crate) async fn a_declined_intent_takes_another_method(system: &System) {
    let shop = system.tenant();
    let (bad, good) = (shop.method("tok_insufficient_funds").await, shop.method("tok_visa").await);
    let declined = shop.pay(&bad, 2500, "EUR").await;
    let intent = declined["id"].as_str().expect("an id");
    let attached = shop.act(intent, "attach-method", &json!({"payment_method_id": good})).await.expect(200);
    assert_eq!(attached["status"], "requires_confirmation", "{attached}");
    let paid = shop.act(intent, "confirm", &json!({})).await.expect(200);
    assert_eq!((&paid["status"], &paid["attempts"]), (&json!("succeeded"), &json!(2)), "{paid}");
    // What is paid is not attached, confirmed or canceled any more.
    for (verb, body) in [
        ("attach-method", json!({"payment_method_id": good})),
        ("confirm", json!({})),
        ("cancel", json!({})),
        ("capture", json!({})),
    ] {
        assert_eq!(shop.act(intent, verb, &body).await.problem(409), "intent_status", "{verb}");
    }
}

pub(crate) async fn an_intent_without_attempts_left_has_failed(system: &System) {
    let shop = system.tenant();
    let bad = shop.method("tok_declined").await;
    let mut intent = shop.pay(&bad, 2500, "EUR").await;
    let id = intent["id"].as_str().expect("an id").to_owned();
    let most = intent["max_attempts"].as_u64().expect("a number");
    for attempt in 2..=most {
        assert_eq!(intent["status"], "requires_payment_method", "before attempt {attempt}: {intent}");
        intent = shop.act(&id, "confirm", &json!({"payment_method_id": bad})).await.expect(200);
    }
    assert_eq!((&intent["status"], intent["attempts"].as_u64()), (&json!("failed"), Some(most)), "{intent}");
    let more = shop.act(&id, "confirm", &json!({"payment_method_id": bad})).await;
    assert_eq!(more.problem(409), "intent_status");
    let said = tender_e2e::eventually("every failed attempt is told", || async {
        let told = system.events(&shop.name, "payment-failed");
        (told.len() as u64 == most).then_some(told)
    })
    .await;
    let finals: Vec<bool> = said.iter().map(|event| event.json()["final"] == true).collect();
    assert_eq!(finals.iter().filter(|last| **last).count(), 1, "{said:?}");
    assert_eq!(finals.last(), Some(&true), "the last attempt's event says that it was the last: {said:?}");
}

pub(crate) async fn a_met_challenge_pays_and_an_unmet_one_does_not(system: &System) {
    let shop = system.tenant();
    for (token, result, status) in [
        ("tok_challenge", "success", "succeeded"),
        ("tok_challenge", "failure", "requires_payment_method"),
        ("tok_challenge_fail", "success", "requires_payment_method"),
    ] {
        let method = shop.method(token).await;
        let open = shop.pay(&method, 700, "EUR").await;
        assert_eq!(open["status"], "requires_action", "{open}");
        assert!(open["next_action"]["url"].as_str().is_some_and(|url| url.starts_with("http")), "{open}");
        let id = open["id"].as_str().expect("an id");
        let ended = shop.act(id, "3ds/complete", &json!({"result": result})).await.expect(200);
        assert_eq!(ended["status"], status, "{token} {result}: {ended}");
        assert!(ended["next_action"].is_null(), "{ended}");
        if status != "succeeded" {
            assert_eq!(ended["last_payment_error"]["decline_code"], "authentication_failed", "{ended}");
        }
        let again = shop.act(id, "3ds/complete", &json!({"result": result})).await;
        assert_eq!(again.status, 409, "{again}");
    }
    a_challenge_is_met_within_the_shops_page(&shop).await;
    // A customer who is away cannot meet one.
    let method = shop.method("tok_challenge").await;
    let mut body = json!({
        "amount": 700, "currency": "EUR", "payment_method_id": method, "customer_id": "cust_away", "confirm": true,
        "setup_future_usage": "recurring",
    });
    let first = shop.api.post("/v1/payments/intents", &body).await.expect(201);
    let id = first["id"].as_str().expect("an id");
    let first = shop.act(id, "3ds/complete", &json!({"result": "success"})).await.expect(200);
    body["setup_future_usage"] = Value::Null;
    body["off_session"] = true.into();
    body["mandate"] = first["mandate"].clone();
    let away = shop.api.post("/v1/payments/intents", &body).await.expect(201);
    assert_eq!(away["last_payment_error"]["decline_code"], "authentication_required", "{away}");
    body["mandate"] = Value::Null;
    let refused = shop.api.post("/v1/payments/intents", &body).await;
    assert_eq!(refused.problem(422), "mandate_required");
}

/// As the shop's page does it: it posts the request to the issuer's page, and hands on the response that it is posted.
async fn a_challenge_is_met_within_the_shops_page(shop: &Tenant) {
    let method = shop.method("tok_challenge").await;
    for (pressed, status) in [("success", "succeeded"), ("failed", "requires_payment_method")] {
        let body = json!({
            "amount": 700, "currency": "EUR", "payment_method_id": method, "confirm": true,
            "return_url": "https://shop.example/back", "payment_method_options": { "card": { "challenge_form": "embedded" } },
        });
        let open = shop.api.post("/v1/payments/intents", &body).await.expect(201);
        let action = &open["next_action"];
        assert_eq!(action["type"], "embedded_challenge", "{open}");
        let (url, creq) =
            (action["acs_url"].as_str().expect("a page"), action["creq"].as_str().expect("text"));
        let post = |form: String| {
            let call = shop.api.anonymous().call_url(Method::POST, url);
            call.header("content-type", "application/x-www-form-urlencoded").bare(form).send()
        };
        let page = post(format!("creq={creq}")).await;
        assert!(page.status == 200 && page.text.contains("7.00 EUR"), "{page}");
        let page = post(format!("creq={creq}&result={pressed}")).await;
        assert!(page.text.contains("action=\"https://shop.example/back\""), "{page}");
        let cres = page.text.split("name=\"cres\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let result = json!({ "result": cres.expect("the response") });
        let id = open["id"].as_str().expect("an id");
        let ended = shop.act(id, "3ds/complete", &result).await.expect(200);
        assert_eq!(ended["status"], status, "{pressed}: {ended}");
    }
}
