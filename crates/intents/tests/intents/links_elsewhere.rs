//! The page behind a link: payments that are made elsewhere, by redirect or by a code, without a script.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::intents::{Intent, IntentStatus};

use crate::callbacks::states;
use crate::links::{LINKS, Page, browse, get, link, post, sent, wanted};
use crate::rig::{CUSTOMER, INTENTS, Process, World};
use crate::settings::hear;

/// The customer presses a method's button, by the form of the page as it is shown now.
async fn choose(process: &Process, path: &str, (flow, method): (&str, &str)) -> Page {
    let form = get(process, path).await.hidden("form");
    send(process, path, &form, (flow, method)).await
}

async fn send(process: &Process, path: &str, form: &str, (flow, method): (&str, &str)) -> Page {
    let request = TestRequest::post().uri(&format!("{path}/method"));
    browse(process, request.set_form([("form", form), (flow, method)])).await
}

async fn newest(world: &World) -> Intent {
    world.intents().await.into_iter().next().expect("an intent")
}

/// What the customer presses on the method's own page.
async fn at_the_bank(world: &World, result: &str) {
    let intent = newest(world).await;
    let open = intent.open_session().expect("a session");
    let reference = open.challenge.as_ref().expect("a page").url.rsplit('/').next().expect("it has a name");
    assert!(world.line.simulator.end_session(reference, result).await.expect("books in memory"));
}

/// Where the gateway was told to send the browser back to.
async fn way_back(world: &World) -> String {
    let intent = newest(world).await;
    let session = intent.attempts.last().and_then(|attempt| attempt.session.as_ref()).expect("a session");
    let back = session.return_url.clone().expect("a way back");
    back.strip_prefix("https://pay.example").expect("our address").to_owned()
}

#[tokio::test]
async fn the_page_offers_what_the_settings_and_the_connectors_allow_for_the_amount() {
    let world = World::new();
    let process = world.process();
    let (_, path) = link(&process, "all", wanted()).await;
    let page = get(&process, &path).await;
    page.shows("How do you want to pay?").shows(">PayPal<").shows(">iDEAL<").shows(">Klarna<");
    page.shows("Card number");
    assert!(page.policy.ends_with("frame-ancestors 'none'") && !page.policy.contains("script"));
    assert!(!page.html.contains("<script") && !page.html.contains("style="), "{}", page.html);

    hear(&process, 1, json!({ "allowedMethods": ["card", "ideal"] })).await;
    let page = get(&process, &path).await;
    page.shows(">iDEAL<").shows("Card number");
    assert!(!page.html.contains("PayPal"), "{}", page.html);
    let refused = choose(&process, &path, ("redirect", "paypal")).await;
    get(&process, &refused.to).await.shows("this way to pay is not offered");

    hear(&process, 2, json!({ "allowedMethods": ["ideal"] })).await;
    let page = get(&process, &path).await;
    page.shows(">iDEAL<");
    assert!(!page.html.contains("Card number"), "{}", page.html);
    let (_, other) = link(&process, "no-card", wanted()).await;
    get(&process, &other).await.shows(">iDEAL<");

    hear(&process, 3, json!({ "allowedMethods": ["card"] })).await;
    let page = get(&process, &path).await;
    page.shows("Pay by card");
    assert!(!page.html.contains("/method"), "{}", page.html);
    hear(&process, 4, json!({ "allowedMethods": ["sepa_debit"] })).await;
    let page = get(&process, &path).await;
    page.shows("The payment was not possible");
    assert!(!page.html.contains("<form"), "{}", page.html);
    assert_eq!((world.line.calls(), world.intents().await.len()), (0, 0), "nothing was tried");
}

#[tokio::test]
async fn a_method_leads_to_its_page_and_return_and_callback_pay_once_in_either_order() {
    for returns_first in [true, false] {
        for method in ["ideal", "klarna", "paypal"] {
            let world = World::new();
            let process = world.process();
            let (made, path) = link(&process, "k", wanted()).await;
            let chosen = choose(&process, &path, ("redirect", method)).await;
            assert_eq!(chosen.status, 303, "{}", chosen.html);
            let page = get(&process, &chosen.to).await;
            page.shows("One more step").shows("/simulator/challenge/");
            assert!(!page.html.contains("return_url="), "the gateway was told: {}", page.html);
            // Who comes back before the bank has decided is shown the same step again.
            let back = way_back(&world).await;
            let early = get(&process, &back).await;
            get(&process, &early.to).await.shows("One more step");

            at_the_bank(&world, "success").await;
            if returns_first {
                let returned = get(&process, &back).await;
                assert_eq!(returned.status, 303);
                get(&process, &returned.to).await.shows("Thank you, it is paid");
                assert_eq!(world.tell(&process).await, 1);
            } else {
                assert_eq!(world.tell(&process).await, 1);
                get(&process, &path).await.shows("Thank you, it is paid");
                let returned = get(&process, &back).await;
                get(&process, &returned.to).await.shows("Thank you, it is paid");
            }
            assert_eq!(states(&process).await.len(), 1);
            assert_eq!(world.told("payment.processed").len(), 1, "{method}");
            let link = process.get(&format!("{LINKS}/{}", made.text("id"))).await.json;
            let intent = process.read(link["payment_intent_id"].as_str().expect("its intent")).await;
            assert_eq!((&link["status"], &intent["status"]), (&json!("completed"), &json!("succeeded")));
            assert_eq!(intent["metadata"]["payment_link_id"], made.json["id"]);
            world.check_books().await;
        }
    }
}

#[tokio::test]
async fn a_code_is_shown_for_a_telephone_and_the_page_shows_the_outcome_by_itself() {
    let world = World::new();
    let process = world.process();
    let (_, path) = link(&process, "k", wanted()).await;
    let chosen = choose(&process, &path, ("qr", "ideal")).await;
    let page = get(&process, &chosen.to).await;
    page.shows("Scan the code").shows("<svg class=\"scan\"").shows("aria-label=\"QR code for iDEAL\"");
    page.shows("http-equiv=\"refresh\"");
    at_the_bank(&world, "success").await;
    assert_eq!(world.tell(&process).await, 1);
    get(&process, &chosen.to).await.shows("Thank you, it is paid");
    world.check_books().await;
}

#[tokio::test]
async fn who_goes_back_is_refused_or_is_too_late_may_choose_another_way_and_pays_once() {
    for (result, said) in [
        ("canceled", "you went back without paying"),
        ("failed", "your bank could not be sure"),
        ("expired", "it was not paid in time"),
    ] {
        let world = World::new();
        let process = world.process();
        let (made, path) = link(&process, "k", wanted()).await;
        choose(&process, &path, ("redirect", "paypal")).await;
        if result == "expired" {
            world.wait(31 * 60);
            process.tick().await;
        } else {
            at_the_bank(&world, result).await;
            let returned = get(&process, &way_back(&world).await).await;
            assert_eq!(returned.status, 303);
        }
        get(&process, &path).await.shows(said).shows("Nothing was charged").shows("role=\"alert\"");
        assert!(world.booked().await.is_empty(), "{result}");
        // Once more elsewhere, or by card: the same intent.
        if result == "failed" {
            let nonce = sent(&world, &process, (&made, &path), "tok_visa").await;
            post(&process, &format!("{path}/confirm"), &nonce).await;
        } else {
            choose(&process, &path, ("redirect", "ideal")).await;
            at_the_bank(&world, "success").await;
            assert!(world.tell(&process).await > 0);
        }
        get(&process, &path).await.shows("Thank you, it is paid");
        assert_eq!((world.intents().await.len(), world.told("payment.processed").len()), (1, 1), "{result}");
        world.check_books().await;
    }
}

#[tokio::test]
async fn a_form_that_is_sent_many_times_and_two_tabs_begin_one_payment() {
    let world = World::new();
    let process = world.process();
    let (made, path) = link(&process, "k", wanted()).await;
    let first = get(&process, &path).await.hidden("form");
    let second = get(&process, &path).await.hidden("form");
    let card = sent(&world, &process, (&made, &path), "tok_visa").await;
    let sends = (0..12).map(|number| {
        let form = if number % 2 == 0 { &first } else { &second };
        let (process, path) = (&process, &path);
        async move { send(process, path, form, ("redirect", "ideal")).await.status }
    });
    for status in futures_util::future::join_all(sends).await {
        assert!(matches!(status, 303 | 503), "{status}");
    }
    // Nor does a card that was entered before: the page shows what is to be done.
    post(&process, &format!("{path}/confirm"), &card).await;
    get(&process, &path).await.shows("One more step");
    let intents = world.intents().await;
    assert_eq!((intents.len(), intents[0].attempts.len()), (1, 1));
    assert_eq!(intents[0].status, IntentStatus::RequiresAction);
    assert!(world.booked().await.is_empty());
}

#[tokio::test]
async fn a_link_for_many_is_paid_elsewhere_by_each_form_once() {
    let world = World::new();
    let process = world.process();
    let mut body = wanted();
    body["usage"] = json!("multiple");
    let (_, path) = link(&process, "k", body).await;
    for method in ["ideal", "paypal"] {
        let chosen = choose(&process, &path, ("redirect", method)).await;
        get(&process, &chosen.to).await.shows("One more step");
        at_the_bank(&world, "success").await;
        let returned = get(&process, &way_back(&world).await).await;
        get(&process, &returned.to).await.shows("Thank you, it is paid");
    }
    assert_eq!((world.intents().await.len(), world.booked().await.len()), (2, 2));
    world.check_books().await;
}

#[tokio::test]
async fn what_was_not_asked_by_the_page_begins_nothing() {
    let world = World::new();
    let process = world.process();
    let (made, path) = link(&process, "k", wanted()).await;
    let form = get(&process, &path).await.hidden("form");
    for (form, flow, method, status) in [
        ("../x", "redirect", "ideal", 404),
        ("", "redirect", "ideal", 404),
        (form.as_str(), "flow", "ideal", 404),
        (form.as_str(), "redirect", "card", 303),
        (form.as_str(), "redirect", "<b>", 303),
    ] {
        let answer = send(&process, &path, form, (flow, method)).await;
        assert_eq!(answer.status, status, "{form} {flow} {method}: {}", answer.html);
    }
    let unknown = send(&process, "/pay/x", &form, ("redirect", "ideal")).await;
    assert_eq!(unknown.status, 404);
    let cancel = format!("{LINKS}/{}/cancel", made.text("id"));
    assert_eq!(process.post(&cancel, "c", json!({})).await.status, 200);
    send(&process, &path, &form, ("redirect", "ideal")).await;
    get(&process, &path).await.shows("This link was withdrawn");
    assert_eq!((world.line.calls(), world.intents().await.len()), (0, 0));
}

async fn registered(process: &Process, name: &str, priority: i32, config: Value) -> Value {
    let body = json!({ "name": name, "type": "simulator", "priority": priority, "config": config });
    let answer = process.post("/v1/payments/connectors", name, body).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    answer.json["id"].clone()
}

async fn session(process: &Process, key: &str, currency: &str) -> String {
    let body = json!({ "amount": 2_000, "currency": currency, "customer_id": CUSTOMER });
    let intent = process.post(INTENTS, key, body).await.text("id").to_owned();
    let body = json!({ "payment_intent_id": intent });
    let begun = process.post("/v1/payments/apm/paypal/initiate", &format!("s{key}"), body).await;
    assert_eq!(begun.status, 201, "{}", begun.json);
    intent
}

#[tokio::test]
async fn sessions_and_pages_go_to_the_tenants_own_connectors_by_its_rules() {
    let world = World::new();
    let process = world.process();
    registered(&process, "first", 10, json!({})).await;
    let second = registered(&process, "second", 5, json!({})).await;
    let rule = json!({ "match": { "currency": "USD" }, "connector_id": second, "priority": 100 });
    assert_eq!(process.post("/v1/payments/routing-rules", "r", rule).await.status, 201);
    session(&process, "1", "EUR").await;
    session(&process, "2", "USD").await;
    let (_, path) = link(&process, "k", wanted()).await;
    choose(&process, &path, ("redirect", "ideal")).await;
    let intents = world.intents().await;
    let at: Vec<_> = intents.iter().map(|intent| intent.attempts[0].connector.as_str()).collect();
    assert_eq!(at, ["first", "second", "first"], "newest first");
    // What the gateway behind it tells counts, as for a charge.
    at_the_bank(&world, "success").await;
    assert_eq!(world.tell(&process).await, 1);
    get(&process, &path).await.shows("Thank you, it is paid");
    world.check_books().await;
}
