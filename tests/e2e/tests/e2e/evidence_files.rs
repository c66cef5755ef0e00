//! Files of evidence: put by a signed address, used once, and read by whoever may see the dispute.

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Answer, System, Tenant, eventually};

/// What is in the file, and its SHA-256.
const CONTENT: &str = "test";
const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A file of text that a tenant declares.
pub(crate) fn declared() -> Value {
    json!({
        "purpose": "dispute_evidence", "file_name": "letter.txt", "content_type": "text/plain", "size_bytes": 4,
        "sha256": SHA256,
    })
}

async fn disputed(shop: &Tenant) -> String {
    let intent = shop.pay(&shop.method("tok_visa").await, 900, "EUR").await;
    let dispute = json!({"payment_intent_id": intent["id"], "amount": 100, "reason_code": "fraud"});
    let dispute = shop.api.post("/v1/payments/disputes", &dispute).await.expect(201);
    format!("/v1/payments/disputes/{}", dispute["id"].as_str().expect("an id"))
}

async fn submit(shop: &Tenant, dispute: &str, upload: &Value) -> Answer {
    let evidence = json!({"evidence": [{"kind": "other", "upload_id": upload}]});
    shop.api.post(&format!("{dispute}/submit-evidence"), &evidence).await
}

pub(crate) async fn a_file_is_put_by_its_address_used_once_and_read_by_its_tenant(system: &System) {
    let (shop, stranger) = (system.tenant(), system.tenant());
    let upload = shop.api.post("/v1/payments/uploads", &declared()).await.expect(201);
    let url = upload["upload_url"].as_str().expect("an address");
    let put = |content: &str| {
        let call = system.api.anonymous().call_url(Method::PUT, url).bare(content.to_owned());
        call.header("content-type", "text/plain").send()
    };
    let dispute = disputed(&shop).await;
    assert_eq!(submit(&shop, &dispute, &upload["id"]).await.problem(409), "upload_missing");
    assert_eq!(put("tesT").await.problem(422), "upload_differs");
    assert_eq!(put("test and more").await.problem(413), "upload_too_long");
    assert_eq!(put(CONTENT).await.expect(200)["sha256"], SHA256);

    let theirs = disputed(&stranger).await;
    assert_eq!(submit(&stranger, &theirs, &upload["id"]).await.problem(404), "not_found");
    let submitted = submit(&shop, &dispute, &upload["id"]).await.expect(200);
    assert_eq!(submitted["processor_reply"]["status"], "by_hand", "{submitted}");
    let other = disputed(&shop).await;
    assert_eq!(submit(&shop, &other, &upload["id"]).await.problem(409), "upload_used");

    let listed = shop.api.get(&format!("{dispute}/evidence")).await.expect(200);
    let file = &listed["replies"][0]["evidence"][0]["file"];
    assert_eq!((&file["sha256"], &file["size_bytes"]), (&json!(SHA256), &json!(4)), "{listed}");
    let link = file["download_url"].as_str().expect("an address");
    let read = system.api.anonymous().call_url(Method::GET, link).send().await;
    assert_eq!((read.status, &*read.text), (200, CONTENT), "{read}");
    let changed = link.replace(&shop.name, &stranger.name);
    let read = system.api.anonymous().call_url(Method::GET, &changed).send().await;
    assert_eq!(read.problem(403), "invalid_upload_link");
    assert_eq!(stranger.api.get(&format!("{dispute}/evidence")).await.problem(404), "not_found");
}

pub(crate) async fn how_long_a_tenant_keeps_evidence_reaches_the_service_that_has_it(system: &System) {
    let shop = system.tenant();
    let path = "/v1/payments/settings";
    let settings = shop.api.get(path).await.expect(200);
    let change = json!({"dispute_retention_days": 400, "version": settings["version"]});
    let set = shop.api.call(Method::PATCH, path).json(&change).send().await.expect(200);
    assert_eq!(set["dispute_retention_days"], 400, "{set}");
    let days = |tenant: &str| {
        let sql = "SELECT coalesce(max(days), 0)::bigint FROM refunds.dispute_retention WHERE tenant_id";
        system.database.number(&format!("{sql} = '{tenant}'"))
    };
    eventually("refunds has heard of it", || async { (days(&shop.name) == 400).then_some(()) }).await;
    // Nobody has ever set anything for it: making it told the defaults.
    eventually("refunds has heard of the sandbox", || async { (days("sandbox") > 0).then_some(()) }).await;
}

/// A file that the simulated gateway believes, and its SHA-256.
const LETTER: &str = "a letter with winning_evidence";
const LETTER_SHA256: &str = "c5d80ba05b344d32ae92e4034d9a88a61d6dd7b6530135ce3d2616df621533a9";

pub(crate) async fn a_file_reaches_the_processor_and_wins_the_dispute(system: &System) {
    let shop = system.tenant();
    let _ = shop.pay(&shop.method("tok_dispute").await, 900, "EUR").await;
    let dispute = eventually("the dispute is there", || async {
        let listed = shop.api.get("/v1/payments/disputes").await.expect(200);
        listed["data"][0]["id"].as_str().map(|id| format!("/v1/payments/disputes/{id}"))
    })
    .await;
    let mut declared = declared();
    declared["size_bytes"] = json!(LETTER.len());
    declared["sha256"] = json!(LETTER_SHA256);
    let upload = shop.api.post("/v1/payments/uploads", &declared).await.expect(201);
    let url = upload["upload_url"].as_str().expect("an address");
    let put = system.api.anonymous().call_url(Method::PUT, url).bare(LETTER);
    let _ = put.header("content-type", "text/plain").send().await.expect(200);
    let submitted = submit(&shop, &dispute, &upload["id"]).await.expect(200);
    assert_eq!(submitted["processor_reply"]["status"], "telling", "{submitted}");
    eventually("the processor has it, and says who was right", || async {
        let dispute = shop.api.get(&dispute).await.expect(200);
        (dispute["status"] == "won" && dispute["processor_reply"]["status"] == "told").then_some(())
    })
    .await;
}
