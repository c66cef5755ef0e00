//! Guests' disputes as the annex of the adventures document has them.

use std::sync::Arc;

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_domain::dispute_cases::{CaseFile, CaseFilter, CaseRefusal, CaseUpdate, DecisionKind};
use tender_domain::kernel::{Answer, Caller, DisputeId, PageRequest, TenantId, Version};
use tender_domain::refunds::{CapturedCharge, ChargeRef, RefundStore};
use tender_refunds::{RefundsError, ResolveGuestDispute, UpdateGuestDispute};
use uuid::Uuid;

use crate::http::{Got, call};
use crate::support::{Script, Stage, caller, captured};

pub(crate) const DISPUTES: &str = "/adventures/disputes";
const GUEST: &str = "0190b3a1-0000-7000-8000-000000000001";

/// A payment of 100.00 EUR by the guest.
pub(crate) fn paid(stage: &Stage) -> CapturedCharge {
    let charge = CapturedCharge { customer_id: Some(GUEST.into()), ..captured(&[10_000]) };
    stage.charges.known.lock().unwrap().push(charge.clone());
    charge
}

pub(crate) fn wanted(charge: &CapturedCharge, amount: &Value) -> Value {
    json!({
        "payment_id": charge.intent_id.uuid(), "guest_id": GUEST, "reason": "WEATHER", "requested_amount": amount,
        "description": "the storm closed the river",
    })
}

pub(crate) async fn post(stage: &Stage, path: &str, body: &Value) -> Got {
    call(stage, 1, TestRequest::post().uri(path).set_json(body)).await
}

pub(crate) async fn patch(stage: &Stage, id: &str, body: &Value) -> Got {
    call(stage, 1, TestRequest::patch().uri(&format!("{DISPUTES}/{id}")).set_json(body)).await
}

pub(crate) async fn resolve(stage: &Stage, id: &str, body: &Value) -> Got {
    post(stage, &format!("{DISPUTES}/{id}/resolve"), body).await
}

pub(crate) async fn read(stage: &Stage, query: &str) -> Got {
    call(stage, 1, TestRequest::get().uri(&format!("{DISPUTES}{query}"))).await
}

pub(crate) async fn opened(stage: &Stage, charge: &CapturedCharge, amount: i64) -> String {
    let got = post(stage, DISPUTES, &wanted(charge, &json!(amount))).await;
    assert_eq!(got.status, 201, "{}", got.json);
    id_of(&got)
}

pub(crate) fn id_of(got: &Got) -> String {
    got.json["dispute_id"].as_str().expect("an id").to_owned()
}

#[track_caller]
pub(crate) fn refused(got: &Got, status: u16, code: &str, field: Option<&str>) {
    assert_eq!((got.status, got.json["error"].as_str()), (status, Some(code)), "{}", got.json);
    assert_eq!(got.json["field"], json!(field), "{}", got.json);
    assert_eq!(got.header("content-type"), "application/json");
}

fn shown(status: u16, file: &CaseFile) -> Answer {
    Answer { status, body: json!({"status": file.status().as_str()}).to_string().into() }
}

fn with_role(role: &str) -> Caller {
    Caller { roles: Arc::new([role.to_owned()]), ..caller() }
}

pub(crate) async fn left(stage: &Stage, charge: &CapturedCharge) -> i64 {
    let named = ChargeRef::Charge(charge.charge_id);
    stage.store.charge(&TenantId::sandbox(), named).await.unwrap().expect("it is known").left().minor()
}

#[actix_web::test]
async fn a_dispute_is_opened_with_every_field_of_the_annex_and_with_what_the_policy_says() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let got = post(&stage, DISPUTES, &wanted(&charge, &json!(49.50))).await;
    assert_eq!((got.status, got.header("content-type")), (201, "application/json"), "{}", got.json);
    let mut names: Vec<&str> = got.json.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "assigned_to",
        "created_at",
        "currency",
        "description",
        "dispute_id",
        "due_at",
        "guest_id",
        "notes",
        "payment_id",
        "policy_evaluation",
        "reason",
        "requested_amount",
        "resolution",
        "source",
        "status",
        "tier",
        "updated_at",
        "version",
    ];
    assert_eq!(names, expected);
    assert_eq!(got.json["requested_amount"].to_string(), "49.50");
    let facts = (&got.json["source"], &got.json["status"], &got.json["tier"], &got.json["version"]);
    assert_eq!(facts, (&json!("GUEST"), &json!("OPEN"), &json!(1), &json!(1)));
    let evaluation = &got.json["policy_evaluation"];
    assert_eq!((&evaluation["rule"], &evaluation["eligible"]), (&json!("reason:WEATHER"), &json!(true)));
    assert_eq!(evaluation["eligible_amount"].to_string(), "49.50", "no more than was asked for");
    assert_eq!(read(&stage, &format!("/{}", id_of(&got))).await.json, got.json);
    let (topic, told) = &stage.told()[0];
    assert_eq!(
        (topic.name(), &told["source"], &told["amountMinor"]),
        ("dispute.created", &json!("GUEST"), &json!(4_950))
    );
    assert_eq!(told["chargeDisputedMinor"], 0, "no money moved");
    assert_eq!((stage.gateway.given_back(), left(&stage, &charge).await), (0, 10_000));
}

#[actix_web::test]
async fn where_only_the_time_before_the_start_decides_it_counts_when_it_is_said() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let mut asked = wanted(&charge, &json!(100));
    asked["reason"] = json!("QUALITY");
    let unknown = post(&stage, DISPUTES, &asked).await;
    let evaluation = &unknown.json["policy_evaluation"];
    assert_eq!((unknown.status, &evaluation["rule"]), (201, &json!("start_unknown")), "{}", unknown.json);
    assert_eq!((&evaluation["eligible"], &evaluation["policy_id"]), (&json!(false), &json!("standard")));
    asked["cancelled_at"] = json!("2027-01-01T00:00:00Z");
    asked["trip_starts_at"] = json!("2027-01-09T00:00:00Z");
    let half = post(&stage, DISPUTES, &asked).await;
    assert_eq!(half.json["policy_evaluation"]["eligible_amount"].to_string(), "50.00");
}

#[actix_web::test]
async fn a_full_and_a_partial_decision_refund_once_whoever_clicks_how_often() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let (full, part) = (opened(&stage, &charge, 30).await, opened(&stage, &charge, 20).await);
    let decision = json!({"decision": "FULL_REFUND", "reason": "as promised", "version": 1});
    let clicks = join_all((0..5).map(|_| resolve(&stage, &full, &decision))).await;
    let (done, late): (Vec<_>, Vec<_>) = clicks.iter().partition(|got| got.status == 200);
    assert_eq!((done.len(), late.len()), (1, 4));
    late.iter().for_each(|got| refused(got, 409, "DISPUTE_RESOLVED", None));
    let resolution = &done[0].json["resolution"];
    assert_eq!((&done[0].json["status"], &done[0].json["version"]), (&json!("RESOLVED"), &json!(2)));
    assert_eq!(
        (&resolution["decision"], resolution["amount"].to_string()),
        (&json!("FULL_REFUND"), "30.00".into())
    );
    assert_eq!(resolution["reason"], "as promised");
    let half = json!({"decision": "PARTIAL_REFUND", "amount": 12.50, "reason": "half", "version": 1});
    let half = resolve(&stage, &part, &half).await;
    assert_eq!(
        (half.status, half.json["resolution"]["amount"].to_string()),
        (200, "12.50".into()),
        "{}",
        half.json
    );
    assert_eq!((stage.gateway.given_back(), left(&stage, &charge).await), (4_250, 5_750));
    let refunds = stage.gateway.calls.lock().unwrap().len();
    assert_eq!(refunds, 2);
    let refund = read_refund(&stage, &resolution["refund_id"]).await;
    assert_eq!((&refund["status"], &refund["amount"]), (&json!("succeeded"), &json!(3_000)), "{refund}");
    assert_eq!(refund["metadata"]["reason"], "as promised");
    let topics = stage.topics();
    let count = |name: &str| topics.iter().filter(|topic| **topic == name).count();
    assert_eq!((count("dispute.resolved"), count("refund.processed")), (2, 2), "{topics:?}");
}

async fn read_refund(stage: &Stage, id: &Value) -> Value {
    let id: Uuid = id.as_str().expect("a refund").parse().expect("a UUID");
    let id = tender_domain::kernel::RefundId::from_uuid(id);
    call(stage, 1, TestRequest::get().uri(&format!("/v1/payments/refunds/{id}"))).await.json
}

#[actix_web::test]
async fn with_a_key_a_decision_sent_again_is_answered_as_the_first() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let id = opened(&stage, &charge, 30).await;
    let keyed = async |body: &Value| {
        let path = format!("{DISPUTES}/{id}/resolve");
        let request = TestRequest::post().uri(&path).insert_header(("idempotency-key", "k")).set_json(body);
        call(&stage, 1, request).await
    };
    let body = json!({"decision": "FULL_REFUND", "reason": "as promised", "version": 1});
    let (first, again) = (keyed(&body).await, keyed(&body).await);
    assert_eq!((first.status, &again.json), (200, &first.json));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = json!({"decision": "DENIED", "reason": "no", "version": 1});
    refused(&keyed(&other).await, 409, "IDEMPOTENCY_CONFLICT", None);
    assert_eq!(stage.gateway.given_back(), 3_000);
}

#[actix_web::test]
async fn a_denied_dispute_refunds_nothing_and_an_unknown_refund_is_looked_up() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let denied = opened(&stage, &charge, 30).await;
    let got = resolve(&stage, &denied, &json!({"decision": "DENIED", "reason": "no", "version": 1})).await;
    assert_eq!(got.status, 200, "{}", got.json);
    let resolution = &got.json["resolution"];
    assert_eq!((&resolution["refund_id"], resolution["amount"].to_string()), (&Value::Null, "0.00".into()));
    assert_eq!(left(&stage, &charge).await, 10_000);
    let unknown = opened(&stage, &charge, 40).await;
    stage.gateway.next(Script::TimeoutAfter);
    let got =
        resolve(&stage, &unknown, &json!({"decision": "FULL_REFUND", "reason": "yes", "version": 1})).await;
    assert_eq!(got.status, 200, "the decision stands: {}", got.json);
    let refund = got.json["resolution"]["refund_id"].clone();
    assert_eq!(left(&stage, &charge).await, 6_000, "what is not known is taken");
    stage.clock.advance(std::time::Duration::from_secs(6));
    stage.recovery().run_once().await.unwrap();
    assert_eq!(read_refund(&stage, &refund).await["status"], "succeeded");
    assert_eq!(stage.gateway.given_back(), 4_000);
}

#[actix_web::test]
async fn a_refund_is_never_more_than_what_is_left_of_the_payment() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let id = opened(&stage, &charge, 100).await;
    let other = format!("/adventures/payments/{}/refund", charge.intent_id.uuid());
    assert_eq!(post(&stage, &other, &json!({"amount": 60, "reason": "goodwill"})).await.status, 201);
    let full = json!({"decision": "FULL_REFUND", "reason": "yes", "version": 1});
    refused(&resolve(&stage, &id, &full).await, 422, "REFUND_EXCEEDS_PAYMENT", Some("amount"));
    let beyond = json!({"decision": "PARTIAL_REFUND", "amount": 101, "reason": "yes", "version": 1});
    refused(&resolve(&stage, &id, &beyond).await, 422, "REFUND_EXCEEDS_PAYMENT", Some("amount"));
    let rest = json!({"decision": "PARTIAL_REFUND", "amount": 40, "reason": "yes", "version": 1});
    assert_eq!(resolve(&stage, &id, &rest).await.status, 200, "what was refused changed nothing");
    assert_eq!((stage.gateway.given_back(), left(&stage, &charge).await), (10_000, 0));
}

#[actix_web::test]
async fn a_dispute_is_assigned_noted_and_escalated_and_every_change_is_told() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let id = opened(&stage, &charge, 30).await;
    let taken = patch(&stage, &id, &json!({"assigned_to": "bob", "add_note": "called", "version": 1})).await;
    assert_eq!((taken.status, &taken.json["status"]), (200, &json!("UNDER_REVIEW")), "{}", taken.json);
    assert_eq!((&taken.json["assigned_to"], &taken.json["version"]), (&json!("bob"), &json!(2)));
    assert_eq!(taken.json["notes"][0]["note"], "called");
    let up = patch(&stage, &id, &json!({"escalate": true, "version": 2})).await;
    assert_eq!((&up.json["status"], &up.json["tier"]), (&json!("ESCALATED"), &json!(2)), "{}", up.json);
    refused(
        &patch(&stage, &id, &json!({"escalate": true, "version": 2})).await,
        409,
        "VERSION_CONFLICT",
        Some("version"),
    );
    refused(&patch(&stage, &id, &json!({"escalate": true})).await, 400, "VALIDATION_ERROR", Some("version"));
    let card = json!({"add_note": "card 4242424242424242", "version": 3});
    refused(&patch(&stage, &id, &card).await, 422, "CARD_NUMBER_DETECTED", Some("add_note"));
    let topics = stage.topics();
    assert_eq!(topics.iter().filter(|topic| **topic == "dispute.updated").count(), 2);
    assert_eq!(topics.iter().filter(|topic| **topic == "audit.recorded").count(), 3, "with who did it");
}

#[actix_web::test]
async fn a_role_decides_up_to_its_tier_and_limits_can_be_set() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let limits =
        json!({"base_currency": "EUR", "limits": {"EUR": {"tier_1": 1_000, "tier_2": 5_000}}, "version": 0});
    let put = TestRequest::put().uri("/v1/payments/dispute-tiers").set_json(&limits);
    let set = call(&stage, 1, put).await;
    assert_eq!((set.status, &set.json["version"]), (200, &json!(1)), "{}", set.json);
    let tiers = [(10, 1), (50, 2), (51, 3)];
    let roles = ["dispute_agent", "dispute_manager", "dispute_director"];
    for (amount, tier) in tiers {
        for (nth, role) in roles.iter().enumerate() {
            let id: Uuid = opened(&stage, &charge, amount).await.parse().unwrap();
            let id = DisputeId::from_uuid(id);
            let may = nth + 1 >= tier;
            let note = CaseUpdate { note: Some("seen".into()), ..CaseUpdate::default() };
            let update = UpdateGuestDispute { update: note, seen: Version::FIRST };
            let updated = stage.service.update_case(&with_role(role), id, &update, None, shown).await;
            let denied = ResolveGuestDispute {
                kind: DecisionKind::Denied,
                amount_minor: None,
                reason: "no".into(),
                seen: Version::new(2),
            };
            let refuse = |_: &tender_domain::refunds::RefundRefusal| Answer { status: 422, body: "".into() };
            let resolved =
                stage.service.resolve_case(&with_role(role), id, &denied, None, (shown, refuse)).await;
            for ended in [updated.err(), resolved.err()] {
                match ended {
                    None => assert!(may, "{role} at tier {tier}"),
                    Some(RefundsError::Case(CaseRefusal::TierForbidden(_))) => assert!(!may, "{role} {tier}"),
                    Some(other) => panic!("{role} at tier {tier}: {other}"),
                }
            }
        }
    }
    // Another's guest sees nothing of it.
    let seen_by = async |guest: &str| {
        let (filter, page) = (CaseFilter::default(), PageRequest::default());
        let guest = crate::support::customer(guest);
        stage.service.case_files(&guest, filter, &page).await.unwrap().data.len()
    };
    assert_eq!(seen_by("0190b3a1-0000-7000-8000-000000000002").await, 0);
    assert_eq!(seen_by(GUEST).await, 9);
}

#[actix_web::test]
async fn disputes_are_found_by_what_they_are() {
    let stage = Stage::new();
    let (one, two) = (paid(&stage), paid(&stage));
    let first = opened(&stage, &one, 30).await;
    let second = opened(&stage, &two, 40).await;
    assert_eq!(
        patch(&stage, &second, &json!({"assigned_to": "bob", "escalate": true, "version": 1})).await.status,
        200
    );
    let payment = one.intent_id.uuid();
    for (query, expected) in [
        (String::new(), vec![&second, &first]),
        ("?status=OPEN".to_owned(), vec![&first]),
        ("?status=ESCALATED&tier=2".to_owned(), vec![&second]),
        ("?assigned_to=bob".to_owned(), vec![&second]),
        (format!("?payment_id={payment}"), vec![&first]),
        (format!("?guest_id={GUEST}&source=GUEST"), vec![&second, &first]),
        ("?source=CHARGEBACK".to_owned(), vec![]),
        ("?from=2099-01-01".to_owned(), vec![]),
        ("?to=2099-01-01T00:00:00Z".to_owned(), vec![&second, &first]),
    ] {
        let got = read(&stage, &query).await;
        let ids: Vec<&str> = got.json["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|item| item["dispute_id"].as_str().expect("an id"))
            .collect();
        assert_eq!(ids, expected, "{query}: {}", got.json);
    }
    let page = read(&stage, "?limit=1").await;
    assert_eq!(
        (&page.json["has_more"], page.json["items"].as_array().map(Vec::len)),
        (&json!(true), Some(1))
    );
    let cursor = page.json["next_cursor"].as_str().expect("there is more");
    let next = read(&stage, &format!("?limit=1&cursor={cursor}")).await;
    assert_eq!(
        (&next.json["items"][0]["dispute_id"], &next.json["has_more"]),
        (&json!(first), &json!(false))
    );
    for (query, field) in
        [("?status=NEW", "status"), ("?tier=4", "tier"), ("?from=now", "from"), ("?x=1", "x")]
    {
        refused(&read(&stage, query).await, 400, "VALIDATION_ERROR", Some(field));
    }
}
