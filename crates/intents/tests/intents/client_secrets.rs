//! Client secrets: one intent, while it is open, in a browser.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::rig::{CUSTOMER, INTENTS, Process, World, method, payment, unconfirmed, with};

async fn created(process: &Process) -> (String, String) {
    let answer = process.post(INTENTS, "c", unconfirmed("tok_visa")).await;
    let secret = answer.text("client_secret").to_owned();
    assert!(secret.starts_with(&format!("{}_secret_", answer.text("id"))), "{}", answer.json);
    (answer.text("id").to_owned(), secret)
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn post(path: &str, key: &str, body: &Value) -> TestRequest {
    TestRequest::post().uri(path).insert_header(("idempotency-key", key)).set_json(body)
}

#[tokio::test]
async fn a_browser_pays_its_intent_with_the_secret_and_sees_no_secret() {
    let world = World::new();
    let process = world.process();
    let (id, secret) = created(&process).await;
    let read = process.with_secret(&secret, get(&format!("{INTENTS}/{id}"))).await;
    read.is(200, "requires_confirmation");
    assert_eq!(read.json["client_secret"], Value::Null);
    let attach = json!({ "payment_method_id": method("tok_challenge") });
    let attached =
        process.with_secret(&secret, post(&format!("{INTENTS}/{id}/attach-method"), "a", &attach)).await;
    attached.is(200, "requires_confirmation");
    let confirmed =
        process.with_secret(&secret, post(&format!("{INTENTS}/{id}/confirm"), "k", &json!({}))).await;
    confirmed.is(200, "requires_action");
    let action = process.with_secret(&secret, get(&format!("{INTENTS}/{id}/next-action"))).await;
    assert_eq!((action.status, action.text("type")), (200, "redirect_to_url"));
    let done = json!({ "result": "success" });
    let paid = process.with_secret(&secret, post(&format!("{INTENTS}/{id}/3ds/complete"), "3", &done)).await;
    paid.is(200, "succeeded");
    assert_eq!(paid.json["client_secret"], Value::Null);
    let late = process.with_secret(&secret, get(&format!("{INTENTS}/{id}"))).await;
    late.is_problem(401, "unauthorized");
    world.check_books().await;
}

#[tokio::test]
async fn a_secret_opens_nothing_else() {
    let world = World::new();
    let process = world.process();
    let (id, secret) = created(&process).await;
    let other = process.post(INTENTS, "other", unconfirmed("tok_visa")).await.text("id").to_owned();
    for request in [get(&format!("{INTENTS}/{other}")), get(&format!("{INTENTS}/{other}/next-action"))] {
        process.with_secret(&secret, request).await.is_problem(404, "not_found");
    }
    let confirm = post(&format!("{INTENTS}/{other}/confirm"), "k", &json!({}));
    process.with_secret(&secret, confirm).await.is_problem(404, "not_found");
    let body = json!({});
    for request in [
        get(INTENTS),
        get(&format!("{INTENTS}/{id}/charges")),
        get(&format!("{INTENTS}/{id}/transactions")),
        get("/v1/payments/diagnostics"),
        post(INTENTS, "n", &unconfirmed("tok_visa")),
        post(&format!("{INTENTS}/{id}/capture"), "n", &body),
        post(&format!("{INTENTS}/{id}/cancel"), "n", &body),
        post(&format!("{INTENTS}/{id}/resolve"), "n", &body),
        TestRequest::patch().uri(&format!("{INTENTS}/{id}")).set_json(json!({ "amount": 1, "version": 1 })),
    ] {
        process.with_secret(&secret, request).await.is_problem(403, "insufficient_scope");
    }
    let tenant = get(&format!("{INTENTS}/{id}")).insert_header(("x-tenant-id", "other"));
    process.with_secret(&secret, tenant).await.is_problem(403, "tenant_mismatch");
    assert_eq!(process.read(&id).await["status"], "requires_confirmation");
}

#[tokio::test]
async fn a_secret_counts_for_a_day_at_most_and_a_server_reads_a_new_one() {
    let world = World::new();
    let process = world.process();
    let (id, secret) = created(&process).await;
    let path = format!("{INTENTS}/{id}");
    world.wait(24 * 3_600 - 1);
    process.with_secret(&secret, get(&path)).await.is(200, "requires_confirmation");
    world.wait(2);
    process.with_secret(&secret, get(&path)).await.is_problem(401, "unauthorized");
    let fresh = process.read(&id).await["client_secret"].as_str().expect("a server reads one").to_owned();
    assert_ne!(fresh, secret);
    process.with_secret(&fresh, get(&path)).await.is(200, "requires_confirmation");
    process.post(&format!("{path}/cancel"), "x", json!({})).await.is(200, "canceled");
    process.with_secret(&fresh, get(&path)).await.is_problem(401, "unauthorized");
    assert_eq!(process.read(&id).await["client_secret"], Value::Null, "a closed intent has none");
}

#[tokio::test]
async fn only_who_may_write_intents_is_given_one_and_none_is_kept() {
    let world = World::new();
    let process = world.process();
    let (id, secret) = created(&process).await;
    let reader = process.signed(get(&format!("{INTENTS}/{id}")), "acme", CUSTOMER, "read_only");
    assert_eq!(process.call(reader).await.json["client_secret"], Value::Null);
    let again = process.post(INTENTS, "c", unconfirmed("tok_visa")).await;
    assert!(again.replayed && again.text("client_secret").starts_with(&format!("{id}_secret_")));
    let kept = format!("{:?}", world.memory.as_ref().expect("it is in memory"));
    let (_, hidden) = secret.split_once("_secret_").expect("it has its form");
    assert!(!kept.contains(hidden), "no secret is kept with the key's answer");
    let listed = process.get(INTENTS).await;
    assert_eq!(listed.json["data"][0]["client_secret"], Value::Null);
}

#[tokio::test]
async fn what_looks_like_a_secret_and_is_none_is_no_credential() {
    let world = World::new();
    let process = world.process();
    let (id, secret) = created(&process).await;
    let wrong = format!("{}A", &secret[..secret.len() - 1]);
    let other = if wrong == secret { format!("{}B", &secret[..secret.len() - 1]) } else { wrong };
    for text in [other, format!("{id}_secret_"), format!("{id}_secret_x"), id.clone()] {
        let refused = process.with_secret(&text, get(&format!("{INTENTS}/{id}"))).await;
        refused.is_problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn no_payer_says_that_the_payer_is_away() {
    let world = World::new();
    let process = world.process();
    let (id, secret) = created(&process).await;
    let confirm = |key: &str| {
        let request = TestRequest::post().uri(&format!("{INTENTS}/{id}/confirm"));
        request.insert_header(("idempotency-key", key.to_owned())).set_json(json!({ "off_session": true }))
    };
    process.with_secret(&secret, confirm("a")).await.is_problem(403, "merchants_only");
    let by_customer = process.signed(confirm("b"), "acme", CUSTOMER, "customer");
    process.call(by_customer).await.is_problem(403, "merchants_only");
    let create = TestRequest::post().uri(INTENTS).insert_header(("idempotency-key", "c"));
    let create = create.set_json(with(payment("tok_visa"), "off_session", true));
    let by_customer = process.signed(create, "acme", CUSTOMER, "customer");
    process.call(by_customer).await.is_problem(403, "merchants_only");
    assert_eq!(world.line.calls(), 0, "nothing was asked of a gateway");
    // The merchant may, on a mandate.
    let by_merchant = process.signed(confirm("d"), "acme", "x", "admin");
    process.call(by_merchant).await.is_problem(422, "mandate_required");
}
