//! Payments that go well.

use actix_web::test::TestRequest;
use serde_json::json;
use tender_domain::ledger::AccountPart;

use crate::rig::{INTENTS, World, method, payment, unconfirmed, with};

#[tokio::test]
async fn one_call_creates_confirms_and_takes_the_money() {
    let world = World::new();
    let process = world.process();
    let paid = process.pay("tok_visa").await;
    paid.is(201, "succeeded");
    assert_eq!(paid.json["amount_captured"], 10_000);
    assert_eq!(paid.json["payment_method"], json!({ "type": "card", "brand": "VISA", "last4": "4242" }));
    let charge = paid.text("latest_charge");
    assert!(charge.starts_with("ch_"), "{charge}");
    assert_eq!(process.read(paid.text("id")).await, paid.json, "a read shows the same");

    let told = world.told("payment.processed");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["intentId"], paid.json["id"]);
    assert_eq!(told[0]["chargeId"], paid.json["latest_charge"]);
    assert_eq!(
        (&told[0]["amountMinor"], told[0]["amount"].to_string()),
        (&json!(10_000), "100.00".to_owned())
    );
    assert_eq!(told[0]["version"], paid.json["version"]);
    world.check_books().await;
}

#[tokio::test]
async fn a_retry_with_the_same_key_gets_the_first_answer_and_pays_nothing() {
    let world = World::new();
    let process = world.process();
    let first = process.pay("tok_visa").await;
    let again = process.pay("tok_visa").await;
    assert!(!first.replayed && again.replayed);
    assert_eq!((again.status, &again.json), (first.status, &first.json));
    let other = process.post(INTENTS, "tok_visa", with(payment("tok_visa"), "amount", 1)).await;
    other.is_problem(422, "idempotency_key_reused");
    assert_eq!((world.line.calls(), world.intents().await.len()), (1, 1));
}

#[tokio::test]
async fn an_intent_is_created_given_a_method_and_confirmed_in_calls_of_their_own() {
    let world = World::new();
    let process = world.process();
    let mut body = unconfirmed("tok_visa");
    body.as_object_mut().expect("an object").remove("payment_method_id");
    let created = process.post(INTENTS, "c", body).await;
    created.is(201, "requires_payment_method");
    let path = format!("{INTENTS}/{}", created.text("id"));
    let early = process.post(&format!("{path}/confirm"), "k0", json!({})).await;
    early.is_problem(409, "payment_method_required");
    let attach = json!({ "payment_method_id": method("tok_amex") });
    let attached = process.post(&format!("{path}/attach-method"), "a", attach).await;
    attached.is(200, "requires_confirmation");
    let confirmed = process.post(&format!("{path}/confirm"), "k1", json!({})).await;
    confirmed.is(200, "succeeded");
    let twice = process.post(&format!("{path}/confirm"), "k2", json!({})).await;
    twice.is_problem(409, "intent_status");
    assert_eq!(world.line.calls(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn what_the_ledger_could_not_post_is_refused_before_any_money_moves() {
    let world = World::new();
    let process = world.process();
    for name in ["ma\n1", "ma\t1", "\u{85}", "\u{1b}[31m", ""] {
        assert!(name.parse::<AccountPart>().is_err(), "{name:?}");
        let body = with(payment("tok_visa"), "merchant_account_id", name);
        let refused = process.post(INTENTS, "k", body).await;
        refused.is_problem(400, "invalid_reference");
    }
    assert_eq!((world.line.calls(), world.intents().await.len()), (0, 0));
}

#[tokio::test]
async fn a_method_of_another_customer_is_not_charged() {
    let world = World::new();
    let process = world.process();
    let refused = process.post(INTENTS, "k", with(payment("tok_visa"), "customer_id", "cust_2")).await;
    refused.is_problem(422, "payment_method_of_another_customer");
    assert_eq!((world.line.calls(), world.intents().await.len()), (0, 0));
}

#[tokio::test]
async fn another_tenant_and_another_customer_see_and_touch_nothing() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    let path = format!("{INTENTS}/{id}");
    for (tenant, sub, role) in [("other", "admin-1", "admin"), ("acme", "cust_2", "customer")] {
        for action in ["", "/charges"] {
            let read = TestRequest::get().uri(&format!("{path}{action}"));
            process.call(process.signed(read, tenant, sub, role)).await.is_problem(404, "not_found");
        }
        for action in ["confirm", "cancel"] {
            let uri = format!("{path}/{action}");
            let request = TestRequest::post().uri(&uri).insert_header(("idempotency-key", "k"));
            let answer = process.call(process.signed(request.set_json(json!({})), tenant, sub, role)).await;
            assert!(matches!(answer.status, 403 | 404), "{role}, {action}: {}", answer.json);
        }
    }
    assert_eq!(process.read(&id).await["status"], "requires_capture");
    let own = process.signed(TestRequest::get().uri(&path), "acme", "cust_1", "customer");
    process.call(own).await.is(200, "requires_capture");
}

#[tokio::test]
async fn intents_are_listed_by_what_a_client_keeps_beside_them() {
    let world = World::new();
    let process = world.process();
    for (key, metadata) in [("a", json!({ "shop": "1", "desk": "x y" })), ("b", json!({ "shop": "1" }))] {
        process
            .post(INTENTS, key, with(payment("tok_visa"), "metadata", metadata))
            .await
            .is(201, "succeeded");
    }
    process.pay("tok_visa").await.is(201, "succeeded");
    for (query, count) in [
        ("metadata[shop]=1", 2),
        ("metadata%5Bshop%5D=1&metadata%5Bdesk%5D=x%20y", 1),
        ("metadata[shop]=2", 0),
        ("metadata[shop]=1&status=failed", 0),
    ] {
        let listed = process.get(&format!("{INTENTS}?{query}")).await;
        assert_eq!(listed.json["data"].as_array().map(Vec::len), Some(count), "{query}: {}", listed.json);
    }
    process.get(&format!("{INTENTS}?metadata=1")).await.is_problem(400, "invalid_parameter");
}
