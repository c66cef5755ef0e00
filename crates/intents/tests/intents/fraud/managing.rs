//! Rules and overrides through their routes.

use actix_web::test::TestRequest;
use serde_json::json;

use super::rig::{OVERRIDE, RULES, above, key, ten_an_hour};
use crate::rig::{INTENTS, World, unconfirmed};

#[tokio::test]
async fn rules_are_listed_with_thresholds_as_they_were_written_and_deleted_by_id() {
    let world = World::new();
    let process = world.process();
    let none = process.get(RULES).await;
    assert_eq!((&none.json["data"], &none.json["version"]), (&json!([]), &json!(0)));
    assert_eq!(none.json["thresholds"], json!({ "challenge_at": 50, "deny_at": 80 }));
    let first = process.rule(ten_an_hour()).await;
    let second = process.rule(above(&json!({ "points": 30 }))).await;
    let listed = process.get(RULES).await;
    assert_eq!(listed.json["version"], 2);
    let mut written = ten_an_hour();
    written["object"] = json!("fraud_rule");
    written["id"] = json!(first);
    assert_eq!(listed.json["data"][0], written);
    let delete = || {
        let request = TestRequest::delete().uri(&format!("{RULES}/{first}"));
        process.signed(request, "acme", "ops", "admin")
    };
    assert_eq!(process.call(delete()).await.status, 200);
    process.call(delete()).await.is_problem(404, "not_found");
    let left = process.get(RULES).await;
    assert_eq!((&left.json["data"][0]["id"], &left.json["version"]), (&json!(second), &json!(3)));
    let actions: Vec<_> = world.told("audit.recorded").iter().map(|told| told["action"].clone()).collect();
    assert_eq!(actions, ["fraud.rule.created", "fraud.rule.created", "fraud.rule.deleted"]);
}

#[tokio::test]
async fn thresholds_are_set_and_count_at_once() {
    let world = World::new();
    let process = world.process();
    process.rule(above(&json!({ "points": 30 }))).await;
    let set = TestRequest::put().uri("/v1/payments/fraud/thresholds");
    let set = set.set_json(json!({ "challenge_at": 10, "deny_at": 30 }));
    let answer = process.call(process.signed(set, "acme", "ops", "admin")).await;
    assert_eq!((answer.status, &answer.json["thresholds"]["deny_at"]), (200, &json!(30)), "{}", answer.json);
    process.pay("tok_visa").await.is(201, "failed");
    let bad = TestRequest::put().uri("/v1/payments/fraud/thresholds");
    let bad = bad.set_json(json!({ "challenge_at": 90, "deny_at": 30 }));
    process
        .call(process.signed(bad, "acme", "ops", "admin"))
        .await
        .is_problem(422, "invalid_fraud_thresholds");
}

#[tokio::test]
async fn a_rule_that_cannot_be_is_refused_and_says_where() {
    let world = World::new();
    let process = world.process();
    let rule = |condition: serde_json::Value, effect: serde_json::Value| json!({ "name": "n", "condition": condition, "effect": effect });
    let amount =
        |limit: i64, currency: &str| json!({ "amount_above": { "limit": limit, "currency": currency } });
    for (body, status, code) in [
        (rule(amount(0, "EUR"), json!({ "action": "deny" })), 422, "invalid_fraud_rule"),
        (rule(amount(1, "XXX"), json!({ "action": "deny" })), 400, "unknown_currency"),
        (rule(amount(1, "EUR"), json!({ "points": 0 })), 422, "invalid_fraud_rule"),
        (rule(amount(1, "EUR"), json!({ "action": "block" })), 400, "invalid_field"),
        (rule(json!({ "no_such": {} }), json!({ "action": "deny" })), 400, "unknown_field"),
        (rule(json!({}), json!({ "action": "deny" })), 400, "malformed_fraud_rule"),
        (rule(amount(1, "EUR"), json!({ "points": 1, "action": "deny" })), 400, "malformed_fraud_rule"),
    ] {
        let answer = process.post(RULES, &key(&body), body.clone()).await;
        assert_eq!((answer.status, answer.text("code")), (status, code), "{body}: {}", answer.json);
    }
    assert_eq!(process.get(RULES).await.json["version"], 0, "nothing was kept");
}

#[tokio::test]
async fn an_override_needs_a_reason_a_good_end_and_one_target() {
    let world = World::new();
    let process = world.process();
    let body = |change: serde_json::Value| {
        let mut body = json!({ "customer_id": "c", "action": "deny", "reason": "r" });
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        body
    };
    for (body, status, code) in [
        (body(json!({ "reason": "" })), 422, "invalid_fraud_override"),
        (body(json!({ "expires_at": "2001-01-01T00:00:00Z" })), 422, "invalid_fraud_override"),
        (body(json!({ "card_fingerprint": "f" })), 400, "fraud_override_target"),
        (body(json!({ "reason": "4242 4242 4242 4242" })), 422, "card_number_detected"),
    ] {
        let answer = process.post(OVERRIDE, &key(&body), body.clone()).await;
        answer.is_problem(status, code);
    }
    let created = process.post(INTENTS, "c", unconfirmed("tok_visa")).await;
    let about = json!({ "intent_id": created.text("id"), "action": "deny", "reason": "r" });
    let other = TestRequest::post().uri(OVERRIDE).set_json(about.clone());
    process.call(process.signed(other, "other", "ops", "admin")).await.is_problem(404, "not_found");
    let reader = TestRequest::post().uri(OVERRIDE).set_json(about);
    process
        .call(process.signed(reader, "acme", "ops", "read_only"))
        .await
        .is_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn another_tenants_rules_and_decisions_do_not_exist() {
    let world = World::new();
    let process = world.process();
    let rule = process.rule(above(&json!({ "action": "deny" }))).await;
    let denied = process.pay("tok_visa").await;
    let decision = denied.json["fraud"]["decision_id"].as_str().expect("a decision");
    for request in [
        TestRequest::get().uri(&format!("/v1/payments/fraud/decisions/{decision}")),
        TestRequest::delete().uri(&format!("{RULES}/{rule}")),
    ] {
        process.call(process.signed(request, "other", "ops", "admin")).await.is_problem(404, "not_found");
    }
    let theirs = process.call(process.signed(TestRequest::get().uri(RULES), "other", "ops", "admin")).await;
    assert_eq!(theirs.json["data"], json!([]));
}
