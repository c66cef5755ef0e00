//! Payment links and the settings: what cannot be paid is not sent, and the page says why it was refused.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::links::{LINKS, get, link, post, sent, wanted};
use crate::rig::{CUSTOMER, Process, World};
use crate::settings::hear;

fn at_most(minor: i64) -> Value {
    json!({ "maxAuthorizationAmounts": [{ "currency": "EUR", "amount": minor / 100, "amountMinor": minor }] })
}

async fn of_hotels(process: &Process, amount: f64) -> (u16, Value) {
    let body = json!({
        "reservation_id": "R-1", "hotel_id": "hotel-1", "amount": amount, "currency": "EUR",
        "guest": { "name": "Ada", "email": "ada@example.com" },
    });
    let request = TestRequest::post().uri("/hotels/payment-links").set_json(body);
    let answer = process.call(process.signed(request, "acme", CUSTOMER, "admin")).await;
    (answer.status, answer.json)
}

#[tokio::test]
async fn what_the_settings_do_not_permit_is_refused_when_the_link_is_made_and_sent_to_nobody() {
    let world = World::new();
    let process = world.process();
    hear(&process, 1, at_most(14_999)).await;
    for key in ["k", "k"] {
        process.post(LINKS, key, wanted()).await.is_problem(422, "amount_exceeds_limit");
    }
    let (status, refused) = of_hotels(&process, 150.0).await;
    assert_eq!((status, &refused["error"]), (422, &json!("VALIDATION_ERROR")), "{refused}");
    assert_eq!(process.get(LINKS).await.json["data"], json!([]));
    assert_eq!(of_hotels(&process, 149.99).await.0, 201);
    hear(&process, 2, json!({ "allowedMethods": ["sepa_debit"] })).await;
    for key in ["m", "m"] {
        let refused = process.post(LINKS, key, wanted()).await;
        refused.is_problem(422, "payment_method_type_not_allowed");
        assert_eq!(
            refused.json.get("errors"),
            None,
            "no field of a link says how it is paid: {}",
            refused.json
        );
    }
    assert_eq!(of_hotels(&process, 10.0).await.0, 422);
}

#[tokio::test]
async fn the_page_says_why_a_payment_was_refused_and_the_same_form_pays_once_it_is_permitted() {
    let world = World::new();
    let process = world.process();
    for (version, settings, said) in [
        (1, at_most(14_999), "payments of this amount are not accepted"),
        (3, json!({ "allowedMethods": ["sepa_debit"] }), "cards are not accepted for this payment"),
    ] {
        let (made, path) = link(&process, &format!("k{version}"), wanted()).await;
        let nonce = sent(&world, &process, (&made, &path), "tok_visa").await;
        hear(&process, version, settings).await;
        for _ in 0..2 {
            let refused = post(&process, &format!("{path}/confirm"), &nonce).await;
            assert_eq!(refused.status, 303, "{}", refused.html);
            let page = get(&process, &refused.to).await;
            page.shows(said).shows("Nothing was charged").shows("role=\"alert\"");
        }
        hear(&process, version + 1, json!({})).await;
        let paid = post(&process, &format!("{path}/confirm"), &nonce).await;
        get(&process, &paid.to).await.shows("it is paid");
    }
    world.check_books().await;
}

#[tokio::test]
async fn the_page_says_so_too_when_a_card_was_declined_before_the_settings_changed() {
    let world = World::new();
    let process = world.process();
    let (made, path) = link(&process, "k", wanted()).await;
    let nonce = sent(&world, &process, (&made, &path), "tok_declined").await;
    post(&process, &format!("{path}/confirm"), &nonce).await;
    let nonce = sent(&world, &process, (&made, &path), "tok_visa").await;
    hear(&process, 1, at_most(14_999)).await;
    get(&process, &path).await.shows("The payment was not possible");
    let refused = post(&process, &format!("{path}/confirm"), &nonce).await;
    get(&process, &refused.to).await.shows("payments of this amount are not accepted");
    assert!(world.booked().await.is_empty());
}

#[tokio::test]
async fn a_customer_has_no_link_made_changed_or_sent_in_the_merchants_name_and_reads_their_own() {
    let world = World::new();
    let process = world.process();
    let (made, _) = link(&process, "k", wanted()).await;
    let path = format!("{LINKS}/{}", made.text("id"));
    let by = |customer: &str, path: &str, body: &Value| {
        let request = TestRequest::post().uri(path).insert_header(("idempotency-key", path)).set_json(body);
        process.call(process.signed(request, "acme", customer, "customer"))
    };
    let told = world.told("notification.requested").len();
    let end = json!({ "expires_at": "2026-03-20T12:00:00Z" });
    for (path, body) in [
        (LINKS.to_owned(), &wanted()),
        (path.clone(), &end),
        (format!("{path}/cancel"), &json!({})),
        (format!("{path}/send"), &json!({ "channels": ["email"] })),
    ] {
        by(CUSTOMER, &path, body).await.is_problem(403, "merchants_only");
        if path != LINKS {
            by("cust_2", &path, body).await.is_problem(404, "not_found");
        }
    }
    let hotels = json!({
        "reservation_id": "R-1", "hotel_id": "hotel-1", "amount": 1, "currency": "EUR", "send_by": ["EMAIL"],
        "guest": { "name": "Somebody", "email": "somebody@example.com" },
    });
    let answer = by(CUSTOMER, "/hotels/payment-links", &hotels).await;
    assert_eq!((answer.status, answer.text("error")), (403, "FORBIDDEN"), "{}", answer.json);
    assert_eq!(world.told("notification.requested").len(), told, "nobody is written to");
    let read = process.signed(TestRequest::get().uri(&path), "acme", CUSTOMER, "customer");
    let read = process.call(read).await;
    assert_eq!((read.status, &read.json["version"]), (200, &json!(1)));
}
