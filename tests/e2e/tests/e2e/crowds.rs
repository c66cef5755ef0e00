//! Many charges, and at each of them many who give its money back in different ways at once.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_e2e::{Crowds, System, Unanswered, eventually};

const CHARGES: usize = 100;

/// 100 charges, each with the 20 actors of [`Crowds`] at once. Then nothing is lost or doubled: the simulator's books, ours
/// and the ledger agree; the auditor, who comes after every promise, goes through the rest.
pub(crate) async fn a_hundred_charges_with_twenty_actors_each_keep_the_books(system: &System) {
    let crowds = Crowds::gather(&system.tenant(), CHARGES, Unanswered::Fails).await;
    crowds.rush().await;
    crowds.compare_books(&system.database).await;
}

pub(crate) async fn store_credit_is_given_spent_once_and_owed_in_the_ledger(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let pay = |customer: Value| {
        let body = json!({"amount": 5_000, "currency": "BHD", "payment_method_id": method, "confirm": true,
                          "customer_id": customer});
        let shop = shop.clone();
        async move { shop.api.post("/v1/payments/intents", &body).await.expect(201)["id"].clone() }
    };
    let refund = |intent: &Value| json!({"payment_intent_id": intent, "amount": 1_234, "refund_method": "store_credit"});
    let nobodys = pay(Value::Null).await;
    let refused = shop.api.post("/v1/payments/refunds", &refund(&nobodys)).await;
    assert_eq!(refused.problem(422), "refund_method_not_available");
    let paid = pay(json!("cust_credit")).await;
    let given = shop.api.post("/v1/payments/refunds", &refund(&paid)).await.expect(201);
    assert_eq!((&given["status"], &given["gateway_reference"]), (&json!("succeeded"), &Value::Null));
    let me = shop.customer("cust_credit");
    let path = "/v1/payments/store-credit/cust_credit";
    eventually("the customer has it", || async {
        let credit = me.get(path).await.expect(200);
        (credit["data"][0]["balance"] == 1_234 && credit["data"][0]["currency"] == "BHD").then_some(())
    })
    .await;
    assert_eq!(shop.customer("cust_other").get(path).await.problem(404), "not_found");
    let spend = json!({"customer_id": "cust_credit", "type": "redemption", "amount": 1_000, "currency": "BHD",
                       "merchant_account_id": "ma_default", "reason": "order 7", "order_ref": "ord_7"});
    let spending = (0..10).map(|_| shop.api.post("/v1/payments/store-credit/adjustments", &spend));
    let answers = join_all(spending).await;
    let spent = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(spent, 1, "{}", answers.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.problem(422), "store_credit_insufficient");
    }
    let history = me.get(&format!("{path}/entries")).await.expect(200);
    let amounts: Vec<&Value> =
        history["data"].as_array().expect("a list").iter().map(|entry| &entry["amount"]).collect();
    assert_eq!(amounts, [&json!(-1_000), &json!(1_234)], "{history}");
    let account = shop.account("liability:customer:cust_credit:store_credit", "BHD").await;
    assert_eq!(account, (1_000, 1_234));
    assert_eq!(shop.account("liability:merchant:ma_default:payable", "BHD").await, (1_234, 11_000));
}
