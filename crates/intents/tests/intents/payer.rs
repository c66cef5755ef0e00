//! Who pays, as the client tells it: handed to the gateway whole, compared by fraud, shown masked, told to nobody else.

use serde_json::{Value, json};
use tender_domain::ports::Contact;

use crate::rig::{INTENTS, World, payment, unconfirmed, with};

/// A payment with everything that can be told of who pays.
fn told(body: Value) -> Value {
    let contact = |country: &str| {
        json!({ "name": "Ada Byron", "email": "ada@example.com", "phone": "+49 30 123456",
                "address": { "line1": "Hauptstrasse 7", "city": "Berlin", "postal_code": "10115",
                             "country": country } })
    };
    let device = json!({ "ip": "203.0.113.7", "user_agent": "Lynx/2.9",
                         "browser": { "accept_header": "text/html", "language": "de-DE", "color_depth": 24,
                                      "timezone_offset": -60, "javascript_enabled": true } });
    let body = with(with(body, "billing_details", contact("DE")), "shipping", contact("FR"));
    with(body, "device", device)
}

#[tokio::test]
async fn who_pays_goes_to_the_gateway_whole_and_is_shown_masked_and_told_to_nobody() {
    let world = World::new();
    let process = world.process();
    let paid = process.post(INTENTS, "1", told(payment("tok_visa"))).await;
    paid.is(201, "succeeded");
    let masked = json!({ "name": "A…", "email": "a…@example.com", "phone": "…56", "country": "DE" });
    assert_eq!(paid.json["billing_details"], masked);
    assert_eq!(process.read(paid.text("id")).await["shipping"]["country"], "FR");

    let payer = world.line.payer();
    assert_eq!(payer.billing.as_ref().and_then(|billing| billing.email.as_deref()), Some("ada@example.com"));
    assert_eq!(payer.shipping.as_deref().and_then(Contact::country), Some("FR"));
    let browser = payer.browser.expect("told");
    assert_eq!(
        (browser.user_agent.as_deref(), browser.timezone_offset_minutes),
        (Some("Lynx/2.9"), Some(-60))
    );
    assert_eq!(browser.ip.map(|ip| ip.to_string()).as_deref(), Some("203.0.113.7"));

    let events = format!("{:?}", world.told("payment.processed"));
    assert!(!["Ada", "ada@", "Hauptstrasse"].iter().any(|text| events.contains(text)), "{events}");
    // Who tells nothing is shown nothing.
    let plain = process.post(INTENTS, "2", payment("tok_visa")).await;
    assert!(plain.json.get("billing_details").is_none() && plain.json.get("shipping").is_none());
}

#[tokio::test]
async fn a_confirmation_tells_it_anew_and_what_it_does_not_tell_stays() {
    let world = World::new();
    let process = world.process();
    let created = process.post(INTENTS, "1", told(unconfirmed("tok_visa"))).await;
    let path = format!("{INTENTS}/{}/confirm", created.text("id"));
    let anew = json!({ "shipping": { "name": "Bob", "address": { "country": "IT" } } });
    process.post(&path, "2", anew).await.is(200, "succeeded");
    let payer = world.line.payer();
    assert_eq!(payer.shipping.as_deref().and_then(Contact::country), Some("IT"));
    assert_eq!(payer.billing.as_deref().and_then(Contact::country), Some("DE"));
    assert!(payer.browser.is_some());
}

#[tokio::test]
async fn fraud_compares_the_countries_of_the_addresses() {
    let world = World::new();
    let process = world.process();
    let rule = json!({ "name": "sent elsewhere",
                       "condition": { "country_mismatch": { "first": "billing", "second": "shipping" } },
                       "effect": { "action": "deny" } });
    assert_eq!(process.post("/v1/payments/fraud/rules", "r", rule).await.status, 201);
    process.post(INTENTS, "1", told(payment("tok_visa"))).await.is(201, "failed");
    let home = with(payment("tok_visa"), "billing_details", json!({ "address": { "country": "DE" } }));
    let home = with(home, "shipping", json!({ "address": { "country": "DE" } }));
    process.post(INTENTS, "2", home).await.is(201, "succeeded");
}

#[tokio::test]
async fn what_is_malformed_or_unknown_in_it_is_refused_and_changes_nothing() {
    let world = World::new();
    let process = world.process();
    for (field, value, status, pointer) in [
        ("billing_details", json!({ "email": "ada" }), 400, "/billing_details/email"),
        ("billing_details", json!({ "vat": "DE1" }), 400, "/billing_details/vat"),
        ("shipping", json!({ "address": { "country": "Germany" } }), 400, "/shipping/address/country"),
        ("shipping", json!({ "name": "4242 4242 4242 4242" }), 422, "/shipping/name"),
        ("device", json!({ "browser": { "color_depth": 0 } }), 400, "/device/browser/color_depth"),
        ("device", json!({ "browser": { "eyes": 2 } }), 400, "/device/browser/eyes"),
    ] {
        let refused = process.post(INTENTS, "1", with(payment("tok_visa"), field, value)).await;
        assert_eq!(refused.status, status, "{field}: {}", refused.json);
        assert!(refused.json.to_string().contains(pointer), "{pointer}: {}", refused.json);
    }
    assert_eq!((world.line.calls(), world.intents().await.len()), (0, 0));
}
