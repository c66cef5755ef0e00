//! Refunds that the gateway does not do for a reason that passes, and those that a person settles.

use serde_json::{Value, json};
use tender_e2e::{System, Tenant, eventually};

/// A payment of 20.00 EUR, and a refund of 7.50 EUR of it as it was answered.
async fn refund(shop: &Tenant, token: &str) -> Value {
    let method = shop.method(token).await;
    let intent = shop.pay(&method, 2_000, "EUR").await;
    assert_eq!(intent["status"], "succeeded", "{token}: {intent}");
    let body = json!({"payment_intent_id": intent["id"], "amount": 750});
    shop.api.post("/v1/payments/refunds", &body).await.expect(202)
}

fn path(refund: &Value) -> String {
    format!("/v1/payments/refunds/{}", refund["id"].as_str().expect("an id"))
}

pub(crate) async fn a_refund_is_tried_again_until_it_is_taken_and_moves_its_money_once(system: &System) {
    let shop = system.tenant();
    let refund = refund(&shop, "tok_refund_retried").await;
    assert_eq!((&refund["status"], &refund["attempts"]), (&json!("pending"), &json!(1)), "{refund}");
    assert!(refund["next_attempt_at"].is_string(), "{refund}");
    let done = eventually("it is tried again", || async {
        let now = shop.api.get(&path(&refund)).await.expect(200);
        (now["status"] == "succeeded").then_some(now)
    })
    .await;
    assert_eq!((&done["attempts"], &done["next_attempt_at"]), (&json!(2), &Value::Null), "{done}");
    eventually("it is told once, and the payment shows it", || async {
        let intent = shop.intent(refund["payment_intent_id"].as_str().expect("an id")).await;
        let told = system.events(&shop.name, "refund.processed").len();
        (told == 1 && intent["amount_refunded"] == 750).then_some(())
    })
    .await;
    let given_back = system.database.number(&format!(
        "SELECT coalesce(sum(refunded_minor), 0) FROM simulator.payments WHERE tenant_id = '{}'",
        shop.name
    ));
    assert_eq!(given_back, 750, "what the gateway gave back");
}

pub(crate) async fn a_refund_that_waits_for_another_try_is_called_off_and_what_it_held_is_free(
    system: &System,
) {
    let shop = system.tenant();
    let refund = refund(&shop, "tok_refund_unfunded").await;
    assert_eq!(refund["status"], "pending", "{refund}");
    assert_eq!(refund["failure_reason"], "insufficient_funds", "{refund}");
    let all = json!({"payment_intent_id": refund["payment_intent_id"], "amount": 2_000});
    let refused = shop.api.post("/v1/payments/refunds", &all).await;
    assert_eq!(refused.problem(422), "refund_exceeds_charge", "its amount is held");
    let canceled = shop.api.post(&format!("{}/cancel", path(&refund)), &json!({})).await.expect(200);
    assert_eq!(canceled["status"], "canceled", "{canceled}");
    let all = shop.api.post("/v1/payments/refunds", &all).await.expect(202);
    assert_eq!((&all["status"], &all["amount"]), (&json!("pending"), &json!(2_000)), "{all}");
    let again = shop.api.post(&format!("{}/cancel", path(&refund)), &json!({})).await;
    assert_eq!(again.problem(409), "refund_not_cancelable");
    let _ = shop.api.post(&format!("{}/cancel", path(&all)), &json!({})).await.expect(200);
}

pub(crate) async fn a_refund_whose_outcome_nobody_tells_is_settled_by_a_person_once(system: &System) {
    let shop = system.tenant();
    let refund = refund(&shop, "tok_refund_fails").await;
    assert_eq!(refund["status"], "processing", "{refund}");
    let found = json!({"outcome": "failed", "reason": "their support says so, ticket 4711"});
    let resolve = format!("{}/resolve", path(&refund));
    let settled = shop.api.post(&resolve, &found).await.expect(200);
    assert_eq!((&settled["status"], &settled["failure_reason"]), (&json!("failed"), &json!("gateway_error")));
    let again = shop.api.post(&resolve, &found).await;
    assert_eq!(again.problem(409), "nothing_to_resolve");
    eventually("it is told once, and who settled it is in the audit log", || async {
        let told = system.events(&shop.name, "refund-failed").len();
        let audits = system.events(&shop.name, "audit.recorded");
        let settled = audits.iter().filter(|audit| audit.json()["action"] == "refund.resolved").count();
        (told == 1 && settled == 1).then_some(())
    })
    .await;
}

pub(crate) async fn a_refund_taken_for_failed_and_done_after_all_counts_once_in_answer_payment_and_ledger(
    system: &System,
) {
    let shop = system.tenant();
    let refund = refund(&shop, "tok_refund_pending").await;
    assert_eq!(refund["status"], "processing", "{refund}");
    // A person is told wrongly, before the gateway's callback comes.
    let found = json!({"outcome": "failed", "reason": "their support says so, ticket 4711"});
    let settled = shop.api.post(&format!("{}/resolve", path(&refund)), &found).await.expect(200);
    assert_eq!((&settled["status"], &settled["resolution"]["was"]), (&json!("failed"), &json!("processing")));
    let done = eventually("its callback says that it was done", || async {
        let now = shop.api.get(&path(&refund)).await.expect(200);
        (now["status"] == "succeeded").then_some(now)
    })
    .await;
    assert!(done["gateway_reference"].is_string() && done["failure_reason"].is_null(), "{done}");
    let resolution = &done["resolution"];
    let kept = (&resolution["outcome"], &resolution["by"], &resolution["reason"]);
    assert_eq!(
        kept,
        (&json!("failed"), &json!("e2e"), &found["reason"]),
        "who said so stays with it: {done}"
    );
    eventually("both are told once, and the payment and the ledger show it", || async {
        let count = |topic| system.events(&shop.name, topic).len();
        let intent = shop.intent(refund["payment_intent_id"].as_str().expect("an id")).await;
        let payable = shop.account("liability:merchant:ma_default:payable", "EUR").await;
        let told = (count("refund-failed"), count("refund.processed"));
        (told == (1, 1) && intent["amount_refunded"] == 750 && payable == (750, 2_000)).then_some(())
    })
    .await;
    let again = json!({"outcome": "succeeded", "gateway_reference": "re_1", "reason": "ticket 4712"});
    let again = shop.api.post(&format!("{}/resolve", path(&refund)), &again).await;
    assert_eq!(again.problem(409), "nothing_to_resolve");
}
