use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::api::{CONNECTORS, register, registered};
use crate::rig::{Answer, CUSTOMER, INTENTS, Process, World, payment, with};

const SECRET: &str = "sk_a_secret_that_nobody_may_read";

fn with_secret(name: &str) -> Value {
    json!({ "name": name, "type": "simulator", "config": { "api_key": SECRET, "answers": "declined" } })
}

async fn change(process: &Process, connector: &Value, body: Value) -> Answer {
    let path = format!("{CONNECTORS}/{}", connector["id"].as_str().expect("an id"));
    let body = with(body, "version", connector["version"].clone());
    process
        .call(process.signed(TestRequest::patch().uri(&path).set_json(body), "acme", CUSTOMER, "admin"))
        .await
}

async fn delete(process: &Process, id: &str) -> Answer {
    let request = TestRequest::delete().uri(&format!("{CONNECTORS}/{id}"));
    process.call(process.signed(request, "acme", CUSTOMER, "admin")).await
}

#[actix_web::test]
async fn its_secrets_are_written_and_never_read() {
    let world = World::new();
    let process = world.process();
    let told = registered(&process, with_secret("adyen-eu")).await;
    assert_eq!(told["config"], json!({ "answers": "declined" }));
    assert_eq!(told["credentials"]["fields"], json!(["api_key"]));
    let id = told["id"].as_str().expect("an id");
    let mut seen = vec![told.to_string()];
    for path in [CONNECTORS.to_owned(), format!("{CONNECTORS}/{id}"), format!("{CONNECTORS}/{id}/logs")] {
        seen.push(process.get(&path).await.json.to_string());
    }
    process.pay("tok_visa").await;
    let messages = world.memory.as_ref().expect("in memory").messages();
    seen.extend(messages.into_iter().map(|message| message.data.to_string()));
    for text in seen {
        assert!(!text.contains(SECRET), "{text}");
    }
    let misnamed = json!({ "name": "x", "type": "simulator", "config": { "apikey": SECRET } });
    let refused = register(&process, "misnamed", misnamed).await;
    refused.is_problem(422, "invalid_connector");
    assert!(!refused.json.to_string().contains(SECRET), "a secret under a wrong name is told");
}

#[actix_web::test]
async fn what_cannot_be_a_connector_is_refused_and_where_is_said() {
    let world = World::new();
    let process = world.process();
    registered(&process, json!({ "name": "taken", "type": "simulator" })).await;
    for (body, status, code) in [
        (json!({ "name": "taken", "type": "simulator" }), 409, "connector_name_taken"),
        (json!({ "name": "simulator", "type": "simulator" }), 422, "invalid_connector"),
        (json!({ "name": "Big Name", "type": "simulator" }), 422, "invalid_connector"),
        (json!({ "name": "other", "type": "nobodys" }), 422, "invalid_connector"),
        (
            json!({ "name": "bad", "type": "simulator", "config": { "api_key": "bad" } }),
            422,
            "invalid_connector",
        ),
        (json!({ "name": "far", "type": "simulator", "priority": 1_000_001 }), 422, "invalid_connector"),
    ] {
        let key = format!("bad-{}-{status}", body["name"].as_str().unwrap_or_default().replace(' ', "-"));
        register(&process, &key, body).await.is_problem(status, code);
    }
}

#[actix_web::test]
async fn a_disabled_one_takes_no_payment_and_the_operators_are_not_changed() {
    let world = World::new();
    let process = world.process();
    let own = registered(&process, json!({ "name": "own", "type": "simulator" })).await;
    let disabled = change(&process, &own, json!({ "status": "disabled" })).await;
    assert_eq!((disabled.status, disabled.text("status")), (200, "disabled"), "{}", disabled.json);
    change(&process, &own, json!({ "priority": 3 })).await.is_problem(412, "stale_version");
    process.pay("tok_visa").await.is(201, "succeeded");
    assert_eq!(world.intents().await[0].attempts[0].connector, "simulator");
    let listed = process.get(CONNECTORS).await.json;
    let operators = &listed["data"][1];
    assert_eq!((&operators["origin"], &operators["name"]), (&json!("operator"), &json!("simulator")));
    let theirs = json!({ "id": operators["id"], "version": 1 });
    change(&process, &theirs, json!({ "status": "disabled" })).await.is_problem(409, "operator_connector");
}

#[actix_web::test]
async fn it_is_deleted_only_when_nothing_is_open_there() {
    let world = World::new();
    let process = world.process();
    let own = registered(&process, json!({ "name": "own", "type": "simulator" })).await;
    let id = own["id"].as_str().expect("an id");
    let held = process.post(INTENTS, "hold", with(payment("tok_visa"), "capture_mode", "manual")).await;
    held.is(201, "requires_capture");
    delete(&process, id).await.is_problem(409, "connector_in_use");
    let disabled = change(&process, &own, json!({ "status": "disabled" })).await.json;
    delete(&process, id).await.is_problem(409, "connector_in_use");
    world.wait(6);
    let refused = delete(&process, id).await;
    refused.is_problem(409, "connector_in_use");
    assert!(refused.text("detail").contains("still open"), "{}", refused.json);
    let capture = format!("{INTENTS}/{}/capture", held.text("id"));
    process.post(&capture, "capture", json!({})).await.is(200, "succeeded");
    let deleted = delete(&process, id).await;
    assert_eq!((deleted.status, deleted.text("status")), (200, "deleted"), "{}", deleted.json);
    assert_eq!(process.get(&format!("{CONNECTORS}/{id}")).await.status, 404);
    // Its name stays in the books.
    let again = json!({ "name": "own", "type": "simulator" });
    register(&process, "again", again).await.is_problem(409, "connector_name_taken");
    assert_eq!(disabled["version"], 2);
}

#[actix_web::test]
async fn its_credentials_are_rotated_and_its_test_is_a_real_call() {
    let world = World::new();
    let process = world.process();
    let own =
        registered(&process, json!({ "name": "own", "type": "simulator", "config": { "api_key": "one" } }))
            .await;
    let path = format!("{CONNECTORS}/{}", own["id"].as_str().expect("an id"));
    let rotate = format!("{path}/rotate-credentials");
    let rotated = process
        .post(&rotate, "rotate", json!({ "config": { "api_key": "two" }, "overlap_seconds": 60 }))
        .await;
    assert_eq!(
        (rotated.status, &rotated.json["credentials"]["version"]),
        (200, &json!(2)),
        "{}",
        rotated.json
    );
    assert!(!rotated.json["credentials"]["previous_until"].is_null());
    let plain = json!({ "config": { "answers": "error" } });
    process.post(&rotate, "plain", plain).await.is_problem(422, "invalid_connector");
    let tested = process.post(&format!("{path}/test"), "test", json!({})).await;
    assert_eq!(tested.text("status"), "passed", "{}", tested.json);
    let broken = json!({ "name": "broken", "type": "simulator", "config": { "answers": "error" } });
    let broken = registered(&process, broken).await;
    let test = format!("{CONNECTORS}/{}/test", broken["id"].as_str().expect("an id"));
    assert_eq!(process.post(&test, "broken", json!({})).await.text("status"), "failed");
}

#[actix_web::test]
async fn the_account_that_it_names_stays_and_what_nothing_can_be_made_of_is_refused() {
    let world = World::new();
    let process = world.process();
    let config = json!({ "merchant": "shop-eu", "api_key": "one", "webhook_key": "w" });
    let own = registered(&process, json!({ "name": "own", "type": "simulator", "config": config })).await;
    for other in ["shop-us", ""] {
        let refused = change(&process, &own, json!({ "config": { "merchant": other } })).await;
        refused.is_problem(422, "invalid_connector");
        assert!(refused.json.to_string().contains("register another"), "{}", refused.json);
    }
    let same =
        change(&process, &own, json!({ "config": { "merchant": "shop-eu", "answers": "error" } })).await;
    assert_eq!((same.status, &same.json["config"]["merchant"]), (200, &json!("shop-eu")), "{}", same.json);
    // A secret that is left out would be forgotten.
    let rotate = format!("{CONNECTORS}/{}/rotate-credentials", own["id"].as_str().expect("an id"));
    let partly = process.post(&rotate, "partly", json!({ "config": { "api_key": "two" } })).await;
    partly.is_problem(422, "invalid_connector");
    assert!(partly.json.to_string().contains("webhook_key"), "{}", partly.json);
    let both = json!({ "config": { "api_key": "two", "webhook_key": "w" } });
    assert_eq!(process.post(&rotate, "both", both).await.status, 200);
}

#[actix_web::test]
async fn its_log_tells_each_call_and_nothing_of_the_card() {
    let world = World::new();
    let process = world.process();
    let own = registered(&process, json!({ "name": "own", "type": "simulator" })).await;
    process.pay("tok_visa").await.is(201, "succeeded");
    process.post(INTENTS, "declined", payment("tok_declined")).await.is(201, "requires_payment_method");
    process.write_logs().await;
    let path = format!("{CONNECTORS}/{}/logs", own["id"].as_str().expect("an id"));
    let lines = process.get(&path).await.json;
    let outcomes: Vec<_> =
        lines["data"].as_array().expect("a list").iter().map(|line| &line["outcome"]).collect();
    assert_eq!(outcomes, ["declined", "approved"], "newest first: {lines}");
    assert_eq!(lines["data"][0]["answer"]["decline_code"], "card_declined");
    assert!(!lines.to_string().contains("tok_"), "a token is in the log: {lines}");
    let first = process.get(&format!("{path}?limit=1")).await.json;
    assert_eq!((first["data"].as_array().map(Vec::len), &first["has_more"]), (Some(1), &json!(true)));
}

#[actix_web::test]
async fn its_log_tells_what_was_asked_about_a_call_without_an_answer() {
    let world = World::new();
    let process = world.process();
    let own = registered(&process, json!({ "name": "own", "type": "simulator" })).await;
    let lost = process.pay("tok_timeout_after").await;
    lost.is(202, "processing");
    world.wait(6);
    process.recover().await;
    assert_eq!(process.read(lost.text("id")).await["status"], "succeeded");
    process.write_logs().await;
    let path = format!("{CONNECTORS}/{}/logs", own["id"].as_str().expect("an id"));
    let lines = process.get(&path).await.json;
    let calls: Vec<_> = lines["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| (line["call"].as_str().unwrap_or(""), line["outcome"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(calls.last(), Some(&("authorize", "unknown")), "{lines}");
    assert_eq!(calls.first(), Some(&("look_up", "approved")), "newest first: {lines}");
    let (looked, called) = (&lines["data"][0], &lines["data"][calls.len() - 1]);
    assert_eq!(
        (&looked["request"], &looked["reference"]),
        (&json!({ "of": "authorize" }), &called["reference"])
    );
    assert_eq!(
        process.get(&format!("{CONNECTORS}/{}", own["id"].as_str().expect("an id"))).await.json["health"]["calls"],
        1,
        "a question counts for nothing"
    );
}

#[actix_web::test]
async fn each_change_of_it_is_told_with_its_whole_state_and_no_secret() {
    let world = World::new();
    let process = world.process();
    let own = registered(&process, with_secret("own")).await;
    change(&process, &own, json!({ "status": "disabled", "priority": 7 })).await;
    let told = world.told("connector.changed");
    let states: Vec<_> = told.iter().map(|one| (&one["status"], &one["priority"], &one["version"])).collect();
    let wanted = [(json!("enabled"), json!(0), json!(1)), (json!("disabled"), json!(7), json!(2))];
    assert_eq!(
        states,
        wanted.each_ref().map(|(status, priority, version)| (status, priority, version)),
        "{told:?}"
    );
    assert!(told.iter().all(|one| one["connectorId"] == own["id"] && one["type"] == "simulator"), "{told:?}");
    assert!(!format!("{told:?}").contains(SECRET), "a secret is told: {told:?}");
}
