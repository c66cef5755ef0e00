//! Authorizations, charges and transactions, by their own ids.

use std::sync::Arc;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::kernel::{EventId, Message};
use tender_domain::ports::Consumer;
use tender_events::{Envelope, PublicEvent, RefundProcessed};
use tender_intents::RefundsOfIntents;
use uuid::Uuid;

use crate::gateway::Fault;
use crate::rig::{CUSTOMER, INTENTS, Process, World, payment, unconfirmed, with};

async fn authorization_of(process: &Process, id: &str) -> String {
    let charges = process.get(&format!("{INTENTS}/{id}/charges")).await;
    charges.json["data"][0]["authorization_id"].as_str().expect("it was approved").to_owned()
}

fn path(authorization: &str) -> String {
    format!("/v1/payments/authorizations/{authorization}")
}

#[tokio::test]
async fn an_authorization_is_read_captured_in_part_and_becomes_a_charge() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    let auth = authorization_of(&process, &id).await;
    let charge = auth.replace("auth_", "ch_");
    let read = process.get(&path(&auth)).await;
    read.is(200, "authorized");
    assert_eq!((&read.json["amount"], &read.json["amount_capturable"]), (&json!(10_000), &json!(10_000)));
    assert!(read.json["expires_at"].is_string());
    process.get(&format!("/v1/payments/charges/{charge}")).await.is_problem(404, "not_found");

    let part = json!({ "amount": 4_000, "final_capture": false });
    let captured = process.post(&format!("{}/capture", path(&auth)), "c", part.clone()).await;
    captured.is(200, "succeeded");
    assert!(process.post(&format!("{}/capture", path(&auth)), "c", part).await.replayed);
    process.get(&path(&auth)).await.is(200, "partially_captured");
    let read = process.get(&format!("/v1/payments/charges/{charge}")).await;
    assert_eq!((read.status, &read.json["amount_captured"]), (200, &json!(4_000)));
    assert_eq!((&read.json["settlement_date"], &read.json["risk_score"]), (&Value::Null, &Value::Null));
    process.post(&format!("{}/void", path(&auth)), "v", json!({})).await.is_problem(409, "intent_status");
    process.post(&format!("{}/capture", path(&auth)), "c2", json!({})).await.is(200, "succeeded");
    let done = process.get(&path(&auth)).await;
    assert_eq!((done.text("status"), &done.json["expires_at"]), ("captured", &Value::Null));
    world.check_books().await;
}

#[tokio::test]
async fn an_authorization_is_voided_once_and_its_intent_canceled() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    let auth = authorization_of(&process, &id).await;
    let void = format!("{}/void", path(&auth));
    let voided = process.post(&void, "v", json!({ "reason": "fraud" })).await;
    voided.is(200, "voided");
    let again = process.post(&void, "v", json!({ "reason": "fraud" })).await;
    assert_eq!((again.replayed, &again.json), (true, &voided.json));
    process.post(&void, "v2", json!({})).await.is_problem(409, "intent_status");
    let intent = process.read(&id).await;
    assert_eq!((&intent["status"], &intent["cancellation_reason"]), (&json!("canceled"), &json!("fraud")));
    world.check_books().await;
}

#[tokio::test]
async fn a_void_without_an_answer_is_accepted_and_not_told_as_done() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    let auth = authorization_of(&process, &id).await;
    world.line.set(Fault::LosesAnswer);
    process.post(&format!("{}/void", path(&auth)), "v", json!({})).await.is(202, "voiding");
    world.line.set(Fault::None);
    world.wait(6);
    process.recover().await;
    process.get(&path(&auth)).await.is(200, "voided");
}

#[tokio::test]
async fn another_tenants_or_customers_authorization_does_not_exist() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    let auth = authorization_of(&process, &id).await;
    let charge = auth.replace("auth_", "ch_");
    let charge = format!("/v1/payments/charges/{charge}");
    for (tenant, sub, role) in [("other", "x", "admin"), ("acme", "cust_2", "customer")] {
        for read in [path(&auth), charge.clone(), format!("{INTENTS}/{id}/transactions")] {
            let request = process.signed(TestRequest::get().uri(&read), tenant, sub, role);
            process.call(request).await.is_problem(404, "not_found");
        }
        for action in ["capture", "void"] {
            let request = TestRequest::post().uri(&format!("{}/{action}", path(&auth)));
            let request = request.insert_header(("idempotency-key", action)).set_json(json!({}));
            process.call(process.signed(request, tenant, sub, role)).await.is_problem(404, "not_found");
        }
    }
    process.get(&path(&auth)).await.is(200, "authorized");
    process.get(&path(&id.replace("pi_", "auth_"))).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_customer_neither_takes_nor_lets_go_what_the_merchant_holds() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    let auth = path(&authorization_of(&process, &id).await);
    let of_intent = format!("{INTENTS}/{id}");
    let asks = [
        format!("{auth}/capture"),
        format!("{auth}/void"),
        format!("{of_intent}/capture"),
        format!("{of_intent}/cancel"),
    ];
    let by_customer = |path: &str| {
        let request =
            TestRequest::post().uri(path).insert_header(("idempotency-key", path)).set_json(json!({}));
        process.call(process.signed_as(request, "acme", CUSTOMER, &["customer", "offline_access"]))
    };
    for ask in &asks {
        by_customer(ask).await.is_problem(403, "merchants_only");
    }
    process.get(&auth).await.is(200, "authorized");
    let open = process.post(INTENTS, "open", unconfirmed("tok_visa")).await.text("id").to_owned();
    by_customer(&format!("{INTENTS}/{open}/cancel")).await.is(200, "canceled");
}

#[tokio::test]
async fn who_of_the_merchants_took_let_go_or_changed_a_payment_is_in_the_audit_log_once() {
    let world = World::new();
    let process = world.process();
    let by = |role: &'static str, sub: &'static str, path: String, body: Value| {
        let request = TestRequest::post().uri(&path).insert_header(("idempotency-key", path.clone()));
        process.call(process.signed(request.set_json(body), "acme", sub, role))
    };
    let taken = process.hold().await;
    let held = with(payment("tok_visa"), "capture_mode", "manual");
    let let_go = process.post(INTENTS, "another", held).await.text("id").to_owned();
    for _ in 0..2 {
        let body = json!({ "amount": 4_000 });
        by("agent", "ann", format!("{INTENTS}/{taken}/capture"), body).await;
        by("agent", "bob", format!("{INTENTS}/{let_go}/cancel"), json!({ "reason": "fraud" })).await;
    }
    let open = process.post(INTENTS, "open", unconfirmed("tok_visa")).await.text("id").to_owned();
    process.patch(&open, json!({ "amount": 7 })).await;
    by("customer", CUSTOMER, format!("{INTENTS}/{open}/cancel"), json!({})).await.is(200, "canceled");
    let lines = world.told("audit.recorded");
    let said: Vec<_> = lines
        .iter()
        .map(|line| (line["action"].as_str(), line["intentId"].as_str(), &line["details"]))
        .map(|(action, intent, details)| (action.unwrap_or_default(), intent.unwrap_or_default(), details))
        .collect();
    let [(capture, of, with), (cancel, of_other, why), (update, of_open, before)] = said.as_slice() else {
        panic!("{lines:?}")
    };
    assert_eq!((*capture, *of, &with["amount"]), ("intent.capture_asked", &*taken, &json!("40.00 EUR")));
    assert_eq!((*cancel, *of_other, &why["reason"]), ("intent.cancel_asked", &*let_go, &json!("fraud")));
    let amounts = (&before["amount_before"], &before["intent_amount"]);
    assert_eq!(
        (*update, *of_open, amounts),
        ("intent.updated", &*open, (&json!("100.00 EUR"), &json!("0.07 EUR")))
    );
    assert_eq!((&lines[0]["subject"], &lines[1]["subject"]), (&json!("ann"), &json!("bob")));
}

fn refunded(intent: &str, charge: &str, number: u128) -> Message {
    let event: RefundProcessed = serde_json::from_value(json!({
        "refundId": tender_domain::kernel::RefundId::from_uuid(Uuid::from_u128(number)),
        "chargeId": charge, "intentId": intent, "paymentId": Uuid::nil(), "tenantId": "acme",
        "merchantAccountId": "ma_default", "connector": "simulator", "gatewayReference": "sim_r",
        "amount": 15, "amountMinor": 1_500, "currency": "EUR", "status": "succeeded", "reason": "other",
        "refundMethod": "original_payment_method", "livemode": false, "version": 3,
        "createdAt": "2030-01-01T00:00:00Z", "processedAt": "2030-01-01T00:00:00Z",
    }))
    .expect("it is an event");
    event.into_message(Envelope { id: EventId(Uuid::from_u128(number)), traceparent: None })
}

#[tokio::test]
async fn transactions_tell_everything_that_was_asked_of_gateways_and_the_refunds_that_were_seen() {
    let world = World::new();
    let process = world.process();
    let declined = process.pay("tok_insufficient_funds").await;
    let id = declined.text("id").to_owned();
    let visa = json!({ "payment_method_id": crate::rig::method("tok_visa") });
    process.post(&format!("{INTENTS}/{id}/confirm"), "k", visa).await.is(200, "succeeded");
    let charge = process.read(&id).await["latest_charge"].as_str().expect("it was captured").to_owned();
    let consumer = RefundsOfIntents(Arc::clone(&process.service));
    for _ in 0..2 {
        consumer.handle(&refunded(&id, &charge, 7)).await.expect("it is followed");
    }
    assert_eq!(process.read(&id).await["amount_refunded"], 1_500);

    let told = process.get(&format!("{INTENTS}/{id}/transactions")).await.json;
    let of = |kind: &str| {
        let list = told["data"].as_array().expect("a list");
        list.iter().filter(|one| one["type"] == kind).cloned().collect::<Vec<_>>()
    };
    let authorizations = of("authorization");
    let statuses: Vec<_> = authorizations.iter().map(|one| one["status"].clone()).collect();
    assert_eq!((statuses.len(), of("capture").len(), of("refund").len()), (2, 1, 1));
    let failed = authorizations.iter().find(|one| one["status"] == "declined").expect("the first try");
    assert_eq!(
        (&failed["failure_reason"], &failed["response_code"]),
        (&json!("insufficient_funds"), &json!("51"))
    );
    let refund = &of("refund")[0];
    assert_eq!((&refund["amount"], &refund["gateway_reference"]), (&json!(1_500), &json!("sim_r")));
    assert_eq!((&refund["settlement_date"], &refund["three_ds_result"]), (&Value::Null, &Value::Null));
    assert_eq!(of("capture")[0]["connector"], "simulator");
}
