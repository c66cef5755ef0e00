//! `Idempotency-Key`.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tender_e2e::{System, unique};

const INTENTS: &str = "/v1/payments/intents";

pub(crate) async fn one_key_has_one_effect_and_one_answer_under_200_parallel_calls(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let body = json!({"amount": 1999, "currency": "EUR", "payment_method_id": method, "confirm": true});
    let key = unique("parallel");
    let call = || shop.api.call(Method::POST, INTENTS).key(&key).json(&body).send();
    let answers = join_all((0..200).map(|_| call())).await;
    let (done, in_flight): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    for answer in &in_flight {
        assert_eq!(answer.problem(409), "idempotency_key_in_flight");
        assert!(!answer.header("retry-after").is_empty(), "{answer}");
    }
    let first = done.first().expect("one of them was answered");
    assert!(done.iter().all(|answer| answer.text == first.text), "the answers differ");
    assert_eq!(done.iter().filter(|answer| !answer.is_replayed()).count(), 1, "one is the first");
    let again = call().await;
    assert_eq!((again.status, again.is_replayed(), &again.text), (201, true, &first.text));
    let count = |table: &str| {
        system.database.number(&format!("SELECT count(*) FROM {table} WHERE tenant_id = '{}'", shop.name))
    };
    assert_eq!((count("intents.intents"), count("intents.captures"), count("simulator.payments")), (1, 1, 1));
}

pub(crate) async fn a_key_belongs_to_one_request_and_money_needs_one(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let body = json!({"amount": 500, "currency": "EUR", "payment_method_id": method, "confirm": true});
    let key = unique("mine");
    let paid = shop.api.call(Method::POST, INTENTS).key(&key).json(&body).send().await.expect(201);
    let id = paid["id"].as_str().expect("an id");

    // Another body is another request; the order of fields and quotes around the key are not.
    let mut other = body.clone();
    other["amount"] = json!(501);
    let reused = shop.api.call(Method::POST, INTENTS).key(&key).json(&other).send().await;
    assert_eq!(reused.problem(422), "idempotency_key_reused");
    let turned = format!(
        r#" {{"confirm": true, "payment_method_id": "{method}", "currency": "EUR", "amount": 500}} "#
    );
    let quoted = format!("\"{key}\"");
    let again = shop.api.call(Method::POST, INTENTS).key(&quoted).text(turned).send().await;
    assert_eq!((again.expect(201), again.is_replayed()), (paid.clone(), true));
    // Another tenant's key of the same text is another key.
    let neighbour = system.tenant();
    let own = json!({"amount": 7, "currency": "EUR"});
    let own = neighbour.api.call(Method::POST, INTENTS).key(&key).json(&own).send().await;
    assert_eq!((own.status, own.is_replayed()), (201, false), "{own}");

    // `request_id` stands in; both and different is a contradiction.
    let named = unique("request");
    let mut with_id = body.clone();
    with_id["request_id"] = json!(named);
    let first = shop.api.call(Method::POST, INTENTS).json(&with_id).send().await;
    let second = shop.api.call(Method::POST, INTENTS).json(&with_id).send().await;
    assert_eq!((first.status, second.is_replayed(), &first.text), (201, true, &second.text));
    let both = shop.api.call(Method::POST, INTENTS).key(&key).json(&with_id).send().await;
    assert_eq!(both.problem(400), "idempotency_key_ambiguous");

    let paths = ["".to_owned(), format!("/{id}/confirm"), format!("/{id}/capture"), format!("/{id}/cancel")];
    for path in paths {
        let sent = if path.is_empty() { body.clone() } else { json!({}) };
        let answer = shop.api.call(Method::POST, &format!("{INTENTS}{path}")).json(&sent).send().await;
        assert_eq!(answer.problem(400), "idempotency_key_required", "{path}");
    }
    let refund = json!({"payment_intent_id": id, "amount": 600});
    let call = || shop.api.call(Method::POST, "/v1/payments/refunds").json(&refund);
    assert_eq!(call().send().await.problem(400), "idempotency_key_required");
    // A refusal of business is kept like any outcome.
    let key = unique("refund");
    let first = call().key(&key).send().await;
    assert_eq!(first.problem(422), "refund_exceeds_charge");
    let second = call().key(&key).send().await;
    assert_eq!((&second.text, second.status, second.is_replayed()), (&first.text, 422, true));
    for key in ["", " ", &"k".repeat(256), "a b", "\u{e9}"] {
        let answer = call().key(key).send().await;
        assert_eq!(answer.status, 400, "{key:?}: {answer}");
    }
}
