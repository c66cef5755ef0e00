//! Files: declared, put by a signed link, and refused when anything of it is not as it was declared.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tender_domain::refunds::RefundStore;
use tender_memory::MemoryRefundStore;
use tender_object_storage::LocalFolder;

use crate::disputes::{keyed, send};
use crate::http::{Got, application, bearer, call};
use crate::support::Stage;

pub(crate) const UPLOADS: &str = "/v1/payments/uploads";
pub(crate) const RECEIPT: &[u8] = b"%PDF-1.7 a receipt";

/// A stage whose files are in a folder.
pub(crate) fn stage() -> (Stage, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let storage = Arc::new(LocalFolder::open(folder.path()).unwrap());
    let store = Arc::new(MemoryRefundStore::default());
    let stores = (Arc::clone(&store) as Arc<dyn RefundStore>, store);
    (Stage::with_storage(stores, storage), folder)
}

pub(crate) fn declared(content: &[u8]) -> Value {
    let digits: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "purpose": "dispute_evidence", "file_name": "receipt of Ada.pdf", "content_type": "application/pdf",
        "size_bytes": content.len(), "sha256": digits,
    })
}

pub(crate) async fn declare(stage: &Stage, body: &Value) -> Got {
    send(stage, "POST", UPLOADS, body).await
}

/// So many files that wait.
pub(crate) async fn declare_many(stage: &Stage, count: i64) {
    let app = init_service(application(stage).app()).await;
    for _ in 0..count {
        let request = TestRequest::post().uri(UPLOADS).insert_header(bearer(1)).set_json(declared(RECEIPT));
        assert_eq!(call_service(&app, request.to_request()).await.status(), 201);
    }
}

/// What comes of a signed link: the status, the headers as text, the body.
pub(crate) async fn follow(stage: &Stage, method: &str, url: &str, content: &[u8]) -> (u16, String, Vec<u8>) {
    let app = init_service(application(stage).app()).await;
    let path = url.strip_prefix("http://localhost:8080").unwrap_or(url);
    let request = TestRequest::default().method(method.parse().unwrap()).uri(path);
    let response = call_service(&app, request.set_payload(content.to_vec()).to_request()).await;
    let headers: Vec<String> = response
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    (response.status().as_u16(), headers.join("\n"), read_body(response).await.to_vec())
}

async fn put(stage: &Stage, url: &str, content: &[u8]) -> (u16, String) {
    let (status, _, body) = follow(stage, "PUT", url, content).await;
    let problem: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// An upload whose content was put.
pub(crate) async fn uploaded(stage: &Stage, content: &[u8]) -> String {
    uploaded_to(stage, content).await.0
}

/// The same, with the address to which it was put.
pub(crate) async fn uploaded_to(stage: &Stage, content: &[u8]) -> (String, String) {
    let upload = declare(stage, &declared(content)).await;
    assert_eq!(upload.status, 201, "{}", upload.json);
    assert_eq!(put(stage, text(&upload.json["upload_url"]), content).await, (200, String::new()));
    (text(&upload.json["id"]).to_owned(), text(&upload.json["upload_url"]).to_owned())
}

fn code(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[actix_web::test]
async fn a_file_is_declared_once_by_its_key_and_put_to_the_address_it_is_given() {
    let (stage, folder) = stage();
    let wanted = declared(RECEIPT);
    let first = keyed(&stage, UPLOADS, "k1", &wanted).await;
    assert_eq!(first.status, 201, "{}", first.json);
    let id = text(&first.json["id"]).to_owned();
    assert!(id.starts_with("up_") && first.json["upload_id"] == first.json["id"], "{}", first.json);
    for field in ["purpose", "file_name", "content_type", "size_bytes", "sha256"] {
        assert_eq!(first.json[field], wanted[field], "{field}");
    }
    assert_eq!(first.json["method"], "PUT");
    assert_eq!(first.json["headers"], json!([{ "name": "Content-Type", "value": "application/pdf" }]));
    let again = keyed(&stage, UPLOADS, "k1", &wanted).await;
    assert_eq!((again.status, &again.json), (201, &first.json));
    assert_eq!(again.header("idempotent-replayed"), "true");
    keyed(&stage, UPLOADS, "k1", &declared(b"another")).await.is_problem(422, "idempotency_key_reused");

    let url = text(&first.json["upload_url"]).to_owned();
    for _ in 0..2 {
        assert_eq!(put(&stage, &url, RECEIPT).await, code(200, ""), "put again, it is the same");
    }
    assert_eq!(std::fs::read(folder.path().join("sandbox").join(id)).unwrap(), RECEIPT);
}

#[actix_web::test]
async fn only_files_of_known_types_and_of_a_bounded_size_are_taken_and_from_who_may() {
    let (stage, _folder) = stage();
    for (field, value, status, code) in [
        ("content_type", json!("text/html"), 415, "file_type_not_taken"),
        ("size_bytes", json!(1_001), 422, "file_too_large"),
        ("size_bytes", json!(0), 400, "invalid_file"),
        ("sha256", json!("abc"), 400, "invalid_file"),
        ("file_name", json!("../../etc/passwd"), 400, "invalid_file"),
        ("file_name", json!("4242 4242 4242 4242.pdf"), 422, "card_number_detected"),
        ("purpose", json!("settlement_file"), 400, "unknown_purpose"),
    ] {
        let mut wanted = declared(RECEIPT);
        wanted[field] = value;
        declare(&stage, &wanted).await.is_problem(status, code);
    }
    let request = || TestRequest::post().uri(UPLOADS).set_json(declared(RECEIPT));
    call(&stage, 2, request()).await.is_problem(403, "insufficient_scope");
    let mut wanted = declared(RECEIPT);
    wanted["size_bytes"] = json!(1_000);
    assert_eq!(declare(&stage, &wanted).await.status, 201);
}

#[actix_web::test]
async fn what_is_put_and_is_not_what_was_declared_is_refused_and_leaves_nothing() {
    let (stage, folder) = stage();
    let upload = declare(&stage, &declared(RECEIPT)).await.json;
    let url = text(&upload["upload_url"]);
    assert_eq!(put(&stage, url, b"%PDF-1.7 a receipT").await, code(422, "upload_differs"));
    assert_eq!(put(&stage, url, b"%PDF-1.7").await, code(422, "upload_differs"));
    assert_eq!(put(&stage, url, b"%PDF-1.7 a receipt, and more").await, code(413, "upload_too_long"));
    assert!(!folder.path().join("sandbox").exists());
    assert_eq!(put(&stage, url, RECEIPT).await, code(200, ""), "the right one is still taken");
}

#[actix_web::test]
async fn a_link_that_was_changed_or_whose_time_is_over_lets_nobody_in() {
    let (stage, _folder) = stage();
    let upload = declare(&stage, &declared(RECEIPT)).await.json;
    let other = declare(&stage, &declared(b"another file")).await.json;
    let url = text(&upload["upload_url"]).to_owned();
    let expires = url.split("expires=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let later = (expires.parse::<i64>().unwrap() + 1).to_string();
    for changed in [
        url.replace(&expires, &later),
        url.replace("tenant=sandbox", "tenant=stranger"),
        url.replace(text(&upload["id"]), text(&other["id"])),
        format!("{}AAAA", url.split("signature=").next().unwrap().to_owned() + "signature="),
        url.replace(text(&upload["id"]), "up_01h2xcejqtf2nbrexx3vqjhp41"),
    ] {
        assert_eq!(put(&stage, &changed, RECEIPT).await, code(403, "invalid_upload_link"), "{changed}");
    }
    let read = follow(&stage, "GET", &url, b"").await;
    assert_eq!(read.0, 403, "a link to put is none to read");
    let cut = url.split("&signature").next().unwrap();
    assert_eq!(put(&stage, cut, RECEIPT).await, code(400, "malformed_upload_link"));
    stage.clock.advance(Duration::from_secs(901));
    assert_eq!(put(&stage, &url, RECEIPT).await, code(403, "invalid_upload_link"));
}

#[actix_web::test]
async fn a_tenant_has_a_bounded_number_of_files_that_wait() {
    let (stage, _folder) = stage();
    declare_many(&stage, 200).await;
    declare(&stage, &declared(RECEIPT)).await.is_problem(429, "too_many_uploads");
    let request = TestRequest::post().uri(UPLOADS).set_json(declared(RECEIPT));
    assert_eq!(call(&stage, 3, request).await.status, 201, "another tenant's are counted by themselves");
}
