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

pub(crate) async fn a_method_that_is_given_to_a_merchant_account_pays_for_no_other(system: &System) {
    let shop = system.tenant();
    let card = shop.method("tok_visa").await;
    let attach = |merchant: &str| json!({"payment_method_id": card, "merchant_account_id": merchant});
    let path = "/v1/payments/methods/attach";
    let given = shop.api.post(path, &attach("ma_paris")).await.expect(200);
    assert_eq!((&given["merchant_account_id"], &given["customer_id"]), (&json!("ma_paris"), &Value::Null));
    assert_eq!(shop.api.post(path, &attach("ma_lyon")).await.problem(409), "method_attached_to_another");
    let pay = |merchant: &str| {
        json!({"amount": 900, "currency": "EUR", "payment_method_id": card, "confirm": true,
               "merchant_account_id": merchant})
    };
    let refused = shop.api.post("/v1/payments/intents", &pay("ma_lyon")).await;
    assert_eq!(refused.problem(422), "payment_method_of_another_merchant_account");
    let paid = shop.api.post("/v1/payments/intents", &pay("ma_paris")).await.expect(201);
    assert_eq!(paid["status"], "succeeded", "{paid}");
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
