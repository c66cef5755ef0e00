//! What the gateway tells by itself: over HTTP between processes, by a direct call inside one.

use serde_json::json;
use tender_e2e::{System, eventually};

/// How many callbacks of a tenant ended so.
fn callbacks(system: &System, tenant: &str, states: &str) -> i64 {
    system.database.number(&format!(
        "SELECT count(*) FROM intents.gateway_callbacks WHERE tenant_id = '{tenant}' AND state IN ({states})"
    ))
}

pub(crate) async fn a_lost_answer_is_told_by_callback_and_has_one_effect(system: &System) {
    let shop = system.tenant();
    for token in ["tok_callback_only", "tok_callback_duplicate", "tok_callback_out_of_order"] {
        let method = shop.method(token).await;
        let body = json!({"amount": 770, "currency": "EUR", "payment_method_id": method, "confirm": true});
        let answer = shop.api.post("/v1/payments/intents", &body).await;
        assert!([201, 202].contains(&answer.status), "{token}: {answer}");
        let id = answer.json()["id"].as_str().expect("an id").to_owned();
        eventually("it is paid", || async {
            (shop.intent(&id).await["status"] == "succeeded").then_some(())
        })
        .await;
    }
    // One event each, one more that was overtaken; the duplicate is kept once.
    eventually("all callbacks were acted on", || async {
        (callbacks(system, &shop.name, "'applied', 'known'") == 4).then_some(())
    })
    .await;
    assert_eq!(callbacks(system, &shop.name, "'pending', 'contradicted', 'unmatched'"), 0);
    let charged = system.database.number(&format!(
        "SELECT coalesce(sum(captured_minor), 0) FROM simulator.payments WHERE tenant_id = '{}'",
        shop.name
    ));
    assert_eq!(charged, 3 * 770, "what the gateway took");
    eventually("each is told once", || async {
        (system.events(&shop.name, "payment.processed").len() == 3).then_some(())
    })
    .await;
}

pub(crate) async fn the_sandbox_raises_events_for_real(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_challenge").await;
    let intent = shop.pay(&method, 880, "EUR").await;
    assert_eq!(intent["status"], "requires_action", "{intent}");
    let id = intent["id"].as_str().expect("an id");
    let body = json!({"type": "payment.succeeded", "intent_id": id, "delay_ms": 100});
    let raised = shop.api.post("/v1/payments/test/simulate", &body).await.expect(202);
    assert_eq!(raised["event_ids"].as_array().map(Vec::len), Some(1), "{raised}");
    eventually("the challenge was met", || async {
        (shop.intent(id).await["status"] == "succeeded").then_some(())
    })
    .await;

    // A false decline of what was approved: told to a person, and nothing changes.
    let body = json!({"type": "payment.failed", "intent_id": id});
    let _ = shop.api.post("/v1/payments/test/simulate", &body).await.expect(202);
    eventually("an alert is raised", || async {
        (system.events(&shop.name, "alert.raised").len() == 1).then_some(())
    })
    .await;
    let after = shop.intent(id).await;
    assert_eq!((&after["status"], &after["amount_captured"]), (&json!("succeeded"), &json!(880)), "{after}");

    let token = shop.api.post("/v1/payments/test/faucet", &json!({"behaviour": "insufficient_funds"})).await;
    let token = token.expect(201)["tokens"][0].as_str().expect("a token").to_owned();
    let declined = shop.pay(&shop.method(&token).await, 500, "EUR").await;
    assert_eq!(declined["last_payment_error"]["decline_code"], "insufficient_funds", "{declined}");
    let cards = shop.api.get("/v1/payments/test/cards").await.expect(200);
    assert!(cards["data"].as_array().is_some_and(|cards| cards.len() > 15), "{cards}");
}

pub(crate) async fn what_is_not_signed_is_refused(system: &System) {
    for path in ["/v1/payments/webhook/gateway", "/v1/payments/webhook/gateway/simulator"] {
        let refused = system.api.post(path, &json!({"id": "evt_1"})).await;
        assert_eq!(refused.problem(400), "callback_signature", "{path}");
    }
    let nowhere = system.api.post("/v1/payments/webhook/gateway/nobody", &json!({})).await;
    assert_eq!(nowhere.problem(404), "not_found");
}

pub(crate) async fn a_refund_that_its_gateway_only_accepts_is_ended_by_callback(system: &System) {
    let shop = system.tenant();
    for (token, answered, ends) in [
        ("tok_refund_pending", "processing", "succeeded"),
        ("tok_refund_fails", "processing", "failed"),
        ("tok_refund_taken_back", "succeeded", "failed"),
        ("tok_refund_needs_action", "requires_action", "succeeded"),
    ] {
        let method = shop.method(token).await;
        let intent = shop.pay(&method, 2_000, "EUR").await;
        assert_eq!(intent["status"], "succeeded", "{token}: {intent}");
        let body = json!({"payment_intent_id": intent["id"], "amount": 750});
        let refund = shop.api.post("/v1/payments/refunds", &body).await;
        assert!([201, 202].contains(&refund.status), "{token}: {refund}");
        let refund = refund.json().clone();
        assert_eq!(refund["status"], answered, "{token}: {refund}");
        let path = format!("/v1/payments/refunds/{}", refund["id"].as_str().expect("an id"));
        let ended = eventually("its callback ends it", || async {
            let now = shop.api.get(&path).await.expect(200);
            (now["status"] == ends).then_some(now)
        })
        .await;
        assert_eq!(ended["origin"], "tender", "{ended}");
        let given_back = if ends == "succeeded" { 750 } else { 0 };
        eventually("the payment shows what was given back", || async {
            let now = shop.intent(intent["id"].as_str().expect("an id")).await;
            (now["amount_refunded"] == given_back).then_some(())
        })
        .await;
    }
    eventually("each is told once", || async {
        let count = |topic| system.events(&shop.name, topic).len();
        (count("refund.processed") == 3 && count("refund-failed") == 2).then_some(())
    })
    .await;
    assert_eq!(callbacks(system, &shop.name, "'pending', 'contradicted', 'unmatched', 'elsewhere'"), 0);
    let payable = format!(
        "SELECT coalesce(sum(credits_minor - debits_minor), 0)::bigint FROM settlement.account_balances \
         WHERE tenant_id = '{}' AND account LIKE 'liability:merchant:%:payable'",
        shop.name
    );
    eventually("the ledger has what moved", || async {
        (system.database.number(&payable) == 4 * 2_000 - 2 * 750).then_some(())
    })
    .await;
}

pub(crate) async fn a_refund_made_in_the_dashboard_is_adopted_once(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let intent = shop.pay(&method, 1_500, "EUR").await;
    let id = intent["id"].as_str().expect("an id");
    let body = json!({"type": "outside.refunded", "intent_id": id});
    let _ = shop.api.post("/v1/payments/test/simulate", &body).await.expect(202);
    let again = json!({"type": "callback.duplicate", "intent_id": id});
    let _ = shop.api.post("/v1/payments/test/simulate", &again).await.expect(202);
    let path = format!("/v1/payments/intents/{id}/refunds");
    let refund = eventually("it is a refund of ours", || async {
        let listed = shop.api.get(&path).await.expect(200);
        let refunds = listed["data"].as_array().expect("a list").clone();
        assert!(refunds.len() < 2, "{listed}");
        refunds.into_iter().next()
    })
    .await;
    assert_eq!((&refund["amount"], &refund["origin"]), (&json!(1_500), &json!("gateway")), "{refund}");
    eventually("the payment shows it", || async {
        (shop.intent(id).await["amount_refunded"] == 1_500).then_some(())
    })
    .await;
    let more = json!({"payment_intent_id": id, "amount": 1});
    assert_eq!(shop.api.post("/v1/payments/refunds", &more).await.problem(422), "refund_exceeds_charge");
}
