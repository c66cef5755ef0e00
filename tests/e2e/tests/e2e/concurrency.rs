//! Many at once.

use futures_util::future::join_all;
use serde_json::json;
use tender_e2e::{Answer, System, eventually};

const PAYABLE: &str = "liability:merchant:ma_default:payable";

pub(crate) async fn an_intent_is_charged_once_by_200_parallel_confirms(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let body = json!({"amount": 3100, "currency": "EUR", "payment_method_id": method});
    let intent = shop.api.post("/v1/payments/intents", &body).await.expect(201);
    assert_eq!(intent["status"], "requires_confirmation", "{intent}");
    let id = intent["id"].as_str().expect("an id");
    let answers = join_all((0..200).map(|_| async { shop.act(id, "confirm", &json!({})).await })).await;
    let paid = answers.iter().filter(|answer| answer.status == 200 && answer.json()["status"] == "succeeded");
    assert!(paid.count() >= 1, "nobody was told that it is paid: {}", answers[0]);
    for answer in answers.iter().filter(|answer| !(200..300).contains(&answer.status)) {
        assert_eq!(answer.status, 409, "{answer}");
    }
    let charges = shop.api.get(&format!("/v1/payments/intents/{id}/charges")).await.expect(200);
    assert_eq!(charges["data"].as_array().map(Vec::len), Some(1), "{charges}");
    let books = system.database.query(&format!(
        "SELECT count(*) AS payments, sum(captured_minor) AS captured FROM simulator.payments WHERE tenant_id = '{}'",
        shop.name
    ));
    assert_eq!(books, [json!({"payments": 1, "captured": 3100})], "the gateway's books");
    eventually("it is in the ledger", || async {
        (shop.account(PAYABLE, "EUR").await == (0, 3100)).then_some(())
    })
    .await;
}

pub(crate) async fn of_20_parallel_refunds_of_60_percent_one_succeeds(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let paid = shop.pay(&method, 1000, "EUR").await;
    let refund = json!({"payment_intent_id": paid["id"], "amount": 600});
    let answers = join_all((0..20).map(|_| shop.api.post("/v1/payments/refunds", &refund))).await;
    let (done, refused): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(done.len(), 1, "{}", answers.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    assert_eq!(done[0].json()["status"], "succeeded", "{}", done[0]);
    for answer in refused {
        assert_eq!(answer.problem(422), "refund_exceeds_charge");
    }
    let returned = system.database.number(&format!(
        "SELECT sum(refunded_minor) FROM simulator.payments WHERE tenant_id = '{}'",
        shop.name
    ));
    assert_eq!(returned, 600, "the gateway's books");
}

pub(crate) async fn an_intent_is_captured_once_by_parallel_captures(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let body = json!({"amount": 1000, "currency": "EUR", "payment_method_id": method, "confirm": true,
                      "capture_mode": "manual"});
    let held = shop.api.post("/v1/payments/intents", &body).await.expect(201);
    let id = held["id"].as_str().expect("an id");
    // Captures of 60 % and cancellations, all at once: one of them has its way.
    let captures = (0..20).map(|_| async { shop.act(id, "capture", &json!({"amount": 600})).await });
    let cancels = (0..5).map(|_| async { shop.act(id, "cancel", &json!({})).await });
    let (captures, cancels) = tokio::join!(join_all(captures), join_all(cancels));
    for answer in captures.iter().chain(&cancels) {
        assert!([200, 202, 409, 422].contains(&answer.status), "{answer}");
    }
    let ended = eventually("it has ended", || async {
        let intent = shop.intent(id).await;
        ["succeeded", "canceled"].contains(&intent["status"].as_str()?).then_some(intent)
    })
    .await;
    let captured = ended["amount_captured"].as_i64().expect("a number");
    assert!(captured == 600 || (captured == 0 && ended["status"] == "canceled"), "{ended}");
    let books = system.database.number(&format!(
        "SELECT sum(captured_minor) FROM simulator.payments WHERE tenant_id = '{}'",
        shop.name
    ));
    assert_eq!(books, captured, "the gateway's books");
}
