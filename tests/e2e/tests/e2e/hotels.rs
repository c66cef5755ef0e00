//! The hotels document's flows in the routes of its annex, over all the services that they need.

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, System, Tenant, eventually, unique};

use crate::examples::press;

fn stay(reservation: &str, channel: &str) -> Value {
    json!({
        "reservation_id": reservation, "hotel_id": "hotel-1", "rate_plan": "flex",
        "guest": {"name": "Ada Example", "email": "ada@example.com", "phone": "+41790000000", "locale": "de"},
        "total": 300.00, "currency": "EUR", "arrival": "2027-05-01", "departure": "2027-05-04", "channel": channel,
    })
}

async fn policy(shop: &Tenant, policy: Value) {
    let body = json!({"hotel_id": "hotel-1", "policies": [policy], "version": 0});
    let put = shop.api.call(Method::PUT, "/v1/payments/deposits/policies").json(&body);
    let _ = put.send().await.expect(200);
}

async fn change(shop: &Tenant, reservation: &str, body: &Value) -> Answer {
    shop.api.call(Method::PATCH, &format!("/hotels/reservations/{reservation}")).json(body).send().await
}

/// The guest's browser comes back: where it is sent on to.
async fn come_back(system: &System, payment: &Value) -> (u16, String) {
    let path =
        format!("/hotels/payments/{}/return?result=success", payment["payment_id"].as_str().expect("an id"));
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let answer = client.get(system.api.edge().url(&path)).send().await.expect("Tender is there");
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default();
    (answer.status().as_u16(), location.to_owned())
}

pub(crate) async fn a_deposit_is_paid_on_the_page_confirms_the_stay_and_goes_back_when_it_is_given_up(
    system: &System,
) {
    let shop = system.tenant();
    policy(&shop, json!({"rate_plan": "flex", "policy_type": "PERCENTAGE", "percentage_bps": 3_000})).await;
    let reservation = unique("R");
    let asked = shop.api.post("/hotels/reservations", &stay(&reservation, "GUEST_BOOKING")).await.expect(201);
    assert_eq!((&asked["deposit_required"], &asked["policy_type"]), (&json!(true), &json!("PERCENTAGE")));
    assert_eq!(asked["amount"].to_string(), "90.00");
    press(&asked["redirect_url"], "success").await;
    assert_eq!(
        come_back(system, &asked).await.0,
        200,
        "a page of our own: the booking system gave no address"
    );
    let payment = format!("/hotels/payments/{}", asked["payment_id"].as_str().expect("an id"));
    let paid = eventually("it is paid", || async {
        let record = shop.api.get(&payment).await.expect(200);
        (record["status"] == "COMPLETED").then_some(record)
    })
    .await;
    assert_eq!((&paid["channel"], &paid["reservation_id"]), (&json!("GUEST_BOOKING"), &json!(reservation)));
    let known = shop.api.post("/hotels/reservations", &stay(&reservation, "GUEST_BOOKING")).await.expect(200);
    assert_eq!(known["status"], "CONFIRMED", "{known}");
    let order = format!("/v1/payments/orders/{reservation}");
    eventually("the order directory is written back", || async {
        (shop.api.get(&order).await.expect(200)["status"] == "confirmed").then_some(())
    })
    .await;

    let canceled = change(&shop, &reservation, &json!({"status": "CANCELLED"})).await.expect(200);
    assert_eq!(canceled["status"], "CANCELLED", "{canceled}");
    eventually("all of it goes back by itself", || async {
        let record = shop.api.get(&payment).await.expect(200);
        let refunded = record["amount_refunded"].to_string();
        (refunded == "90.00").then_some(())
    })
    .await;
    let refunds = shop.api.get("/v1/payments/refunds").await.expect(200);
    assert_eq!(refunds["data"].as_array().map(Vec::len), Some(1), "once: {refunds}");
    eventually("the order is given up", || async {
        (shop.api.get(&order).await.expect(200)["status"] == "canceled").then_some(())
    })
    .await;
}

pub(crate) async fn a_stay_that_is_put_as_an_order_is_confirmed_by_its_deposit_and_goes_back_with_it(
    system: &System,
) {
    let shop = system.tenant();
    policy(&shop, json!({"rate_plan": "flex", "policy_type": "FIRST_NIGHT"})).await;
    let order = format!("/v1/payments/orders/{}", unique("R"));
    let mut body = json!({
        "kind": "reservation", "customer_id": "guest-1", "amount": 30_000, "currency": "EUR", "rate_plan": "flex",
        "stay": {
            "hotel_id": "hotel-1", "guest": {"name": "Ada Example", "locale": "de"}, "channel": "GUEST_BOOKING",
            "arrival": "2027-05-01", "departure": "2027-05-04",
        },
    });
    let asked = shop.api.call(Method::PUT, &order).json(&body).send().await.expect(201);
    assert_eq!((&asked["status"], &asked["deposit"]["amount"]), (&json!("pending"), &json!(10_000)));
    press(&asked["deposit"]["url"], "success").await;
    let paid = eventually("its deposit confirms the order", || async {
        let order = shop.api.get(&order).await.expect(200);
        (order["status"] == "confirmed").then_some(order)
    })
    .await;
    assert_eq!(paid["deposit"]["paid"], true, "{paid}");

    body["status"] = json!("canceled");
    let _ = shop.api.call(Method::PUT, &order).json(&body).send().await.expect(200);
    let intent = paid["deposit"]["payment_intent_id"].as_str().expect("an id");
    let path = format!("/v1/payments/intents/{intent}?expand[]=order&expand[]=latest_charge");
    let back = eventually("it goes back by itself", || async {
        let intent = shop.api.get(&path).await.expect(200);
        (intent["amount_refunded"] == 10_000).then_some(intent)
    })
    .await;
    assert_eq!(
        (&back["order"]["status"], &back["order"]["kind"]),
        (&json!("canceled"), &json!("reservation"))
    );
    assert_eq!(back["latest_charge"]["amount_captured"], 10_000, "{back}");
}

pub(crate) async fn a_payment_is_begun_told_in_either_order_and_refunded_by_an_agent(system: &System) {
    let shop = system.tenant();
    let wanted = json!({
        "reservation_id": unique("R"), "hotel_id": "hotel-1", "amount": 120.50, "currency": "EUR",
        "guest": {"name": "Ada Example", "email": "ada@example.com"}, "booking_reference": "ABC123",
        "channel": "AGENT", "success_url": "https://booking.example/paid",
        "failure_url": "https://booking.example/not-paid",
    });
    let begun = shop.api.post("/hotels/payments", &wanted).await.expect(201);
    let mut names: Vec<&String> = begun.as_object().expect("an object").keys().collect();
    names.sort();
    assert_eq!(names, ["expires_at", "payment_id", "redirect_url", "status"], "{begun}");
    assert_eq!(begun["status"], "INITIATED");
    assert_eq!(come_back(system, &begun).await.0, 200, "the query is not believed");
    press(&begun["redirect_url"], "success").await;
    let id = begun["payment_id"].as_str().expect("an id");
    let notify = format!("/hotels/payments/{id}/notify");
    let told = system.api.anonymous().post(&notify, &json!({"status": "failed"})).await.expect(200);
    assert_eq!(told["status"], "COMPLETED", "{told}");
    assert_eq!(come_back(system, &begun).await, (303, "https://booking.example/paid".to_owned()));
    assert_eq!(system.api.anonymous().get(&notify).await.expect(200)["status"], "COMPLETED");
    eventually("it is told once", || async {
        (system.events(&shop.name, "payment.processed").len() == 1).then_some(())
    })
    .await;
    let back = json!({"payment_id": id, "amount": 20.50, "reason": "noise", "channel": "AGENT"});
    let refund = shop.api.post("/hotels/refunds", &back).await.expect(201);
    assert!(refund["refund_id"].is_string(), "{refund}");
    eventually("the payment tells of its refund", || async {
        let record = shop.api.get(&format!("/hotels/payments/{id}")).await.expect(200);
        let refunded = record["amount_refunded"].to_string();
        (refunded == "20.50").then_some(())
    })
    .await;
    let more = json!({"payment_id": id, "amount": 100.01, "reason": "noise", "channel": "AGENT"});
    let refused = shop.api.post("/hotels/refunds", &more).await.expect(422);
    assert_eq!((&refused["error"], &refused["field"]), (&json!("REFUND_EXCEEDS_PAYMENT"), &json!("amount")));

    let given_up = shop.api.post("/hotels/payments", &wanted).await.expect(201);
    press(&given_up["redirect_url"], "canceled").await;
    assert_eq!(come_back(system, &given_up).await, (303, "https://booking.example/not-paid".to_owned()));
    let record = format!("/hotels/payments/{}", given_up["payment_id"].as_str().expect("an id"));
    assert_eq!(shop.api.get(&record).await.expect(200)["status"], "CANCELLED");
}

pub(crate) async fn a_link_is_made_read_and_taken_back_in_the_documents_words(system: &System) {
    let shop = system.tenant();
    let wanted = json!({
        "reservation_id": unique("R"), "hotel_id": "hotel-1", "amount": 90, "currency": "EUR",
        "guest": {"name": "Ada Example"}, "send_by": [],
    });
    let link = shop.api.post("/hotels/payment-links", &wanted).await.expect(201);
    assert_eq!((&link["status"], link["amount"].to_string()), (&json!("INITIATED"), "90.00".to_owned()));
    let path = format!("/hotels/payment-links/{}", link["link_id"].as_str().expect("an id"));
    let mut read = shop.api.get(&path).await.expect(200);
    assert_eq!(read["notifications"].take(), json!([]), "nobody was to be told of it");
    read.as_object_mut().expect("an object").remove("notifications");
    assert_eq!(read, link);
    let by_mail = shop.api.post(&format!("{path}/send"), &json!({"send_by": ["EMAIL"]})).await.expect(422);
    assert_eq!(by_mail["error"], "VALIDATION_ERROR", "the guest has no address: {by_mail}");
    let canceled = shop.api.post(&format!("{path}/cancel"), &json!({})).await.expect(200);
    assert_eq!(canceled["status"], "CANCELLED", "{canceled}");
    let stranger = system.tenant().api.get(&path).await.expect(404);
    assert_eq!(stranger["error"], "PAYMENT_LINK_NOT_FOUND", "{stranger}");
}
