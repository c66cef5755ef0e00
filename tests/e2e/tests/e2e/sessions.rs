//! Sessions of alternative payment methods: paid on the bank's page, told by the bank and by who comes back.

use serde_json::{Value, json};
use tender_e2e::{System, Tenant, eventually};

/// A session of iDEAL for 4.20 EUR: the intent's id, and the session.
async fn open(shop: &Tenant) -> (String, Value) {
    let intent = shop.api.post("/v1/payments/intents", &json!({"amount": 420, "currency": "EUR"})).await;
    let id = intent.expect(201)["id"].as_str().expect("an id").to_owned();
    let wanted = json!({"payment_intent_id": id, "return_url": "https://shop.example/back"});
    let session = shop.api.post("/v1/payments/apm/ideal/initiate", &wanted).await.expect(201);
    assert_eq!(session["status"], "pending", "{session}");
    (id, session)
}

/// The customer presses a button on the bank's page.
async fn at_the_bank(session: &Value, result: &str) -> u16 {
    let page = session["redirect_url"].as_str().expect("a page");
    let pressed = reqwest::Client::new()
        .post(page)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("result={result}"))
        .send()
        .await;
    pressed.expect("the bank is there").status().as_u16()
}

pub(crate) async fn a_session_is_paid_at_the_bank_and_told_by_callback_and_return(system: &System) {
    let shop = system.tenant();
    let (id, session) = open(&shop).await;
    let path = format!("/v1/payments/apm/{}/confirm", session["id"].as_str().expect("an id"));
    let early = shop.api.post(&path, &json!({})).await.expect(200);
    assert_eq!(early["status"], "pending", "{early}");
    assert_eq!(at_the_bank(&session, "success").await, 200);
    eventually("its callback pays it", || async {
        (shop.intent(&id).await["status"] == "succeeded").then_some(())
    })
    .await;
    for _ in 0..2 {
        let back = shop.api.post(&path, &json!({})).await.expect(200);
        assert_eq!((&back["status"], &back["next_action"]), (&json!("succeeded"), &Value::Null), "{back}");
    }
    assert_eq!(at_the_bank(&session, "failed").await, 404, "the page is closed");
    eventually("it is told once", || async {
        (system.events(&shop.name, "payment.processed").len() == 1).then_some(())
    })
    .await;
}

pub(crate) async fn a_session_that_is_not_paid_leaves_the_intent_payable(system: &System) {
    let shop = system.tenant();
    let (id, session) = open(&shop).await;
    assert_eq!(at_the_bank(&session, "failed").await, 200);
    eventually("its callback says so", || async {
        (shop.intent(&id).await["status"] == "requires_payment_method").then_some(())
    })
    .await;
    let method = shop.method("tok_visa").await;
    let paid = shop.act(&id, "confirm", &json!({"payment_method_id": method})).await.expect(200);
    assert_eq!(paid["status"], "succeeded", "{paid}");
}
