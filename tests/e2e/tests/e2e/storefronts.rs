//! The rentals and adventures documents, each from its first call to its last, over all the services that it needs.

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Edge, System, eventually, unique};

const GUEST: &str = "0190a6f0-2c1e-7b3a-9c4d-5e6f70819203";
const RESERVATION: &str = "0190a6f0-2c1e-7b3a-9c4d-000000000001";

pub(crate) async fn a_rental_is_paid_and_refunded_by_numbers_alone(system: &System) {
    let shop = system.tenant();
    let user = shop.customer("123");
    let card = json!({"type": "credit_card", "card_last4": "4242", "card_brand": "Visa", "expiry_date": "12/25",
                      "is_default": true});
    let added = user.post("/rentals/payments/methods", &card).await.expect(200);
    let method = added["data"]["payment_method"]["id"].clone();
    assert!(method.is_i64(), "{added}");
    let listed = user.get("/rentals/payments/methods").await.expect(200);
    assert_eq!(listed["data"]["payment_methods"][0]["id"], method, "{listed}");

    let booking = json!({"kind": "booking", "customer_id": "123", "amount": 34_999, "currency": "USD",
                         "details": {"vehicle": "Toyota Camry", "vehicle_id": 789}});
    let put = shop.api.call(Method::PUT, "/v1/payments/orders/456").json(&booking);
    let _ = put.send().await.expect(201);
    let pay = json!({"booking_id": 456, "amount": 349.99, "payment_method_id": method, "currency": "USD"});
    let paid = user.post("/rentals/payments/process", &pay).await.expect(200);
    let payment = &paid["data"]["payment"];
    assert_eq!((&paid["message"], &payment["status"]), (&json!("Payment processed"), &json!("completed")));

    let back = json!({"payment_id": payment["id"], "amount": 349.99, "reason": "Booking cancellation"});
    assert_eq!(
        user.post("/rentals/payments/refund", &back).await.expect(403)["error_code"],
        "PERMISSION_DENIED"
    );
    let refunded = eventually("the refund is made", || async {
        let answer = shop.api.post("/rentals/payments/refund", &back).await;
        (answer.status == 200).then(|| answer.json())
    })
    .await;
    let refund = &refunded["data"]["refund"];
    assert_eq!(
        (&refund["payment_id"], &refund["status"]),
        (&payment["id"], &json!("completed")),
        "{refunded}"
    );

    let path = format!("/rentals/payments/{}", payment["id"]);
    let details = eventually("the payment tells of its refund", || async {
        let details = user.get(&path).await.expect(200)["data"]["details"].clone();
        (details["refunds"] != json!([])).then_some(details)
    })
    .await;
    assert_eq!(details["refunds"][0]["id"], refund["id"], "both services have one number for it");
    assert_eq!((&details["user_id"], &details["booking"]["vehicle_id"]), (&json!(123), &json!(789)));
    let history = user.get("/rentals/payments/user").await.expect(200);
    assert_eq!(history["meta"]["total_items"], 2, "{history}");
}

pub(crate) async fn a_reservation_is_paid_refunded_and_told_in_the_documents_words(system: &System) {
    let shop = system.tenant();
    let reservation =
        json!({"kind": "reservation", "customer_id": GUEST, "amount": 24_950, "currency": "USD"});
    let put = shop.api.call(Method::PUT, &format!("/v1/payments/orders/{RESERVATION}")).json(&reservation);
    let _ = put.send().await.expect(201);
    let saved = json!({"type": "card", "token": "tok_visa", "customer_id": GUEST});
    let _ = shop.api.post("/v1/payments/methods", &saved).await.expect(201);
    // The document's id of a method is the UUID that its own table shows.
    let rows = system.database.query(&format!(
        "SELECT method_id FROM vault.adventures_payment_methods WHERE tenant_id = '{}'",
        shop.name
    ));
    let pay = json!({"reservation_id": RESERVATION, "guest_id": GUEST, "amount": 249.50, "currency": "USD",
                     "payment_method_id": rows[0]["method_id"], "idempotency_key": unique("key")});
    let call = shop.api.call(Method::POST, "/adventures/payments").json(&pay);
    let paid = call.send().await.expect(201);
    assert_eq!(paid["status"], "COMPLETED", "{paid}");
    let id = paid["payment_id"].as_str().expect("an id").to_owned();

    let told = eventually("novatrek.support.payment.processed is told", || async {
        let all = system.events(&shop.name, "novatrek.support.payment.processed");
        all.into_iter().find(|event| event.json()["payment_id"] == paid["payment_id"])
    })
    .await;
    assert_eq!(told.json()["gateway_ref"], paid["gateway_ref"]);

    let back = json!({"amount": 49.50, "reason": "storm"});
    let refund = shop.api.post(&format!("/adventures/payments/{id}/refund"), &back).await.expect(201);
    let details = eventually("the payment tells of its refund", || async {
        let details = shop.api.get(&format!("/adventures/payments/{id}")).await.expect(200);
        (details["status"] == "PARTIALLY_REFUNDED").then_some(details)
    })
    .await;
    assert_eq!(details["refunds"][0]["refund_id"], refund["refund_id"], "{details}");
    let shown = |table: &str| -> Value {
        system.database.query(&format!("SELECT * FROM {table} WHERE tenant_id = '{}'", shop.name)).remove(0)
    };
    assert_eq!(shown("intents.payments")["status"], "PARTIALLY_REFUNDED");
    assert_eq!(shown("refunds.adventures_refunds")["refund_id"], refund["refund_id"]);
}

/// There is an edge in front of the five services only: what the all-in-one serves has one host name.
pub(crate) async fn a_storefronts_own_host_name_serves_the_paths_of_its_document(system: &System) {
    let Edge::Five { .. } = system.api.edge() else { return };
    let shop = system.tenant();
    let (user, hotel) = (shop.customer("123"), unique("hotel"));
    for (api, host, path) in [
        (&shop.api, "hotels", format!("/hotels/{hotel}/settings")),
        (&shop.api, "hotels", format!("/hotels/hotels/{hotel}/settings")),
        (&shop.api, "hotels", "/hotels/reservations/settings".to_owned()),
        (&user, "rentals", "/payments/user".to_owned()),
        (&user, "rentals", "/rentals/payments/user".to_owned()),
    ] {
        let host = format!("{host}.tender.example");
        let asked = api.call(Method::GET, &path).header("host", &host).send().await;
        assert_eq!(asked.status, 200, "{host}{path}: {asked}");
    }
    // With the same words, but another method: a reservation's name, not a hotel's.
    for path in ["/hotels/reservations/settings", "/reservations/settings"] {
        let change = shop.api.call(Method::PATCH, path).header("host", "hotels.tender.example");
        let asked = change.json(&json!({"status": "CANCELLED"})).send().await;
        assert_eq!(asked.expect(404)["error"], "RESERVATION_NOT_FOUND", "{path}: {asked}");
    }
}
