//! Verifying payment methods.

use serde_json::{Value, json};
use tender_e2e::{System, eventually};

const VERIFY: &str = "/v1/payments/methods/verify";

pub(crate) async fn a_bank_account_is_verified_by_deposits_and_a_card_by_its_issuer(system: &System) {
    let shop = system.tenant();
    let account = json!({"type": "bank_account", "token": "tok_bank_account", "customer_id": "cust_1"});
    let account = shop.api.post("/v1/payments/methods", &account).await.expect(201);
    let body = json!({"payment_method_id": account["id"]});
    let sent = shop.api.post(VERIFY, &body).await.expect(200);
    assert_eq!(sent["verification"]["awaits"], "deposit_amounts", "{sent}");
    let named = |amounts: [i64; 2]| json!({"payment_method_id": account["id"], "amounts": amounts});
    assert_eq!(shop.api.post(VERIFY, &named([1, 2])).await.problem(422), "deposit_amounts_wrong");
    let verified = shop.api.post(VERIFY, &named([45, 32])).await.expect(200);
    assert_eq!(verified["verification"]["status"], "verified", "{verified}");

    let card = shop.method("tok_stolen").await;
    let zero = json!({"payment_method_id": card, "kind": "zero_amount"});
    let declined = shop.api.post(VERIFY, &zero).await.expect(200);
    assert_eq!(declined["verification"]["decline_code"], "stolen_card", "{declined}");
    let lookup = format!("/v1/payments/payment-methods/3ds/lookup?payment_method_id={card}");
    let found = shop.api.get(&lookup).await.expect(200);
    assert_eq!((&found["enrolment"], &found["version"]), (&json!("enrolled"), &json!("2.2.0")), "{found}");
}

pub(crate) async fn a_verification_whose_answer_is_lost_is_found_out(system: &System) {
    let shop = system.tenant();
    let card = shop.method("tok_timeout_after").await;
    let zero = json!({"payment_method_id": card, "kind": "zero_amount"});
    let lost = shop.api.post(VERIFY, &zero).await.expect(202);
    assert_eq!(lost["verification"]["status"], "pending", "{lost}");
    let read = format!("/v1/payments/methods/{card}");
    eventually("the answer is sought and found", || async {
        let method: Value = shop.api.get(&read).await.expect(200);
        (method["verification"]["status"] == "verified").then_some(())
    })
    .await;
}
