//! The tables of declines: edited, obeyed at the next decline, and never about what is final or not known.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::api::{CONNECTORS, RULES, registered};
use crate::failing_over::{attempts, is, two};
use crate::rig::{Answer, CUSTOMER, INTENTS, Process, World, payment};

async fn table(process: &Process, id: &str) -> Value {
    process.get(&format!("{CONNECTORS}/{id}/decline-table")).await.json
}

async fn put(process: &Process, tenant: &str, id: &str, body: Value) -> Answer {
    let request = TestRequest::put().uri(&format!("{CONNECTORS}/{id}/decline-table")).set_json(body);
    process.call(process.signed(request, tenant, CUSTOMER, "admin")).await
}

async fn id_of(process: &Process, name: &str) -> String {
    let listed = process.get(CONNECTORS).await.json;
    let mut all = listed["data"].as_array().expect("a list").iter();
    let found = all.find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name}: {listed}"));
    found["id"].as_str().expect("an id").to_owned()
}

fn then(table: &Value, code: &str) -> (String, bool) {
    let entries = table["declines"].as_array().expect("a list");
    let entry = entries.iter().find(|entry| entry["decline_code"] == code).expect("every decline");
    (entry["then"].as_str().expect("a word").to_owned(), entry["editable"].as_bool().expect("a flag"))
}

#[actix_web::test]
async fn an_edited_table_changes_at_the_next_payment_what_fails_over() {
    let (world, process) = two(Some("declined")).await;
    let first = id_of(&process, "first").await;
    let usual = table(&process, &first).await;
    assert_eq!((&usual["edited"], &usual["version"]), (&json!(false), &json!(1)), "{usual}");
    assert_eq!(then(&usual, "do_not_honor"), ("next_connector".to_owned(), true));
    assert_eq!(then(&usual, "stolen_card"), ("none".to_owned(), false));
    assert_eq!(then(&usual, "authentication_required"), ("authentication".to_owned(), false));

    let edited = put(&process, "acme", &first, json!({ "retryable_declines": [], "version": 1 })).await;
    assert_eq!((edited.status, &edited.json["version"]), (200, &json!(2)), "{}", edited.json);
    assert_eq!(then(&edited.json, "do_not_honor").0, "none");
    let paid = process.post(INTENTS, "none", payment("tok_visa")).await;
    paid.is(201, "requires_payment_method");
    is(&attempts(&world, &paid).await, &[("first", "declined")]);

    let usual = put(&process, "acme", &first, json!({ "version": 2 })).await;
    assert_eq!((&usual.json["edited"], &usual.json["version"]), (&json!(false), &json!(3)));
    let paid = process.post(INTENTS, "usual", payment("tok_visa")).await;
    paid.is(201, "succeeded");
    is(&attempts(&world, &paid).await, &[("first", "declined"), ("second", "approved")]);
    let audited = world.told("audit.recorded");
    let about = |entry: &&Value| entry["action"] == "connector.decline_table_changed";
    assert_eq!(audited.iter().filter(about).count(), 2, "{audited:?}");
}

#[actix_web::test]
async fn the_table_of_an_operators_connector_is_each_tenants_own() {
    let world = World::new();
    let process = world.process();
    let second = registered(&process, json!({ "name": "second", "type": "simulator" })).await;
    let operators = id_of(&process, "simulator").await;
    let rule = json!({ "match": {}, "connector_id": operators, "fallback": [second["id"]] });
    assert_eq!(process.post(RULES, "rule", rule).await.status, 201);
    let before = process.post(INTENTS, "before", payment("tok_insufficient_funds")).await;
    is(&attempts(&world, &before).await, &[("simulator", "declined")]);

    let version = table(&process, &operators).await["version"].clone();
    let body = json!({ "retryable_declines": ["insufficient_funds"], "version": version });
    let edited = put(&process, "acme", &operators, body.clone()).await;
    assert_eq!((edited.status, &edited.json["edited"]), (200, &json!(true)), "{}", edited.json);
    let after = process.post(INTENTS, "after", payment("tok_insufficient_funds")).await;
    is(&attempts(&world, &after).await, &[("simulator", "declined"), ("second", "declined")]);
    put(&process, "acme", &operators, body).await.is_problem(412, "stale_version");
    let shown = process.get(&format!("{CONNECTORS}/{operators}")).await.json;
    assert_eq!(shown["retryable_declines"], json!(["insufficient_funds"]));

    let request = TestRequest::get().uri(&format!("{CONNECTORS}/{operators}/decline-table"));
    let theirs = process.call(process.signed(request, "other", CUSTOMER, "admin")).await.json;
    assert_eq!((&theirs["edited"], &theirs["version"]), (&json!(false), &json!(0)), "{theirs}");
    let request = TestRequest::get()
        .uri(&format!("{CONNECTORS}/{}/decline-table", second["id"].as_str().expect("an id")));
    assert_eq!(process.call(process.signed(request, "other", CUSTOMER, "admin")).await.status, 404);
}

#[actix_web::test]
async fn nobody_makes_a_final_decline_or_what_is_not_known_retryable() {
    let (_world, process) = two(None).await;
    for id in [id_of(&process, "first").await, id_of(&process, "simulator").await] {
        let version = table(&process, &id).await["version"].clone();
        for (code, status, problem) in [
            ("stolen_card", 422, "final_decline"),
            ("suspected_fraud", 422, "final_decline"),
            ("unknown", 400, "invalid_decline_code"),
        ] {
            let body = json!({ "retryable_declines": ["do_not_honor", code], "version": version });
            let refused = put(&process, "acme", &id, body).await;
            refused.is_problem(status, problem);
            assert_eq!(refused.json["errors"][0]["pointer"], "/retryable_declines/1", "{}", refused.json);
        }
        let unnamed = put(&process, "acme", &id, json!({ "retryable_declines": [] })).await;
        assert_eq!(unnamed.status, 428, "{}", unnamed.json);
        assert_eq!(table(&process, &id).await["edited"], json!(false));
    }
}

#[actix_web::test]
async fn a_table_is_stale_when_it_was_replaced_and_not_when_something_else_changed() {
    let (_world, process) = two(None).await;
    for name in ["first", "simulator"] {
        let id = id_of(&process, name).await;
        let seen = table(&process, &id).await["version"].clone();
        // Neither a rule, nor another connector's table, nor the connector's own fields are this table.
        let rule = json!({ "match": {}, "connector_id": id });
        assert_eq!(process.post(RULES, &format!("rule-{name}"), rule).await.status, 201);
        let other = id_of(&process, "second").await;
        let theirs = json!({ "retryable_declines": [], "version": table(&process, &other).await["version"] });
        assert_eq!(put(&process, "acme", &other, theirs).await.status, 200);
        if name == "first" {
            let body = json!({ "priority": 11, "version": 1 });
            let patch = TestRequest::patch().uri(&format!("{CONNECTORS}/{id}")).set_json(body);
            let patched = process.call(process.signed(patch, "acme", CUSTOMER, "admin")).await;
            assert_eq!(patched.status, 200, "{}", patched.json);
        }
        let body = json!({ "retryable_declines": ["do_not_honor"], "version": seen });
        let edited = put(&process, "acme", &id, body.clone()).await;
        assert_eq!(edited.status, 200, "{name}: {}", edited.json);
        // Back and forth it is another one.
        let back = json!({ "version": edited.json["version"] });
        assert_eq!(put(&process, "acme", &id, back).await.json["edited"], json!(false));
        put(&process, "acme", &id, body).await.is_problem(412, "stale_version");
    }
}
