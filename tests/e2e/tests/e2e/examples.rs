//! The rentals document's examples of payments and refunds, run as they are written; ids and times apart.

use reqwest::Method;
use serde_json::{Value, json};
use tender_domain::kernel::IntentId;
use tender_e2e::{Answer, Api, System, Tenant, eventually};

pub(crate) const USER: &str = "123";

/// The JSON with every value under these names taken for what is expected: what the document made up.
#[track_caller]
fn is_as_written(got: &Value, written: &Value, made_up: &[&str]) {
    match (got, written) {
        (Value::Object(got), Value::Object(written)) => {
            let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(got), names(written), "{got:?}");
            for (name, value) in written {
                if made_up.contains(&name.as_str()) {
                    assert_eq!(kind(&got[name]), kind(value), "{name}: {}", got[name]);
                } else {
                    is_as_written(&got[name], value, made_up);
                }
            }
        }
        (Value::Array(got), Value::Array(written)) => {
            assert_eq!(got.len(), written.len(), "{got:?}");
            got.iter().zip(written).for_each(|(got, written)| is_as_written(got, written, made_up));
        }
        _ => assert_eq!(got, written),
    }
}

/// What kind of value it is, and for a time that it is one.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(text) if is_time(text) => "time",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Whether it is an instant as RFC 3339 has it, in UTC.
fn is_time(text: &str) -> bool {
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    text.ends_with('Z') && marks.iter().all(|(place, mark)| text.as_bytes().get(*place) == Some(mark))
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    let body = answer.expect(status);
    assert_eq!((&body["status"], &body["error_code"]), (&json!("error"), &json!(code)), "{body}");
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
}

/// The document's user with the document's booking, or another one.
pub(crate) async fn book(shop: &Tenant, number: i64, customer: &str) {
    let booking = json!({
        "kind": "booking", "customer_id": customer, "amount": 34_999, "currency": "USD",
        "details": {"vehicle": "Toyota Camry", "vehicle_id": 789, "booking_date": "2023-07-15T10:00:00Z",
                    "pickup_date": "2023-07-15T10:00:00Z", "dropoff_date": "2023-07-18T10:00:00Z"},
    });
    let put = shop.api.call(Method::PUT, &format!("/v1/payments/orders/{number}")).json(&booking);
    let _ = put.send().await.expect(201);
}

pub(crate) async fn method(user: &Api) -> Value {
    let card = json!({"type": "credit_card", "card_last4": "4242", "card_brand": "Visa", "expiry_date": "12/29",
                      "is_default": true});
    user.post("/rentals/payments/methods", &card).await.expect(200)["data"]["payment_method"]["id"].clone()
}

pub(crate) async fn patient(shop: &Tenant, path: &str, body: &Value) -> Answer {
    eventually("refunds knows of the payment", || async {
        let answer = shop.api.post(path, body).await;
        (answer.status != 404).then_some(answer)
    })
    .await
}

pub(crate) async fn the_rentals_documents_examples_are_answered_as_they_are_written(system: &System) {
    let shop = system.tenant();
    let user = shop.customer(USER);
    book(&shop, 456, USER).await;
    let pay = json!({"booking_id": 456, "amount": 349.99, "payment_method_id": method(&user).await,
                     "currency": "USD"});
    let paid = user.post("/rentals/payments/process", &pay).await.expect(200);
    let written = json!({
        "status": "success", "message": "Payment processed",
        "data": {"payment": {"id": 789, "amount": 349.99, "currency": "USD", "status": "completed",
                             "transaction_id": "txn_123456789", "created_at": "2023-06-15T14:30:00Z"}},
    });
    let made_up = ["id", "transaction_id", "created_at", "updated_at", "payment_id"];
    is_as_written(&paid, &written, &made_up);
    let payment = paid["data"]["payment"]["id"].clone();

    let details = user.get(&format!("/rentals/payments/{payment}")).await.expect(200);
    let written = json!({
        "status": "success", "message": "Payment details fetched",
        "data": {"details": {
            "id": 789, "booking_id": 456, "user_id": 123, "type": "payment", "amount": 349.99, "currency": "USD",
            "status": "completed", "method": "credit_card", "card_brand": "Visa", "card_last4": "4242",
            "transaction_id": "txn_123456789", "reference": "BOOK-456-PAY",
            "description": "Payment for booking #456",
            "metadata": {"booking_date": "2023-07-15T10:00:00Z", "vehicle": "Toyota Camry"},
            "created_at": "2023-06-15T14:30:00Z", "updated_at": "2023-06-15T14:30:45Z",
            "booking": {"id": 456, "pickup_date": "2023-07-15T10:00:00Z", "dropoff_date": "2023-07-18T10:00:00Z",
                        "vehicle_id": 789},
            "refunds": [],
        }},
    });
    is_as_written(&details, &written, &made_up);

    let history = user.get("/rentals/payments/user").await.expect(200);
    let written = json!({
        "status": "success", "message": "Transactions fetched",
        "data": [{"id": 789, "booking_id": 456, "type": "payment", "amount": 349.99, "currency": "USD",
                  "status": "completed", "method": "credit_card", "card_last4": "4242",
                  "transaction_id": "txn_123456789", "created_at": "2023-06-15T14:30:00Z"}],
        "meta": {"current_page": 1, "total_pages": 1, "total_items": 1, "per_page": 20},
    });
    is_as_written(&history, &written, &made_up);

    let back = json!({"payment_id": payment, "amount": 349.99, "reason": "Booking cancellation"});
    let refunded = patient(&shop, "/rentals/payments/refund", &back).await.expect(200);
    let written = json!({
        "status": "success", "message": "Refund processed",
        "data": {"refund": {"id": 123, "payment_id": 789, "amount": 349.99, "currency": "USD",
                            "reason": "Booking cancellation", "status": "completed",
                            "transaction_id": "ref_987654321", "created_at": "2023-06-16T10:22:18Z"}},
    });
    is_as_written(&refunded, &written, &made_up);
    refused(&shop.api.post("/rentals/payments/refund", &back).await, 400, "PAYMENT_NOT_REFUNDABLE");
}

/// From the moment at which it was asked for, whether or not its outcome is known.
pub(crate) async fn a_refund_stands_in_the_rentals_users_history_from_its_beginning(system: &System) {
    let shop = system.tenant();
    let user = shop.customer(USER);
    book(&shop, 456, USER).await;
    let card = json!({"type": "credit_card", "card_last4": "7726", "card_brand": "Visa", "expiry_date": "12/29",
                      "token": "tok_refund_pending"});
    let added = user.post("/rentals/payments/methods", &card).await.expect(200);
    let pay = json!({"booking_id": 456, "amount": 349.99, "currency": "USD",
                     "payment_method_id": added["data"]["payment_method"]["id"]});
    let paid = user.post("/rentals/payments/process", &pay).await.expect(200);
    let back = json!({"payment_id": paid["data"]["payment"]["id"], "amount": 10, "reason": "rain"});
    let begun = patient(&shop, "/rentals/payments/refund", &back).await.expect(202);
    let refund = begun["data"]["refund"]["id"].clone();
    let stands = async |statuses: &[&str]| {
        let listed = user.get("/rentals/payments/user").await.expect(200);
        assert_eq!(listed["meta"]["total_items"], 2, "{listed}");
        let shown = &listed["data"][0];
        assert_eq!((&shown["type"], &shown["id"]), (&json!("refund"), &refund), "{listed}");
        assert!(statuses.iter().any(|status| shown["status"] == *status), "{listed}");
    };
    stands(&["pending", "completed"]).await;
    // Not by the user's own reads, of which there are thirty a minute.
    eventually("the gateway's callback ends it", || async {
        let refunds = shop.api.get("/v1/payments/refunds").await.expect(200);
        (refunds["data"][0]["status"] == "succeeded").then_some(())
    })
    .await;
    stands(&["completed"]).await;
    let details = user.get(&format!("/rentals/payments/{}", back["payment_id"])).await.expect(200);
    assert_eq!(details["data"]["details"]["refunds"][0]["id"], refund, "{details}");
}

pub(crate) fn page_wanted(booking: i64) -> Value {
    json!({
        "gateway": "stripe", "booking_id": booking, "amount": 349.99, "currency": "USD",
        "return_url": "https://carfuse.example.com/bookings/456/confirmation",
        "cancel_url": "https://carfuse.example.com/bookings/456/payment",
    })
}

pub(crate) async fn the_rentals_documents_gateway_example_leads_to_a_page_and_is_called_back(
    system: &System,
) {
    let shop = system.tenant();
    let user = shop.customer(USER);
    book(&shop, 456, USER).await;
    let begun = user.post("/rentals/payments/gateway", &page_wanted(456)).await.expect(200);
    let written = json!({
        "status": "success", "message": "Gateway payment initiated",
        "data": {"redirect_url": "https://checkout.stripe.com/pay/cs_test_...", "session_id": "cs_test_...",
                 "expires_at": "2023-06-16T15:30:00Z"},
    });
    is_as_written(&begun, &written, &["redirect_url", "session_id", "expires_at"]);

    let callback = "/rentals/payments/gateway/stripe/callback";
    let told = json!({"session_id": begun["data"]["session_id"], "status": "success"});
    let anybody = system.api.anonymous();
    let done = json!({"status": "success", "message": "Callback processed"});
    assert_eq!(anybody.post(callback, &told).await.expect(200), done);
    let listed = user.get("/rentals/payments/user").await.expect(200);
    assert_eq!(listed["data"][0]["status"], "pending", "what a callback says is not believed: {listed}");
    press(&begun["data"]["redirect_url"], "success").await;
    for _ in 0..2 {
        assert_eq!(anybody.post(callback, &told).await.expect(200), done);
    }
    let listed = user.get("/rentals/payments/user").await.expect(200);
    assert_eq!(listed["data"][0]["status"], "completed", "{listed}");
    eventually("it is told once", || async {
        (system.events(&shop.name, "payment.processed").len() == 1).then_some(())
    })
    .await;

    refused(&anybody.post(callback, &json!({"status": "success"})).await, 400, "INVALID_CALLBACK");
    let forged = anybody.call(Method::POST, callback).json(&told).header("webhook-id", "evt_1");
    let forged = forged.header("webhook-timestamp", "1").header("webhook-signature", "v1,AAAA");
    refused(&forged.send().await, 400, "SIGNATURE_MISMATCH");
    refused(&user.post("/rentals/payments/gateway", &page_wanted(456)).await, 400, "BOOKING_ALREADY_PAID");
    let unknown = json!({"gateway": "square"});
    refused(&user.post("/rentals/payments/gateway", &unknown).await, 400, "UNSUPPORTED_GATEWAY");
    refused(&user.post("/rentals/payments/gateway", &page_wanted(457)).await, 404, "BOOKING_NOT_FOUND");
    book(&shop, 458, "124").await;
    refused(&user.post("/rentals/payments/gateway", &page_wanted(458)).await, 403, "PERMISSION_DENIED");
    refused(&anybody.post("/rentals/payments/gateway", &page_wanted(456)).await, 401, "UNAUTHORIZED");
}

/// Somebody presses a button of the gateway's page.
pub(crate) async fn press(page: &Value, result: &str) {
    let pressed = reqwest::Client::new()
        .post(page.as_str().expect("a page"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("result={result}"))
        .send()
        .await;
    assert_eq!(pressed.expect("the gateway is there").status().as_u16(), 200);
}

/// The annex's answers to refunds of its two storefronts: the refund as it has it, and every refusal by its code.
pub(crate) async fn every_refund_error_of_the_annex_is_reached(system: &System) {
    let shop = system.tenant();
    let method = shop.method("tok_visa").await;
    let uuid = |intent: &Value| {
        let id = intent["id"].as_str().expect("an id").parse::<IntentId>();
        id.expect("an intent's id").uuid().to_string()
    };
    let held = json!({"amount": 1_000, "currency": "EUR", "payment_method_id": method, "confirm": true,
                      "capture_mode": "manual"});
    let held = uuid(&shop.api.post("/v1/payments/intents", &held).await.expect(201));
    let paid = [shop.pay(&method, 1_000, "EUR").await, shop.pay(&method, 1_000, "EUR").await];
    let nobodys = "0190a6f0-2c1e-7b3a-9c4d-5e6f70819203".to_owned();
    let call = |storefront: &str, payment: &str, body: Value| {
        let (path, mut body) = match storefront {
            "adventures" => (format!("/adventures/payments/{payment}/refund"), body),
            _ => ("/hotels/refunds".to_owned(), body),
        };
        if storefront == "hotels" {
            body["payment_id"] = json!(payment);
            body["channel"] = json!("AGENT");
        }
        let api = shop.api.clone();
        async move { api.post(&path, &body).await }
    };
    let amount = |amount: f64| json!({"amount": amount, "reason": "storm"});
    for (storefront, payment) in ["adventures", "hotels"].into_iter().zip(&paid) {
        let payment = uuid(payment);
        let made = call(storefront, &payment, amount(4.5)).await.expect(201);
        assert!(made["refund_id"].is_string(), "{made}");
        for (of, body, status, code) in [
            (&payment, amount(5.51), 422, "REFUND_EXCEEDS_PAYMENT"),
            (&payment, amount(-1.0), 400, "VALIDATION_ERROR"),
            (&payment, amount(1.001), 400, "VALIDATION_ERROR"),
            (&payment, json!({"amount": 1}), 400, "VALIDATION_ERROR"),
            (&nobodys, amount(1.0), 404, "PAYMENT_NOT_FOUND"),
            (&held, amount(1.0), 409, "NOT_REFUNDABLE"),
        ] {
            let answer = call(storefront, of, body).await;
            assert_eq!(answer.expect(status)["error"], code, "{storefront}: {answer}");
        }
        let _ = call(storefront, &payment, json!({"reason": "the rest"})).await.expect(201);
        let answer = call(storefront, &payment, amount(0.01)).await;
        assert_eq!(answer.expect(409)["error"], "NOT_REFUNDABLE", "{storefront}: {answer}");
    }
}

pub(crate) async fn a_rentals_user_is_let_in_thirty_times_a_minute_by_all_processes_together(
    system: &System,
) {
    let shop = system.tenant();
    let user = shop.customer("77");
    let calls = (0..40).map(|_| user.get("/rentals/payments/user"));
    let answers = futures_util::future::join_all(calls).await;
    let let_in = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(let_in, 30, "of forty at once");
    let over = answers.iter().find(|answer| answer.status != 200).expect("ten are over the limit");
    refused(over, 429, "TOO_MANY_REQUESTS");
    let seconds = over.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    assert!(seconds.is_some_and(|seconds| (1..=60).contains(&seconds)), "{seconds:?}");
    assert!(over.headers.contains_key("ratelimit"), "{:?}", over.headers);
    let other = shop.customer("78").get("/rentals/payments/user").await;
    assert_eq!(other.status, 200, "another user's calls are counted for themselves");
}
