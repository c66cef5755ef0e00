//! The annex's lines on payments of adventures and hotels, run as they are written: every field of every answer, and every
//! code that it names.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, System, Tenant, eventually, unique};

use crate::examples::press;

const GUEST: &str = "0190a6f0-2c1e-7b3a-9c4d-5e6f70819203";
const STRANGER: &str = "0190a6f0-2c1e-7b3a-9c4d-5e6f70819299";
const RESERVATION: &str = "0190a6f0-2c1e-7b3a-9c4d-000000000001";
const PAY: &str = "/adventures/payments";

/// The object has these fields and no others.
#[track_caller]
fn has_fields(object: &Value, fields: &[&str]) {
    let got: BTreeSet<&str> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(got, fields.iter().copied().collect(), "{object}");
}

/// A refusal in the annex's form: `{ error, message, field, trace_id }`.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, field: &Value) {
    let body = answer.expect(status);
    has_fields(&body, &["error", "message", "field", "trace_id"]);
    assert_eq!((&body["error"], &body["field"]), (&json!(code), field), "{body}");
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    assert!(body["trace_id"].is_string(), "{body}");
}

/// A guest with a reservation and a method made from each of these tokens; the methods' UUIDs, as the document knows
/// them.
async fn guest(system: &System, shop: &Tenant, tokens: &[&str]) -> Vec<Value> {
    let order = json!({"kind": "reservation", "customer_id": GUEST, "amount": 100_000, "currency": "USD"});
    let put = shop.api.call(Method::PUT, &format!("/v1/payments/orders/{RESERVATION}")).json(&order);
    let _ = put.send().await.expect(201);
    let mut methods = Vec::new();
    for token in tokens {
        let saved = json!({"type": "card", "token": token, "customer_id": GUEST});
        let _ = shop.api.post("/v1/payments/methods", &saved).await.expect(201);
        let own = format!(
            "SELECT method_id FROM vault.adventures_payment_methods WHERE tenant_id = '{}'",
            shop.name
        );
        let rows = system.database.query(&own).into_iter().map(|row| row["method_id"].clone());
        let new: Vec<Value> = rows.filter(|id| !methods.contains(id)).collect();
        assert_eq!(new.len(), 1, "one more method: {new:?}");
        methods.extend(new);
    }
    methods
}

fn payment(method: &Value) -> Value {
    json!({"reservation_id": RESERVATION, "guest_id": GUEST, "amount": 249.50, "currency": "USD",
           "payment_method_id": method, "idempotency_key": unique("key")})
}

/// With another value of a field.
fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

/// Pays with the key in the body alone.
async fn pay(shop: &Tenant, body: &Value) -> Answer {
    shop.api.call(Method::POST, PAY).json(body).send().await
}

const FIELDS: [&str; 10] = [
    "payment_id",
    "reservation_id",
    "guest_id",
    "amount",
    "currency",
    "payment_method_id",
    "gateway_ref",
    "status",
    "idempotency_key",
    "created_at",
];

pub(crate) async fn an_adventures_payment_has_every_field_and_code_of_its_line(system: &System) {
    let shop = system.tenant();
    let methods = guest(system, &shop, &["tok_visa", "tok_insufficient_funds"]).await;
    let wanted = payment(&methods[0]);
    let paid = pay(&shop, &wanted).await.expect(201);
    has_fields(&paid, &FIELDS);
    for field in ["reservation_id", "guest_id", "currency", "payment_method_id", "idempotency_key"] {
        assert_eq!(paid[field], wanted[field], "{field}: {paid}");
    }
    assert_eq!((&paid["status"], paid["amount"].to_string()), (&json!("COMPLETED"), "249.50".to_owned()));
    assert!(paid["gateway_ref"].is_string(), "{paid}");
    assert_eq!(pay(&shop, &wanted).await.expect(200), paid, "200 on replay");
    let by_header = with(wanted.clone(), "idempotency_key", Value::Null);
    let key = unique("key");
    let call = || shop.api.call(Method::POST, PAY).key(&key).json(&by_header).send();
    let second = call().await.expect(201);
    assert_ne!(second["payment_id"], paid["payment_id"], "several may be for one reservation");
    assert_eq!(call().await.expect(200)["payment_id"], second["payment_id"]);

    let declined = pay(&shop, &payment(&methods[1])).await.expect(201);
    assert_eq!(
        (&declined["status"], &declined["decline_reason"]),
        (&json!("FAILED"), &json!("INSUFFICIENT_FUNDS"))
    );
    let other = with(wanted.clone(), "amount", json!(249.51));
    refused(&pay(&shop, &other).await, 409, "IDEMPOTENCY_CONFLICT", &json!("idempotency_key"));
    let fresh = || payment(&methods[0]);
    for (field, value) in [
        ("reservation_id", json!("456")),
        ("guest_id", Value::Null),
        ("amount", json!(0)),
        ("amount", json!(249.505)),
        ("amount", json!("249.50")),
        ("currency", json!("US")),
        ("payment_method_id", Value::Null),
        ("idempotency_key", json!("k".repeat(65))),
        ("idempotency_key", Value::Null),
    ] {
        let wrong = pay(&shop, &with(fresh(), field, value)).await;
        refused(&wrong, 400, "VALIDATION_ERROR", &json!(field));
    }
    for (field, code) in
        [("payment_method_id", "PAYMENT_METHOD_NOT_FOUND"), ("reservation_id", "RESERVATION_NOT_FOUND")]
    {
        refused(&pay(&shop, &with(fresh(), field, json!(STRANGER))).await, 404, code, &json!(field));
    }
}

/// A card whose last month is over is one that was saved before: the vault takes no new one.
pub(crate) async fn an_adventures_payment_by_an_expired_method_is_refused(system: &System) {
    let shop = system.tenant();
    let methods = guest(system, &shop, &["tok_visa"]).await;
    let expire = format!(
        "UPDATE vault.payment_methods SET exp_month = 1, exp_year = 2020 WHERE tenant_id = '{}'",
        shop.name
    );
    system.database.change(&expire);
    let answer = eventually("nobody remembers it as it was", || async {
        let answer = pay(&shop, &payment(&methods[0])).await;
        (answer.status != 201).then_some(answer)
    })
    .await;
    refused(&answer, 422, "PAYMENT_METHOD_EXPIRED", &json!("payment_method_id"));
}

pub(crate) async fn an_adventures_payment_tells_its_processor_history_and_refunds(system: &System) {
    let shop = system.tenant();
    let methods = guest(system, &shop, &["tok_visa", "tok_declined"]).await;
    let paid = pay(&shop, &payment(&methods[0])).await.expect(201);
    let path = format!("{PAY}/{}", paid["payment_id"].as_str().expect("an id"));
    let details = shop.api.get(&path).await.expect(200);
    let more = ["processor", "status_history", "refunds", "disputes"];
    has_fields(&details, &FIELDS.iter().chain(&more).copied().collect::<Vec<_>>());
    has_fields(&details["processor"], &["name", "reference", "response_code"]);
    assert_eq!(details["processor"]["reference"], paid["gateway_ref"], "{details}");
    let steps = |details: &Value| -> Vec<String> {
        let steps = details["status_history"].as_array().expect("a list").iter();
        steps
            .map(|step| {
                has_fields(step, &["status", "at", "reason"]);
                step["status"].as_str().unwrap_or_default().to_owned()
            })
            .collect()
    };
    assert_eq!(steps(&details), ["PENDING", "COMPLETED"], "{details}");
    assert_eq!((&details["refunds"], &details["disputes"]), (&json!([]), &json!([])));

    for (amount, status) in [
        (json!({"amount": 49.50, "reason": "storm"}), "PARTIALLY_REFUNDED"),
        (json!({"reason": "storm"}), "REFUNDED"),
    ] {
        let refund = shop.api.post(&format!("{path}/refund"), &amount).await.expect(201);
        let told = eventually("the payment tells of its refund", || async {
            let details = shop.api.get(&path).await.expect(200);
            (details["status"] == status).then_some(details)
        })
        .await;
        let last = told["refunds"].as_array().and_then(|all| all.last().cloned()).expect("a refund");
        assert_eq!(last["refund_id"], refund["refund_id"], "{told}");
        assert_eq!(steps(&told).last().map(String::as_str), Some(status));
    }

    let declined = pay(&shop, &payment(&methods[1])).await.expect(201);
    let path = format!("{PAY}/{}", declined["payment_id"].as_str().expect("an id"));
    let failed = shop.api.get(&path).await.expect(200);
    assert_eq!(steps(&failed), ["PENDING", "FAILED"]);
    assert!(failed["status_history"][1]["reason"].is_string(), "{failed}");
    let stranger = system.tenant().api.get(&path).await;
    refused(&stranger, 404, "PAYMENT_NOT_FOUND", &Value::Null);
    refused(&system.api.anonymous().get(&path).await, 401, "UNAUTHORIZED", &Value::Null);
}

pub(crate) async fn a_guests_payments_are_listed_by_cursor_limit_status_and_time(system: &System) {
    let shop = system.tenant();
    let methods = guest(system, &shop, &["tok_visa", "tok_declined"]).await;
    let mut made = Vec::new();
    for method in [0, 1, 0, 0] {
        made.push(pay(&shop, &payment(&methods[method])).await.expect(201));
    }
    let list = async |query: &str| {
        shop.api.get(&format!("/adventures/guests/{GUEST}/payment-history{query}")).await.expect(200)
    };
    let ids = |page: &Value| -> Vec<Value> {
        page["items"].as_array().expect("a list").iter().map(|item| item["payment_id"].clone()).collect()
    };
    made.reverse();
    let newest: Vec<Value> = made.iter().map(|paid| paid["payment_id"].clone()).collect();
    let all = list("").await;
    has_fields(&all, &["items", "next_cursor", "has_more"]);
    assert_eq!((ids(&all), &all["has_more"]), (newest.clone(), &json!(false)), "newest first");
    has_fields(&all["items"][0], &FIELDS);
    let first = list("?limit=3").await;
    assert_eq!((ids(&first), &first["has_more"]), (newest[..3].to_vec(), &json!(true)));
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let rest = list(&format!("?limit=3&cursor={cursor}")).await;
    assert_eq!((ids(&rest), &rest["has_more"]), (newest[3..].to_vec(), &json!(false)));
    let failed = list("?status=FAILED").await;
    assert_eq!(ids(&failed), [newest[2].clone()], "{failed}");
    let at = |place: usize| made[place]["created_at"].as_str().expect("a time");
    let between = list(&format!("?from={}&to={}", at(2), at(0))).await;
    assert_eq!(ids(&between), newest[1..3], "from that instant on, before this one");

    let path = format!("/adventures/guests/{GUEST}/payment-history");
    refused(&shop.api.get(&format!("{path}?status=LOST")).await, 400, "VALIDATION_ERROR", &json!("status"));
    refused(&shop.api.get(&format!("{path}?limit=0")).await, 400, "VALIDATION_ERROR", &json!("limit"));
    assert_eq!(shop.customer(GUEST).get(&path).await.expect(200)["items"].as_array().map(Vec::len), Some(4));
    refused(&shop.customer(STRANGER).get(&path).await, 404, "NOT_FOUND", &Value::Null);
}

pub(crate) async fn a_hotels_record_and_settings_have_every_field_of_their_lines(system: &System) {
    let shop = system.tenant();
    let settings = "/hotels/hotels/hotel-1/settings";
    let policies = json!([{"rate_plan": "flex", "policy_type": "PERCENTAGE", "percentage": 30}]);
    let wanted = json!({"psp": "simulator", "locale": "de", "deposit_policies": policies,
                        "notification_url": "https://booking.example/told"});
    let set = shop.api.call(Method::PUT, settings).json(&wanted).send().await.expect(200);
    let fields = [
        "hotel_id",
        "psp",
        "locale",
        "notification_url",
        "notification_key",
        "notification_emails",
        "agents",
        "deposit_policies",
        "version",
        "updated_at",
    ];
    has_fields(&set, &fields);
    assert_eq!(shop.api.get(settings).await.expect(200), set);
    assert!(set["notification_key"].as_str().is_some_and(|key| key.starts_with("whpk_")), "{set}");
    let unset = system.tenant().api.get(settings).await.expect(200);
    assert_eq!((&unset["version"], &unset["psp"]), (&json!(0), &Value::Null), "another tenant's hotel");

    each_channel_asks_for_its_deposit(&shop).await;

    let pay = json!({
        "reservation_id": unique("R"), "hotel_id": "hotel-1", "amount": 120.50, "currency": "EUR",
        "guest": {"name": "Ada Example", "email": "ada@example.com"}, "booking_reference": "ABC123",
        "channel": "AGENT", "success_url": "https://booking.example/paid",
        "failure_url": "https://booking.example/not-paid", "notification_url": "https://booking.example/told",
    });
    let begun = shop.api.post("/hotels/payments", &pay).await.expect(201);
    has_fields(&begun, &["payment_id", "status", "redirect_url", "expires_at"]);
    press(&begun["redirect_url"], "success").await;
    let id = begun["payment_id"].as_str().expect("an id");
    let notify = format!("/hotels/payments/{id}/notify");
    assert_eq!(system.api.anonymous().post(&notify, &json!({})).await.expect(200)["status"], "COMPLETED");
    let record = shop.api.get(&format!("/hotels/payments/{id}")).await.expect(200);
    assert_eq!((&record["status"], &record["gateway"]), (&json!("COMPLETED"), &json!("simulator")));
    assert!(record["gateway_ref"].is_string(), "{record}");
    let told = &record["notifications"][0];
    assert_eq!((&told["payment_status"], &told["address"]), (&json!("COMPLETED"), &pay["notification_url"]));
    for (field, value) in [
        ("reservation_id", Value::Null),
        ("amount", json!(-1)),
        ("channel", json!("FAX")),
        ("success_url", json!("nowhere")),
        ("notification_url", json!("https://10.0.0.1/told")),
    ] {
        let wrong = shop.api.post("/hotels/payments", &with(pay.clone(), field, value)).await;
        refused(&wrong, 400, "VALIDATION_ERROR", &json!(field));
    }
    let unknown = shop.api.get(&format!("/hotels/payments/{STRANGER}")).await;
    refused(&unknown, 404, "PAYMENT_NOT_FOUND", &Value::Null);
}

/// Of each channel a reservation that asks for its deposit, and for another when it becomes dearer.
async fn each_channel_asks_for_its_deposit(shop: &Tenant) {
    for (channel, asks) in
        [("GUEST_BOOKING", "redirect_url"), ("AGENT", "link_id"), ("PAYMENT_LINK", "link_id")]
    {
        let reservation = unique("R");
        let stay = json!({
            "reservation_id": reservation, "hotel_id": "hotel-1", "rate_plan": "flex",
            "guest": {"name": "Ada Example", "email": "ada@example.com", "phone": "+41790000000", "locale": "de"},
            "total": 300.00, "currency": "EUR", "arrival": "2027-05-01", "departure": "2027-05-04", "channel": channel,
        });
        let asked = shop.api.post("/hotels/reservations", &stay).await.expect(201);
        assert_eq!(
            (&asked["policy_type"], asked["amount"].to_string()),
            (&json!("PERCENTAGE"), "90.00".to_owned())
        );
        assert!(asked[asks].is_string(), "{channel}: {asked}");
        let changed = json!({"status": "MODIFIED", "total": 600.00});
        let call = shop.api.call(Method::PATCH, &format!("/hotels/reservations/{reservation}"));
        let dearer = call.json(&changed).send().await.expect(200);
        assert_eq!(dearer["amount"].to_string(), "180.00", "{dearer}");
    }
}
