//! From where a payer calls is known by this server itself, by every door that payers come through: the fraud rules count
//! by it, whatever a browser says. A storefront's server says itself for whom it calls.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::adventures::{self, GUEST, RESERVATION};
use crate::hotels::{self, PAYMENTS};
use crate::links::{link, post_from, sent, wanted};
use crate::rentals::{self, USER, as_user, booking, put};
use crate::rig::{CUSTOMER, INTENTS, Process, World, payment, unconfirmed, with};
use crate::tickets;

/// Denies the second payment from an address within an hour.
fn one_an_hour() -> Value {
    json!({
        "name": "one an hour",
        "condition": { "velocity_count": { "by": "ip", "window_seconds": 3600, "at_most": 1 } },
        "effect": { "action": "deny" },
    })
}

/// The edge on this machine forwards a call from this address.
fn from(request: TestRequest, address: &str) -> TestRequest {
    let request = request.peer_addr("127.0.0.1:1000".parse().expect("an address"));
    // What the caller wrote itself stands before what the edge saw.
    request
        .insert_header(("x-forwarded-for", format!("198.51.100.99, {address}")))
        .insert_header(("user-agent", "Browser/1.0"))
}

/// What fraud's rules said of the payments from two addresses: the first one's second is denied, the other one's is not.
async fn counts_by_address(world: &World) {
    let mut said: Vec<_> = Vec::new();
    for intent in world.intents().await.iter().rev() {
        let decision = intent.risk.decision.as_ref().expect("it was looked at");
        assert_eq!(intent.risk.signals.user_agent.as_deref(), Some("Browser/1.0"));
        let ip = intent.risk.signals.ip.expect("it was seen").to_string();
        said.push((ip, decision.action.as_str()));
    }
    let (one, other) = ("203.0.113.7".to_owned(), "203.0.113.8".to_owned());
    assert_eq!(said, [(one.clone(), "allow"), (one, "deny"), (other, "allow")]);
}

const ADDRESSES: [&str; 3] = ["203.0.113.7", "203.0.113.7", "203.0.113.8"];

#[actix_web::test]
async fn on_the_page_of_a_link() {
    let world = World::new();
    let process = world.process();
    process.rule(one_an_hour()).await;
    for (number, address) in ADDRESSES.iter().enumerate() {
        let (made, path) = link(&process, &format!("k{number}"), wanted()).await;
        let form = sent(&world, &process, (&made, &path), "tok_visa").await;
        let confirm = format!("{path}/confirm");
        post_from(&process, &confirm, &form, |request| from(request, address)).await;
    }
    counts_by_address(&world).await;
}

/// Confirms a new intent with its client secret, by a browser that says that it is somewhere else.
async fn by_secret(process: &Process, key: &str, address: &str) {
    let created = process.post(INTENTS, key, unconfirmed("tok_visa")).await;
    let device = json!({ "ip": "192.0.2.55", "ip_country": "DE", "user_agent": "Another/2.0",
        "browser": { "language": "de" } });
    let path = format!("{INTENTS}/{}/confirm", created.text("id"));
    let request = TestRequest::post().uri(&path).insert_header(("idempotency-key", key));
    let request = from(request.set_json(json!({ "device": device })), address);
    process.with_secret(created.text("client_secret"), request).await;
}

#[actix_web::test]
async fn by_a_client_secret_whatever_the_browser_says() {
    let world = World::new();
    let process = world.process();
    process.rule(one_an_hour()).await;
    for (number, address) in ADDRESSES.iter().enumerate() {
        by_secret(&process, &format!("k{number}"), address).await;
    }
    counts_by_address(&world).await;
    for intent in world.intents().await {
        assert_eq!(intent.risk.signals.ip_country, None, "the country of an address that it does not have");
        let browser = intent.options.payer.browser.expect("the gateway is told of it");
        assert_eq!(
            (browser.ip, browser.user_agent.as_deref()),
            (intent.risk.signals.ip, Some("Browser/1.0"))
        );
        assert_eq!(browser.language.as_deref(), Some("de"));
    }
}

#[actix_web::test]
async fn in_the_tickets_dialect() {
    let world = World::new();
    let process = world.process();
    process.rule(one_an_hour()).await;
    for (number, address) in ADDRESSES.iter().enumerate() {
        let order = format!("0190a6f0-2c1e-7b3a-9c4d-00000000000{number}");
        tickets::put_order_named(&process, &order).await;
        let request =
            TestRequest::post().uri(tickets::PATH).set_json(with(tickets::payment(), "orderId", order));
        process.call(process.signed(from(request, address), "acme", tickets::A_GUID, "customer")).await;
    }
    counts_by_address(&world).await;
}

#[actix_web::test]
async fn in_the_adventures_dialect() {
    let world = World::new();
    let process = adventures::process(&world).await;
    process.rule(one_an_hour()).await;
    for (number, address) in ADDRESSES.iter().enumerate() {
        let body = json!({
            "reservation_id": RESERVATION, "guest_id": GUEST, "amount": 10.00, "currency": "USD",
            "payment_method_id": adventures::method("tok_visa"), "idempotency_key": format!("k{number}"),
        });
        let request = TestRequest::post().uri(adventures::PATH).set_json(body);
        process.call(process.signed(from(request, address), "acme", GUEST, "customer")).await;
    }
    counts_by_address(&world).await;
}

#[actix_web::test]
async fn in_the_rentals_dialect_by_a_method_and_on_a_gateways_page() {
    for by_page in [false, true] {
        let world = World::new();
        let process = rentals::process(&world).await;
        process.rule(one_an_hour()).await;
        let method = rentals::method(&world, "tok_visa").await;
        for (number, address) in (456..).zip(ADDRESSES) {
            put(&process, booking(number, 34_999)).await;
            let (path, body) = match by_page {
                false => (rentals::PROCESS, with(rentals::payment(method), "booking_id", number)),
                true => (
                    "/rentals/payments/gateway",
                    json!({
                        "gateway": "stripe", "booking_id": number, "amount": 349.99, "currency": "USD",
                        "return_url": "https://r.example/b", "cancel_url": "https://r.example/c",
                    }),
                ),
            };
            let request = from(TestRequest::post().uri(path).set_json(body), address);
            process.call(as_user(&process, request, USER)).await;
        }
        counts_by_address(&world).await;
    }
}

#[actix_web::test]
async fn in_the_hotels_dialect_where_the_guest_calls() {
    let world = World::new();
    let process = world.process();
    process.rule(one_an_hour()).await;
    for address in ADDRESSES {
        let request = from(TestRequest::post().uri(PAYMENTS).set_json(hotels::wanted()), address);
        process.call(process.signed(request, "acme", CUSTOMER, "customer")).await;
    }
    counts_by_address(&world).await;
}

#[actix_web::test]
async fn a_storefronts_server_is_no_payer_and_what_it_states_counts() {
    let world = World::new();
    let process = world.process();
    process.rule(one_an_hour()).await;
    let device = |ip: &str| json!({ "ip": ip, "user_agent": "Browser/1.0" });
    for (number, address) in ADDRESSES.iter().enumerate() {
        let body = with(payment("tok_visa"), "device", device(address));
        let request = process.command(INTENTS, &format!("k{number}"), &body);
        process.call(request.peer_addr("192.0.2.1:1000".parse().expect("an address"))).await;
    }
    counts_by_address(&world).await;
    for number in 0..2 {
        let request = from(process.command(PAYMENTS, &format!("h{number}"), &hotels::wanted()), "192.0.2.1");
        let answer = process.call(request).await;
        assert_eq!((answer.status, answer.text("status")), (201, "INITIATED"), "{}", answer.json);
    }
}

#[actix_web::test]
async fn what_is_forwarded_by_a_stranger_is_not_believed() {
    let world = World::new();
    let process = world.process();
    process.rule(one_an_hour()).await;
    for number in 0..2 {
        let order = format!("0190a6f0-2c1e-7b3a-9c4d-00000000000{number}");
        tickets::put_order_named(&process, &order).await;
        let request =
            TestRequest::post().uri(tickets::PATH).set_json(with(tickets::payment(), "orderId", order));
        let request = from(request, &format!("203.0.113.{number}"));
        let request = request.peer_addr("192.0.2.1:1000".parse().expect("an address"));
        process.call(process.signed(request, "acme", tickets::A_GUID, "customer")).await;
    }
    let said: Vec<_> = world.intents().await.iter().map(|intent| intent.risk.signals.ip).collect();
    assert_eq!(said, [Some("192.0.2.1".parse().expect("an address")); 2], "the connection's own address");
}
