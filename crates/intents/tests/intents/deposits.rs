//! Deposit policies and what they come to, through their routes.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::rig::{Answer, Process, World};

const POLICIES: &str = "/v1/payments/deposits/policies";
const EVALUATE: &str = "/v1/payments/deposits/evaluate";

async fn put(process: &Process, body: &Value) -> Answer {
    let request = TestRequest::put().uri(POLICIES).set_json(body);
    process.call(process.signed(request, "acme", "ops", "admin")).await
}

async fn read(process: &Process, tenant: &str) -> Answer {
    let request = TestRequest::get().uri(&format!("{POLICIES}?hotel_id=h1"));
    process.call(process.signed(request, tenant, "ops", "admin")).await
}

fn policies() -> Value {
    json!({ "hotel_id": "h1", "policies": [
        { "rate_plan": null, "policy_type": "PERCENTAGE", "percentage_bps": 3_000, "amount": null, "currency": null },
        { "rate_plan": "flex", "policy_type": "NONE", "percentage_bps": null, "amount": null, "currency": null },
        { "rate_plan": "fix", "policy_type": "FIXED_AMOUNT", "percentage_bps": null, "amount": 5_000, "currency": "EUR" },
        { "rate_plan": "night", "policy_type": "FIRST_NIGHT", "percentage_bps": null, "amount": null, "currency": null },
    ] })
}

#[tokio::test]
async fn policies_are_read_as_they_were_put_and_a_stale_put_changes_nothing() {
    let world = World::new();
    let process = world.process();
    let none = read(&process, "acme").await;
    assert_eq!((none.status, &none.json["version"], &none.json["policies"]), (200, &json!(0), &json!([])));
    let first = put(&process, &policies()).await;
    assert_eq!((first.status, &first.json["version"]), (200, &json!(1)), "{}", first.json);
    let kept = read(&process, "acme").await;
    assert_eq!((&kept.json, &kept.json["policies"]), (&first.json, &policies()["policies"]));
    let stale = json!({ "hotel_id": "h1", "policies": [], "version": 0 });
    put(&process, &stale).await.is_problem(412, "stale_version");
    assert_eq!(read(&process, "acme").await.json, first.json);
    let next = json!({ "hotel_id": "h1", "policies": [], "version": 1 });
    assert_eq!(put(&process, &next).await.json["version"], 2);
    assert_eq!(read(&process, "other").await.json["version"], 0, "another tenant's hotel is another");
    let audits = world.told("audit.recorded");
    assert_eq!(audits.len(), 2, "a stale one changed nothing");
    let last = &audits[1];
    assert_eq!((&last["action"], &last["subject"]), (&json!("deposit_policies.replaced"), &json!("ops")));
    assert_eq!((&last["resourceId"], &last["details"]["policies"]), (&json!("h1"), &json!("[]")));
    assert!(
        last["details"]["policies_before"].as_str().is_some_and(|before| before.contains("flex")),
        "{last}"
    );
}

#[tokio::test]
async fn a_deposit_is_evaluated_by_the_policy_of_the_rate_plan() {
    let world = World::new();
    let process = world.process();
    let evaluate = async |rate_plan: Value, amount: i64, nights: Value| {
        let body = json!({ "hotel_id": "h1", "rate_plan": rate_plan, "amount": amount, "currency": "EUR", "nights": nights });
        process.post(EVALUATE, "e", body).await
    };
    let none = evaluate(json!("any"), 9_999, json!(null)).await;
    assert_eq!((&none.json["deposit_required"], &none.json["policy_type"]), (&json!(false), &json!("NONE")));
    assert_eq!(put(&process, &policies()).await.status, 200);
    for (rate_plan, amount, nights, kind, deposit) in [
        (json!("any"), 9_999, json!(null), "PERCENTAGE", 3_000),
        (json!(null), 10_000, json!(null), "PERCENTAGE", 3_000),
        (json!("flex"), 9_999, json!(null), "NONE", 0),
        (json!("fix"), 9_999, json!(null), "FIXED_AMOUNT", 5_000),
        (json!("fix"), 4_000, json!(null), "FIXED_AMOUNT", 4_000),
        (json!("night"), 20_000, json!(3), "FIRST_NIGHT", 6_667),
    ] {
        let answer = evaluate(rate_plan.clone(), amount, nights).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        assert_eq!(
            (&answer.json["policy_type"], &answer.json["amount"]),
            (&json!(kind), &json!(deposit)),
            "{rate_plan}"
        );
        assert_eq!(answer.json["deposit_required"], json!(deposit > 0));
    }
    evaluate(json!("night"), 20_000, json!(null)).await.is_problem(422, "deposit_not_evaluable");
    let dollars = json!({ "hotel_id": "h1", "rate_plan": "fix", "amount": 1, "currency": "USD" });
    process.post(EVALUATE, "d", dollars).await.is_problem(422, "deposit_not_evaluable");
}

#[tokio::test]
async fn policies_that_cannot_be_are_refused_and_say_where() {
    let world = World::new();
    let process = world.process();
    let one = |policy: Value| json!({ "hotel_id": "h1", "policies": [policy] });
    for (body, status, code) in [
        (one(json!({ "policy_type": "PERCENTAGE" })), 400, "malformed_deposit_policy"),
        (one(json!({ "policy_type": "NONE", "amount": 1 })), 400, "malformed_deposit_policy"),
        (
            one(json!({ "policy_type": "PERCENTAGE", "percentage_bps": 10_001 })),
            422,
            "invalid_deposit_policy",
        ),
        (
            one(json!({ "policy_type": "FIXED_AMOUNT", "amount": 0, "currency": "EUR" })),
            422,
            "invalid_deposit_policy",
        ),
        (
            one(json!({ "policy_type": "FIXED_AMOUNT", "amount": 1, "currency": "EURO" })),
            400,
            "unknown_currency",
        ),
        (json!({ "hotel_id": "", "policies": [] }), 400, "invalid_reference"),
    ] {
        put(&process, &body).await.is_problem(status, code);
    }
    assert_eq!(read(&process, "acme").await.json["version"], 0);
    let reader = TestRequest::put().uri(POLICIES).set_json(policies());
    let refused = process.call(process.signed(reader, "acme", "ops", "read_only")).await;
    refused.is_problem(403, "insufficient_scope");
}
