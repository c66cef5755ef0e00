//! Gateways that do not answer.

use serde_json::json;
use tender_e2e::{System, eventually};

pub(crate) async fn a_lost_answer_is_never_called_an_outcome_and_is_found_out(system: &System) {
    let shop = system.tenant();
    for (token, end) in [
        ("tok_timeout_after", "succeeded"),
        ("tok_timeout_before", "requires_payment_method"),
        ("tok_slow", "succeeded"),
    ] {
        let method = shop.method(token).await;
        let body = json!({"amount": 990, "currency": "EUR", "payment_method_id": method, "confirm": true});
        let answer = shop.api.post("/v1/payments/intents", &body).await;
        let intent = answer.json();
        let id = intent["id"].as_str().expect("an id").to_owned();
        if token == "tok_slow" {
            assert!([201, 202].contains(&answer.status), "{answer}");
        } else {
            assert_eq!((answer.status, &intent["status"]), (202, &json!("processing")), "{token}: {answer}");
            assert!(intent["last_payment_error"].is_null(), "{token}: {answer}");
        }
        let ended = eventually("the outcome is found out", || async {
            let intent = shop.intent(&id).await;
            (intent["status"] != "processing").then_some(intent)
        })
        .await;
        assert_eq!(ended["status"], end, "{token}: {ended}");
    }
    let charged = system.database.number(&format!(
        "SELECT coalesce(sum(captured_minor), 0) FROM simulator.payments WHERE tenant_id = '{}'",
        shop.name
    ));
    assert_eq!(charged, 2 * 990, "what the gateway took");
    // Another amount than asked is neither: it is kept for a person, and told.
    let method = shop.method("tok_wrong_amount").await;
    let body = json!({"amount": 990, "currency": "EUR", "payment_method_id": method, "confirm": true});
    let answer = shop.api.post("/v1/payments/intents", &body).await;
    assert_eq!((answer.status, &answer.json()["status"]), (202, &json!("processing")), "{answer}");
    eventually("an alert is raised", || async {
        (system.events(&shop.name, "alert.raised").len() == 1).then_some(())
    })
    .await;
}
