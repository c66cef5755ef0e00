//! The tickets document (seed `004_…`), served under `/tickets`.

use futures_util::future::join_all;
use rand::random;
use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, System, Tenant, eventually};

const PATH: &str = "/tickets/payments";

/// The document's own example, byte for byte.
const EXAMPLE: &str = r#"{
    "orderId": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "customerId": "a8098c1a-f86e-11da-bd1a-00112444be1e",
    "reservationId": "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "amount": 150.00,
    "currency": "USD",
    "paymentMethod": "credit_card"
  }"#;

/// Every field that the document shows of a payment.
const PAYMENT_FIELDS: [&str; 15] = [
    "id",
    "orderId",
    "customerId",
    "reservationId",
    "amount",
    "currency",
    "paymentMethod",
    "status",
    "errorCode",
    "errorMessage",
    "failureReason",
    "createdAt",
    "processedAt",
    "isSimulated",
    "simulatedResponse",
];

fn guid() -> String {
    let hex = format!("{:032x}", random::<u128>());
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// An order of the sandbox, paid by nobody yet, and what pays it.
async fn order(sandbox: &Tenant, minor: i64) -> Value {
    let (order, customer, reservation) = (guid(), guid(), guid());
    let body = json!({
        "kind": "order", "customer_id": customer, "amount": minor, "currency": "USD",
        "reservation": {"id": reservation, "holder": customer, "expires_at": "2099-01-01T00:00:00Z"},
    });
    let put = sandbox.api.call(Method::PUT, &format!("/v1/payments/orders/{order}")).json(&body);
    let _ = put.send().await.expect(201);
    let amount = format!("{}.{:02}", minor / 100, minor % 100);
    let amount: Value = serde_json::from_str(&amount).expect("a number");
    json!({"orderId": order, "customerId": customer, "reservationId": reservation, "amount": amount,
           "currency": "USD", "paymentMethod": "credit_card"})
}

async fn pay(system: &System, body: &Value) -> Answer {
    system.api.call(Method::POST, PATH).json(body).send().await
}

fn refused(answer: &Answer, status: u16, words: &str) {
    let envelope = answer.expect(status);
    assert_eq!((&envelope["success"], &envelope["payment"]), (&json!(false), &Value::Null), "{answer}");
    let said = envelope["errorMessage"].as_str().unwrap_or_default();
    assert!(said.contains(words), "`{words}` is not in: {answer}");
}

fn with(body: &Value, changes: &Value) -> Value {
    let mut changed = body.clone();
    for (name, value) in changes.as_object().expect("an object") {
        changed[name] = value.clone();
    }
    changed
}

pub(crate) async fn the_documents_own_call_pays_the_order_once(system: &System) {
    let call = || system.api.call(Method::POST, PATH).text(EXAMPLE);
    let first = call().send().await;
    let envelope = first.expect(200);
    assert_eq!((&envelope["success"], &envelope["errorMessage"]), (&json!(true), &Value::Null), "{first}");
    let payment = &envelope["payment"];
    for field in PAYMENT_FIELDS {
        assert!(payment.get(field).is_some(), "no `{field}`: {first}");
    }
    for (field, value) in [
        ("orderId", json!("7c9e6679-7425-40de-944b-e07fc1f90ae7")),
        ("customerId", json!("a8098c1a-f86e-11da-bd1a-00112444be1e")),
        ("reservationId", json!("f47ac10b-58cc-4372-a567-0e02b2c3d479")),
        ("currency", json!("USD")),
        ("paymentMethod", json!("credit_card")),
        ("status", json!("succeeded")),
        ("errorCode", Value::Null),
        ("isSimulated", json!(true)),
    ] {
        assert_eq!(payment[field], value, "{field}: {first}");
    }
    assert!(first.text.contains("\"amount\":150.00,"), "{first}");
    assert!(
        payment["simulatedResponse"]
            .as_str()
            .is_some_and(|said| said.starts_with("Success - TransactionId: "))
    );
    // The same again, and in a form that means the same, is that payment.
    assert_eq!(call().send().await.expect(200), envelope);
    let charged = system.database.number(
        "SELECT count(*) FROM intents.intents WHERE tenant_id = 'sandbox' \
         AND order_ref = '7c9e6679-7425-40de-944b-e07fc1f90ae7'",
    );
    assert_eq!(charged, 1);
}

pub(crate) async fn both_events_are_as_the_document_has_them(system: &System) {
    let sandbox = system.sandbox();
    let good = order(&sandbox, 15_000).await;
    let paid = pay(system, &good).await.expect(200);
    let bad = with(&order(&sandbox, 15_000).await, &json!({"token": "tok_insufficient_funds"}));
    let failed = pay(system, &bad).await.expect(402);
    for (topic, body, answer, fields, others) in [
        (
            "payment-succeeded",
            &good,
            &paid,
            ["transactionId", "processedAt"].as_slice(),
            [("status", "succeeded")].as_slice(),
        ),
        (
            "payment-failed",
            &bad,
            &failed,
            ["failureReason", "errorMessage", "attemptedAt"].as_slice(),
            [("status", "failed"), ("errorCode", "INSUFFICIENT_FUNDS")].as_slice(),
        ),
    ] {
        let order = &body["orderId"];
        let told = eventually(&format!("{topic} is told"), || async {
            system.events("sandbox", topic).into_iter().find(|event| event.json()["orderId"] == *order)
        })
        .await;
        let event = told.json();
        assert_eq!(event["paymentId"], answer["payment"]["id"], "{}", told.data);
        for field in ["orderId", "customerId", "reservationId", "currency", "paymentMethod"] {
            assert_eq!(event[field], body[field], "{field}: {}", told.data);
        }
        assert!(told.data.contains("\"amount\":150.00,"), "{}", told.data);
        for field in fields {
            assert!(event[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {}", told.data);
        }
        for (field, value) in others {
            assert_eq!(event[field], *value, "{}", told.data);
        }
    }
}

pub(crate) async fn what_is_malformed_is_400_in_the_documents_envelope(system: &System) {
    let body = order(&system.sandbox(), 15_000).await;
    for (changes, words) in [
        (json!({"orderId": null}), "orderId"),
        (json!({"customerId": null}), "customerId"),
        (json!({"amount": null}), "amount"),
        (json!({"orderId": "not-a-guid"}), "orderId"),
        (json!({"customerId": "42"}), "customerId"),
        (json!({"reservationId": "42"}), "reservationId"),
        (json!({"amount": 0}), "amount"),
        (json!({"amount": -150}), "amount"),
        (json!({"amount": "150.00"}), "amount"),
        (json!({"amount": 150.001}), "150.001"),
        (json!({"currency": "XXQ"}), "XXQ"),
        (json!({"paymentMethod": "gold"}), "paymentMethod"),
    ] {
        refused(&pay(system, &with(&body, &changes)).await, 400, words);
    }
    for text in ["", "{", "[]", "7", "{\"orderId\":}", "{\"amount\": 1e400}"] {
        let answer = system.api.call(Method::POST, PATH).text(text).send().await;
        refused(&answer, 400, "");
    }
    // None of these has paid it.
    assert_eq!(pay(system, &body).await.expect(200)["success"], true);
}

pub(crate) async fn what_does_not_fit_the_order_is_refused_by_the_documents_codes(system: &System) {
    let sandbox = system.sandbox();
    let body = order(&sandbox, 15_000).await;
    refused(&pay(system, &with(&body, &json!({"orderId": guid()}))).await, 404, "Order not found");
    let other = pay(system, &with(&body, &json!({"customerId": guid()}))).await;
    refused(&other, 403, "Unauthorized: Customer does not own this order");
    refused(&pay(system, &with(&body, &json!({"amount": 149.99}))).await, 400, "Order validation failed");
    refused(&pay(system, &with(&body, &json!({"currency": "EUR"}))).await, 400, "Order validation failed");
    let foreign = pay(system, &with(&body, &json!({"reservationId": guid()}))).await;
    refused(&foreign, 400, "Reservation validation failed");
    // One that has expired, and one that somebody else holds.
    for (holder, expires) in
        [(body["customerId"].clone(), "2020-01-01T00:00:00Z"), (json!(guid()), "2099-01-01T00:00:00Z")]
    {
        let put = json!({
            "kind": "order", "customer_id": body["customerId"], "amount": 15_000, "currency": "USD",
            "reservation": {"id": body["reservationId"], "holder": holder, "expires_at": expires},
        });
        let path = format!("/v1/payments/orders/{}", body["orderId"].as_str().expect("a text"));
        let _ = sandbox.api.call(Method::PUT, &path).json(&put).send().await.expect(200);
        refused(&pay(system, &body).await, 400, "Reservation validation failed");
    }
    // A reservation that is not named is not asked about.
    let mut without = body.clone();
    without.as_object_mut().expect("an object").remove("reservationId");
    assert_eq!(pay(system, &without).await.expect(200)["payment"]["reservationId"], Value::Null);
}

pub(crate) async fn a_declined_order_can_be_paid_by_a_new_call(system: &System) {
    let body = order(&system.sandbox(), 15_000).await;
    let declined = pay(system, &with(&body, &json!({"token": "tok_declined"}))).await;
    let envelope = declined.expect(402);
    assert_eq!(envelope["success"], false, "{declined}");
    let payment = &envelope["payment"];
    assert_eq!(
        (&payment["status"], &payment["errorCode"]),
        (&json!("failed"), &json!("CARD_DECLINED")),
        "{declined}"
    );
    assert!(
        envelope["errorMessage"].as_str().is_some_and(|said| said.starts_with("Payment failed: ")),
        "{declined}"
    );
    // A challenge cannot be expressed by the document: it is a decline.
    let challenged = pay(system, &with(&body, &json!({"token": "tok_challenge"}))).await.expect(402);
    assert_eq!(challenged["payment"]["errorCode"], "AUTHENTICATION_REQUIRED", "{challenged}");
    let paid = pay(system, &body).await.expect(200);
    assert_ne!(paid["payment"]["id"], payment["id"]);
}

pub(crate) async fn parallel_calls_for_one_order_pay_it_once(system: &System) {
    let body = order(&system.sandbox(), 15_000).await;
    let answers = join_all((0..50).map(|_| pay(system, &body))).await;
    let mut payments: Vec<String> = Vec::new();
    for answer in &answers {
        assert!([200, 202].contains(&answer.status), "{answer}");
        payments.push(answer.json()["payment"]["id"].to_string());
    }
    payments.dedup();
    assert_eq!(payments.len(), 1, "{payments:?}");
    let order = body["orderId"].as_str().expect("a text");
    let charged = system.database.number(&format!(
        "SELECT coalesce(sum(amount_captured_minor), 0) FROM intents.intents \
         WHERE tenant_id = 'sandbox' AND order_ref = '{order}'"
    ));
    assert_eq!(charged, 15_000);
}

pub(crate) async fn an_order_that_is_given_up_has_its_payment_given_back_once(system: &System) {
    let sandbox = system.sandbox();
    let given_up = order(&sandbox, 4_200).await;
    let paid = pay(system, &given_up).await.expect(200);
    let reference = given_up["orderId"].as_str().expect("a GUID");
    let path = format!("/v1/payments/orders/{reference}");
    let body = json!({"kind": "order", "customer_id": given_up["customerId"], "amount": 4_200, "currency": "USD",
                      "status": "canceled"});
    for _ in 0..2 {
        let _ = sandbox.api.call(Method::PUT, &path).json(&body).send().await.expect(200);
    }
    let of_order = format!("/v1/payments/intents?order_ref={reference}");
    let intent = eventually("it is given back", || async {
        let listed = sandbox.api.get(&of_order).await.expect(200);
        (listed["data"][0]["amount_refunded"] == 4_200).then(|| listed["data"][0]["id"].clone())
    })
    .await;
    let intent = intent.as_str().expect("an id");
    let refunds =
        sandbox.api.get(&format!("/v1/payments/refunds?payment_intent_id={intent}")).await.expect(200);
    assert_eq!(refunds["data"].as_array().map(Vec::len), Some(1), "{refunds} of {paid}");
    // The write-back of the payment may be heard after the cancellation and is judged once more then, always alike.
    let told = system.events("sandbox", "order.changed").into_iter().map(|event| event.json());
    let told: Vec<_> =
        told.filter(|event| event["orderId"] == *reference && event["status"] == "canceled").collect();
    assert!((1..=2).contains(&told.len()), "{told:?}");
    for event in &told {
        assert_eq!(
            (&event["refund"], &event["refundReason"]),
            (&json!([intent]), &json!("GUEST_CANCELLATION"))
        );
    }
}
