//! The first payment, as README.md walks through it.

use reqwest::Method;
use serde_json::json;
use tender_e2e::{System, Topology, eventually, unique};

const RECEIVABLE: &str = "asset:gateway:simulator:receivable";
const PAYABLE: &str = "liability:merchant:ma_default:payable";

pub(crate) async fn a_card_is_charged_refunded_and_in_the_ledger(system: &System) {
    let shop = system.tenant();
    let api = &shop.api;
    let body = json!({"type": "card", "customer_id": "cust_1", "token": "tok_visa"});
    let method = api.post("/v1/payments/methods", &body).await.expect(201);
    assert_eq!((&method["object"], &method["last4"]), (&json!("payment_method"), &json!("4242")));

    let body = json!({"amount": 5194, "currency": "GBP", "customer_id": "cust_1",
                      "payment_method_id": method["id"], "confirm": true});
    let key = unique("first-payment");
    let first = api.call(Method::POST, "/v1/payments/intents").key(&key).json(&body).send().await;
    let paid = first.expect(201);
    assert_eq!((&paid["status"], &paid["amount_captured"]), (&json!("succeeded"), &json!(5194)), "{paid}");
    assert!(!first.is_replayed(), "{first}");
    let intent = paid["id"].as_str().expect("an id");
    assert_eq!(first.header("location"), format!("/v1/payments/intents/{intent}"), "{first}");
    let again = api.call(Method::POST, "/v1/payments/intents").key(&key).json(&body).send().await;
    assert_eq!((again.expect(201), again.is_replayed()), (paid.clone(), true));

    assert_eq!(shop.intent(intent).await["status"], "succeeded");
    let charges = api.get(&format!("/v1/payments/intents/{intent}/charges")).await.expect(200);
    assert_eq!(charges["data"].as_array().map(Vec::len), Some(1), "{charges}");
    assert_eq!(charges["data"][0]["amount_captured"], 5194, "{charges}");
    eventually("the capture is in the ledger", || async {
        (shop.account(RECEIVABLE, "GBP").await == (5194, 0)).then_some(())
    })
    .await;
    assert_eq!(shop.account(PAYABLE, "GBP").await, (0, 5194));

    let refund = json!({"payment_intent_id": intent, "amount": 1194, "reason": "customer_request"});
    let refund = api.post("/v1/payments/refunds", &refund).await.expect(201);
    assert_eq!((&refund["status"], &refund["amount"]), (&json!("succeeded"), &json!(1194)), "{refund}");
    eventually("the refund is in the ledger", || async {
        (shop.account(PAYABLE, "GBP").await == (1194, 5194)).then_some(())
    })
    .await;
    assert_eq!(shop.account(RECEIVABLE, "GBP").await, (5194, 1194));
    eventually("the intent tells of its refund", || async {
        (shop.intent(intent).await["amount_refunded"] == 1194).then_some(())
    })
    .await;

    // Without an amount it is the rest, and then nothing is left.
    let rest = api.post("/v1/payments/refunds", &json!({"payment_intent_id": intent})).await.expect(201);
    assert_eq!(rest["amount"], 4000, "{rest}");
    let more = api.post("/v1/payments/refunds", &json!({"payment_intent_id": intent, "amount": 1})).await;
    assert_eq!(more.problem(422), "refund_exceeds_charge");
    let listed = api.get(&format!("/v1/payments/intents/{intent}/refunds")).await.expect(200);
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(2), "{listed}");

    let check = api.get("/v1/payments/ledger/check").await.expect(200);
    assert_eq!((&check["balanced"], &check["differences"]), (&json!(true), &json!([])), "{check}");
}

pub(crate) async fn the_admin_key_opens_the_sandbox(system: &System) {
    // The five get their first key by command; the all-in-one writes one.
    let Topology::AllInOne(one) = &system.topology else { return };
    let key = one.file("admin.key").expect("the key's file");
    let key = key.trim_end();
    assert!(key.starts_with("sk_test_"), "no secret test key");
    let answer = system.api.with(key).get("/v1/payments/intents?limit=1").await;
    assert_eq!(answer.expect(200)["object"], "list");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(one.data().join("admin.key")).expect("the key's file").permissions(),
    );
    assert_eq!(mode & 0o077, 0, "others can read admin.key: {mode:o}");
}

pub(crate) async fn every_refusal_and_answer_is_traceable(system: &System) {
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    let paths =
        ["/v1/payments/intents", "/v1/payments/methods", "/v1/payments/refunds", "/v1/payments/ledger/check"];
    for path in paths {
        let call = system.tenant().api.call(Method::GET, path);
        let call = call.header("x-request-id", "my-own-id").header("traceparent", &parent);
        let answer = call.send().await;
        assert_eq!(answer.header("x-request-id"), "my-own-id", "{answer}");
        assert!(answer.header("traceparent").contains(trace), "{answer}: {:?}", answer.headers);
        assert!(answer.header("server-timing").contains("tender;dur="), "{answer}: {:?}", answer.headers);
        let refused = system.api.get(path).await;
        assert_eq!(refused.problem(401), "unauthorized");
        assert!(!refused.header("www-authenticate").is_empty(), "{refused}");
    }
}
