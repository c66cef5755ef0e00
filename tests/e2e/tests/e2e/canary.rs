//! Card data goes to the vault's `POST /methods`, and is found nowhere afterwards: in no log at any level, no trace, no
//! table, no message, no file.

use std::collections::BTreeMap;
use std::fs;

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Folder, System, eventually, found_below, unique};

use crate::routes::{Owned, Route, routes};

/// A number with a valid check digit that no test card has, and a code.
const NUMBER: &str = "4539578763621486";
const CODE: &str = "8317";
/// The same, for where no card data is to go.
const STRAY: &str = "4556737586899855";
/// A number that nobody sends: put where the search must find it.
const PLANTED: &str = "4485275742308327";
/// How deep in a body a text may be to be tried.
const DEPTH: usize = 4;

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
    is_nowhere(system, &shop.name, NUMBER).await;
}

/// What a card's number looks like in one of its forms (plain, in groups, as base64, as the hexadecimal form of its digits),
/// or its code in the company of its name.
fn shape(number: &str) -> String {
    let groups = [&number[..4], &number[4..8], &number[8..12], &number[12..]].join("[ -]");
    let hexadecimal = data_encoding::HEXLOWER.encode(number.as_bytes());
    // Of what stands at the beginning of a text; 15 digits are whole letters of base64.
    let encoded = data_encoding::BASE64.encode(&number.as_bytes()[..15]);
    format!("{groups}|{number}|{hexadecimal}|{encoded}|(cvc|cvv)[^0-9]{{0,20}}{CODE}([^0-9]|$)")
}

/// That nothing of a card is in whatever the system has written, told or kept, and that it would be found there.
async fn is_nowhere(system: &System, tenant: &str, number: &str) {
    let traces = system.traces.as_ref().expect("its traces are kept");
    traced_up_to_now(system).await;
    for log in system.logs() {
        assert!(!found_below(&[log.as_path()], "TRACE").is_empty(), "{} is not at its finest", log.display());
    }
    let kept = Folder::new().expect("a folder");
    let dump = || fs::write(kept.path().join("dump"), system.database.dump()).expect("the dump is kept");
    dump();
    assert!(!found_below(&[kept.path()], tenant).is_empty(), "the dump has nothing of the tenant");
    // Where the search has to find it: in a header of a dead letter, compressed as all messages are.
    let has_kafka = system.put_among_dead_letters(&format!("said {PLANTED}")).await.expect("it is put there");
    let messages = system.on_kafka().await.expect("all messages are read");
    fs::write(kept.path().join("kafka"), messages).expect("the messages are kept");
    let everywhere = [system.folder(), traces.folder(), kept.path()];
    let found = found_below(&everywhere, &shape(number));
    assert!(found.is_empty(), "card data was left behind: {found:#?}");

    // And a table, a trace, a file.
    let row =
        format!("CREATE SCHEMA canary; CREATE TABLE canary.planted AS SELECT '{PLANTED}'::text AS number");
    system.database.change(&row);
    dump();
    system.database.change("DROP SCHEMA canary CASCADE");
    let planted = system.folder().join("planted");
    fs::write(&planted, format!("said {PLANTED}")).expect("a file is planted");
    let told = system.api.call_url(Method::POST, traces.url()).bare(PLANTED).send().await;
    assert_eq!(told.status, 200, "the collector takes what it is sent");
    let found = found_below(&everywhere, &shape(PLANTED));
    let of_kafka = has_kafka.then(|| kept.path().join("kafka"));
    let places = [planted.clone(), traces.folder().to_owned(), kept.path().join("dump")];
    for place in places.into_iter().chain(of_kafka) {
        let place = place.display().to_string();
        assert!(found.iter().any(|one| one.starts_with(&place)), "{place} is not searched: {found:#?}");
    }
    fs::remove_file(planted).expect("it is taken away again");
}

/// Waits until each of the services has handed over its traces of what it was asked before this.
async fn traced_up_to_now(system: &System) {
    let traces = system.traces.as_ref().expect("its traces are kept");
    for base in system.api.edge().bases() {
        let mark = unique("mark");
        let call = system.api.call_url(Method::GET, &format!("{base}/openapi.json"));
        let _ = call.header("x-request-id", &mark).send().await.expect(200);
        eventually("the traces are handed over", || async {
            (!found_below(&[traces.folder()], &mark).is_empty()).then_some(())
        })
        .await;
    }
}

/// A card's number in each text of each body, in each part of each address, in headers, and beside what is known of a body; a
/// whole card in each body.
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
        let document = &documents[&route.base];
        let address = |path: &str| format!("{}{path}", route.base);
        let strayed: Vec<&str> =
            route.path.split('/').map(|part| if part.starts_with('{') { STRAY } else { part }).collect();
        let call = |path: String| shop.api.call_url(route.method.clone(), &path).key(&unique("stray"));
        let _ = call(address(&strayed.join("/"))).send().await;
        let filled = owned.fill(&route.path);
        let mut asked = vec![format!("q={STRAY}")];
        asked.extend(asked_of(document, &route).iter().map(|name| format!("{name}={STRAY}")));
        let _ = call(address(&format!("{filled}?{}", asked.join("&")))).send().await;
        let mut headed = call(address(&filled)).header("if-match", STRAY);
        for header in ["x-request-id", "user-agent", "referer", "accept-language"] {
            headed = headed.header(header, STRAY);
        }
        let _ = headed.send().await;
        sent += 3;
        if matches!(route.method, Method::GET | Method::DELETE) {
            continue;
        }
        let good = owned.body(&route);
        let card = json!({"number": STRAY, "exp_month": 12, "exp_year": 2039, "cvc": CODE});
        let whole = json!({"type": "card", "card": &card});
        let mut bodies = vec![whole, card.clone(), merged(&good, "/card", card)];
        let texts = texts(document, body_of(document, &route), DEPTH);
        for pointer in texts.iter().map(String::as_str).chain([&*format!("/{STRAY}")]) {
            bodies.push(merged(&good, pointer, STRAY.into()));
        }
        for body in &bodies {
            let _ = call(address(&filled)).json(body).send().await;
            sent += 1;
        }
    }
    assert!(sent > 1_000, "only {sent} requests were made");
    is_nowhere(system, &shop.name, STRAY).await;
}

/// The schema of a route's body.
fn body_of<'a>(document: &'a Value, route: &Route) -> &'a Value {
    let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
    &operation["requestBody"]["content"]["application/json"]["schema"]
}

/// The names of what a route's address may ask for.
fn asked_of(document: &Value, route: &Route) -> Vec<String> {
    let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let in_query = parameters.filter(|one| one["in"] == "query");
    in_query.filter_map(|one| one["name"].as_str().map(str::to_owned)).collect()
}

/// Where a schema takes a text, as its document has it.
fn texts(document: &Value, schema: &Value, depth: usize) -> Vec<String> {
    let named = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
    let schema = named.and_then(|place| document.pointer(place)).unwrap_or(schema);
    let is = |kind: &str| {
        let of = &schema["type"];
        of == kind || of.as_array().is_some_and(|all| all.iter().any(|one| one == kind))
    };
    if is("string") {
        return vec![String::new()];
    }
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    let below = |name: &str, of: &Value| {
        let pointers = texts(document, of, depth).into_iter();
        pointers.map(|pointer| format!("/{name}{pointer}")).collect::<Vec<_>>()
    };
    let properties = schema["properties"].as_object().into_iter().flatten();
    let mut found: Vec<String> = properties.flat_map(|(name, of)| below(name, of)).collect();
    if is("array") {
        found.extend(below("0", &schema["items"]));
    }
    if schema["additionalProperties"].is_object() {
        found.extend(below("note", &schema["additionalProperties"]));
    }
    let ways = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|way| schema[way].as_array()).flatten();
    found.extend(ways.flat_map(|of| texts(document, of, depth)));
    found.sort();
    found.dedup();
    found
}

/// A body with something at a place, whatever was there and above it.
fn merged(body: &Value, pointer: &str, value: Value) -> Value {
    let Some((name, rest)) = pointer.strip_prefix('/').map(|rest| rest.split_once('/').unwrap_or((rest, "")))
    else {
        return value;
    };
    let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
    if name == "0" {
        return json!([merged(&body[0], &rest, value)]);
    }
    let mut object = body.as_object().cloned().unwrap_or_default();
    object.insert(name.to_owned(), merged(&body[name], &rest, value));
    object.into()
}
