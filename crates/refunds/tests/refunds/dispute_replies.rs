//! What is replied to disputes reaches their processors: once, however often it is sent, or a person is told to hand it in.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tender_domain::disputes::DisputeStatus;
use tender_domain::kernel::{Lane, TenantId};
use tender_domain::ports::{GatewayError, ReplyAnswer};
use tender_refunds::DisputeTelling;

use crate::disputes::{CHARGEBACKS, DISPUTES, chargeback, keyed, known, read, send, told};
use crate::guest_disputes::{post, resolve};
use crate::http::Got;
use crate::support::Stage;

fn evidence() -> Value {
    json!({ "evidence": [
        { "kind": "shipping_tracking_number", "text": "RB123456785GB" },
        { "kind": "customer_name", "text": "Ada Lovelace" },
    ]})
}

/// The place of a dispute that the processor told of.
async fn opened(stage: &Stage) -> String {
    known(stage).await;
    let opened = send(stage, "POST", CHARGEBACKS, &chargeback(5_000)).await;
    assert_eq!(opened.status, 201, "{}", opened.json);
    format!("{DISPUTES}/{}", opened.json["id"].as_str().unwrap())
}

async fn submit(stage: &Stage, place: &str) -> Got {
    send(stage, "POST", &format!("{place}/submit-evidence"), &evidence()).await
}

pub(crate) async fn tell(stage: &Stage) -> usize {
    let worker = DisputeTelling::new(Arc::clone(&stage.service), Duration::from_millis(5), 10);
    worker.run_once().await.unwrap()
}

/// How the dispute stands, and what became of its last reply.
pub(crate) async fn stands(stage: &Stage, place: &str) -> (String, String) {
    let shown = read(stage, place).await.json;
    let word = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    (word(&shown["status"]), word(&shown["processor_reply"]["status"]))
}

async fn kinds(stage: &Stage, place: &str) -> Vec<String> {
    let shown = read(stage, place).await.json;
    let entries = shown["history"].as_array().unwrap().iter();
    entries.map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
}

fn pair(status: &str, reply: &str) -> (String, String) {
    (status.to_owned(), reply.to_owned())
}

#[tokio::test]
async fn evidence_is_told_to_the_processor_and_then_it_is_under_review() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    let submitted = submit(&stage, &place).await;
    assert_eq!(submitted.status, 200, "{}", submitted.json);
    assert_eq!(
        submitted.json["processor_reply"],
        json!({ "number": 2, "kind": "evidence", "status": "telling" })
    );
    assert_eq!(stage.gateway.desk.told(), [], "nothing is sent in the request");
    assert_eq!(stands(&stage, &place).await, pair("needs_response", "telling"));

    assert_eq!(tell(&stage).await, 1);
    let id = place.rsplit('/').next().unwrap();
    let texts = vec![
        ("shipping_tracking_number", "RB123456785GB".to_owned()),
        ("customer_name", "Ada Lovelace".to_owned()),
    ];
    assert_eq!(stage.gateway.desk.told(), [(format!("{id}/evidence/2"), "cb_1".to_owned(), texts)]);
    let reasons: Vec<&str> = stage.gateway.desk.reasons().iter().map(|reason| reason.as_str()).collect();
    assert_eq!(json!(reasons), json!([submitted.json["reason"]]), "why it is disputed");
    assert_eq!(stands(&stage, &place).await, pair("under_review", "told"));
    assert_eq!(kinds(&stage, &place).await, ["opened", "evidence_submitted", "reply_told", "under_review"]);
    assert_eq!(tell(&stage).await, 0, "it is told once");
    assert_eq!(stage.gateway.desk.told().len(), 1);

    let listed = read(&stage, &format!("{place}/evidence")).await;
    assert_eq!(listed.status, 200, "{}", listed.json);
    assert_eq!(listed.json["replies"][0]["evidence"], evidence()["evidence"]);
    assert_eq!(listed.json["replies"][0]["status"], "told");
    let shown = read(&stage, &place).await.json;
    assert!(!shown["history"].to_string().contains("Ada"), "a history holds nobody's data: {shown}");
    let messages: String = stage.told().into_iter().map(|(_, told)| told.to_string()).collect();
    assert!(!messages.contains("Ada"), "nor do events");
}

#[tokio::test]
async fn notes_beside_evidence_are_in_the_history_by_the_same_change_and_told_to_nobody() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    let mut noted = evidence();
    noted["notes"] = json!("the guide has the photographs");
    let before = stage.topics().len();
    let submitted = send(&stage, "POST", &format!("{place}/submit-evidence"), &noted).await;
    assert_eq!((submitted.status, &submitted.json["processor_reply"]["status"]), (200, &json!("telling")));
    assert_eq!(kinds(&stage, &place).await, ["opened", "evidence_submitted", "note"]);
    let history = read(&stage, &place).await.json["history"].clone();
    assert_eq!(history[2]["detail"], "the guide has the photographs");
    assert_eq!(stage.topics()[before..], ["dispute.updated", "audit.recorded"], "one change");
    assert_eq!(tell(&stage).await, 1);
    let told = stage.gateway.desk.told();
    assert!(!format!("{told:?}").contains("photographs"), "{told:?}");
    noted["notes"] = json!("card 4242 4242 4242 4242");
    send(&stage, "POST", &format!("{place}/submit-evidence"), &noted)
        .await
        .is_problem(422, "card_number_detected");
}

#[tokio::test]
async fn a_reply_without_an_answer_is_told_again_under_the_same_reference() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    submit(&stage, &place).await;
    for answer in [GatewayError::Unknown("no answer".into()), GatewayError::NotDone("401".into())] {
        stage.gateway.desk.next(Err(answer));
        assert_eq!(tell(&stage).await, 0);
        assert_eq!(stands(&stage, &place).await, pair("needs_response", "telling"), "unknown is not failed");
        assert_eq!(tell(&stage).await, 0);
        stage.clock.advance(Duration::from_secs(30));
    }
    let waiting = read(&stage, &format!("{place}/evidence")).await.json;
    assert_eq!(
        (&waiting["replies"][0]["tries"], waiting["replies"][0]["next_try_at"].is_string()),
        (&json!(2), true)
    );
    stage.clock.advance(Duration::from_secs(30 * 24 * 3600));
    stage.gateway.desk.next(Err(GatewayError::Unknown("no answer".into())));
    assert_eq!(tell(&stage).await, 0);
    stage.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(tell(&stage).await, 1, "it is never given up");
    let told = stage.gateway.desk.told();
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|one| *one == told[0]), "one reference, one content: {told:?}");
    assert_eq!(stands(&stage, &place).await, pair("under_review", "told"));
}

#[tokio::test]
async fn two_workers_at_once_tell_a_reply_once_and_one_whose_teller_ended_is_told_by_another() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    submit(&stage, &place).await;
    // A process ends while its processor is being told.
    tokio::select! {
        biased;
        _ = tell(&stage) => panic!("an answer takes its time"),
        () = std::future::ready(()) => {}
    }
    assert_eq!((tell(&stage).await, stage.gateway.desk.told().len()), (0, 1), "it may be on its way yet");
    stage.clock.advance(Duration::from_secs(121));
    let told = tokio::join!(tell(&stage), tell(&stage), tell(&stage));
    assert_eq!(told.0 + told.1 + told.2, 1);
    let told = stage.gateway.desk.told();
    assert_eq!((told.len(), told[0] == told[1]), (2, true), "one reply: {told:?}");
    assert_eq!(stands(&stage, &place).await, pair("under_review", "told"));
}

#[tokio::test]
async fn what_the_processor_refuses_is_in_the_history_and_raised_and_can_be_answered_again() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    submit(&stage, &place).await;
    submit(&stage, &place).await.is_problem(409, "evidence_submitted");
    stage.gateway.desk.next(Ok(ReplyAnswer::Refused("the customer's name Ada Lovelace is no name".into())));
    assert_eq!(tell(&stage).await, 1);
    assert_eq!(stands(&stage, &place).await, pair("needs_response", "refused"));
    assert_eq!(kinds(&stage, &place).await, ["opened", "evidence_submitted", "reply_refused"]);
    let shown = read(&stage, &place).await.json;
    assert!(!shown["history"].to_string().contains("Ada"), "{}", shown["history"]);
    let alerts = stage.told().into_iter().filter(|(topic, _)| topic.name() == "alert.raised");
    let codes: Vec<_> = alerts.map(|(_, alert)| alert["code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(codes, ["dispute_reply_refused"]);

    let again = submit(&stage, &place).await;
    assert_eq!((again.status, &again.json["processor_reply"]["number"]), (200, &json!(4)), "{}", again.json);
    assert_eq!(tell(&stage).await, 1);
    let references: Vec<String> = stage.gateway.desk.told().into_iter().map(|told| told.0).collect();
    assert_ne!(references[0], references[1], "it is another reply");
    assert_eq!(stands(&stage, &place).await, pair("under_review", "told"));
}

#[tokio::test]
async fn who_cannot_be_told_is_not_and_the_answer_says_so() {
    let stage = Stage::new();
    stage.gateway.desk.close();
    let place = opened(&stage).await;
    let submitted = submit(&stage, &place).await;
    assert_eq!(submitted.json["processor_reply"]["status"], "by_hand", "{}", submitted.json);
    assert_eq!(submitted.json["status"], "needs_response", "nobody has handed it in yet");
    let listed = read(&stage, &format!("{place}/evidence")).await.json;
    let why = listed["replies"][0]["detail"].as_str().unwrap();
    assert!(why.contains("simulator") && why.contains("portal"), "{why}");
    let closed = send(&stage, "POST", &format!("{place}/close"), &json!({})).await;
    assert_eq!(closed.json["processor_reply"]["status"], "by_hand", "{}", closed.json);
    assert_eq!((tell(&stage).await, stage.gateway.desk.told().len()), (0, 0));

    // Nor is one told whose name for the dispute nobody knows.
    let stage = Stage::new();
    let charge = known(&stage).await;
    let wanted = json!({ "charge_id": charge.charge_id, "reason_code": "fraud", "amount": 100 });
    let opened = keyed(&stage, DISPUTES, "k1", &wanted).await;
    let place = format!("{DISPUTES}/{}", opened.json["id"].as_str().unwrap());
    assert_eq!(submit(&stage, &place).await.json["processor_reply"]["status"], "by_hand");
}

#[tokio::test]
async fn texts_that_the_processor_does_not_take_are_a_persons_who_is_told_why_before_anything_is_sent() {
    let stage = Stage::new();
    stage.gateway.desk.take_no_texts();
    let place = opened(&stage).await;
    assert_eq!(submit(&stage, &place).await.json["processor_reply"]["status"], "by_hand");
    let listed = read(&stage, &format!("{place}/evidence")).await.json;
    let why = listed["replies"][0]["detail"].as_str().unwrap();
    assert!(why.contains("no such letters") && why.contains("portal"), "{why}");
    assert!(!why.contains("files"), "there are none: {why}");
    assert_eq!((tell(&stage).await, stage.gateway.desk.told().len()), (0, 0));
    // Giving in has no texts.
    let closed = send(&stage, "POST", &format!("{place}/close"), &json!({})).await;
    assert_eq!(closed.json["processor_reply"]["status"], "telling", "{}", closed.json);
    assert_eq!(tell(&stage).await, 1);

    // What was taken in the request and is not any more is refused, and nothing is sent.
    let stage = Stage::new();
    let place = opened(&stage).await;
    submit(&stage, &place).await;
    stage.gateway.desk.take_no_texts();
    assert_eq!(tell(&stage).await, 1);
    assert_eq!(stands(&stage, &place).await, pair("needs_response", "refused"));
    assert_eq!(stage.gateway.desk.told().len(), 0);
}

#[tokio::test]
async fn a_processor_that_cannot_be_told_any_more_leaves_it_to_a_person() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    submit(&stage, &place).await;
    stage.gateway.desk.close();
    assert_eq!(tell(&stage).await, 1);
    assert_eq!(stands(&stage, &place).await, pair("needs_response", "refused"));
    assert!(stage.topics().contains(&"alert.raised"));
    assert_eq!(submit(&stage, &place).await.json["processor_reply"]["status"], "by_hand");
}

#[tokio::test]
async fn giving_in_is_told_whichever_api_says_so() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    let closed = send(&stage, "POST", &format!("{place}/close"), &json!({})).await;
    assert_eq!(closed.json["processor_reply"]["kind"], "acceptance", "{}", closed.json);
    let again = send(&stage, "POST", &format!("{place}/close"), &json!({})).await;
    assert_eq!(again.json, closed.json, "giving in twice tells once");
    assert_eq!(tell(&stage).await, 1);
    let id = place.rsplit('/').next().unwrap();
    assert_eq!(stage.gateway.desk.told(), [(format!("{id}/acceptance/2"), "cb_1".to_owned(), vec![])]);
    assert_eq!(stands(&stage, &place).await, pair("accepted", "told"));
    assert_eq!(kinds(&stage, &place).await, ["opened", "accepted", "reply_told"]);

    let stage = Stage::new();
    known(&stage).await;
    let opened = post(&stage, "/adventures/chargebacks", &json!({
        "processor": "simulator", "processor_reference": "cb_2", "gateway_ref": "sim_ch_1", "amount": 60.00,
        "currency": "EUR", "reason_code": "13.1", "network": "Visa", "received_at": "2026-05-01T10:00:00Z",
    }))
    .await;
    let id = crate::guest_disputes::id_of(&opened);
    let given = json!({ "decision": "FULL_REFUND", "reason": "the guest is right", "version": 1 });
    assert_eq!(resolve(&stage, &id, &given).await.status, 200);
    assert_eq!(tell(&stage).await, 1);
    assert_eq!(stage.gateway.desk.told()[0].1, "cb_2");
}

#[tokio::test]
async fn what_a_person_writes_down_as_decided_is_told_to_nobody() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    let lost = json!({ "outcome": "lost", "reason": "letter of the bank" });
    let resolved = send(&stage, "POST", &format!("{place}/resolve"), &lost).await;
    assert_eq!((resolved.status, &resolved.json["processor_reply"]), (200, &Value::Null));
    submit(&stage, &place).await.is_problem(409, "dispute_status");
    assert_eq!((tell(&stage).await, stage.gateway.desk.told().len()), (0, 0));
}

#[tokio::test]
async fn a_decision_of_the_processor_that_overtakes_its_answer_stands() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    submit(&stage, &place).await;
    let won = told("cb_1", 5_000, DisputeStatus::Won, 50);
    stage.service.take_chargeback(&TenantId::sandbox(), &won, Lane::Foreground).await.unwrap();
    assert_eq!(tell(&stage).await, 1);
    assert_eq!(stands(&stage, &place).await, pair("won", "told"));
}

#[tokio::test]
async fn two_workers_at_once_make_one_reply() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    submit(&stage, &place).await;
    let (one, two) = futures_util::join!(tell(&stage), tell(&stage));
    assert_eq!(one + two, 1, "one of them has recorded it");
    let told = stage.gateway.desk.told();
    assert!(told.iter().all(|one| one.0 == told[0].0), "{told:?}");
    assert_eq!(kinds(&stage, &place).await, ["opened", "evidence_submitted", "reply_told", "under_review"]);
}

#[tokio::test]
async fn evidence_that_is_none_is_named() {
    let stage = Stage::new();
    let place = opened(&stage).await;
    let path = format!("{place}/submit-evidence");
    for (texts, status, code) in [
        (json!([]), 400, "invalid_evidence"),
        (json!([{ "kind": "gossip", "text": "a" }]), 400, "invalid_evidence"),
        (json!([{ "kind": "other", "text": " " }]), 400, "invalid_evidence"),
        (
            json!([{ "kind": "other", "text": "a" }, { "kind": "other", "text": "b" }]),
            400,
            "invalid_evidence",
        ),
        (json!([{ "kind": "other", "text": "x".repeat(20_001) }]), 400, "invalid_evidence"),
        (json!([{ "kind": "other", "text": "a\u{0}b" }]), 400, "invalid_text"),
        (json!([{ "kind": "other", "text": "card 4242 4242 4242 4242" }]), 422, "card_number_detected"),
    ] {
        send(&stage, "POST", &path, &json!({ "evidence": texts })).await.is_problem(status, code);
    }
    let stale = json!({ "evidence": evidence()["evidence"], "version": 7 });
    send(&stage, "POST", &path, &stale).await.is_problem(412, "stale_version");
    assert_eq!(stands(&stage, &place).await, pair("needs_response", "none"));
    let first = keyed(&stage, &path, "k9", &evidence()).await;
    let again = keyed(&stage, &path, "k9", &evidence()).await;
    assert_eq!((again.status, &again.json, again.header("idempotent-replayed")), (200, &first.json, "true"));
}
