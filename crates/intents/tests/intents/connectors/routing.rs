use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::api::{RULES, registered};
use crate::rig::{CUSTOMER, INTENTS, Process, World, payment, with};

async fn two(process: &Process) -> (Value, Value) {
    let first = registered(process, json!({ "name": "first", "type": "simulator", "priority": 10 })).await;
    let second = registered(process, json!({ "name": "second", "type": "simulator", "priority": 5 })).await;
    (first["id"].clone(), second["id"].clone())
}

async fn rule(process: &Process, key: &str, body: Value) -> Value {
    let answer = process.post(RULES, key, body).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    answer.json
}

#[actix_web::test]
async fn a_rule_sends_its_payments_to_its_connector_and_evaluate_says_why() {
    let world = World::new();
    let process = world.process();
    let (first, second) = two(&process).await;
    let euros = json!({ "match": { "currency": "EUR" }, "connector_id": second, "priority": 100 });
    let made = rule(&process, "euros", euros).await;
    assert_eq!((&made["match"]["currency"], &made["warnings"]), (&json!(["EUR"]), &json!([])));
    process.pay("tok_visa").await.is(201, "succeeded");
    let body = with(payment("tok_visa"), "currency", "USD");
    process.post(INTENTS, "dollars", body).await.is(201, "succeeded");
    let intents = world.intents().await;
    let at: Vec<_> = intents.iter().map(|intent| intent.attempts[0].connector.as_str()).collect();
    assert_eq!(at, ["first", "second"], "newest first");

    let evaluate = format!("{RULES}/evaluate");
    let euro = process.post(&evaluate, "a", json!({ "amount": 100, "currency": "EUR" })).await.json;
    assert_eq!((&euro["connector_id"], &euro["rule_id"]), (&second, &made["id"]), "{euro}");
    let dollar = process.post(&evaluate, "b", json!({ "amount": 100, "currency": "USD" })).await.json;
    assert_eq!((&dollar["connector_id"], &dollar["rule_id"]), (&first, &Value::Null), "{dollar}");
    assert_eq!(
        dollar["rules"],
        json!([{ "rule_id": made["id"], "verdict": "mismatch", "condition": "currency" }])
    );
    assert_eq!(dollar["chain"], json!([first, second]));
}

#[actix_web::test]
async fn evaluate_shows_only_connectors_that_hold_a_token_of_the_method() {
    let world = World::new();
    let process = world.process();
    two(&process).await;
    let body = json!({
        "amount": 100, "currency": "EUR", "customer_id": CUSTOMER,
        "payment_method_id": crate::rig::method("tok_visa"),
    });
    let told = process.post(&format!("{RULES}/evaluate"), "a", body).await.json;
    assert_eq!(told["considered"].as_array().map(Vec::len), Some(2), "{told}");
    assert_eq!(told["considered"][0]["standing"], "chosen");
}

#[actix_web::test]
async fn a_rule_that_is_shadowed_or_can_never_match_is_told_when_it_is_saved() {
    let world = World::new();
    let process = world.process();
    let (first, second) = two(&process).await;
    let wide = rule(&process, "wide", json!({ "connector_id": first, "priority": 2 })).await;
    let narrow = json!({ "match": { "currency": "EUR" }, "connector_id": second, "priority": 1 });
    let narrow = rule(&process, "narrow", narrow).await;
    assert_eq!(narrow["warnings"][0]["code"], "shadowed", "{narrow}");
    assert_eq!(narrow["warnings"][0]["rule_id"], wide["id"]);
    // And of the rules of before that a new one takes all from.
    let first_of_all = json!({ "connector_id": first, "priority": 3 });
    let told = rule(&process, "first-of-all", first_of_all).await["warnings"].clone();
    for (warning, old) in [(&told[0], &wide), (&told[1], &narrow)] {
        assert_eq!((&warning["code"], &warning["rule_id"]), (&json!("shadows"), &old["id"]), "{told}");
    }
    assert_eq!(told[0]["rule_ids"], json!([wide["id"]]), "{told}");
    let never = json!({
        "match": { "currency": "EUR", "amount": { "currency": "USD", "min": 1 } },
        "connector_id": second, "priority": 9,
    });
    assert_eq!(rule(&process, "never", never).await["warnings"][0]["code"], "never_matches");
    let reversed = json!({ "match": { "bin_range": [{ "from": "5", "to": "4" }] }, "connector_id": first });
    process.post(RULES, "reversed", reversed).await.is_problem(422, "invalid_routing_rule");
    let nobody = json!({ "connector_id": "con_01h2xcejqtf2nbrexx3vqjhp41" });
    process.post(RULES, "nobody", nobody).await.is_problem(422, "invalid_routing_rule");
}

#[actix_web::test]
async fn a_rule_that_several_before_it_leave_nothing_is_told_of_them_all_when_it_is_saved() {
    let world = World::new();
    let process = world.process();
    let (first, second) = two(&process).await;
    let part = |amount: Value| json!({ "match": { "amount": amount }, "connector_id": first, "priority": 2 });
    let small = rule(&process, "small", part(json!({ "currency": "EUR", "max": 999 }))).await;
    let large = rule(&process, "large", part(json!({ "currency": "EUR", "min": 1000 }))).await;
    assert_eq!((&small["warnings"], &large["warnings"]), (&json!([]), &json!([])));
    let euros = json!({ "match": { "currency": "EUR" }, "connector_id": second, "priority": 1 });
    let told = rule(&process, "euros", euros).await["warnings"].clone();
    assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!((&told[0]["code"], &told[0]["rule_id"]), (&json!("shadowed"), &Value::Null), "{told}");
    assert_eq!(told[0]["rule_ids"], json!([small["id"], large["id"]]), "{told}");
}

#[actix_web::test]
async fn rules_are_changed_by_version_and_deleted() {
    let world = World::new();
    let process = world.process();
    let (first, second) = two(&process).await;
    let made = rule(&process, "rule", json!({ "connector_id": second, "priority": 1 })).await;
    let path = format!("{RULES}/{}", made["id"].as_str().expect("an id"));
    let patch = |body: Value| {
        process.signed(TestRequest::patch().uri(&path).set_json(body), "acme", CUSTOMER, "admin")
    };
    process.call(patch(json!({ "enabled": false }))).await.is_problem(428, "version_required");
    let disabled = process.call(patch(json!({ "enabled": false, "version": 1 }))).await;
    assert_eq!((disabled.status, &disabled.json["version"]), (200, &json!(2)), "{}", disabled.json);
    process.call(patch(json!({ "priority": 7, "version": 1 }))).await.is_problem(412, "stale_version");
    process.pay("tok_visa").await.is(201, "succeeded");
    assert_eq!(world.intents().await[0].attempts[0].connector, "first", "a disabled rule does not count");
    let delete = process.signed(TestRequest::delete().uri(&path), "acme", CUSTOMER, "admin");
    assert_eq!(process.call(delete).await.status, 200);
    assert_eq!(process.get(&path).await.status, 404);
    assert_eq!(process.get(RULES).await.json["data"], json!([]));
    assert_ne!(first, second);
}

#[actix_web::test]
async fn no_tenant_sees_or_names_anothers_connectors_and_rules() {
    let world = World::new();
    let process = world.process();
    let (first, _) = two(&process).await;
    let made = rule(&process, "rule", json!({ "connector_id": first })).await;
    let as_other = |request: TestRequest| process.signed(request, "other", CUSTOMER, "admin");
    for path in [
        format!("/v1/payments/connectors/{}", first.as_str().expect("an id")),
        format!("/v1/payments/connectors/{}/logs", first.as_str().expect("an id")),
        format!("{RULES}/{}", made["id"].as_str().expect("an id")),
    ] {
        assert_eq!(process.call(as_other(TestRequest::get().uri(&path))).await.status, 404, "{path}");
    }
    let listed = process.call(as_other(TestRequest::get().uri("/v1/payments/connectors"))).await.json;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "only the operator's: {listed}");
    let named = TestRequest::post().uri(RULES).set_json(json!({ "connector_id": first }));
    let named = named.insert_header(("idempotency-key", "named"));
    process.call(as_other(named)).await.is_problem(422, "invalid_routing_rule");
}

#[actix_web::test]
async fn an_attempt_keeps_which_rule_sent_it_to_its_connector() {
    let world = World::new();
    let process = world.process();
    let (first, second) = two(&process).await;
    let euros = json!({ "match": { "currency": "EUR" }, "connector_id": second, "fallback": [first] });
    let made = rule(&process, "euros", euros).await;
    let declined = process.pay("tok_declined").await;
    declined.is(201, "requires_payment_method");
    let of = |answer: &str| format!("{INTENTS}/{answer}/transactions");
    let told = process.get(&of(declined.text("id"))).await.json;
    let rules: Vec<_> =
        told["data"].as_array().expect("a list").iter().map(|one| &one["routing_rule_id"]).collect();
    assert_eq!(rules, [&made["id"], &made["id"]], "also at the next connector: {told}");
    let failed = process.get("/v1/payments/diagnostics").await.json;
    assert_eq!(failed["attempts"]["newest_failed"][0]["routing_rule_id"], made["id"], "{failed}");

    let body = with(payment("tok_visa"), "currency", "USD");
    let dollars = process.post(INTENTS, "dollars", body).await;
    let told = process.get(&of(dollars.text("id"))).await.json;
    assert_eq!(told["data"][0]["routing_rule_id"], Value::Null, "none decided: {told}");
}
