//! Many intents by one request.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::crashes::{die_in_a_job, run};
use crate::gateway::Fault;
use crate::rig::{CUSTOMER, INTENTS, Process, World, payment, unconfirmed, with};

const BULK: &str = "/v1/payments/intents/bulk";

async fn submit(process: &Process, key: &str, intents: Vec<Value>) -> String {
    let answer = process.post(BULK, key, json!({ "intents": intents })).await;
    assert_eq!(answer.status, 202, "{}", answer.json);
    answer.text("job_id").to_owned()
}

async fn job(process: &Process, id: &str) -> Value {
    let answer = process.get(&format!("/v1/payments/jobs/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

#[tokio::test]
async fn a_job_creates_each_item_once_and_tells_of_each() {
    let world = World::new();
    let process = world.process();
    let unknown_currency = with(unconfirmed("tok_visa"), "currency", "QQQ");
    let no_method = with(unconfirmed("tok_visa"), "payment_method_id", "pm_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    let intents = vec![unconfirmed("tok_visa"), unknown_currency, payment("tok_visa"), no_method];
    let id = submit(&process, "b", intents.clone()).await;
    let before = job(&process, &id).await;
    assert_eq!((&before["status"], &before["progress"]["done"]), (&json!("processing"), &json!(1)));
    assert_eq!(before["results"][1]["error"]["code"], "unknown_currency");
    assert!(world.intents().await.is_empty(), "nothing is done while the client waits");

    let other = world.process();
    let _ = tokio::join!(process.do_jobs(), other.do_jobs());
    assert_eq!(process.do_jobs().await, 0);
    let after = job(&process, &id).await;
    assert_eq!(after["status"], "completed");
    assert_eq!(after["progress"], json!({ "done": 4, "total": 4, "succeeded": 2, "failed": 2 }));
    assert_eq!(after["results"][3]["error"]["code"], "payment_method_not_found");
    let paid = after["results"][2]["payment_intent_id"].as_str().expect("it was created").to_owned();
    assert_eq!(process.read(&paid).await["status"], "succeeded");
    assert_eq!((world.intents().await.len(), world.told("payment.processed").len()), (2, 1));

    let again = process.post(BULK, "b", json!({ "intents": intents })).await;
    assert_eq!((again.status, again.replayed, again.text("job_id")), (202, true, id.as_str()));
    process
        .post(BULK, "b", json!({ "intents": [unconfirmed("tok_amex")] }))
        .await
        .is_problem(422, "idempotency_key_reused");
    assert_eq!(process.do_jobs().await, 0);
    world.check_books().await;
}

#[test]
fn a_crash_in_an_item_neither_loses_nor_doubles_it() {
    for (fault, status) in [(Fault::HangsAfter, "succeeded"), (Fault::HangsBefore, "requires_payment_method")]
    {
        let world = World::new();
        let id = run(async {
            submit(&world.process(), "b", vec![payment("tok_visa"), unconfirmed("tok_visa")]).await
        });
        die_in_a_job(&world, fault);
        run(async {
            let process = world.process();
            process.do_jobs().await;
            assert_eq!(job(&process, &id).await["results"][0]["status"], "pending", "its call may still run");
            world.wait(20);
            process.do_jobs().await;
            let done = job(&process, &id).await;
            assert_eq!(done["status"], "completed");
            let paid = done["results"][0]["payment_intent_id"].as_str().expect("it was created").to_owned();
            assert_eq!(process.read(&paid).await["status"], status);
            assert_eq!(world.intents().await.len(), 2);
            world.check_books().await;
        });
    }
}

#[tokio::test]
async fn what_cannot_be_a_job_is_refused_and_makes_none() {
    let world = World::new();
    let process = world.process();
    let many = vec![json!({ "amount": 1, "currency": "EUR" }); 1_001];
    for (body, code) in [
        (json!({ "intents": [] }), "invalid_field"),
        (json!({ "intents": many }), "invalid_field"),
        (json!({ "intents": [with(unconfirmed("tok_visa"), "request_id", "r")] }), "invalid_field"),
        (json!({ "intents": [with(unconfirmed("tok_visa"), "amout", 1)] }), "unknown_field"),
        (json!({ "intents": [{ "currency": "EUR" }] }), "missing_field"),
    ] {
        process.post(BULK, code, body).await.is_problem(400, code);
    }
    let no_key = TestRequest::post().uri(BULK).set_json(json!({ "intents": [unconfirmed("tok_visa")] }));
    let no_key = process.call(process.signed(no_key, "acme", CUSTOMER, "admin")).await;
    no_key.is_problem(400, "idempotency_key_required");
    assert_eq!(process.do_jobs().await, 0);
}

#[tokio::test]
async fn a_card_number_in_an_item_is_kept_nowhere() {
    let world = World::new();
    let process = world.process();
    let card = with(unconfirmed("tok_visa"), "description", "4242424242424242");
    let id = submit(&process, "b", vec![card]).await;
    assert_eq!(job(&process, &id).await["results"][0]["error"]["code"], "card_number_detected");
    let kept = format!("{:?}", world.memory.as_ref().expect("it is in memory"));
    assert!(!kept.contains("4242424242424242"));
}

#[tokio::test]
async fn a_job_is_its_tenants_and_its_customers_alone() {
    let world = World::new();
    let process = world.process();
    let request = TestRequest::post().uri(BULK).insert_header(("idempotency-key", "c"));
    let body = json!({ "intents": [{ "amount": 1, "currency": "EUR", "customer_id": "cust_2" }] });
    let made = process.call(process.signed(request.set_json(body), "acme", CUSTOMER, "customer")).await;
    let path = format!("/v1/payments/jobs/{}", made.text("job_id"));
    process.do_jobs().await;
    assert_eq!(world.intents().await[0].customer_id.as_deref(), Some(CUSTOMER));
    for (tenant, sub, role, status) in [
        ("acme", CUSTOMER, "customer", 200),
        ("acme", "x", "read_only", 200),
        ("acme", "cust_2", "customer", 404),
        ("other", "x", "admin", 404),
    ] {
        let read = process.signed(TestRequest::get().uri(&path), tenant, sub, role);
        assert_eq!(process.call(read).await.status, status, "{tenant} {sub}");
    }
    assert_eq!(process.get(&format!("{INTENTS}?limit=5")).await.status, 200);
}

#[tokio::test]
async fn from_where_a_customer_orders_many_is_seen_and_not_said_and_nobody_says_of_themselves_that_they_are_away()
 {
    let world = World::new();
    let process = world.process();
    let said =
        json!({ "ip": "192.0.2.55", "ip_country": "DE", "user_agent": "Another/2.0", "fingerprint": "d1" });
    let item = json!({ "amount": 1, "currency": "EUR", "device": said });
    let ask = |key: &str, item: &Value, role: &str| {
        let request = TestRequest::post().uri(BULK).insert_header(("idempotency-key", key.to_owned()));
        let request = request.peer_addr("127.0.0.1:1000".parse().expect("an address"));
        let request = request
            .insert_header(("x-forwarded-for", "203.0.113.7"))
            .insert_header(("user-agent", "Browser/1.0"))
            .set_json(json!({ "intents": [item, { "amount": 2, "currency": "EUR" }] }));
        process.call(process.signed(request, "acme", CUSTOMER, role))
    };
    assert_eq!(ask("customer", &item, "customer").await.status, 202);
    process.do_jobs().await;
    for intent in world.intents().await {
        let seen = &intent.risk.signals;
        assert_eq!(seen.ip.map(|ip| ip.to_string()).as_deref(), Some("203.0.113.7"));
        assert_eq!((seen.user_agent.as_deref(), &seen.ip_country), (Some("Browser/1.0"), &None));
    }
    let away = with(item.clone(), "off_session", true);
    ask("away", &away, "customer").await.is_problem(403, "merchants_only");

    assert_eq!(ask("server", &item, "admin").await.status, 202);
    process.do_jobs().await;
    let said: Vec<_> =
        world.intents().await.into_iter().filter_map(|intent| intent.risk.signals.ip_country).collect();
    assert_eq!(said, ["DE"], "a storefront's server says itself who pays");
}
