//! Tenants' own connectors: the right one is charged, once, whatever the first one does.

use serde_json::{Value, json};
use tender_e2e::{System, Tenant, eventually};

const SECRET: &str = "sk_test_a_secret_that_is_found_nowhere";

async fn two(shop: &Tenant, answers: &str) -> (Value, Value) {
    let first = json!({"name": "first", "type": "simulator", "priority": 10, "config": {"answers": answers}});
    let second = json!({"name": "second", "type": "simulator", "priority": 5});
    let path = "/v1/payments/connectors";
    (shop.api.post(path, &first).await.expect(201), shop.api.post(path, &second).await.expect(201))
}

/// At which connectors an intent was tried, oldest first, and what came of each.
fn tried(system: &System, shop: &Tenant) -> Vec<String> {
    let rows = system.database.query(&format!(
        "SELECT connector || ' ' || status AS tried FROM intents.attempts WHERE tenant_id = '{}' \
         ORDER BY attempt_id",
        shop.name
    ));
    rows.iter().map(|row| row["tried"].as_str().expect("a text").to_owned()).collect()
}

/// Whether a call is in a connector's log.
async fn is_logged(shop: &Tenant, connector: &Value, call: &str, outcome: &str) -> bool {
    let logs = format!("/v1/payments/connectors/{}/logs", connector["id"].as_str().expect("an id"));
    let lines = shop.api.get(&logs).await.expect(200);
    let mut lines = lines["data"].as_array().expect("a list").iter();
    lines.any(|line| line["call"] == call && line["outcome"] == outcome)
}

pub(crate) async fn the_right_connector_is_charged_once_and_the_unknown_never_fails_over(system: &System) {
    for (answers, status, wanted) in [
        ("error", "succeeded", &["first error", "second approved"][..]),
        ("declined", "succeeded", &["first declined", "second approved"]),
        ("stolen", "requires_payment_method", &["first declined"]),
        ("timeout_after", "succeeded", &["first approved"]),
    ] {
        let shop = system.tenant();
        let method = shop.method("tok_visa").await;
        let (first, second) = two(&shop, answers).await;
        let body = json!({"amount": 900, "currency": "EUR", "payment_method_id": method, "confirm": true});
        let paid = shop.api.post("/v1/payments/intents", &body).await;
        let id = paid.json()["id"].as_str().expect("an id").to_owned();
        if answers == "timeout_after" {
            assert_eq!(paid.expect(202)["status"], "processing");
        }
        let intent = eventually("the payment has its end", || async {
            Some(shop.intent(&id).await).filter(|intent| intent["status"] == status)
        })
        .await;
        assert_eq!(tried(system, &shop), wanted, "{answers}: {intent}");
        if status == "succeeded" {
            // Refunded where it was charged, by whichever process refunds.
            let refund = json!({"payment_intent_id": id, "amount": 100});
            let refund = shop.api.post("/v1/payments/refunds", &refund).await.expect(201);
            assert_eq!(refund["status"], "succeeded", "{answers}: {refund}");
            let charged = if wanted.len() == 1 { &first } else { &second };
            eventually("the refund's call is in its connector's log", || async {
                is_logged(&shop, charged, "refund", "approved").await.then_some(())
            })
            .await;
        }
    }
}

pub(crate) async fn what_the_vault_asks_of_them_is_in_their_logs(system: &System) {
    let shop = system.tenant();
    let (_, second) = two(&shop, "declined").await;
    let card = json!({"number": "4242424242424242", "exp_month": 12, "exp_year": 2039});
    // The vault knows of a new connector within a second or two.
    eventually("a card is tokenised there, and the call is in its log", || async {
        let saved = shop.api.post("/v1/payments/methods", &json!({"type": "card", "card": &card})).await;
        let _ = saved.expect(201);
        is_logged(&shop, &second, "tokenise", "done").await.then_some(())
    })
    .await;
    let logs = format!("/v1/payments/connectors/{}/logs", second["id"].as_str().expect("an id"));
    let lines = shop.api.get(&logs).await;
    assert!(!lines.text.contains("4242424242424242"), "the card is in the log: {lines}");
}

pub(crate) async fn its_secrets_are_sealed_and_found_nowhere(system: &System) {
    let shop = system.tenant();
    let body = json!({
        "name": "stripe-eu", "type": "stripe", "config": {"secret_key": SECRET, "webhook_secret": format!("whsec_{SECRET}")},
    });
    let told = shop.api.post("/v1/payments/connectors", &body).await;
    let connector = told.expect(201);
    assert_eq!(connector["credentials"]["fields"], json!(["secret_key", "webhook_secret"]));
    let path = format!("/v1/payments/connectors/{}", connector["id"].as_str().expect("an id"));
    let read = shop.api.get(&path).await;
    assert!(!read.text.contains(SECRET) && !connector.to_string().contains(SECRET));
    let dump = system.database.dump();
    assert!(!dump.contains(SECRET), "the database holds the secret");
    // As the document has it.
    let example = json!({ "name":"adyyen-eu","type":"adyen","config":{ "api_key":"***","merchant_account":"MA_123" }, "priority":10, "region":"EU" });
    let made = shop.api.post("/v1/payments/connectors", &example).await.expect(201);
    assert_eq!((&made["region"], &made["config"]), (&json!("EU"), &json!({"merchant_account": "MA_123"})));
    let live = json!({"name": "live", "type": "stripe", "config": {"secret_key": "sk_live_real_money"}});
    let refused = shop.api.post("/v1/payments/connectors", &live).await;
    assert_eq!(refused.problem(422), "invalid_connector");
}
