//! Holding money first, and taking or letting go of it later.

use serde_json::{Value, json};
use tender_e2e::{System, Tenant, eventually};

const PAYABLE: &str = "liability:merchant:ma_default:payable";

async fn hold(shop: &Tenant, amount: i64) -> Value {
    let method = shop.method("tok_visa").await;
    let body = json!({"amount": amount, "currency": "EUR", "payment_method_id": method, "confirm": true,
                      "capture_mode": "manual"});
    let held = shop.api.post("/v1/payments/intents", &body).await.expect(201);
    assert_eq!(
        (&held["status"], &held["amount_capturable"]),
        (&json!("requires_capture"), &json!(amount)),
        "{held}"
    );
    held
}

async fn ledger_has(shop: &Tenant, credit: i64) {
    eventually("the captures are in the ledger", || async {
        (shop.account(PAYABLE, "EUR").await == (0, credit)).then_some(())
    })
    .await;
}

pub(crate) async fn what_is_held_is_captured_in_part_or_whole(system: &System) {
    let shop = system.tenant();
    // A final capture of a part closes the authorization.
    let held = hold(&shop, 10_000).await;
    let id = held["id"].as_str().expect("an id");
    let too_much = shop.act(id, "capture", &json!({"amount": 10_001})).await;
    assert_eq!(too_much.problem(422), "amount_exceeds_capturable");
    let part = shop.act(id, "capture", &json!({"amount": 6_000})).await.expect(200);
    assert_eq!((&part["status"], &part["amount"]), (&json!("succeeded"), &json!(6_000)), "{part}");
    let closed = shop.intent(id).await;
    assert_eq!(
        (&closed["status"], &closed["amount_captured"], &closed["amount_capturable"]),
        (&json!("succeeded"), &json!(6_000), &json!(0)),
        "{closed}"
    );
    assert_eq!(shop.act(id, "capture", &json!({"amount": 1})).await.problem(409), "intent_status");
    // One that is not final leaves the rest.
    let held = hold(&shop, 10_000).await;
    let id = held["id"].as_str().expect("an id");
    for (amount, is_final, status, left) in [
        (1_000, false, "requires_capture", 9_000),
        (2_000, false, "requires_capture", 7_000),
        (7_000, true, "succeeded", 0),
    ] {
        let part =
            shop.act(id, "capture", &json!({"amount": amount, "final_capture": is_final})).await.expect(200);
        assert_eq!(
            (&part["intent_status"], &part["amount_capturable"]),
            (&json!(status), &json!(left)),
            "{part}"
        );
    }
    ledger_has(&shop, 16_000).await;
    // What was captured in three parts is one charge, and is refunded as one.
    let refund = shop.api.post("/v1/payments/refunds", &json!({"payment_intent_id": id})).await.expect(201);
    assert_eq!(refund["amount"], 10_000, "{refund}");
}

pub(crate) async fn what_is_held_is_let_go_by_cancel(system: &System) {
    let shop = system.tenant();
    let held = hold(&shop, 4_200).await;
    let id = held["id"].as_str().expect("an id");
    let canceled = shop.act(id, "cancel", &json!({"reason": "user_cancel"})).await.expect(200);
    assert_eq!(
        (&canceled["status"], &canceled["cancellation_reason"], &canceled["amount_capturable"]),
        (&json!("canceled"), &json!("user_cancel"), &json!(0)),
        "{canceled}"
    );
    let charges = shop.api.get(&format!("/v1/payments/intents/{id}/charges")).await.expect(200);
    assert_eq!(charges["data"][0]["voided"], true, "{charges}");
    let released = system.database.number(&format!(
        "SELECT count(*) FROM simulator.payments WHERE tenant_id = '{}' AND released AND captured_minor = 0",
        shop.name
    ));
    assert_eq!(released, 1, "the gateway still holds it");
    assert_eq!(shop.act(id, "capture", &json!({})).await.problem(409), "intent_status");
    // Nothing was captured, so there is nothing to refund.
    let refund = shop.api.post("/v1/payments/refunds", &json!({"payment_intent_id": id})).await;
    assert_eq!(refund.problem(409), "intent_not_captured");
    eventually("the cancellation is told", || async {
        (system.events(&shop.name, "payment.canceled").len() == 1).then_some(())
    })
    .await;
    assert_eq!(shop.account(PAYABLE, "EUR").await, (0, 0));
}

pub(crate) async fn amounts_have_the_places_of_their_currency(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    for (currency, minor, text) in [("JPY", 5194, "5194"), ("EUR", 5194, "51.94"), ("BHD", 5194, "5.194")] {
        let paid = shop.pay(&method, minor, currency).await;
        let id = paid["id"].as_str().expect("an id").to_owned();
        let told = eventually("the payment is told", || async {
            system.events(&shop.name, "payment.processed").into_iter().find(|event| event.key == id)
        })
        .await;
        assert!(told.data.contains(&format!("\"amount\":{text},")), "{}", told.data);
        assert!(told.data.contains(&format!("\"amountMinor\":{minor},")), "{}", told.data);
        eventually("it is in the ledger", || async {
            (shop.account(PAYABLE, currency).await == (0, minor)).then_some(())
        })
        .await;
    }
}

pub(crate) async fn refunds_have_the_places_of_their_currency(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    for (currency, part, text) in [("JPY", 1_001, "1001"), ("EUR", 1_001, "10.01"), ("KWD", 1_001, "1.001")] {
        let paid = shop.pay(&method, 5_194, currency).await;
        let id = paid["id"].as_str().expect("an id").to_owned();
        let refund = json!({"payment_intent_id": id, "amount": part});
        let refund = shop.api.post("/v1/payments/refunds", &refund).await.expect(201);
        assert_eq!((&refund["amount"], &refund["currency"]), (&json!(part), &json!(currency)), "{refund}");
        let too_much = json!({"payment_intent_id": id, "amount": 5_194 - part + 1});
        let too_much = shop.api.post("/v1/payments/refunds", &too_much).await;
        assert_eq!(too_much.problem(422), "refund_exceeds_charge");
        let told = eventually("the refund is told", || async {
            let events = system.events(&shop.name, "refund.processed");
            events.into_iter().find(|event| event.data.contains(&id))
        })
        .await;
        assert!(told.data.contains(&format!("\"amount\":{text},")), "{}", told.data);
        assert!(told.data.contains(&format!("\"amountMinor\":{part},")), "{}", told.data);
        let rest = shop.api.post("/v1/payments/refunds", &json!({"payment_intent_id": id})).await.expect(201);
        assert_eq!(rest["amount"], 5_194 - part, "all that is left: {rest}");
        eventually("both are in the ledger", || async {
            (shop.account(PAYABLE, currency).await == (5_194, 5_194)).then_some(())
        })
        .await;
        let given_back = system.database.number(&format!(
            "SELECT sum(refunded_minor) FROM simulator.payments WHERE tenant_id = '{}' AND currency = '{currency}'",
            shop.name
        ));
        assert_eq!(given_back, 5_194, "the gateway gave back another sum of {currency}");
    }
}
