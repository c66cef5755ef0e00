//! Tenants, scopes, customers.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::rig::{METHODS, Rig, card_of, delete, example, patch, post};

fn routes(method: &Value) -> Vec<TestRequest> {
    let id = method["id"].as_str().expect("an id");
    let attach = json!({ "payment_method_id": id, "customer_id": "cust_123" });
    vec![
        TestRequest::get().uri(&format!("{METHODS}/{id}")),
        patch(&method["id"], &json!({ "metadata": { "a": "b" }, "version": 1 })),
        delete(&method["id"]),
        post(&format!("{METHODS}/attach"), &attach),
        post(&format!("{METHODS}/verify"), &json!({ "payment_method_id": id })),
        TestRequest::get().uri(&format!("/v1/payments/payment-methods/3ds/lookup?payment_method_id={id}")),
    ]
}

#[actix_web::test]
async fn another_tenant_sees_and_changes_nothing() {
    let rig = Rig::new();
    let method = rig.saved(example()).await;
    for request in routes(&method) {
        let answer = rig.call(rig.signed(request, "other", "a", &["admin"])).await;
        answer.is_problem(404, "not_found");
    }
    let list = rig.signed(TestRequest::get().uri(METHODS), "other", "a", &["admin"]);
    assert_eq!(rig.call(list).await.json()["data"], json!([]));
    assert_eq!(rig.get(method["id"].as_str().expect("an id")).await.json(), method);
}

#[actix_web::test]
async fn every_route_wants_a_credential_and_its_scope() {
    let rig = Rig::new();
    let method = rig.saved(example()).await;
    let all = || {
        let mut all = routes(&method);
        all.push(post(METHODS, &example()));
        all.push(TestRequest::get().uri(METHODS));
        all.push(post(
            &format!("/internal/methods/{}/charge-material", method["id"].as_str().unwrap()),
            &json!({}),
        ));
        all
    };
    for request in all() {
        rig.call(request).await.is_problem(401, "unauthorized");
    }
    for request in all() {
        let answer = rig.call(rig.signed(request, "acme", "r", &["reconciler"])).await;
        answer.is_problem(403, "insufficient_scope");
    }
    assert_eq!(rig.get(method["id"].as_str().expect("an id")).await.json(), method);
}

#[actix_web::test]
async fn a_customer_has_to_do_with_its_own_methods_only() {
    let rig = Rig::new();
    let others = rig.saved(example()).await;
    let nobodys = rig.saved(json!({ "type": "card", "token": "tok_visa" })).await;
    let as_customer = |request| rig.call(rig.signed(request, "acme", "cust_7", &["customer"]));
    for method in [&others, &nobodys] {
        for request in routes(method) {
            as_customer(request).await.is_problem(404, "not_found");
        }
    }
    as_customer(post(METHODS, &card_of("cust_8", "4242424242424242"))).await.is_problem(404, "not_found");
    let own = as_customer(post(METHODS, &json!({ "type": "card", "token": "tok_visa" }))).await.json();
    assert_eq!(own["customer_id"], json!("cust_7"), "what a customer saves is its own");
    let list = as_customer(TestRequest::get().uri(METHODS)).await.json();
    assert_eq!(list["data"], json!([own]));
    let named = TestRequest::get().uri(&format!("{METHODS}?customer_id=cust_123"));
    assert_eq!(as_customer(named).await.json()["data"], json!([]));
}

#[actix_web::test]
async fn every_route_is_declared_with_its_scope() {
    let rig = Rig::new();
    let document = serde_json::to_value(rig.application.openapi()).expect("JSON");
    for (method, path, scope) in [
        ("post", METHODS.to_owned(), "methods:write"),
        ("get", METHODS.to_owned(), "methods:read"),
        ("post", format!("{METHODS}/attach"), "methods:attach"),
        ("post", format!("{METHODS}/verify"), "methods:write"),
        ("get", "/v1/payments/payment-methods/3ds/lookup".to_owned(), "methods:read"),
        ("get", format!("{METHODS}/{{method_id}}"), "methods:read"),
        ("patch", format!("{METHODS}/{{method_id}}"), "methods:write"),
        ("delete", format!("{METHODS}/{{method_id}}"), "methods:write"),
        ("post", "/internal/methods/{method_id}/charge-material".to_owned(), "service:internal"),
    ] {
        let operation = &document["paths"][&path][method];
        assert_eq!(operation["security"][0]["bearer"][0], json!(scope), "{method} {path}: {operation}");
    }
}
