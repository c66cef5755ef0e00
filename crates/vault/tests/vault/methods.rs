//! One method: create, read, list, change, delete, attach.

use actix_web::test::TestRequest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{MethodLookupError, MethodVault};

use crate::rig::{METHODS, Rig, card_of, delete, example, patch, post};

fn acme() -> TenantId {
    "acme".parse().expect("a tenant's name")
}

#[actix_web::test]
async fn the_requirements_own_example_is_answered_as_they_show_it() {
    let rig = Rig::new();
    let answer = rig.admin(post(METHODS, &example())).await;
    let method = answer.json();
    assert_eq!(answer.status, 201, "{method}");
    assert_eq!(answer.header("etag"), "\"1\"");
    for (field, wanted) in [
        ("object", json!("payment_method")),
        ("type", json!("card")),
        ("brand", json!("VISA")),
        ("last4", json!("4242")),
        ("exp_month", json!(12)),
        ("customer_id", json!("cust_123")),
        ("metadata", json!({ "nickname": "Personal Visa" })),
        ("vault_provider", json!("our_vault")),
        ("is_default", json!(false)),
        ("livemode", json!(false)),
        ("version", json!(1)),
        ("status", json!("active")),
        ("created_at", json!("2026-03-04T12:00:00Z")),
    ] {
        assert_eq!(method[field], wanted, "{field}");
    }
    assert_eq!(method["id"], method["payment_method_id"]);
    assert!(method["id"].as_str().is_some_and(|id| id.starts_with("pm_")));
    assert_eq!(rig.get(method["id"].as_str().expect("an id")).await.json(), method);
}

#[actix_web::test]
async fn a_card_becomes_a_token_that_the_connector_knows_and_the_answer_shows_neither() {
    let rig = Rig::new();
    let method = rig.saved(card_of("cust_1", "4242-4242 4242 4242")).await;
    assert_eq!(
        (&method["last4"], &method["exp_month"], &method["exp_year"]),
        (&json!("4242"), &json!(11), &json!(2031))
    );
    assert_eq!(
        method["consent"],
        json!({ "given": true, "text_version": "2026-01", "at": "2026-03-04T12:00:00Z" })
    );
    let id = method["id"].as_str().expect("an id").parse().expect("an id");
    let material = rig.service.method_for_charge(&acme(), id).await.expect("chargeable");
    let (connector, token) = material.tokens.first().expect("a token");
    assert_eq!(connector, "simulator");
    let known = crate::rig::simulator(&rig.clock).inspect_token(&acme(), token).await.expect("it answers");
    assert_eq!(known.expect("it knows the token").last4, "4242");
    assert!(!method.to_string().contains(token.expose_secret()));
    assert!(!method.to_string().contains("4242424242424242"));
}

#[actix_web::test]
async fn the_same_card_has_one_fingerprint_in_a_tenant_and_another_in_another() {
    let rig = Rig::new();
    let one = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let again = rig.saved(card_of("cust_2", "4242424242424242")).await;
    let other = rig.saved(card_of("cust_1", "5555555555554444")).await;
    let request = rig.signed(post(METHODS, &card_of("cust_1", "4242424242424242")), "other", "a", &["admin"]);
    let elsewhere = rig.call(request).await.json();
    assert_eq!(one["fingerprint"], again["fingerprint"]);
    assert_ne!(one["fingerprint"], other["fingerprint"]);
    assert_ne!(one["fingerprint"], elsewhere["fingerprint"]);
    assert_ne!(one["id"], again["id"]);
}

#[actix_web::test]
async fn what_cannot_be_saved_is_refused_by_name_and_place_and_nothing_is_saved() {
    let rig = Rig::new();
    let with = |change: Value| merged(example(), change);
    let card = |change: Value| merged(card_of("cust_1", "4242424242424242"), json!({ "card": change }));
    for (body, status, code, pointer) in [
        (with(json!({ "type": "sepa_debit" })), 422, "sepa_mandate_required", "/mandate"),
        (with(json!({ "type": "cheque" })), 400, "invalid_field", "/type"),
        (with(json!({ "pan": "x" })), 400, "unknown_field", "/pan"),
        (with(json!({ "token": null })), 422, "method_source_required", ""),
        (
            with(json!({ "card": { "number": "4242424242424242", "exp_month": 1, "exp_year": 2030 } })),
            422,
            "method_source_required",
            "",
        ),
        (with(json!({ "token": "tok_nobody_knows" })), 422, "token_unknown", "/token"),
        (with(json!({ "token": "4242424242424242" })), 422, "card_number_detected", ""),
        (with(json!({ "token": "" })), 422, "token_unknown", "/token"),
        (with(json!({ "metadata": { "note": "4242 4242 4242 4242" } })), 422, "card_number_detected", ""),
        (with(json!({ "metadata": { "note": "x".repeat(501) } })), 422, "invalid_metadata", "/metadata"),
        (with(json!({ "customer_id": "4242424242424242" })), 422, "card_number_detected", "/customer_id"),
        (with(json!({ "customer_id": "" })), 422, "invalid_text", "/customer_id"),
        (
            with(json!({ "billing_details": { "name": "4242424242424242" } })),
            422,
            "card_number_detected",
            "/billing_details/name",
        ),
        (
            with(json!({ "billing_details": { "address": { "country": "Germany" } } })),
            422,
            "invalid_text",
            "/billing_details/address/country",
        ),
        (with(json!({ "customer_id": null, "is_default": true })), 422, "customer_required", "/customer_id"),
        (
            with(json!({ "consent": { "given": false, "text_version": "1" } })),
            422,
            "invalid_consent",
            "/consent/given",
        ),
        (
            with(json!({ "consent": { "given": true, "text_version": "1", "at": "2027-01-01T00:00:00Z" } })),
            422,
            "invalid_consent",
            "/consent/at",
        ),
        (
            merged(card_of("cust_1", "4242424242424242"), json!({ "consent": null })),
            422,
            "consent_required",
            "/consent",
        ),
        (card(json!({ "number": "4242424242424241" })), 422, "invalid_card", "/card/number"),
        (card(json!({ "exp_month": 13 })), 422, "invalid_card", "/card/exp_month"),
        (card(json!({ "exp_year": 2020 })), 422, "invalid_card", "/card/exp_year"),
        (card(json!({ "cvc": "12" })), 422, "invalid_card", "/card/cvc"),
        (
            card(json!({ "holder_name": "4242424242424242" })),
            422,
            "card_number_detected",
            "/card/holder_name",
        ),
        (card(json!({ "exp_month": -1 })), 400, "invalid_field", "/card/exp_month"),
        (card(json!({ "number": 4_242_424_242_424_242_u64 })), 400, "invalid_field", "/card/number"),
    ] {
        let answer = rig.admin(post(METHODS, &body)).await;
        let problem = answer.is_problem(status, code);
        let place = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
        assert_eq!(place, pointer, "{problem}");
        assert!(!problem.to_string().contains("4242424242424"), "{problem}");
    }
    assert_eq!(rig.count().await, 0);
}

/// `base` with the fields of `change` laid over it, objects within objects too; `null` removes.
fn merged(mut base: Value, change: Value) -> Value {
    match (&mut base, change) {
        (Value::Object(fields), Value::Object(changes)) => {
            for (name, value) in changes {
                match value {
                    Value::Null => {
                        fields.remove(&name);
                    }
                    value => {
                        let old = fields.remove(&name).unwrap_or_else(|| json!({}));
                        fields.insert(name, merged(old, value));
                    }
                }
            }
            base
        }
        (_, change) => change,
    }
}

#[actix_web::test]
async fn a_change_needs_the_version_that_was_read() {
    let rig = Rig::new();
    let method = rig.saved(example()).await;
    let change =
        json!({ "metadata": { "nickname": "", "shade": "blue" }, "billing_details": { "name": "A" } });
    rig.admin(patch(&method["id"], &change)).await.is_problem(428, "version_required");
    let stale = patch(&method["id"], &change).insert_header(("if-match", "\"7\""));
    rig.admin(stale).await.is_problem(412, "stale_version");
    let request = patch(&method["id"], &change).insert_header(("if-match", "\"1\""));
    let answer = rig.admin(request).await;
    let changed = answer.json();
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"2\""), "{changed}");
    assert_eq!(changed["metadata"], json!({ "shade": "blue" }));
    assert_eq!(changed["billing_details"]["name"], json!("A"));
    let again = merged(change, json!({ "version": 2 }));
    let answer = rig.admin(patch(&method["id"], &again)).await;
    assert_eq!(answer.json()["version"], json!(2), "nothing changed, so the version stays");
    let pan = json!({ "metadata": { "n": "4242424242424242" }, "version": 2 });
    rig.admin(patch(&method["id"], &pan)).await.is_problem(422, "card_number_detected");
    assert_eq!(rig.get(method["id"].as_str().expect("an id")).await.json(), changed);
}

#[actix_web::test]
async fn a_deleted_method_is_shown_once_and_can_never_be_charged_again() {
    let rig = Rig::new();
    let method = rig.saved(example()).await;
    let stale = delete(&method["id"]).insert_header(("if-match", "\"7\""));
    rig.admin(stale).await.is_problem(412, "stale_version");
    let answer = rig.admin(delete(&method["id"])).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (200, &json!("deleted")));
    let id = method["id"].as_str().expect("an id");
    rig.get(id).await.is_problem(404, "not_found");
    rig.admin(delete(&method["id"])).await.is_problem(404, "not_found");
    rig.admin(patch(&method["id"], &json!({ "version": 2 }))).await.is_problem(404, "not_found");
    assert_eq!(rig.count().await, 0);
    let charge = rig.service.method_for_charge(&acme(), id.parse().expect("an id")).await;
    assert!(matches!(charge, Err(MethodLookupError::NotFound(_))));
}

#[actix_web::test]
async fn a_method_goes_to_one_customer_for_good() {
    let rig = Rig::new();
    let method = rig.saved(merged(example(), json!({ "customer_id": null }))).await;
    assert_eq!(method["customer_id"], Value::Null);
    let attach = |customer: &str| {
        post(
            &format!("{METHODS}/attach"),
            &json!({ "payment_method_id": method["id"], "customer_id": customer }),
        )
    };
    let attached = rig.admin(attach("cust_1")).await.json();
    assert_eq!((&attached["customer_id"], &attached["version"]), (&json!("cust_1"), &json!(2)));
    assert_eq!(rig.admin(attach("cust_1")).await.json(), attached, "again changes nothing");
    rig.admin(attach("cust_2")).await.is_problem(409, "method_attached_to_another");
    let nobody = json!({ "payment_method_id": "pm_7zzzzzzzzzzzzzzzzzzzzzzzzz", "customer_id": "c" });
    rig.admin(post(&format!("{METHODS}/attach"), &nobody)).await.is_problem(404, "not_found");
}

#[actix_web::test]
async fn a_list_shows_a_customers_methods_newest_first_in_pages() {
    let rig = Rig::new();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(rig.saved(example()).await["id"].clone());
    }
    rig.saved(merged(example(), json!({ "customer_id": "cust_9" }))).await;
    let list =
        |query: &str| rig.admin(TestRequest::get().uri(&format!("{METHODS}?customer_id=cust_123&{query}")));
    let first = list("limit=2").await.json();
    assert_eq!((&first["object"], &first["has_more"]), (&json!("list"), &json!(true)));
    assert_eq!([&first["data"][0]["id"], &first["data"][1]["id"]], [&ids[2], &ids[1]]);
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let rest = list(&format!("limit=2&cursor={cursor}")).await.json();
    assert_eq!((rest["data"].as_array().map(Vec::len), &rest["data"][0]["id"]), (Some(1), &ids[0]));
    let by_name = list("metadata[nickname]=Personal%20Visa&created[gte]=2026-03-04T12:00:00Z").await.json();
    assert_eq!(by_name["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(list("created[lt]=2026-03-04T12:00:00Z").await.json()["data"], json!([]));
    list("colour=red").await.is_problem(400, "unknown_parameter");
}

#[actix_web::test]
async fn every_change_is_told_with_the_whole_masked_state() {
    let store = std::sync::Arc::new(tender_memory::MemoryMethodStore::default());
    let rig = Rig::over(store.clone());
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    rig.admin(patch(&method["id"], &json!({ "is_default": true, "version": 1 }))).await;
    rig.admin(delete(&method["id"])).await;
    let (audits, messages): (Vec<_>, Vec<_>) =
        store.messages().into_iter().partition(|message| message.topic.name() == "audit.recorded");
    let audits: Vec<Value> = audits.iter().map(|m| serde_json::from_str(&m.data).expect("JSON")).collect();
    let actions: Vec<_> = audits.iter().map(|audit| audit["action"].clone()).collect();
    assert_eq!(actions, ["payment_method.consent_given", "payment_method.deleted"]);
    let audit = audits.last().expect("the deletion is told to the audit log");
    assert_eq!((&audit["subject"], &audit["resourceId"]), (&json!("admin-1"), &method["id"]));
    let told: Vec<Value> = messages.iter().map(|m| serde_json::from_str(&m.data).expect("JSON")).collect();
    let changes: Vec<_> =
        told.iter().map(|event| (event["change"].as_str(), event["version"].as_i64())).collect();
    assert_eq!(changes, [(Some("created"), Some(1)), (Some("updated"), Some(2)), (Some("deleted"), Some(3))]);
    for (message, event) in messages.iter().zip(&told) {
        assert_eq!(message.topic.name(), "payment-method.changed");
        assert_eq!(
            (&message.key, message.version.number()),
            (&message.subject, event["version"].as_i64().unwrap())
        );
        assert_eq!((&event["last4"], &event["tenantId"]), (&json!("4242"), &json!("acme")));
        assert!(
            !message.data.contains("4242424242424242") && !message.data.contains("tok_"),
            "{}",
            message.data
        );
        assert!(!message.data.contains("Buyer"), "no personal data in events: {}", message.data);
    }
}

#[actix_web::test]
async fn a_method_is_given_to_a_merchant_account_found_by_it_and_stays_there() {
    let rig = Rig::new();
    let method = rig.saved(json!({ "type": "card", "token": "tok_visa" })).await;
    let attach = |to: Value| {
        let body = merged(json!({ "payment_method_id": method["id"] }), to);
        post(&format!("{METHODS}/attach"), &body)
    };
    let nobody = rig.admin(attach(json!({}))).await;
    nobody.is_problem(400, "missing_field");
    let card = rig.admin(attach(json!({ "merchant_account_id": "4242424242424242" }))).await;
    card.is_problem(422, "card_number_detected");
    let given = rig.admin(attach(json!({ "merchant_account_id": "ma_1" }))).await.json();
    assert_eq!((&given["merchant_account_id"], &given["customer_id"]), (&json!("ma_1"), &Value::Null));
    let both = json!({ "merchant_account_id": "ma_1", "customer_id": "cust_1" });
    let both = rig.admin(attach(both)).await.json();
    assert_eq!((&both["merchant_account_id"], &both["customer_id"]), (&json!("ma_1"), &json!("cust_1")));
    let other = rig.admin(attach(json!({ "merchant_account_id": "ma_2" }))).await;
    other.is_problem(409, "method_attached_to_another");
    let with = json!({ "type": "card", "token": "tok_visa", "merchant_account_id": "ma_2" });
    let second = rig.saved(with).await;
    for (merchant, found) in [("ma_1", &both), ("ma_2", &second)] {
        let uri = format!("{METHODS}?merchant_account_id={merchant}");
        let list = rig.admin(TestRequest::get().uri(&uri)).await.json();
        assert_eq!(list["data"], json!([found]), "{merchant}");
    }
}

#[actix_web::test]
async fn a_page_gives_a_method_to_its_customer_and_to_no_merchant_account() {
    let rig = Rig::new();
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let attach = |to: Value| {
        let body = merged(json!({ "payment_method_id": method["id"] }), to);
        post(&format!("{METHODS}/attach"), &body)
    };
    for to in [
        json!({ "merchant_account_id": "ma_1" }),
        json!({ "merchant_account_id": "ma_1", "customer_id": "cust_1" }),
    ] {
        rig.page(attach(to)).await.is_problem(403, "merchants_only");
    }
    assert_eq!(
        rig.get(method["id"].as_str().expect("an id")).await.json()["version"],
        1,
        "nothing has changed"
    );
    assert_eq!(rig.page(attach(json!({ "customer_id": "cust_1" }))).await.status, 200, "as before");
}
