//! The annex's routes of disputes and chargebacks, run as they are written; and each documented error code is reached.

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, Api, System, Tenant, eventually, unique};

const GUEST: &str = "0190a6f0-2c1e-7b3a-9c4d-0123456789ab";
const NOBODY: &str = "0190a6f0-2c1e-7b3a-9c4d-fffffffffffe";

/// A reservation of the guest's, paid; the payment as it was answered.
async fn paid(system: &System, shop: &Tenant, cents: i64) -> Value {
    let reservation = uuid(system);
    let order = json!({"kind": "reservation", "customer_id": GUEST, "amount": cents, "currency": "USD"});
    let put = shop.api.call(Method::PUT, &format!("/v1/payments/orders/{reservation}")).json(&order);
    let _ = put.send().await.expect(201);
    let saved = json!({"type": "card", "token": "tok_visa", "customer_id": GUEST});
    let _ = shop.api.post("/v1/payments/methods", &saved).await.expect(201);
    let method = format!(
        "SELECT method_id FROM vault.adventures_payment_methods WHERE tenant_id = '{}' LIMIT 1",
        shop.name
    );
    let amount: Value =
        serde_json::from_str(&format!("{}.{:02}", cents / 100, cents % 100)).expect("a number");
    let pay = json!({"reservation_id": reservation, "guest_id": GUEST, "amount": amount, "currency": "USD",
                     "payment_method_id": system.database.query(&method)[0]["method_id"],
                     "idempotency_key": unique("key")});
    let paid = shop.api.call(Method::POST, "/adventures/payments").json(&pay).send().await.expect(201);
    assert_eq!(paid["status"], "COMPLETED", "{paid}");
    paid
}

fn uuid(system: &System) -> String {
    system.database.query("SELECT gen_random_uuid() AS id")[0]["id"].as_str().expect("a UUID").to_owned()
}

fn wanted(payment: &Value, amount: &str) -> Value {
    let amount: Value = serde_json::from_str(amount).expect("a number");
    json!({"payment_id": payment["payment_id"], "guest_id": GUEST, "reason": "WEATHER",
           "requested_amount": amount, "description": "the storm closed the river"})
}

async fn opened(shop: &Tenant, payment: &Value, amount: &str) -> Value {
    shop.api.post("/adventures/disputes", &wanted(payment, amount)).await.expect(201)
}

fn path(dispute: &Value) -> String {
    format!("/adventures/disputes/{}", dispute["dispute_id"].as_str().expect("an id"))
}

async fn patch(api: &Api, dispute: &Value, body: &Value) -> Answer {
    api.call(Method::PATCH, &path(dispute)).json(body).send().await
}

async fn resolve(api: &Api, dispute: &Value, body: &Value) -> Answer {
    api.post(&format!("{}/resolve", path(dispute)), body).await
}

pub(crate) async fn a_dispute_runs_as_the_annex_has_it_from_its_opening_to_its_refund(system: &System) {
    let shop = system.tenant();
    let payment = paid(system, &shop, 24_950).await;
    let dispute = opened(&shop, &payment, "120.00").await;
    let written = json!({
        "dispute_id": dispute["dispute_id"], "payment_id": payment["payment_id"], "guest_id": GUEST,
        "source": "GUEST", "reason": "WEATHER", "requested_amount": dispute["requested_amount"],
        "currency": "USD", "tier": 1, "status": "OPEN", "assigned_to": null,
        "description": "the storm closed the river", "policy_evaluation": dispute["policy_evaluation"],
        "notes": [], "resolution": null, "due_at": dispute["due_at"], "version": 1,
        "created_at": dispute["created_at"], "updated_at": dispute["created_at"],
    });
    assert_eq!(dispute, written);
    let evaluation = &dispute["policy_evaluation"];
    assert_eq!((&evaluation["eligible"], &evaluation["rule"]), (&json!(true), &json!("reason:WEATHER")));
    let agent = shop.with_role("dispute_agent");
    let update = json!({"assigned_to": "ann", "add_note": "called the guide", "version": 1});
    let taken = patch(&agent, &dispute, &update).await.expect(200);
    assert_eq!((&taken["status"], &taken["assigned_to"]), (&json!("UNDER_REVIEW"), &json!("ann")));
    assert_eq!(taken["notes"][0]["note"], "called the guide");
    let part =
        json!({"decision": "PARTIAL_REFUND", "amount": 60.5, "reason": "half of the day", "version": 2});
    let ended = resolve(&agent, &dispute, &part).await.expect(200);
    let resolution = &ended["resolution"];
    assert_eq!((&ended["status"], &resolution["decision"]), (&json!("RESOLVED"), &json!("PARTIAL_REFUND")));
    assert_eq!(resolution["resolved_by"], "e2e-dispute_agent");
    let id = payment["payment_id"].as_str().expect("an id");
    let details = eventually("the payment tells of its refund and dispute", || async {
        let details = shop.api.get(&format!("/adventures/payments/{id}")).await.expect(200);
        let is_told =
            details["status"] == "PARTIALLY_REFUNDED" && details["disputes"][0]["status"] == "RESOLVED";
        is_told.then_some(details)
    })
    .await;
    assert_eq!(details["refunds"][0]["refund_id"], resolution["refund_id"], "{details}");
    assert_eq!(details["disputes"][0]["dispute_id"], dispute["dispute_id"], "{details}");
    let shown = |table: &str| {
        system.database.query(&format!("SELECT * FROM refunds.{table} WHERE tenant_id = '{}'", shop.name))
    };
    let row = shown("adventures_disputes").remove(0);
    assert_eq!(
        (&row["resolution"], row["resolved_amount"].as_f64()),
        (&json!("PARTIAL_REFUND"), Some(60.5)),
        "{row}"
    );
    assert_eq!((&row["refund_id"], &row["guest_id"]), (&resolution["refund_id"], &json!(GUEST)));
    assert_eq!(shown("refund_policy_evaluations")[0]["dispute_id"], dispute["dispute_id"]);
    for topic in ["dispute.created", "dispute.updated", "dispute.resolved", "refund.processed"] {
        eventually("it is told once", || async {
            (system.events(&shop.name, topic).len() == 1).then_some(())
        })
        .await;
    }
}

pub(crate) async fn each_role_works_up_to_its_tier(system: &System) {
    let shop = system.tenant();
    let payment = paid(system, &shop, 600_000).await;
    for (amount, tier) in [("500.00", 1), ("5000.00", 2), ("5000.01", 3)] {
        let dispute = opened(&shop, &payment, amount).await;
        assert_eq!(dispute["tier"], tier, "{dispute}");
        let mut version = 1;
        for (nth, role) in ["dispute_agent", "dispute_manager", "dispute_director"].iter().enumerate() {
            let person = shop.with_role(role);
            let note = json!({"add_note": "seen", "version": version});
            let answer = patch(&person, &dispute, &note).await;
            if nth + 1 < tier {
                assert_eq!(answer.storefront_code(403), "TIER_FORBIDDEN", "{role} at tier {tier}");
                let denied = json!({"decision": "DENIED", "reason": "no", "version": version});
                let refused = resolve(&person, &dispute, &denied).await;
                assert_eq!(refused.storefront_code(403), "TIER_FORBIDDEN", "{role} at tier {tier}");
            } else {
                version = answer.expect(200)["version"].as_i64().expect("a version");
            }
        }
    }
    let mine = shop.customer(GUEST).get("/adventures/disputes").await;
    assert_eq!(mine.storefront_code(403), "FORBIDDEN", "a guest has no scope of disputes");
    let limits =
        json!({"base_currency": "USD", "limits": {"USD": {"tier_1": 100, "tier_2": 200}}, "version": 0});
    let set = shop.api.call(Method::PUT, "/v1/payments/dispute-tiers").json(&limits).send().await.expect(200);
    assert_eq!(set["limits"]["USD"]["tier_1"], 100, "{set}");
    assert_eq!(opened(&shop, &payment, "1.50").await["tier"], 2);
}

pub(crate) async fn a_chargeback_is_taken_in_once_and_ends_as_its_processor_says(system: &System) {
    let shop = system.tenant();
    let payment = paid(system, &shop, 10_000).await;
    let told = |gateway_ref: &Value| {
        json!({"processor": "simulator", "processor_reference": unique("cb"), "gateway_ref": gateway_ref,
               "amount": 100.00, "currency": "USD", "reason_code": "13.1", "network": "visa",
               "received_at": "2026-05-01T10:00:00Z", "respond_by": "2026-05-12T10:00:00Z"})
    };
    let unknown = shop.api.post("/adventures/chargebacks", &told(&json!("nobody_knows"))).await.expect(202);
    assert_eq!(unknown["status"], "UNMATCHED", "{unknown}");
    let known = told(&payment["gateway_ref"]);
    let chargeback = eventually("refunds knows of the payment", || async {
        let answer = shop.api.post("/adventures/chargebacks", &known).await;
        (answer.status == 201 || answer.status == 200).then(|| answer.json())
    })
    .await;
    let again = shop.api.post("/adventures/chargebacks", &known).await.expect(200);
    assert_eq!(again["dispute_id"], chargeback["dispute_id"]);
    assert_eq!((&again["source"], &again["reason"]), (&json!("CHARGEBACK"), &json!("SERVICE_NOT_PROVIDED")));
    let id = payment["payment_id"].as_str().expect("an id");
    eventually("the payment is disputed", || async {
        let details = shop.api.get(&format!("/adventures/payments/{id}")).await.expect(200);
        (details["status"] == "DISPUTED").then_some(())
    })
    .await;
    let list = format!("/adventures/guests/{GUEST}/payment-history?status=DISPUTED");
    assert_eq!(shop.api.get(&list).await.expect(200)["items"][0]["payment_id"], payment["payment_id"]);
    let denied = json!({"decision": "DENIED", "reason": "we were there", "version": 1});
    let refused = resolve(&shop.api, &chargeback, &denied).await;
    assert_eq!(refused.storefront_code(409), "PROCESSOR_DECIDES");
    let given = json!({"decision": "FULL_REFUND", "reason": "the guest is right", "version": 1});
    let ended = resolve(&shop.api, &chargeback, &given).await.expect(200);
    assert_eq!((&ended["status"], &ended["resolution"]["refund_id"]), (&json!("RESOLVED"), &Value::Null));
    let listed = shop.api.get("/adventures/disputes?source=CHARGEBACK&status=RESOLVED").await.expect(200);
    assert_eq!(listed["items"][0]["dispute_id"], chargeback["dispute_id"], "{listed}");
}

pub(crate) async fn every_error_code_of_the_annex_is_reached(system: &System) {
    let shop = system.tenant();
    let payment = paid(system, &shop, 10_000).await;
    let mut bad = wanted(&payment, "10.00");
    bad["reason"] = json!("BORED");
    let disputes = "/adventures/disputes";
    assert_eq!(shop.api.post(disputes, &bad).await.storefront_code(400), "VALIDATION_ERROR");
    let mut others = wanted(&payment, "10.00");
    others["guest_id"] = json!(NOBODY);
    assert_eq!(shop.api.post(disputes, &others).await.storefront_code(404), "PAYMENT_NOT_FOUND");
    let dispute = opened(&shop, &payment, "100.00").await;
    let unknown = json!({"dispute_id": NOBODY});
    let full = json!({"decision": "FULL_REFUND", "reason": "yes", "version": 1});
    assert_eq!(resolve(&shop.api, &unknown, &full).await.storefront_code(404), "DISPUTE_NOT_FOUND");
    let stale = json!({"escalate": true, "version": 9});
    assert_eq!(patch(&shop.api, &dispute, &stale).await.storefront_code(409), "VERSION_CONFLICT");
    let how_much = json!({"decision": "PARTIAL_REFUND", "reason": "yes", "version": 1});
    assert_eq!(resolve(&shop.api, &dispute, &how_much).await.storefront_code(422), "AMOUNT_REQUIRED");
    let back = json!({"amount": 60.00, "reason": "goodwill"});
    let id = payment["payment_id"].as_str().expect("an id");
    let _ = shop.api.post(&format!("/adventures/payments/{id}/refund"), &back).await.expect(201);
    assert_eq!(resolve(&shop.api, &dispute, &full).await.storefront_code(422), "REFUND_EXCEEDS_PAYMENT");
    let denied = json!({"decision": "DENIED", "reason": "no", "version": 1});
    let ended = resolve(&shop.api, &dispute, &denied).await.expect(200);
    assert_eq!(ended["resolution"]["refund_id"], Value::Null, "{ended}");
    let late = json!({"add_note": "late", "version": 2});
    assert_eq!(patch(&shop.api, &dispute, &late).await.storefront_code(409), "DISPUTE_RESOLVED");
    assert_eq!(resolve(&shop.api, &dispute, &full).await.storefront_code(409), "DISPUTE_RESOLVED");
    let list = shop.api.get(&format!("{disputes}?tier=9")).await;
    assert_eq!(list.storefront_code(400), "VALIDATION_ERROR");
}
