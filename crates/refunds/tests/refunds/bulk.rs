//! Many refunds by one request.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_refunds::BulkRefunds;

use crate::http::call;
use crate::support::{Script, Stage};

const BULK: &str = "/v1/payments/refunds/bulk";

fn post(refunds: &[Value], key: &str) -> TestRequest {
    let body = json!({ "refunds": refunds });
    TestRequest::post().uri(BULK).set_json(&body).insert_header(("idempotency-key", key))
}

async fn submit(stage: &Stage, refunds: &[Value]) -> String {
    let got = call(stage, 1, post(refunds, "b")).await;
    assert_eq!(got.status, 202, "{}", got.json);
    let id = got.json["job_id"].as_str().expect("a job").to_owned();
    assert_eq!(got.header("location"), format!("/v1/payments/jobs/{id}"));
    id
}

async fn job(stage: &Stage, id: &str) -> Value {
    let got = call(stage, 1, TestRequest::get().uri(&format!("/v1/payments/jobs/{id}"))).await;
    assert_eq!(got.status, 200, "{}", got.json);
    got.json
}

fn worker(stage: &Stage) -> BulkRefunds {
    BulkRefunds::new(stage.service.clone(), Duration::from_secs(1))
}

#[actix_web::test]
async fn a_job_makes_each_refund_once_and_tells_of_each() {
    let stage = Stage::new();
    let (one, other) = (stage.charge(&[10_000]), stage.charge(&[700]));
    let refunds = [
        json!({ "charge_id": one.charge_id, "amount": 6_000 }),
        json!({ "payment_intent_id": other.intent_id }),
        json!({ "charge_id": one.charge_id, "amount": 6_000, "reason": "fraud", "metadata": { "n": "3" } }),
        json!({ "charge_id": "ch_none" }),
        json!({ "charge_id": one.charge_id, "amount": 100, "refund_method": "store_credit" }),
    ];
    let id = submit(&stage, &refunds).await;
    let before = job(&stage, &id).await;
    assert_eq!((&before["status"], &before["progress"]["done"]), (&json!("processing"), &json!(1)));
    assert_eq!(before["results"][3]["error"]["code"], "invalid_id", "{before}");
    assert_eq!(stage.gateway.given_back(), 0, "nothing is done while the client waits");

    let (mine, theirs) = (worker(&stage), worker(&stage));
    let _ = tokio::join!(mine.run_once(), theirs.run_once());
    assert_eq!(mine.run_once().await.expect("it can be read"), 0, "all are done");
    let after = job(&stage, &id).await;
    assert_eq!(after["kind"], "refunds.bulk_create");
    assert_eq!(after["status"], "completed");
    assert_eq!(after["progress"], json!({ "done": 5, "total": 5, "succeeded": 3, "failed": 2 }), "{after}");
    let refused = [0, 2].map(|nth| after["results"][nth]["error"]["code"] == "refund_exceeds_charge");
    assert!(refused[0] != refused[1], "of two of 60 % one is refused: {after}");
    let path = format!("/v1/payments/refunds/{}", after["results"][1]["refund_id"].as_str().expect("an id"));
    let whole = call(&stage, 1, TestRequest::get().uri(&path)).await;
    assert_eq!((&whole.json["amount"], &whole.json["status"]), (&json!(700), &json!("succeeded")));
    assert_eq!(stage.gateway.given_back(), 6_700);

    let again = call(&stage, 1, post(&refunds, "b")).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (202, "true"));
    assert_eq!(again.json["job_id"], json!(id));
    let other = call(&stage, 1, post(&refunds[..1], "b")).await;
    other.is_problem(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn an_item_whose_outcome_is_not_known_is_a_refund_that_is_asked_for_and_never_made_twice() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let id = submit(&stage, &[json!({ "charge_id": charge.charge_id, "amount": 4_000 })]).await;
    assert_eq!(worker(&stage).run_once().await.expect("it can be read"), 1);
    let after = job(&stage, &id).await;
    let refund = after["results"][0]["refund_id"].as_str().expect("an id").parse().expect("of ours");
    assert_eq!(stage.stored(refund).await.status().as_str(), "processing");
    stage.clock.advance(Duration::from_secs(60));
    assert_eq!(stage.recovery().run_once().await.expect("it can be read").settled, 1);
    assert_eq!(stage.stored(refund).await.status().as_str(), "succeeded");
    assert_eq!((stage.gateway.given_back(), stage.gateway.calls.lock().unwrap().len()), (4_000, 1));
}

#[actix_web::test]
async fn a_worker_that_dies_in_an_item_neither_loses_nor_doubles_it() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::Hang);
    let id = submit(&stage, &[json!({ "charge_id": charge.charge_id, "amount": 4_000 })]).await;
    let dying = worker(&stage);
    let died = tokio::time::timeout(Duration::from_millis(200), dying.run_once()).await;
    assert!(died.is_err(), "the gateway does not answer");
    // Another worker comes while the first call may still run, and leaves it alone.
    assert_eq!(worker(&stage).run_once().await.expect("it can be read"), 0);
    stage.gateway.release();
    tender_testkit::eventually("the item is done", async || {
        stage.clock.advance(Duration::from_secs(5));
        worker(&stage).run_once().await.expect("it can be read");
        (job(&stage, &id).await["status"] == "completed").then_some(())
    })
    .await;
    assert_eq!(job(&stage, &id).await["progress"]["succeeded"], 1);
    assert_eq!((stage.gateway.given_back(), stage.gateway.calls.lock().unwrap().len()), (4_000, 1));
}

#[actix_web::test]
async fn a_job_is_its_tenants_and_has_as_many_items_as_it_may() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let item = json!({ "charge_id": charge.charge_id, "amount": 1 });
    let id = submit(&stage, std::slice::from_ref(&item)).await;
    let path = format!("/v1/payments/jobs/{id}");
    assert_eq!(call(&stage, 3, TestRequest::get().uri(&path)).await.status, 404, "another tenant's");
    for refunds in [Vec::new(), vec![item.clone(); 1_001]] {
        call(&stage, 1, post(&refunds, "other")).await.is_problem(400, "invalid_field");
    }
    let no_key = TestRequest::post().uri(BULK).set_json(json!({ "refunds": [item] }));
    call(&stage, 1, no_key).await.is_problem(400, "idempotency_key_required");
}

#[actix_web::test]
async fn an_item_whose_connector_is_away_is_tried_again_and_one_that_is_not_set_up_has_failed() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let mut nowhere = crate::support::captured(&[500]);
    nowhere.connector = "elsewhere".into();
    stage.charges.known.lock().expect("no test panicked").push(nowhere.clone());
    let wanted = [json!({ "charge_id": charge.charge_id }), json!({ "charge_id": nowhere.charge_id })];
    stage.own.away(true);
    let id = submit(&stage, &wanted).await;
    assert_eq!(worker(&stage).run_once().await.expect("it can be read"), 0, "nothing has ended");
    assert_eq!(job(&stage, &id).await["status"], "pending");
    stage.own.away(false);
    assert_eq!(worker(&stage).run_once().await.expect("it can be read"), 2);
    let after = job(&stage, &id).await;
    assert_eq!(after["progress"], json!({ "done": 2, "total": 2, "succeeded": 1, "failed": 1 }), "{after}");
    assert_eq!(after["results"][1]["error"]["code"], "connector_unavailable");
    assert_eq!(stage.gateway.given_back(), 10_000);
}
