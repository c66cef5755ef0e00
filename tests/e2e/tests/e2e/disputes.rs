//! Payments that are disputed: told by the gateway's callback over HTTP between processes, by a direct call inside one.

use serde_json::{Value, json};
use tender_e2e::{System, Tenant, eventually, unique};

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
    the_fee_of_another_is_told_later(&shop, &intent["id"]).await;
    // The simulator tells its fee with the dispute; of the other it was told by itself.
    let fees = "expense:chargeback_fees";
    eventually("both fees are posted", || async { (balance(fees) == 1_500 + 300).then_some(()) }).await;
    eventually("the fee is told once", || async {
        (system.events(&shop.name, "dispute.updated").len() == 1).then_some(())
    })
    .await;
}

/// A person writes a dispute down without its fee, and again when the fee is known.
async fn the_fee_of_another_is_told_later(shop: &Tenant, intent: &Value) {
    let mut wanted = json!({"payment_intent_id": intent, "amount": 100, "reason_code": "fraud",
        "processor_reference": unique("cb")});
    let opened = shop.api.post("/v1/payments/disputes", &wanted).await.expect(201);
    assert_eq!(opened["fee"], Value::Null, "{opened}");
    wanted["fee"] = json!(300);
    for _ in 0..2 {
        let known = shop.api.post("/v1/payments/disputes", &wanted).await.expect(200);
        assert_eq!((&known["id"], &known["fee"]), (&opened["id"], &json!(300)));
    }
    wanted["fee"] = json!(301);
    assert_eq!(shop.api.post("/v1/payments/disputes", &wanted).await.problem(409), "dispute_differs");
}

pub(crate) async fn a_chargeback_of_an_unknown_payment_waits_in_suspense(system: &System) {
    let shop = system.tenant();
    let reference = unique("unknown");
    let told = json!({
        "processor": "simulator", "processor_reference": unique("cb"), "gateway_reference": reference,
        "amount": 700, "currency": "EUR", "reason_code": "10.4", "network": "visa",
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
    eventually("it is in suspense", || async { (balance("suspense:simulator") == 700).then_some(()) }).await;
    let mut told = told;
    told["fee"] = json!(300);
    let knows = shop.api.post("/v1/payments/chargebacks", &told).await.expect(202);
    assert_eq!(knows, waits);
    eventually("so is its fee, when that is told", || async {
        (balance("suspense:simulator") == 1_000 && balance("asset:gateway:simulator:receivable") == -1_000)
            .then_some(())
    })
    .await;
    let again = shop.api.post("/v1/payments/chargebacks", &told).await.expect(202);
    assert_eq!(again, waits, "told again, it is the same");
    eventually("each of both is told once", || async {
        (system.events(&shop.name, "chargeback.unmatched").len() == 2).then_some(())
    })
    .await;
}
