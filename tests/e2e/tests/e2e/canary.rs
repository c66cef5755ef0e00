//! Card data goes to the vault's `POST /methods`, and is found nowhere afterwards.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{System, eventually, unique};

use crate::routes::{Owned, Route, routes};

/// A number with a valid check digit that no test card has, and a code.
const NUMBER: &str = "4539578763621486";
const CODE: &str = "8317";
/// The same, for where no card data is to go.
const STRAY: &str = "4556737586899855";

pub(crate) async fn card_data_is_found_nowhere(system: &System) {
    let shop = system.tenant();
    let card = |number: &str| json!({"number": number, "exp_month": 12, "exp_year": 2039, "cvc": CODE, "holder_name": "A Holder"});
    let spaced = "4539 5787 6362 1486";
    let mut methods = Vec::new();
    for number in [NUMBER, spaced] {
        let body = json!({"type": "card", "customer_id": "cust_1", "card": card(number),
                          "consent": {"given": true, "text_version": "1"}});
        let saved = shop.api.post("/v1/payments/methods", &body).await.expect(201);
        assert_eq!((&saved["last4"], &saved["brand"]), (&json!("1486"), &json!("VISA")), "{saved}");
        methods.push(saved["id"].as_str().expect("an id").to_owned());
    }
    let body = json!({"amount": 1234, "currency": "EUR", "customer_id": "cust_1", "payment_method_id": methods[0], "confirm": true});
    let paid = shop.api.post("/v1/payments/intents", &body).await.expect(201);
    assert_eq!(paid["status"], "succeeded", "{paid}");

    // Wherever else a text goes. What is refused is not kept and not logged; what is taken has none in it.
    let wrong =
        json!({"type": "card", "card": {"number": NUMBER, "exp_month": 13, "exp_year": 2039, "cvc": CODE}});
    let _ = shop.api.post("/v1/payments/methods", &wrong).await;
    let wrong =
        json!({"type": "card", "card": {"number": NUMBER, "exp_month": "x", "cvc": CODE}, "extra": CODE});
    let _ = shop.api.post("/v1/payments/methods", &wrong).await;
    let half = format!("{{\"type\": \"card\", \"card\": {{\"number\": \"{NUMBER}\", \"cvc\": \"{CODE}\"");
    let _ = shop.api.call(Method::POST, "/v1/payments/methods").key(&unique("half")).text(half).send().await;
    let _ = shop
        .api
        .post("/v1/payments/intents", &json!({"amount": 1, "currency": "EUR", "metadata": {"card": NUMBER}}))
        .await;
    let _ = shop.api.post("/v1/payments/intents", &json!({"amount": NUMBER, "currency": NUMBER})).await;
    let _ = shop.api.post("/v1/payments/intents", &json!({"amount": 1, "currency": "EUR", NUMBER: 1})).await;
    for path in [
        format!("/v1/payments/intents/{NUMBER}"),
        format!("/v1/payments/intents?customer_id={NUMBER}"),
        format!("/{NUMBER}"),
    ] {
        let _ = shop.api.get(&path).await;
    }
    let call = || shop.api.call(Method::POST, "/v1/payments/intents");
    let plain = json!({"amount": 1, "currency": "EUR"});
    let _ = call().key(NUMBER).json(&plain).send().await;
    let _ = call().key(&unique("id")).header("x-request-id", NUMBER).json(&plain).send().await;
    let _ = call().key(&unique("agent")).header("user-agent", NUMBER).json(&plain).send().await;

    eventually("the payment is told", || async {
        (!system.events(&shop.name, "payment.processed").is_empty()).then_some(())
    })
    .await;
    is_nowhere(system, &shop.name, shows_card);
}

/// That no line of a log, of Kafka or of the database is such a one.
fn is_nowhere(system: &System, tenant: &str, shows: impl Fn(&str) -> bool) {
    let (said, dump) = (system.said(), system.database.dump());
    assert!(said.len() > 10_000 && dump.contains(tenant), "there was nothing to search");
    for (place, text) in [("a log or on Kafka", &said), ("the database", &dump)] {
        let found: Vec<&str> = text.lines().filter(|line| shows(line)).take(5).collect();
        assert!(found.is_empty(), "card data in {place}: {found:#?}");
    }
}

/// A card's number in each text of each body, in each part of each address, and beside what is known of a body.
pub(crate) async fn a_card_number_in_any_text_of_any_route_is_found_nowhere(system: &System) {
    let shop = system.tenant();
    let owned = Owned::of(&shop).await;
    let mut documents = BTreeMap::new();
    for base in system.api.edge().bases() {
        let document = system.api.call_url(Method::GET, &format!("{base}/openapi.json")).send().await;
        documents.insert(base.to_owned(), document.expect(200));
    }
    let mut sent = 0;
    for route in routes(system).await {
        let address = |path: &str| format!("{}{path}", route.base);
        let strayed: Vec<&str> =
            route.path.split('/').map(|part| if part.starts_with('{') { STRAY } else { part }).collect();
        let call = |path: String| shop.api.call_url(route.method.clone(), &path).key(&unique("stray"));
        let _ = call(address(&strayed.join("/"))).send().await;
        let _ = call(address(&format!("{}?q={STRAY}", owned.fill(&route.path)))).send().await;
        sent += 2;
        if matches!(route.method, Method::GET | Method::DELETE) {
            continue;
        }
        let good = owned.body(&route);
        for field in texts(&documents[&route.base], &route).into_iter().chain([STRAY.to_owned()]) {
            let mut body = good.clone();
            body[&field] = STRAY.into();
            let _ = call(address(&owned.fill(&route.path))).json(&body).send().await;
            sent += 1;
        }
    }
    assert!(sent > 300, "only {sent} requests were made");
    is_nowhere(system, &shop.name, |line| line.contains(STRAY));
}

/// The fields of a route's body that take a text, as its document has them.
fn texts(document: &Value, route: &Route) -> Vec<String> {
    let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let named = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
    let schema = named.and_then(|place| document.pointer(place)).unwrap_or(schema);
    let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
    let is_text =
        |kind: &Value| *kind == "string" || kind.as_array().is_some_and(|all| all.contains(&json!("string")));
    properties.iter().filter(|(_, of)| is_text(&of["type"])).map(|(name, _)| name.clone()).collect()
}

/// Whether a line has the number in one of its forms, or the code in the company of its name.
fn shows_card(line: &str) -> bool {
    const FORMS: [&str; 4] = [
        NUMBER,
        "4539 5787 6362 1486",
        // As base64, and as the hexadecimal form of its digits.
        "NDUzOTU3ODc2MzYyMTQ4N",
        "34353339353738373633363231343836",
    ];
    FORMS.iter().any(|form| line.contains(form)) || (line.contains("cvc") && line.contains(CODE))
}
