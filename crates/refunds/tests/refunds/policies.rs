//! The refund policy, through the routes of the core API and of the adventures dialect.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::http::{Got, call, call_as_customer};
use crate::support::Stage;

const POLICIES: &str = "/v1/payments/refund-policies";
const EVALUATE: &str = "/v1/payments/refund-policy/evaluate";

async fn put(stage: &Stage, body: &Value) -> Got {
    call(stage, 1, TestRequest::put().uri(POLICIES).set_json(body)).await
}

async fn ask(stage: &Stage, path: &str, body: &Value, key: &str) -> Got {
    let request = TestRequest::post().uri(path).insert_header(("idempotency-key", key)).set_json(body);
    call(stage, 1, request).await
}

fn own() -> Value {
    json!({
        "policy_id": "own",
        "tiers": [{"hours_before_start": 48, "percentage_bps": 8_000}],
        "reasons": [{"reason": "WEATHER", "percentage_bps": 10_000}],
        "fee": {"amount": 500, "currency": "EUR"},
        "goodwill": {"amount": 2_500, "currency": "EUR"},
    })
}

#[actix_web::test]
async fn policies_are_the_standard_ones_until_they_are_set_and_are_set_by_version() {
    let stage = Stage::new();
    let standard = call(&stage, 1, TestRequest::get().uri(POLICIES)).await;
    assert_eq!((standard.status, standard.header("etag")), (200, "\"0\""));
    assert_eq!(standard.json["policies"][0]["policy_id"], "standard");
    assert_eq!(standard.json["policies"][0]["tiers"][0]["hours_before_start"], 720);
    put(&stage, &json!({"policies": [own()]})).await.is_problem(428, "version_required");
    let set = put(&stage, &json!({"policies": [own()], "version": 0})).await;
    assert_eq!((set.status, &set.json["version"]), (200, &json!(1)), "{}", set.json);
    assert_eq!(
        set.json["policies"][0]["fee"],
        json!({"percentage_bps": null, "amount": 500, "currency": "EUR"})
    );
    put(&stage, &json!({"policies": [], "version": 0})).await.is_problem(412, "stale_version");
    let twice = json!({"policies": [own(), own()], "version": 1});
    put(&stage, &twice).await.is_problem(422, "invalid_refund_policy");
    let mut both = own();
    both["fee"] = json!({"amount": 500});
    put(&stage, &json!({"policies": [both], "version": 1})).await.is_problem(400, "malformed_refund_policy");
    let read = call(&stage, 1, TestRequest::get().uri(POLICIES)).await;
    assert_eq!(read.json, set.json, "what was refused changed nothing");
}

#[actix_web::test]
async fn an_evaluation_names_its_rule_shows_its_arithmetic_and_moves_no_money() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let set = put(&stage, &json!({"policies": [own()], "version": 0})).await;
    assert_eq!(set.status, 200);
    let body = json!({
        "payment_intent_id": charge.intent_id, "cancellation_reason": "CHANGE_OF_PLANS",
        "cancelled_at": "2026-05-01T10:00:00Z", "starts_at": "2026-05-04T10:00:00Z",
    });
    let got = ask(&stage, EVALUATE, &body, "k").await;
    assert_eq!(got.status, 200, "{}", got.json);
    for (field, value) in [
        ("eligible", json!(true)),
        ("policy_id", json!("own")),
        ("policy_version", json!(1)),
        ("rule", json!("time:48h")),
        ("percentage_bps", json!(8_000)),
        ("fee", json!(500)),
        ("eligible_amount", json!(7_500)),
        ("currency", json!("EUR")),
    ] {
        assert_eq!(got.json[field], value, "{field}");
    }
    assert_eq!(got.json["explanation"].as_array().unwrap().len(), 4, "{}", got.json);
    let again = ask(&stage, EVALUATE, &body, "k").await;
    assert_eq!((&again.json, again.header("idempotent-replayed")), (&got.json, "true"));
    let no_start = json!({"charge_id": charge.charge_id, "cancellation_reason": "CHANGE_OF_PLANS"});
    ask(&stage, EVALUATE, &no_start, "k2").await.is_problem(422, "start_required");
    let weather =
        json!({"charge_id": charge.charge_id, "cancellation_reason": "WEATHER", "requested_amount": 4_000});
    let weather = ask(&stage, EVALUATE, &weather, "k3").await;
    assert_eq!(
        (&weather.json["rule"], &weather.json["eligible_amount"]),
        (&json!("reason:WEATHER"), &json!(4_000))
    );
    assert_eq!(stage.gateway.given_back(), 0);
    assert_eq!(stage.topics(), ["audit.recorded"], "who set the policies, and nothing of the evaluation");
}

#[actix_web::test]
async fn the_adventures_dialect_answers_every_field_of_the_annex() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let path = "/adventures/refund-policy/evaluate";
    let body = json!({
        "payment_id": charge.intent_id.uuid(), "requested_amount": 60.5, "cancellation_reason": "MEDICAL",
        "has_evidence": true, "trip_starts_at": "2026-05-04T10:00:00Z",
    });
    let got = ask(&stage, path, &body, "k").await;
    assert_eq!((got.status, got.header("content-type")), (200, "application/json"), "{}", got.json);
    let shown = |field: &str| got.json[field].to_string();
    assert_eq!(
        (shown("eligible_amount"), shown("fee"), shown("percentage")),
        ("60.50".into(), "0.00".into(), "90.00".into())
    );
    assert_eq!(
        (shown("rule"), shown("policy_id"), shown("policy_version")),
        ("\"reason:MEDICAL\"".into(), "\"standard\"".into(), "0".into(),)
    );
    let fields: Vec<&str> = got.json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields.len(), 10, "{fields:?}");
    let unknown = json!({"payment_id": uuid::Uuid::from_u128(1), "cancellation_reason": "WEATHER"});
    let unknown = ask(&stage, path, &unknown, "k2").await;
    assert_eq!((unknown.status, &unknown.json["error"]), (404, &json!("PAYMENT_NOT_FOUND")));
    let no_start = json!({"payment_id": charge.intent_id.uuid(), "cancellation_reason": "OTHER"});
    let no_start = ask(&stage, path, &no_start, "k3").await;
    assert_eq!((no_start.status, &no_start.json["error"]), (422, &json!("START_REQUIRED")));
}

#[actix_web::test]
async fn a_refund_window_that_is_over_refuses_who_asks_and_is_told_before_any_gateway_is() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    for days in [0, 3_651] {
        let body = json!({"policies": [], "refund_window_days": days, "version": 0});
        put(&stage, &body).await.is_problem(422, "invalid_refund_policy");
    }
    let set = put(&stage, &json!({"policies": [own()], "refund_window_days": 30, "version": 0})).await;
    assert_eq!((set.status, &set.json["refund_window_days"]), (200, &json!(30)), "{}", set.json);
    assert_eq!(stage.refund(&charge, Some(100), "in time").await.unwrap().answer.status, 201);
    stage.clock.advance(std::time::Duration::from_secs(30 * 86_400));
    let body = json!({"charge_id": charge.charge_id, "amount": 100});
    let late = ask(&stage, "/v1/payments/refunds", &body, "late").await;
    late.is_problem(422, "refund_window_closed");
    assert_eq!(stage.gateway.given_back(), 100);
    // Without it the window is open again; the refusal of the key stays.
    let reset = put(&stage, &json!({"policies": [own()], "version": 1})).await;
    assert_eq!((reset.status, &reset.json["refund_window_days"]), (200, &json!(null)), "{}", reset.json);
    assert_eq!(stage.refund(&charge, Some(100), "again").await.unwrap().answer.status, 201);
    let kept = ask(&stage, "/v1/payments/refunds", &body, "late").await;
    kept.is_problem(422, "refund_window_closed");
}

#[actix_web::test]
async fn the_policy_of_a_product_type_and_of_a_rate_plan_decides_in_the_adventures_dialect_as_well() {
    let stage = Stage::new();
    let charge = crate::guest_disputes::paid(&stage);
    let half = json!([{"hours_before_start": 0, "percentage_bps": 5_000}]);
    let policies = json!([
        {"policy_id": "all", "tiers": [{"hours_before_start": 0, "percentage_bps": 10_000}]},
        {"policy_id": "rafting", "product_type": "RAFTING", "tiers": half},
        {"policy_id": "saver", "rate_plan": "SAVER", "tiers": half},
    ]);
    assert_eq!(put(&stage, &json!({"policies": policies, "version": 0})).await.status, 200);
    for (nth, (field, value, policy)) in
        [("product_type", "RAFTING", "rafting"), ("rate_plan", "SAVER", "saver"), ("rate_plan", "ANY", "all")]
            .into_iter()
            .enumerate()
    {
        let times = json!({"cancelled_at": "2026-05-01T10:00:00Z", "trip_starts_at": "2026-05-04T10:00:00Z"});
        let with = |mut body: Value| {
            for name in ["cancelled_at", "trip_starts_at"] {
                body[name] = times[name].clone();
            }
            body[field] = json!(value);
            body
        };
        let asked = with(json!({"payment_id": charge.intent_id.uuid(), "cancellation_reason": "OTHER"}));
        let asked = ask(&stage, "/adventures/refund-policy/evaluate", &asked, &format!("e{nth}")).await;
        assert_eq!((asked.status, &asked.json["policy_id"]), (200, &json!(policy)), "{}", asked.json);
        let mut opened = with(crate::guest_disputes::wanted(&charge, &json!(10)));
        opened["reason"] = json!("OTHER");
        let opened = ask(&stage, "/adventures/disputes", &opened, &format!("d{nth}")).await;
        assert_eq!(opened.status, 201, "{}", opened.json);
        assert_eq!(opened.json["policy_evaluation"]["policy_id"], policy, "{}", opened.json);
    }
}

#[actix_web::test]
async fn a_customer_learns_nothing_of_anothers_payment_by_asking_what_the_policy_gives() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let core = json!({"charge_id": charge.charge_id, "cancellation_reason": "WEATHER"});
    let adventures = json!({
        "payment_id": charge.intent_id.uuid(), "requested_amount": 60.123, "cancellation_reason": "WEATHER",
    });
    let ask = |customer: &'static str, path: &str, body: &Value| {
        let request =
            TestRequest::post().uri(path).insert_header(("idempotency-key", customer)).set_json(body);
        call_as_customer(&stage, customer, request)
    };
    ask("cust_2", EVALUATE, &core).await.is_problem(404, "not_found");
    let refused = ask("cust_2", "/adventures/refund-policy/evaluate", &adventures).await;
    assert_eq!(
        (refused.status, &refused.json["error"]),
        (404, &json!("PAYMENT_NOT_FOUND")),
        "{}",
        refused.json
    );
    let own = ask("cust_1", EVALUATE, &core).await;
    assert_eq!((own.status, &own.json["eligible_amount"]), (200, &json!(10_000)), "{}", own.json);
}
