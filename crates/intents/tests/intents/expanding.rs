//! `expand[]`: references opened one level deep, for who may read what they lead to.

use actix_web::test::TestRequest;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tender_domain::ports::Clock as _;

use crate::rig::{Answer, CUSTOMER, INTENTS, JWT_SECRET, Process, World, payment, unconfirmed, with};

async fn paid(process: &Process, order: &str) -> Value {
    let body = with(payment("tok_visa"), "order_ref", order);
    let paid = process.post(INTENTS, order, body).await;
    paid.is(201, "succeeded");
    process.read(paid.text("id")).await
}

async fn put_order(process: &Process, reference: &str, customer: &str) {
    let body = json!({"kind": "order", "customer_id": customer, "amount": 10_000, "currency": "EUR"});
    let request = TestRequest::put().uri(&format!("/v1/payments/orders/{reference}")).set_json(body);
    let put = process.call(process.signed(request, "acme", "shop", "admin")).await;
    assert_eq!(put.status, 201, "{}", put.json);
}

/// The token of a customer who was given `orders:read` beside.
fn reading_customer(world: &World) -> String {
    let claims = json!({
        "iss": "tender-dev", "aud": "tender", "exp": world.clock.now().timestamp() + 600, "tenant": "acme",
        "sub": CUSTOMER, "roles": ["customer"], "scopes": ["orders:read"],
    });
    let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
    format!("Bearer {}", encode(&Header::default(), &claims, &key).expect("claims are signed"))
}

/// A read by somebody of this role.
async fn as_reader(process: &Process, path: &str, role: &str) -> Answer {
    process.call(process.signed(TestRequest::get().uri(path), "acme", CUSTOMER, role)).await
}

#[tokio::test]
async fn a_reference_is_opened_where_it_stands_and_is_what_its_own_route_shows() {
    let world = World::new();
    let process = world.process();
    put_order(&process, "o-1", CUSTOMER).await;
    let plain = paid(&process, "o-1").await;
    let id = plain["id"].as_str().expect("an id");
    assert!(plain["latest_charge"].is_string() && plain.get("order").is_none(), "{plain}");
    let opened = process.get(&format!("{INTENTS}/{id}?expand[]=latest_charge&expand[]=order")).await;
    let charge = plain["latest_charge"].as_str().expect("an id");
    let own = process.get(&format!("/v1/payments/charges/{charge}")).await;
    assert_eq!((opened.status, &opened.json["latest_charge"]), (200, &own.json), "{}", opened.json);
    assert_eq!(opened.json["order"], process.get("/v1/payments/orders/o-1").await.json);
    assert_eq!(opened.json["latest_charge"].get("payment_intent"), None, "one level deep");

    let intent = json!(id);
    for path in [
        format!("/v1/payments/charges/{charge}"),
        format!("/v1/payments/authorizations/{}", own.text("authorization_id")),
    ] {
        let back = process.get(&format!("{path}?expand[]=payment_intent")).await;
        assert_eq!((back.status, &back.json["payment_intent"]["id"]), (200, &intent), "{}", back.json);
        assert_eq!(back.json["payment_intent"]["latest_charge"], json!(charge), "one level deep");
        assert_eq!(process.get(&path).await.json.get("payment_intent"), None);
    }
}

#[tokio::test]
async fn each_row_of_a_page_is_opened_and_what_leads_nowhere_is_null() {
    let world = World::new();
    let process = world.process();
    put_order(&process, "o-1", CUSTOMER).await;
    paid(&process, "o-1").await;
    paid(&process, "o-none").await;
    process.post(INTENTS, "open", unconfirmed("tok_visa")).await;
    let page = process.get(&format!("{INTENTS}?expand[]=order&expand[]=latest_charge&limit=10")).await;
    let rows = page.json["data"].as_array().expect("a page");
    let orders: Vec<&Value> = rows.iter().map(|row| &row["order"]["id"]).collect();
    assert_eq!(orders, [&Value::Null, &Value::Null, &json!("o-1")], "{}", page.json);
    assert!(rows.iter().all(|row| row.get("order").is_some()), "asked for, it is told: {}", page.json);
    let charges: Vec<&Value> = rows.iter().map(|row| &row["latest_charge"]["object"]).collect();
    assert_eq!(charges, [&Value::Null, &json!("charge"), &json!("charge")]);
}

#[tokio::test]
async fn a_link_opens_the_intent_that_pays_it_or_says_that_there_is_none() {
    let world = World::new();
    let process = world.process();
    let links = "/v1/payments/payment-links";
    let link = process.post(links, "l", json!({ "amount": 1_000, "currency": "EUR" })).await;
    let path = format!("{links}/{}?expand[]=payment_intent", link.text("id"));
    let read = process.get(&path).await;
    assert_eq!((read.status, read.json.get("payment_intent")), (200, Some(&Value::Null)), "{}", read.json);
}

#[tokio::test]
async fn what_is_not_known_or_lies_deeper_is_refused_by_name_with_what_there_is() {
    let world = World::new();
    let process = world.process();
    let plain = paid(&process, "o-1").await;
    let (id, charge) = (plain["id"].as_str().unwrap(), plain["latest_charge"].as_str().unwrap());
    for (path, known) in [
        (format!("{INTENTS}/{id}?expand[]=latest_charge.payment_intent"), "latest_charge"),
        (format!("{INTENTS}/{id}?expand[]=customer"), "fraud.decision"),
        (format!("{INTENTS}?expand[]=data.latest_charge"), "order"),
        (format!("/v1/payments/charges/{charge}?expand[]=order"), "payment_intent"),
    ] {
        let refused = process.get(&path).await;
        refused.is_problem(400, "invalid_parameter");
        assert_eq!(refused.json["errors"][0]["parameter"], "expand", "{path}: {}", refused.json);
        assert!(refused.text("detail").contains(known), "{path}: {}", refused.json);
    }
    let many = "expand[]=order&".repeat(65);
    process.get(&format!("{INTENTS}/{id}?{many}")).await.is_problem(400, "malformed_query");
    process.get(&format!("{INTENTS}/{id}?colour=red")).await.is_problem(400, "unknown_parameter");
}

#[tokio::test]
async fn nobody_opens_what_they_may_not_read() {
    let world = World::new();
    let process = world.process();
    put_order(&process, "mine", CUSTOMER).await;
    put_order(&process, "theirs", "cust_other").await;
    let open = process.post(INTENTS, "c", with(unconfirmed("tok_visa"), "order_ref", "mine")).await;
    let (id, secret) = (open.text("id"), open.text("client_secret"));
    for name in ["latest_charge", "fraud.decision", "order"] {
        let read = TestRequest::get().uri(&format!("{INTENTS}/{id}?expand[]={name}"));
        process.with_secret(secret, read).await.is_problem(403, "insufficient_scope");
    }
    let path = |name: &str| format!("{INTENTS}/{id}?expand[]={name}");
    for (role, name, status) in [
        ("customer", "latest_charge", 200),
        ("customer", "order", 403),
        ("customer", "fraud.decision", 403),
        ("agent", "order", 200),
        ("agent", "fraud.decision", 403),
        ("reconciler", "order", 403),
        ("read_only", "fraud.decision", 200),
    ] {
        let read = as_reader(&process, &path(name), role).await;
        assert_eq!(read.status, status, "{role}: {name}: {}", read.json);
        let listed = as_reader(&process, &format!("{INTENTS}?expand[]={name}"), role).await;
        assert_eq!(listed.status, status, "{role}: {name}: {}", listed.json);
    }
    // A customer who may read orders reads their own alone, also where an intent of theirs names another's.
    let other = process.post(INTENTS, "d", with(unconfirmed("tok_visa"), "order_ref", "theirs")).await;
    for (id, order) in [(id, json!("mine")), (other.text("id"), Value::Null)] {
        let request = TestRequest::get().uri(&format!("{INTENTS}/{id}?expand[]=order"));
        let read = process.call(request.insert_header(("authorization", reading_customer(&world)))).await;
        assert_eq!((read.status, &read.json["order"]["id"]), (200, &order), "{}", read.json);
    }
}
