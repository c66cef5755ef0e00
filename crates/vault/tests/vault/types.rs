//! Methods of every type.

use actix_web::test::TestRequest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tender_domain::kernel::TenantId;
use tender_domain::ports::MethodVault;
use tender_memory::MemoryMethodStore;

use crate::rig::{METHODS, Rig, delete, post};

const IBAN: &str = "DE89370400440532013000";

fn mandate(reference: Option<&str>) -> Value {
    let mut mandate = json!({ "signed_at": "2026-03-01T09:30:00Z", "sequence": "RCUR" });
    if let Some(reference) = reference {
        mandate["reference"] = reference.into();
    }
    mandate
}

fn sepa(customer: &str, reference: Option<&str>) -> Value {
    json!({
        "type": "sepa_debit", "customer_id": customer, "mandate": mandate(reference),
        "bank_account": { "iban": IBAN, "bic": "COBADEFFXXX", "holder_name": "Ada Lovelace" },
    })
}

fn of_token(method_type: &str) -> Value {
    let mut body =
        json!({ "type": method_type, "customer_id": "cust_1", "token": format!("tok_{method_type}") });
    if method_type == "sepa_debit" {
        body["mandate"] = mandate(None);
    }
    body
}

#[actix_web::test]
async fn a_token_of_each_type_is_saved_shown_by_its_type_and_can_be_charged() {
    let rig = Rig::new();
    let tenant: TenantId = "acme".parse().expect("a tenant's name");
    for (method_type, fields) in [
        ("apple_pay", json!({ "brand": "VISA", "last4": "4242", "exp_month": 12, "exp_year": 2039 })),
        ("google_pay", json!({ "brand": "VISA", "last4": "4242", "exp_month": 12, "exp_year": 2039 })),
        ("paypal", json!({ "email": "b***@example.com" })),
        (
            "bank_account",
            json!({ "last4": "6789", "bank_account": { "country": "US", "last4": "6789", "bic": null } }),
        ),
        (
            "sepa_debit",
            json!({ "last4": "3000", "bank_account": { "country": "DE", "last4": "3000", "bic": null } }),
        ),
    ] {
        let method = rig.saved(of_token(method_type)).await;
        assert_eq!(method["type"], method_type);
        for (field, wanted) in fields.as_object().expect("an object") {
            assert_eq!(&method[field], wanted, "{method_type} {field}");
        }
        for field in ["brand", "last4", "exp_month", "exp_year", "email", "bank_account"] {
            let is_its_own = fields.get(field).is_some();
            assert_eq!(method.get(field).is_some(), is_its_own, "{method_type} {field}");
        }
        assert_eq!(method.get("mandate").is_some(), method_type == "sepa_debit");
        let id = method["id"].as_str().expect("an id");
        let charge = rig.service.method_for_charge(&tenant, id.parse().expect("an id")).await;
        let charge = charge.expect("chargeable");
        assert_eq!(charge.method_type, method_type);
        assert_eq!(charge.tokens[0].1.expose_secret(), format!("tok_{method_type}"));
        let list = TestRequest::get().uri(&format!("{METHODS}?type={method_type}"));
        assert_eq!(rig.admin(list).await.json()["data"], json!([method]));
    }
}

#[actix_web::test]
async fn an_iban_becomes_a_token_and_is_shown_and_told_nowhere() {
    let store = std::sync::Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(store.clone());
    let answer = rig.admin(post(METHODS, &sepa("cust_1", Some("CUST1-2026-01")))).await;
    let method = answer.json();
    assert_eq!(answer.status, 201, "{method}");
    let account = json!({ "country": "DE", "last4": "3000", "bic": "COBADEFFXXX" });
    assert_eq!(method["bank_account"], account);
    let signed =
        json!({ "reference": "CUST1-2026-01", "signed_at": "2026-03-01T09:30:00Z", "sequence": "RCUR" });
    assert_eq!(method["mandate"], signed);
    let tenant: TenantId = "acme".parse().expect("a tenant's name");
    let id = method["id"].as_str().expect("an id").parse().expect("an id");
    let charge = rig.service.method_for_charge(&tenant, id).await.expect("chargeable");
    assert!(!charge.tokens[0].1.expose_secret().contains(IBAN), "what is kept is a token");
    let told = store.messages().iter().map(|message| message.data.to_string()).collect::<String>();
    assert!(told.contains("CUST1-2026-01") && told.contains("sepa_debit"), "{told}");
    for secret in [IBAN, "0532013000", "Ada", "Lovelace", charge.tokens[0].1.expose_secret()] {
        assert!(!method.to_string().contains(secret) && !told.contains(secret), "{secret}");
    }
}

#[actix_web::test]
async fn what_a_type_wants_is_said_by_name_and_place_and_nothing_is_saved() {
    let rig = Rig::new();
    let with = |place: &str, value: Value| {
        let mut body = sepa("cust_1", None);
        *body.pointer_mut(place).expect("a field of it") = value;
        body
    };
    let typed = |method_type: &str, rest: Value| {
        let mut body = json!({ "type": method_type, "customer_id": "cust_1" });
        for (name, value) in rest.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body
    };
    let us = json!({ "country": "US", "routing_number": "110000000", "account_number": "000123456789",
        "holder_name": "Ada Lovelace" });
    let iban = json!({ "iban": IBAN, "holder_name": "Ada Lovelace" });
    for (body, status, code, pointer) in [
        (with("/mandate", Value::Null), 422, "sepa_mandate_required", "/mandate"),
        (typed("sepa_debit", json!({ "token": "tok_sepa_debit" })), 422, "sepa_mandate_required", "/mandate"),
        (
            typed("paypal", json!({ "token": "tok_paypal", "mandate": mandate(None) })),
            422,
            "sepa_mandate_not_taken",
            "/mandate",
        ),
        (with("/mandate/sequence", json!("SOME")), 400, "invalid_field", "/mandate/sequence"),
        (
            with("/mandate/signed_at", json!("2027-01-01T00:00:00Z")),
            422,
            "invalid_mandate",
            "/mandate/signed_at",
        ),
        (
            typed("sepa_debit", json!({ "bank_account": iban, "mandate": mandate(Some("not one")) })),
            422,
            "invalid_mandate",
            "/mandate/reference",
        ),
        (
            with("/bank_account/iban", json!("DE89370400440532013001")),
            422,
            "invalid_bank_account",
            "/bank_account/iban",
        ),
        (with("/bank_account/bic", json!("COBA")), 422, "invalid_bank_account", "/bank_account/bic"),
        (
            typed("sepa_debit", json!({ "bank_account": us, "mandate": mandate(None) })),
            422,
            "invalid_bank_account",
            "/bank_account/iban",
        ),
        (typed("bank_account", json!({ "bank_account": us })), 422, "consent_required", "/consent"),
        (
            typed("bank_account", json!({ "bank_account": { "holder_name": "Ada" } })),
            422,
            "method_source_required",
            "/bank_account",
        ),
        (typed("card", json!({ "bank_account": iban })), 422, "method_source_required", ""),
        (typed("paypal", json!({ "bank_account": iban })), 422, "method_source_required", ""),
        (typed("apple_pay", json!({ "token": "tok_visa" })), 422, "token_unknown", "/token"),
        (typed("card", json!({ "token": "tok_paypal" })), 422, "token_unknown", "/token"),
    ] {
        let answer = rig.admin(post(METHODS, &body)).await;
        let problem = answer.is_problem(status, code);
        let place = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
        assert_eq!(place, pointer, "{problem}");
        assert!(!problem.to_string().contains("0532013"), "{problem}");
    }
    assert_eq!(rig.count().await, 0);
}

#[actix_web::test]
async fn a_mandates_reference_is_ours_if_none_is_given_and_used_once() {
    let rig = Rig::new();
    let first = rig.saved(sepa("cust_1", None)).await;
    let second = rig.saved(sepa("cust_2", None)).await;
    let reference = |method: &Value| method["mandate"]["reference"].as_str().expect("one").to_owned();
    assert_ne!(reference(&first), reference(&second));
    let taken = sepa("cust_3", Some(&reference(&first)));
    rig.admin(post(METHODS, &taken)).await.is_problem(409, "mandate_reference_taken");
    rig.admin(delete(&first["id"])).await;
    rig.admin(post(METHODS, &taken)).await.is_problem(409, "mandate_reference_taken");
    assert_eq!(rig.count().await, 1);
}
