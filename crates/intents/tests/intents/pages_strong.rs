//! A card on a gateway's page is authenticated as one of ours is: by the tenant's policy, fraud's word and the law.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::intents::Intent;
use tender_domain::ports::ThreeDs;

use crate::fraud::challenged_above;
use crate::rentals::{USER, as_user};
use crate::rig::{Answer, INTENTS, Process, World, with};
use crate::settings::hear;
use crate::{hotels, rentals, reservations};

/// Whose page it is.
#[derive(Debug, Clone, Copy)]
enum Door {
    Session,
    Hotels,
    Deposit,
    Rentals,
}

const DOORS: [Door; 4] = [Door::Session, Door::Hotels, Door::Deposit, Door::Rentals];

/// A world, a process and a page that was begun by this door, of a tenant with these settings.
async fn begun(door: Door, settings: &Value, rule: Option<Value>) -> (World, Process, Intent) {
    let world = World::new();
    let process = match door {
        Door::Rentals => rentals::process(&world).await,
        _ => world.process(),
    };
    hear(&process, 1, settings.clone()).await;
    if let Some(rule) = rule {
        process.rule(rule).await;
    }
    match door {
        Door::Session => drop(session(&process, "card", 2_000).await),
        Door::Hotels => drop(process.post(hotels::PAYMENTS, "h", with(hotels::wanted(), "amount", 20)).await),
        Door::Deposit => reservations::book_online(&process).await,
        Door::Rentals => {
            let body = json!({
                "gateway": "stripe", "booking_id": 456, "amount": 349.99, "currency": "USD",
                "return_url": "https://r.example/b", "cancel_url": "https://r.example/c",
            });
            let request = TestRequest::post().uri("/rentals/payments/gateway").set_json(body);
            drop(process.call(as_user(&process, request, USER)).await);
        }
    }
    let intent = world.intents().await.pop().unwrap_or_else(|| panic!("{door:?} began nothing"));
    assert!(intent.open_session().is_some(), "{door:?}: {intent:?}");
    (world, process, intent)
}

async fn session(process: &Process, method: &str, amount: i64) -> Answer {
    let body = json!({ "amount": amount, "currency": "EUR", "customer_id": "cust_1",
        "setup_future_usage": "recurring" });
    let intent = process.post(INTENTS, "bare", body).await.text("id").to_owned();
    let body = json!({ "payment_intent_id": intent, "return_url": "https://shop.example/return" });
    process.post(&format!("/v1/payments/apm/{method}/initiate"), "i", body).await
}

/// The customer pays on the page and comes back: the authorization, as its tenant is shown it.
async fn paid(world: &World, process: &Process, intent: &Intent) -> Value {
    let open = intent.open_session().expect("it is open");
    let url = &open.challenge.as_ref().expect("a page").url;
    let reference = url.rsplit('/').next().expect("a page");
    assert!(world.line.simulator.end_session(reference, "success").await.expect("books in memory"));
    let (session, id) = (open.id.session(), intent.id);
    process.post(&format!("/v1/payments/apm/{session}/confirm"), "back", json!({})).await;
    assert_eq!(process.read(&id.to_string()).await["status"], "succeeded");
    world.check_books().await;
    let all = process.get(&format!("{INTENTS}/{id}/transactions")).await.json["data"].clone();
    let all = all.as_array().expect("a list").clone();
    all.into_iter().find(|one| one["type"] == "authorization").expect("it was authorized")
}

/// Whether the gateway was asked to authenticate whoever pays.
fn is_forced(world: &World, intent: &Intent) -> bool {
    let kept = intent.open_session().expect("it is open").three_ds == ThreeDs::Force;
    assert_eq!(world.line.asked_for_authentication(), kept, "what is kept is what was asked");
    kept
}

#[actix_web::test]
async fn a_tenant_that_always_asks_has_every_page_authenticate() {
    for door in DOORS {
        let (world, process, intent) = begun(door, &json!({ "threeDsPolicy": "always" }), None).await;
        assert!(is_forced(&world, &intent), "{door:?}");
        let result = paid(&world, &process, &intent).await["three_ds_result"].clone();
        assert_eq!((&result["status"], &result["flow"]), (&json!("Y"), &json!("challenge")), "{door:?}");
        let (world, _, intent) = begun(door, &json!({ "threeDsPolicy": "automatic" }), None).await;
        assert!(!is_forced(&world, &intent), "{door:?}");
    }
}

#[actix_web::test]
async fn frauds_challenge_has_every_page_authenticate() {
    for door in DOORS {
        let currency = if matches!(door, Door::Rentals) { "USD" } else { "EUR" };
        let rule = challenged_above(999, currency);
        let (world, _, intent) = begun(door, &json!({ "threeDsPolicy": "never" }), Some(rule)).await;
        assert!(is_forced(&world, &intent), "{door:?}");
    }
}

#[actix_web::test]
async fn a_page_asks_for_the_exemption_of_a_low_value_and_what_came_of_it_is_known_at_its_end() {
    let (world, process, intent) =
        begun(Door::Session, &json!({ "threeDsPolicy": "risk_based" }), None).await;
    let all = process.get(&format!("{INTENTS}/{}/transactions", intent.id)).await.json["data"].clone();
    assert_ne!(all[0]["sca_exemption"]["granted"], json!(false), "a page that is shown refuses nothing");
    let shown = paid(&world, &process, &intent).await;
    assert_eq!(shown["sca_exemption"], json!({ "type": "low_value", "granted": true }));
}

#[tokio::test]
async fn another_method_than_a_card_is_not_authenticated_by_the_policy_and_no_page_begins_a_mandate() {
    let world = World::new();
    let process = world.process();
    hear(&process, 1, json!({ "threeDsPolicy": "always", "allowedMethods": ["card", "ideal"] })).await;
    session(&process, "ideal", 2_000).await.is(201, "pending");
    let intent = world.intents().await.remove(0);
    assert!(!is_forced(&world, &intent));
    let (world, process, intent) = begun(Door::Session, &json!({ "threeDsPolicy": "automatic" }), None).await;
    assert!(!is_forced(&world, &intent), "no mandate is begun, so that none is authenticated");
    paid(&world, &process, &intent).await;
    assert_eq!(process.read(&intent.id.to_string()).await["mandate"], Value::Null);
}
