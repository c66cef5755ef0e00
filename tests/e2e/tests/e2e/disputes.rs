//! Payments that are disputed: told by the gateway's callback over HTTP between processes, by a direct call inside one.

use serde_json::json;
use tender_e2e::{System, eventually, unique};

pub(crate) async fn a_disputed_payment_is_held_and_decided_in_the_ledger(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_dispute").await;
    let intent = shop.pay(&method, 5_000, "EUR").await;
    assert_eq!(intent["status"], "succeeded", "{intent}");
    let dispute = eventually("the dispute is there", || async {
        let listed = shop.api.get("/v1/payments/disputes").await.expect(200);
        listed["data"].as_array().expect("a list").first().cloned()
    })
    .await;
    assert_eq!((&dispute["amount"], &dispute["payment_intent_id"]), (&json!(5_000), &intent["id"]));
    let refund = json!({"payment_intent_id": intent["id"], "amount": 1});
    assert_eq!(shop.api.post("/v1/payments/refunds", &refund).await.problem(422), "refund_exceeds_charge");

    let balance = |account: &'static str| {
        let sql = format!(
            "SELECT coalesce(sum(debits_minor - credits_minor), 0)::bigint FROM settlement.account_balances \
             WHERE tenant_id = '{}' AND account LIKE '{account}'",
            shop.name
        );
        system.database.number(&sql)
    };
    let held = "asset:disputes:simulator:held";
    eventually("the payment shows it", || async {
        let now = shop.intent(intent["id"].as_str().expect("an id")).await;
        (now["amount_disputed"] == 5_000).then_some(())
    })
    .await;
    eventually("it is held", || async { (balance(held) == 5_000).then_some(()) }).await;
    let path = format!("/v1/payments/disputes/{}/resolve", dispute["id"].as_str().expect("an id"));
    let lost = json!({"outcome": "lost", "reason": "letter of the bank"});
    let decided = shop.api.post(&path, &lost).await.expect(200);
    assert_eq!(decided["status"], "lost", "{decided}");
    eventually("the merchant bears it", || async {
        (balance(held) == 0 && balance("liability:merchant:%:payable") == 0).then_some(())
    })
    .await;
    for topic in ["dispute.created", "chargeback.received", "dispute.resolved", "credit-note.requested"] {
        eventually("it is told once", || async {
            (system.events(&shop.name, topic).len() == 1).then_some(())
        })
        .await;
    }
}

pub(crate) async fn a_chargeback_of_an_unknown_payment_waits_in_suspense(system: &System) {
    let shop = system.tenant();
    let reference = unique("unknown");
    let told = json!({
        "processor": "simulator", "processor_reference": unique("cb"), "gateway_reference": reference,
        "amount": 700, "currency": "EUR", "fee": 300, "reason_code": "10.4", "network": "visa",
        "received_at": "2026-05-01T10:00:00Z",
    });
    let waits = shop.api.post("/v1/payments/chargebacks", &told).await.expect(202);
    let balance = |account: &'static str| {
        let sql = format!(
            "SELECT coalesce(sum(debits_minor - credits_minor), 0)::bigint FROM settlement.account_balances \
             WHERE tenant_id = '{}' AND account = '{account}'",
            shop.name
        );
        system.database.number(&sql)
    };
    eventually("it is in suspense", || async {
        (balance("suspense:simulator") == 1_000 && balance("asset:gateway:simulator:receivable") == -1_000)
            .then_some(())
    })
    .await;
    let again = shop.api.post("/v1/payments/chargebacks", &told).await.expect(202);
    assert_eq!(again, waits, "told again, it is the same");
    eventually("it is told once", || async {
        (system.events(&shop.name, "chargeback.unmatched").len() == 1).then_some(())
    })
    .await;
}
