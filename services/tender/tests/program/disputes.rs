//! A disputed payment in the real program: told by the gateway's callback, held in the ledger, decided, and in order.

use serde_json::{Value, json};
use tender_testkit::eventually;

use crate::program::{Place, Running, output, tender};

async fn balance(tender: &Running, account: &str) -> i64 {
    let (_, accounts) = tender.call("GET", "/v1/payments/ledger/accounts?limit=100", None).await;
    let found =
        accounts["data"].as_array().expect("a list").iter().find(|one| one["account"] == account).cloned();
    found.map_or(0, |found| found["balance"].as_i64().expect("a balance"))
}

async fn dispute(tender: &Running) -> Value {
    eventually("the dispute is there", || async {
        let (_, listed) = tender.call("GET", "/v1/payments/disputes", None).await;
        let found = listed["data"].as_array().expect("a list").clone();
        assert!(found.len() <= 1, "{listed}");
        found.into_iter().next()
    })
    .await
}

#[tokio::test]
async fn a_payment_that_the_gateway_says_is_disputed_is_held_decided_and_in_the_books() {
    let place = Place::new();
    let tender_runs = Running::start_with(&place.data(), &[("TENDER__SIMULATOR__DELAY_MILLIS", "300")]).await;
    let card = json!({ "type": "card", "token": "tok_dispute" });
    let (status, method) = tender_runs.call("POST", "/v1/payments/methods", Some(&card)).await;
    assert_eq!(status, 201, "{method}");
    let pay =
        json!({ "amount": 5_000, "currency": "EUR", "confirm": true, "payment_method_id": method["id"] });
    let (status, intent) = tender_runs.call("POST", "/v1/payments/intents", Some(&pay)).await;
    assert_eq!((status, &intent["status"]), (201, &json!("succeeded")), "{intent}");

    let disputed = dispute(&tender_runs).await;
    assert_eq!(
        (&disputed["status"], &disputed["amount"], &disputed["reason"], &disputed["payment_intent_id"]),
        (&json!("needs_response"), &json!(5_000), &json!("fraud"), &intent["id"])
    );
    let refund = json!({ "payment_intent_id": intent["id"], "amount": 1 });
    let (status, refused) = tender_runs.call("POST", "/v1/payments/refunds", Some(&refund)).await;
    assert_eq!((status, &refused["code"]), (422, &json!("refund_exceeds_charge")), "{refused}");
    let held = "asset:disputes:simulator:held";
    eventually("it is held", || async { (balance(&tender_runs, held).await == 5_000).then_some(()) }).await;

    let place_of = format!("/v1/payments/disputes/{}/resolve", disputed["id"].as_str().expect("an id"));
    let lost = json!({ "outcome": "lost", "reason": "letter of the bank" });
    let (status, decided) = tender_runs.call("POST", &place_of, Some(&lost)).await;
    assert_eq!((status, &decided["status"]), (200, &json!("lost")), "{decided}");
    let won = json!({ "outcome": "won", "reason": "arbitration", "overturn": true });
    let (status, decided) = tender_runs.call("POST", &place_of, Some(&won)).await;
    assert_eq!((status, &decided["resolution"]["number"]), (200, &json!(2)), "{decided}");
    eventually("it is the gateway's debt again, but for the fee", || async {
        let receivable = balance(&tender_runs, "asset:gateway:simulator:receivable").await;
        (receivable == 5_000 - 1_500 && balance(&tender_runs, held).await == 0).then_some(())
    })
    .await;

    let checked = output(tender(&["check", "--json", "--wait"], &place.data())).await;
    let report: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
    tender_runs.end().await;
}
