//! Disputes and chargebacks, through the routes.

use std::sync::Arc;

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_domain::disputes::{CardNetwork, DisputeReason, DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::kernel::{Currency, Lane, Money, TenantId};
use tender_domain::refunds::CapturedCharge;
use tender_refunds::{ChargebackMatching, Taken};

use crate::http::{Got, call};
use crate::support::{Stage, captured};

pub(crate) const DISPUTES: &str = "/v1/payments/disputes";
pub(crate) const CHARGEBACKS: &str = "/v1/payments/chargebacks";

pub(crate) async fn send(stage: &Stage, method: &str, path: &str, body: &Value) -> Got {
    let request = match method {
        "PATCH" => TestRequest::patch(),
        _ => TestRequest::post(),
    };
    call(stage, 1, request.uri(path).set_json(body)).await
}

pub(crate) async fn keyed(stage: &Stage, path: &str, key: &str, body: &Value) -> Got {
    let request = TestRequest::post().uri(path).insert_header(("idempotency-key", key)).set_json(body);
    call(stage, 1, request).await
}

pub(crate) async fn read(stage: &Stage, path: &str) -> Got {
    call(stage, 1, TestRequest::get().uri(path)).await
}

pub(crate) fn chargeback(amount: i64) -> Value {
    json!({
        "processor": "simulator", "processor_reference": "cb_1", "gateway_reference": "sim_ch_1", "amount": amount,
        "currency": "EUR", "fee": 1_500, "reason_code": "10.4", "network": "visa",
        "received_at": "2026-05-01T10:00:00Z", "respond_by": "2026-05-12T10:00:00Z",
    })
}

pub(crate) fn told(reference: &str, amount: i64, standing: DisputeStatus, second: i64) -> ToldChargeback {
    let at = |second: i64| chrono::DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
    ToldChargeback {
        gateway_reference: "sim_ch_1".into(),
        dispute: ToldDispute {
            processor: "simulator".into(),
            processor_reference: Some(reference.into()),
            amount: Money::new(amount, Currency::EUR),
            fee_minor: None,
            network: Some(CardNetwork::Visa),
            network_reason_code: Some("13.1".into()),
            reason: DisputeReason::ProductNotReceived,
            received_at: at(0),
            respond_by: None,
        },
        standing,
        at: at(second),
        only_if_known: false,
    }
}

/// A charge of 100.00 EUR that the service knows of.
pub(crate) async fn known(stage: &Stage) -> CapturedCharge {
    let charge = stage.charge(&[10_000]);
    stage.refund(&charge, Some(1_000), "makes it known").await.unwrap();
    charge
}

async fn matching(stage: &Stage) -> usize {
    let worker = ChargebackMatching::new(Arc::clone(&stage.service), std::time::Duration::from_millis(5), 10);
    worker.run_once().await.unwrap()
}

#[tokio::test]
async fn a_dispute_is_opened_read_listed_changed_and_given_in() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let wanted = json!({ "charge_id": charge.charge_id, "amount": 6_000, "reason_code": "product_not_received",
        "received_at": "2026-05-01T10:00:00Z", "respond_by": "2026-05-12T10:00:00Z" });
    let opened = keyed(&stage, DISPUTES, "k1", &wanted).await;
    assert_eq!(opened.status, 201, "{}", opened.json);
    let id = opened.json["id"].as_str().unwrap().to_owned();
    let place = format!("{DISPUTES}/{id}");
    assert_eq!((opened.header("location"), opened.header("etag")), (place.as_str(), "\"1\""));
    for (field, value) in [
        ("status", json!("needs_response")),
        ("amount", json!(6_000)),
        ("reason", json!("product_not_received")),
        ("network_reason_code", Value::Null),
        ("evidence_due_by", json!("2026-05-12T10:00:00Z")),
        ("merchant_account_id", json!("ma_default")),
        ("resolution", Value::Null),
    ] {
        assert_eq!(opened.json[field], value, "{field}");
    }
    let again = keyed(&stage, DISPUTES, "k1", &wanted).await;
    assert_eq!((again.status, &again.json), (201, &opened.json));
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(stage.topics(), ["dispute.created", "chargeback.received", "audit.recorded"]);

    let change = json!({ "status": "under_review", "note": "receipt sent" });
    send(&stage, "PATCH", &place, &change).await.is_problem(428, "version_required");
    let stale = json!({ "status": "under_review", "version": 9 });
    send(&stage, "PATCH", &place, &stale).await.is_problem(412, "stale_version");
    let request = TestRequest::patch().uri(&place).insert_header(("if-match", "\"1\"")).set_json(&change);
    let changed = call(&stage, 1, request).await;
    assert_eq!((changed.status, changed.json["status"].as_str()), (200, Some("under_review")));

    let closed = send(&stage, "POST", &format!("{place}/close"), &json!({ "reason": "not worth it" })).await;
    assert_eq!((closed.status, closed.json["status"].as_str()), (200, Some("accepted")), "{}", closed.json);
    let twice = send(&stage, "POST", &format!("{place}/close"), &json!({})).await;
    assert_eq!((twice.status, &twice.json), (200, &closed.json), "giving in twice changes nothing");
    let shown = read(&stage, &place).await;
    let kinds: Vec<&str> = shown.json["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["opened", "under_review", "note", "accepted"]);
    let listed = read(&stage, &format!("{DISPUTES}?status=accepted&merchant_account_id=ma_default")).await;
    assert_eq!(listed.json["data"], json!([closed.json]));
    assert_eq!(read(&stage, &format!("{DISPUTES}?status=won")).await.json["data"], json!([]));
    let told = [
        "dispute.created",
        "chargeback.received",
        "audit.recorded",
        "dispute.updated",
        "audit.recorded",
        "dispute.resolved",
        "credit-note.requested",
        "audit.recorded",
    ];
    assert_eq!(stage.topics(), told);
    the_audit_log_knows(&stage, &id);
}

/// Who did what to the dispute, and why.
fn the_audit_log_knows(stage: &Stage, id: &str) {
    let audits: Vec<Value> = stage
        .told()
        .into_iter()
        .filter(|(topic, _)| topic.name() == "audit.recorded")
        .map(|(_, told)| told)
        .collect();
    let said = |name: &str| audits.iter().map(|audit| audit[name].clone()).collect::<Vec<_>>();
    assert_eq!(said("action"), ["dispute.opened", "dispute.updated", "dispute.decided"]);
    assert_eq!(said("reason"), [Value::Null, Value::Null, json!("not worth it")]);
    assert_eq!(
        (&audits[2]["details"]["was"], &audits[2]["resourceId"]),
        (&json!("under_review"), &json!(id))
    );
    assert!(
        audits.iter().all(|audit| audit["subject"].is_string() && audit["service"] == "refunds"),
        "{audits:?}"
    );
}

#[tokio::test]
async fn what_is_disputed_cannot_be_refunded_until_it_is_won() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let wanted = json!({ "payment_intent_id": charge.intent_id, "reason_code": "fraud" });
    let opened = keyed(&stage, DISPUTES, "k1", &wanted).await;
    assert_eq!((opened.status, opened.json["amount"].as_i64()), (201, Some(10_000)), "all that was captured");
    let refused = stage.refund(&charge, Some(1), "r1").await.unwrap();
    assert_eq!(refused.answer.status, 422);
    let place = format!("{DISPUTES}/{}/resolve", opened.json["id"].as_str().unwrap());
    let won =
        send(&stage, "POST", &place, &json!({ "outcome": "won", "reason": "letter of the bank" })).await;
    assert_eq!(won.json["resolution"]["told_by"], "person", "{}", won.json);
    let other = json!({ "outcome": "lost", "reason": "arbitration" });
    send(&stage, "POST", &place, &other).await.is_problem(409, "dispute_decided");
    assert_eq!(stage.refund(&charge, Some(1), "r2").await.unwrap().answer.status, 201);
    let overturn = json!({ "outcome": "lost", "reason": "arbitration", "overturn": true });
    let lost = send(&stage, "POST", &place, &overturn).await;
    assert_eq!(
        (lost.json["status"].as_str(), lost.json["resolution"]["number"].as_i64()),
        (Some("lost"), Some(2))
    );
    let (_, alert) = stage.told().into_iter().find(|(topic, _)| topic.name() == "alert.raised").unwrap();
    assert_eq!(
        (alert["code"].as_str(), alert["intentId"].as_str()),
        (Some("charge_shortfall"), opened.json["payment_intent_id"].as_str())
    );
}

#[tokio::test]
async fn a_chargeback_told_twice_is_one_dispute_and_one_event_of_each_kind() {
    let stage = Stage::new();
    known(&stage).await;
    let first = send(&stage, "POST", CHARGEBACKS, &chargeback(10_000)).await;
    assert_eq!(first.status, 201, "{}", first.json);
    assert_eq!(
        (
            &first.json["reason"],
            &first.json["network"],
            &first.json["network_reason_code"],
            &first.json["fee"]
        ),
        (&json!("fraud"), &json!("visa"), &json!("10.4"), &json!(1_500))
    );
    let second = send(&stage, "POST", CHARGEBACKS, &chargeback(10_000)).await;
    assert_eq!((second.status, &second.json), (200, &first.json));
    send(&stage, "POST", CHARGEBACKS, &chargeback(9_999)).await.is_problem(409, "dispute_differs");
    let told =
        ["refund.processed", "dispute.created", "chargeback.received", "alert.raised", "audit.recorded"];
    assert_eq!(stage.topics(), told, "the refund of before is missing now; and who told, once");
    let audit = &stage.told()[4].1;
    assert_eq!((&audit["action"], &audit["resourceId"]), (&json!("chargeback.recorded"), &first.json["id"]));
    assert!(audit["subject"].is_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_tell_of_one_chargeback_at_once_one_opens_it() {
    let stage = Arc::new(Stage::new());
    known(&stage).await;
    let calls = (0..12).map(|nth| {
        let stage = Arc::clone(&stage);
        // Some tell that it was decided already.
        let standing = if nth % 3 == 0 { DisputeStatus::Lost } else { DisputeStatus::NeedsResponse };
        tokio::spawn(async move {
            stage
                .service
                .take_chargeback(&TenantId::sandbox(), &told("cb_1", 5_000, standing, 9), Lane::Background)
                .await
        })
    });
    let taken: Vec<Taken> = join_all(calls).await.into_iter().map(|call| call.unwrap().unwrap()).collect();
    let new = taken.iter().filter(|taken| matches!(taken, Taken::Dispute { is_new: true, .. })).count();
    assert_eq!(new, 1, "{taken:?}");
    let count = |topic: &str| stage.topics().iter().filter(|told| **told == topic).count();
    assert_eq!((count("chargeback.received"), count("dispute.resolved")), (1, 1));
}

#[tokio::test]
async fn a_chargeback_that_comes_before_its_charge_waits_and_becomes_a_dispute_where_it_stood_last() {
    let stage = Stage::new();
    let waiting = send(&stage, "POST", CHARGEBACKS, &chargeback(5_000)).await;
    assert_eq!(
        (waiting.status, waiting.json["status"].as_str()),
        (202, Some("unmatched")),
        "{}",
        waiting.json
    );
    let again = send(&stage, "POST", CHARGEBACKS, &chargeback(5_000)).await;
    assert_eq!((again.status, &again.json), (202, &waiting.json));
    send(&stage, "POST", CHARGEBACKS, &chargeback(5_001)).await.is_problem(409, "chargeback_waits");
    let lost = told("cb_1", 5_000, DisputeStatus::Lost, 50);
    let taken = stage.service.take_chargeback(&TenantId::sandbox(), &lost, Lane::Background).await.unwrap();
    assert!(matches!(taken, Taken::Waiting(_)));
    let told_by_a_person = ["chargeback.unmatched", "audit.recorded"];
    assert_eq!(
        stage.topics(),
        told_by_a_person,
        "the ledger has it in suspense, once; the processor is no person"
    );

    stage.clock.advance(std::time::Duration::from_secs(6));
    assert_eq!(matching(&stage).await, 0, "nobody knows the charge yet");
    known(&stage).await;
    assert_eq!(matching(&stage).await, 1, "at once, whatever the schedule says");
    assert_eq!(matching(&stage).await, 0, "once");
    let listed = read(&stage, DISPUTES).await;
    assert_eq!(listed.json["data"][0]["status"], "lost", "{}", listed.json);
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 1);
    let topics = [
        "chargeback.unmatched",
        "audit.recorded",
        "refund.processed",
        "dispute.created",
        "chargeback.received",
        "dispute.resolved",
        "credit-note.requested",
        "chargeback.unmatched",
    ];
    assert_eq!(stage.topics(), topics);
    let matched = &stage.told()[7].1;
    let case = (&matched["intakeId"], matched["disputeId"].as_str(), &matched["feeMinor"]);
    assert_eq!(case, (&stage.told()[0].1["intakeId"], listed.json["data"][0]["id"].as_str(), &json!(1_500)));
    let known = send(&stage, "POST", CHARGEBACKS, &chargeback(5_000)).await;
    assert_eq!((known.status, &known.json["fee"]), (200, &json!(1_500)), "told again, it is the dispute");
}

#[tokio::test]
async fn a_chargeback_whose_charge_nobody_knows_is_told_to_a_person() {
    let stage = Stage::new();
    send(&stage, "POST", CHARGEBACKS, &chargeback(5_000)).await;
    for _ in 0..4 {
        stage.clock.advance(std::time::Duration::from_secs(600));
        matching(&stage).await;
    }
    let told = stage.told().into_iter().filter(|(topic, _)| topic.name() == "alert.raised");
    let alerts: Vec<Value> = told.map(|(_, body)| body["code"].clone()).collect();
    assert_eq!(alerts, [json!("chargeback_unmatched")]);
}

#[tokio::test]
async fn the_processors_words_in_any_order_end_where_the_last_one_stands() {
    let stage = Stage::new();
    known(&stage).await;
    for (standing, at) in [
        (DisputeStatus::UnderReview, 10),
        (DisputeStatus::Won, 30),
        (DisputeStatus::NeedsResponse, 5),
        (DisputeStatus::Lost, 20),
        (DisputeStatus::Won, 30),
    ] {
        let word = told("cb_9", 2_000, standing, at);
        stage.service.take_chargeback(&TenantId::sandbox(), &word, Lane::Background).await.unwrap();
    }
    let listed = read(&stage, DISPUTES).await;
    assert_eq!(listed.json["data"][0]["status"], "won", "{}", listed.json);
    let count = |topic: &str| stage.topics().iter().filter(|told| **told == topic).count();
    assert_eq!((count("dispute.created"), count("dispute.resolved")), (1, 1));
}

#[tokio::test]
async fn what_is_no_dispute_is_refused_and_says_why() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let good = json!({ "charge_id": charge.charge_id, "amount": 100, "reason_code": "fraud" });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    send(&stage, "POST", DISPUTES, &good).await.is_problem(400, "idempotency_key_required");
    for (body, status, code) in [
        (with("amount", json!(0)), 400, "invalid_amount"),
        (with("fee", json!(-1)), 400, "invalid_amount"),
        (with("reason_code", json!("10.4")), 400, "unknown_reason_code"),
        (with("processor_reference", json!("4111111111111111")), 422, "card_number_detected"),
        (with("charge_id", json!("ch_1")), 400, "invalid_id"),
        (with("charge_id", json!("ch_01h2xcejqtf2nbrexx3vqjhp41")), 404, "not_found"),
        (with("colour", json!("red")), 400, "unknown_field"),
    ] {
        keyed(&stage, DISPUTES, "k", &body).await.is_problem(status, code);
    }
    let mut nobody = good.clone();
    nobody.as_object_mut().unwrap().remove("charge_id");
    keyed(&stage, DISPUTES, "k", &nobody).await.is_problem(400, "charge_required");
    let mut chargeback = chargeback(1);
    chargeback["gateway_reference"] = json!("");
    send(&stage, "POST", CHARGEBACKS, &chargeback).await.is_problem(400, "invalid_reference");
    assert_eq!(stage.topics(), Vec::<&str>::new());
}

#[tokio::test]
async fn the_same_reference_of_another_charge_is_refused() {
    let stage = Stage::new();
    let (one, mut two) = (stage.charge(&[10_000]), captured(&[10_000]));
    two.gateway_reference = "sim_ch_2".into();
    stage.charges.known.lock().unwrap().push(two.clone());
    let wanted = |charge: &CapturedCharge| json!({ "charge_id": charge.charge_id, "amount": 100, "reason_code": "fraud", "processor_reference": "dp_77" });
    let opened = send(&stage, "POST", DISPUTES, &wanted(&one)).await;
    assert_eq!(opened.status, 201, "the reference stands in for a key: {}", opened.json);
    let again = send(&stage, "POST", DISPUTES, &wanted(&one)).await;
    assert_eq!((again.status, &again.json), (200, &opened.json));
    send(&stage, "POST", DISPUTES, &wanted(&two)).await.is_problem(409, "dispute_differs");
}

#[tokio::test]
async fn nobody_sees_another_tenants_disputes_and_scopes_are_asked_for() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let wanted = json!({ "charge_id": charge.charge_id, "amount": 100, "reason_code": "fraud" });
    let opened = keyed(&stage, DISPUTES, "k", &wanted).await;
    let place = format!("{DISPUTES}/{}", opened.json["id"].as_str().unwrap());
    let stranger = |request: TestRequest| call(&stage, 3, request);
    assert_eq!(stranger(TestRequest::get().uri(&place)).await.status, 404);
    assert_eq!(stranger(TestRequest::get().uri(DISPUTES)).await.json["data"], json!([]));
    let close = TestRequest::post().uri(&format!("{place}/close")).set_json(json!({}));
    assert_eq!(stranger(close).await.status, 404);
    let reader = |request: TestRequest| call(&stage, 2, request);
    assert_eq!(reader(TestRequest::get().uri(&place)).await.status, 200);
    for (path, body) in [
        (DISPUTES.to_owned(), wanted),
        (CHARGEBACKS.to_owned(), chargeback(1)),
        (format!("{place}/close"), json!({})),
        (format!("{place}/resolve"), json!({ "outcome": "won", "reason": "x" })),
    ] {
        assert_eq!(reader(TestRequest::post().uri(&path).set_json(body)).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_key_that_was_used_for_another_dispute_is_refused() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let wanted =
        |amount: i64| json!({ "charge_id": charge.charge_id, "amount": amount, "reason_code": "fraud" });
    assert_eq!(keyed(&stage, DISPUTES, "k", &wanted(100)).await.status, 201);
    assert_eq!(keyed(&stage, DISPUTES, "k", &wanted(200)).await.status, 422);
}
