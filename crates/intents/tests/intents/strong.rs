//! Strong customer authentication: the tenant's policy, exemptions, soft declines, mandates, `3ds/start`.

use serde_json::{Value, json};
use tender_domain::ports::CallKind;
use tender_domain::simulator::SimulatorBooks;

use crate::rig::{Answer, INTENTS, Process, World, acme, method, payment, unconfirmed, with};
use crate::settings::hear;

/// A one-call payment of 20.00 EUR.
fn small(token: &str) -> Value {
    with(payment(token), "amount", 2_000)
}

async fn complete(process: &Process, id: &str) -> Answer {
    process.post(&format!("{INTENTS}/{id}/3ds/complete"), "done", json!({ "result": "success" })).await
}

/// The transactions of an intent, the newest first.
async fn transactions(process: &Process, id: &str) -> Vec<Value> {
    let answer = process.get(&format!("{INTENTS}/{id}/transactions")).await;
    answer.json["data"].as_array().expect("a list").clone()
}

async fn authorization(process: &Process, id: &str) -> Value {
    let all = transactions(process, id).await;
    all.into_iter().find(|one| one["type"] == "authorization").expect("it was tried")
}

#[tokio::test]
async fn a_tenant_that_always_asks_challenges_and_one_that_never_asks_does_not() {
    let world = World::new();
    let process = world.process();
    process.post(INTENTS, "0", payment("tok_visa")).await.is(201, "succeeded");
    hear(&process, 1, json!({ "threeDsPolicy": "always" })).await;
    let asked = process.post(INTENTS, "1", payment("tok_visa")).await;
    asked.is(201, "requires_action");
    complete(&process, asked.text("id")).await.is(200, "succeeded");
    hear(&process, 2, json!({ "threeDsPolicy": "never" })).await;
    process.post(INTENTS, "2", payment("tok_visa")).await.is(201, "succeeded");
    // The issuer's demand counts under every policy.
    process.post(INTENTS, "3", payment("tok_challenge")).await.is(201, "requires_action");
    // What an earlier release told.
    hear(&process, 3, json!({ "threeDsPolicy": "when_required" })).await;
    process.post(INTENTS, "4", payment("tok_visa")).await.is(201, "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn one_payment_can_ask_for_authentication() {
    let world = World::new();
    let process = world.process();
    let options = json!({ "card": { "request_three_d_secure": "any" } });
    let body = with(payment("tok_visa"), "payment_method_options", options);
    process.post(INTENTS, "1", body).await.is(201, "requires_action");
    let options = json!({ "card": { "request_three_d_secure": "perhaps" } });
    let body = with(payment("tok_visa"), "payment_method_options", options);
    assert_eq!(process.post(INTENTS, "2", body).await.status, 400);
}

#[tokio::test]
async fn what_an_authentication_came_to_is_shown_and_no_cryptogram() {
    let world = World::new();
    let process = world.process();
    for (token, status, shift) in [
        ("tok_3ds_frictionless", "Y", true),
        ("tok_3ds_attempted", "A", true),
        ("tok_3ds_unavailable", "U", false),
    ] {
        let paid = process.pay(token).await;
        paid.is(201, "succeeded");
        let shown = authorization(&process, paid.text("id")).await;
        let result = &shown["three_ds_result"];
        assert_eq!((&result["status"], &result["flow"]), (&json!(status), &json!("frictionless")), "{shown}");
        assert_eq!(result["liability_shift"], json!(shift));
        assert!(!shown.to_string().to_lowercase().contains("cavv"));
        let charge = process.get(&format!("/v1/payments/charges/{}", paid.text("latest_charge"))).await;
        assert_eq!(&charge.json["three_ds_result"], result);
    }
    for (token, status) in [("tok_3ds_not_authenticated", "N"), ("tok_3ds_rejected", "R")] {
        let declined = process.pay(token).await;
        declined.is(201, "requires_payment_method");
        assert_eq!(declined.json["last_payment_error"]["decline_code"], "authentication_failed");
        let shown = authorization(&process, declined.text("id")).await;
        assert_eq!(shown["three_ds_result"]["status"], json!(status));
    }
    let plain = process.pay("tok_visa").await;
    let shown = authorization(&process, plain.text("id")).await;
    assert_eq!((&shown["three_ds_result"], &shown["sca_exemption"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn low_value_is_asked_for_by_risk_and_a_refusal_is_a_challenge() {
    let world = World::new();
    let process = world.process();
    hear(&process, 1, json!({ "threeDsPolicy": "risk_based" })).await;
    let granted = process.post(INTENTS, "1", small("tok_visa")).await;
    granted.is(201, "succeeded");
    let shown = authorization(&process, granted.text("id")).await;
    assert_eq!(shown["sca_exemption"], json!({ "type": "low_value", "granted": true }));
    let refused = process.post(INTENTS, "2", small("tok_exemption_refused")).await;
    refused.is(201, "requires_action");
    complete(&process, refused.text("id")).await.is(200, "succeeded");
    let shown = authorization(&process, refused.text("id")).await;
    assert_eq!(shown["sca_exemption"], json!({ "type": "low_value", "granted": false }));
    assert_eq!(
        (&shown["three_ds_result"]["status"], &shown["three_ds_result"]["flow"]),
        (&json!("Y"), &json!("challenge"))
    );
    // 100.00 EUR is no low value, and nobody analysed its risk.
    let large = process.post(INTENTS, "3", payment("tok_visa")).await;
    assert_eq!(authorization(&process, large.text("id")).await["sca_exemption"], Value::Null);
    world.check_books().await;
}

#[tokio::test]
async fn a_soft_decline_is_stepped_up_in_the_same_call() {
    let world = World::new();
    let process = world.process();
    hear(&process, 1, json!({ "threeDsPolicy": "never" })).await;
    let asked = process.pay("tok_soft_decline").await;
    asked.is(201, "requires_action");
    assert_eq!(asked.json["attempts"], 2);
    assert_eq!(world.line.calls(), 2);
    let again = process.pay("tok_soft_decline").await;
    assert_eq!((again.replayed, &again.json["id"]), (true, &asked.json["id"]));
    complete(&process, asked.text("id")).await.is(200, "succeeded");
    let failed = world.told("payment-failed");
    assert_eq!(failed.len(), 1, "the first attempt failed: {failed:?}");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn a_soft_decline_without_another_attempt_is_a_decline() {
    let world = World::new();
    let process = world.process();
    hear(&process, 1, json!({ "maxAttempts": 1 })).await;
    let declined = process.pay("tok_soft_decline").await;
    declined.is(201, "failed");
    assert_eq!(declined.json["last_payment_error"]["decline_code"], "authentication_required");
    assert_eq!(world.line.calls(), 1);
}

/// A payment of 20.00 EUR with this token that begins a mandate: the mandate.
async fn mandate(process: &Process, token: &str, kind: &str) -> String {
    let body = with(small(token), "setup_future_usage", kind);
    let asked = process.post(INTENTS, &format!("first-{token}-{kind}"), body).await;
    asked.is(201, "requires_action");
    assert_eq!(asked.json["mandate"], Value::Null, "it begins when it is paid");
    let paid = complete(process, asked.text("id")).await;
    paid.is(200, "succeeded");
    assert_eq!(paid.json["setup_future_usage"], kind);
    paid.text("mandate").to_owned()
}

fn away(body: Value, mandate: &str) -> Value {
    with(with(body, "off_session", true), "mandate", mandate)
}

#[tokio::test]
async fn a_mandate_is_charged_without_the_customer_and_says_why_it_may() {
    let world = World::new();
    let process = world.process();
    let id = mandate(&process, "tok_visa", "recurring").await;
    assert!(id.starts_with("mdt_"), "{id}");
    for (key, amount, exemption) in [("a", 2_000, "recurring"), ("b", 2_500, "merchant_initiated")] {
        let body = away(with(payment("tok_visa"), "amount", amount), &id);
        let paid = process.post(INTENTS, key, body).await;
        paid.is(201, "succeeded");
        assert_eq!(paid.json["mandate"], json!(id));
        let shown = authorization(&process, paid.text("id")).await;
        assert_eq!(shown["sca_exemption"], json!({ "type": exemption, "granted": true }));
    }
    // Confirmed later, the same.
    let body = with(with(unconfirmed("tok_visa"), "amount", 2_000), "mandate", id.as_str());
    let later = process.post(INTENTS, "c", body).await;
    let path = format!("{INTENTS}/{}/confirm", later.text("id"));
    process.post(&path, "d", json!({ "off_session": true })).await.is(200, "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn a_payment_without_the_customer_needs_a_mandate_of_that_customer_and_method() {
    let world = World::new();
    let process = world.process();
    let without = with(payment("tok_visa"), "off_session", true);
    process.post(INTENTS, "1", without).await.is_problem(422, "mandate_required");
    let id = mandate(&process, "tok_visa", "unscheduled").await;
    let other = away(payment("tok_mastercard"), &id);
    process.post(INTENTS, "2", other).await.is_problem(422, "mandate_of_another");
    let unknown = away(payment("tok_visa"), "mdt_01h2xcejqtf2nbrexx3vqjhp41");
    process.post(INTENTS, "3", unknown).await.is_problem(422, "mandate_not_found");
    process.post(INTENTS, "4", away(payment("tok_visa"), "pm_1")).await.is_problem(400, "invalid_id");
    let both = with(away(payment("tok_visa"), &id), "setup_future_usage", "recurring");
    process.post(INTENTS, "5", both).await.is_problem(400, "mandate_ambiguous");
    // Another tenant has no such mandate.
    let request = process.command(INTENTS, "6", &away(payment("tok_visa"), &id));
    let elsewhere = process.call(process.signed(request, "other", "cust_1", "admin")).await;
    assert_eq!(elsewhere.status, 422, "{}", elsewhere.json);
    assert_eq!(world.line.calls(), 2, "the first payment alone was asked of the gateway, and its challenge");
}

#[tokio::test]
async fn a_challenge_that_is_demanded_of_a_mandate_is_a_decline_and_never_hangs() {
    let world = World::new();
    let process = world.process();
    let id = mandate(&process, "tok_challenge", "recurring").await;
    let declined = process.post(INTENTS, "away", away(small("tok_challenge"), &id)).await;
    declined.is(201, "requires_payment_method");
    assert_eq!(declined.json["last_payment_error"]["decline_code"], "authentication_required");
    assert_eq!(declined.json["next_action"], Value::Null);
    let shown = authorization(&process, declined.text("id")).await;
    assert_eq!(shown["sca_exemption"], json!({ "type": "recurring", "granted": false }));
    world.check_books().await;
}

#[tokio::test]
async fn a_mandate_is_a_customers() {
    let world = World::new();
    let process = world.process();
    let bare = json!({ "amount": 2_000, "currency": "EUR", "setup_future_usage": "recurring" });
    let bare = process.post(INTENTS, "bare", bare).await;
    let path = format!("{INTENTS}/{}/confirm", bare.text("id"));
    let refused = process.post(&path, "k", json!({ "payment_method_id": method("tok_visa") })).await;
    assert_eq!(refused.status, 422, "nobody's mandate: {}", refused.json);
    assert_eq!(world.line.calls(), 0);
}

#[tokio::test]
async fn an_authentication_is_started_told_again_and_completed() {
    let world = World::new();
    let process = world.process();
    let id = process.post(INTENTS, "1", unconfirmed("tok_visa")).await.text("id").to_owned();
    let path = format!("{INTENTS}/{id}/3ds/start");
    let started = process.post(&path, "s", json!({})).await;
    started.is(200, "requires_action");
    assert_eq!(started.text("object"), "three_ds");
    let url = started.text("acs_url").to_owned();
    assert!(url.contains("/simulator/challenge/"), "{url}");
    assert_eq!(started.json["next_action"]["url"], json!(url));
    for key in ["s", "other"] {
        let again = process.post(&path, key, json!({})).await;
        assert_eq!((again.status, again.text("acs_url")), (200, &*url), "{key}: {}", again.json);
    }
    assert_eq!(world.line.calls(), 1);
    complete(&process, &id).await.is(200, "succeeded");
    process.post(&path, "late", json!({})).await.is_problem(409, "intent_status");
    world.check_books().await;
}

#[tokio::test]
async fn an_authentication_without_a_challenge_is_the_payment() {
    let world = World::new();
    let process = world.process();
    let id = process.post(INTENTS, "1", unconfirmed("tok_3ds_frictionless")).await.text("id").to_owned();
    let started = process.post(&format!("{INTENTS}/{id}/3ds/start"), "s", json!({})).await;
    started.is(200, "succeeded");
    assert_eq!(
        (&started.json["acs_url"], &started.json["three_ds_result"]["status"]),
        (&Value::Null, &json!("Y"))
    );
    world.check_books().await;
}

#[tokio::test]
async fn the_customer_comes_back_to_where_the_client_says() {
    let world = World::new();
    let process = world.process();
    let back = "https://shop.example/return?order=1";
    let asked = process.post(INTENTS, "1", with(payment("tok_challenge"), "return_url", back)).await;
    asked.is(201, "requires_action");
    assert_eq!(asked.json["return_url"], back);
    let attempt = world.intents().await[0].attempts[0].id.to_string();
    let booked = world.books.operation(&acme(), CallKind::Authorize, &attempt).await.expect("in memory");
    assert_eq!(booked.and_then(|booked| booked.return_url).as_deref(), Some(back));
    complete(&process, asked.text("id")).await.is(200, "succeeded");
    for (number, bad) in [
        "javascript:alert(1)",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com",
        "http://localhost:x@example.com/",
        "http://localhost:80@example.com/",
        "http://shop.example",
    ]
    .into_iter()
    .enumerate()
    {
        let bad = with(payment("tok_visa"), "return_url", bad);
        process.post(INTENTS, &format!("bad{number}"), bad).await.is_problem(400, "invalid_return_url");
    }
    let developers = with(payment("tok_visa"), "return_url", "http://localhost:3000/back");
    process.post(INTENTS, "developer", developers).await.is(201, "succeeded");
}
