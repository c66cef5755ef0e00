//! Files as evidence: taken once, by their own tenant, and only when they hold what was declared.

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_domain::ports::GatewayError;
use tender_domain::uploads::FileType;

use crate::dispute_replies::{stands, tell};
use crate::disputes::{CHARGEBACKS, DISPUTES, chargeback, keyed, known, read, send};
use crate::http::{Got, call};
use crate::support::Stage;
use crate::uploads::{RECEIPT, UPLOADS, declare, declared, follow, stage, text, uploaded, uploaded_to};

/// The place of a dispute.
pub(crate) async fn opened(stage: &Stage) -> String {
    known(stage).await;
    let opened = send(stage, "POST", CHARGEBACKS, &chargeback(5_000)).await;
    assert_eq!(opened.status, 201, "{}", opened.json);
    format!("{DISPUTES}/{}", text(&opened.json["id"]))
}

pub(crate) fn with_file(upload: &str) -> Value {
    json!({ "evidence": [
        { "kind": "customer_name", "text": "Ada Lovelace" },
        { "kind": "other", "upload_id": upload },
    ]})
}

pub(crate) async fn submit(stage: &Stage, place: &str, upload: &str) -> Got {
    send(stage, "POST", &format!("{place}/submit-evidence"), &with_file(upload)).await
}

/// The file of the last reply.
pub(crate) async fn file_of(stage: &Stage, place: &str) -> Value {
    let listed = read(stage, &format!("{place}/evidence")).await;
    assert_eq!(listed.status, 200, "{}", listed.json);
    listed.json["replies"][0]["evidence"][1]["file"].clone()
}

#[actix_web::test]
async fn a_file_is_evidence_with_its_hash_in_the_history_and_can_be_read_by_a_link() {
    let (stage, _folder) = stage();
    let place = opened(&stage).await;
    let upload = uploaded(&stage, RECEIPT).await;
    let submitted = submit(&stage, &place, &upload).await;
    assert_eq!(submitted.status, 200, "{}", submitted.json);
    assert_eq!(submitted.json["processor_reply"]["status"], "by_hand", "this one takes no files");
    let file = file_of(&stage, &place).await;
    let wanted = declared(RECEIPT);
    assert_eq!(file["upload_id"], json!(upload));
    for field in ["file_name", "content_type", "size_bytes", "sha256"] {
        assert_eq!(file[field], wanted[field], "{field}");
    }
    let (status, headers, content) = follow(&stage, "GET", text(&file["download_url"]), b"").await;
    assert_eq!((status, &*content), (200, RECEIPT), "{headers}");
    for header in [
        "content-type: application/pdf",
        "content-disposition: attachment; filename=\"receipt of Ada.pdf\"",
        "x-content-type-options: nosniff",
        "cache-control: private, no-store",
    ] {
        assert!(headers.contains(header), "{header}: {headers}");
    }
    stage.clock.advance(std::time::Duration::from_secs(301));
    assert_eq!(
        follow(&stage, "GET", text(&file["download_url"]), b"").await.0,
        403,
        "the link is short-lived"
    );
    let shown = read(&stage, &place).await.json;
    let history = shown["history"].to_string();
    assert!(history.contains(text(&wanted["sha256"])) && history.contains(&upload), "{history}");
    assert!(!history.contains("Ada"), "a history holds nobody's data: {history}");
    let messages: String = stage.told().into_iter().map(|(_, told)| told.to_string()).collect();
    assert!(!messages.contains("Ada"), "nor do events");
}

#[actix_web::test]
async fn a_file_is_used_once_and_by_one_of_two_at_once() {
    let (stage, _folder) = stage();
    let place = opened(&stage).await;
    let other = chargeback_of(&stage, "cb_2").await;
    let upload = uploaded(&stage, RECEIPT).await;
    let both = join_all([submit(&stage, &place, &upload), submit(&stage, &other, &upload)]).await;
    let mut statuses: Vec<u16> = both.iter().map(|got| got.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    both.iter().find(|got| got.status == 409).unwrap().is_problem(409, "upload_used");
    let third = chargeback_of(&stage, "cb_3").await;
    submit(&stage, &third, &upload).await.is_problem(409, "upload_used");
    let twice = json!({ "evidence": [
        { "kind": "other", "upload_id": upload }, { "kind": "customer_name", "upload_id": upload },
    ]});
    let twice = send(&stage, "POST", &format!("{third}/submit-evidence"), &twice).await;
    twice.is_problem(400, "invalid_evidence");
    let again = TestRequest::put().uri(UPLOADS);
    assert_eq!(call(&stage, 1, again).await.status, 405);
}

async fn chargeback_of(stage: &Stage, reference: &str) -> String {
    let mut told = chargeback(1_000);
    told["processor_reference"] = json!(reference);
    let opened = send(stage, "POST", CHARGEBACKS, &told).await;
    assert_eq!(opened.status, 201, "{}", opened.json);
    format!("{DISPUTES}/{}", text(&opened.json["id"]))
}

#[actix_web::test]
async fn the_same_request_again_is_given_the_first_answer_though_its_file_is_used() {
    let (stage, _folder) = stage();
    let place = format!("{}/submit-evidence", opened(&stage).await);
    let upload = uploaded(&stage, RECEIPT).await;
    let first = keyed(&stage, &place, "k1", &with_file(&upload)).await;
    assert_eq!(first.status, 200, "{}", first.json);
    let again = keyed(&stage, &place, "k1", &with_file(&upload)).await;
    assert_eq!((again.status, &again.json), (200, &first.json));
}

#[actix_web::test]
async fn a_file_of_another_tenant_one_that_was_not_put_and_one_that_was_changed_are_no_evidence() {
    let (stage, folder) = stage();
    let place = opened(&stage).await;
    let request = TestRequest::post().uri(UPLOADS).set_json(declared(RECEIPT));
    let theirs = call(&stage, 3, request).await;
    assert_eq!(theirs.status, 201, "{}", theirs.json);
    submit(&stage, &place, text(&theirs.json["id"])).await.is_problem(404, "not_found");
    submit(&stage, &place, "up_01h2xcejqtf2nbrexx3vqjhp41").await.is_problem(404, "not_found");
    submit(&stage, &place, "up_nonsense").await.is_problem(404, "not_found");
    let waiting = declare(&stage, &declared(RECEIPT)).await.json;
    submit(&stage, &place, text(&waiting["id"])).await.is_problem(409, "upload_missing");
    let upload = uploaded(&stage, RECEIPT).await;
    std::fs::write(folder.path().join("sandbox").join(&upload), b"%PDF-1.7 a receipT").unwrap();
    submit(&stage, &place, &upload).await.is_problem(422, "upload_differs");
    for item in [
        json!({ "kind": "other" }),
        json!({ "kind": "other", "text": "a", "upload_id": upload }),
        json!({ "kind": "nonsense", "upload_id": upload }),
    ] {
        let body = json!({ "evidence": [item] });
        let got = send(&stage, "POST", &format!("{place}/submit-evidence"), &body).await;
        got.is_problem(400, "invalid_evidence");
    }
    let shown = read(&stage, &place).await.json;
    assert_eq!(shown["processor_reply"], Value::Null, "nothing of all that was kept");
}

#[actix_web::test]
async fn a_file_keeps_a_name_of_any_letters_and_no_name_breaks_out_of_its_header() {
    let (stage, _folder) = stage();
    for (reference, name, shown) in [
        (
            "cb_7",
            "Beleg für Ada.pdf",
            "attachment; filename=\"file\"; filename*=UTF-8''Beleg%20f%C3%BCr%20Ada.pdf",
        ),
        ("cb_8", "a\"; filename=b.html", "attachment; filename=\"a\\\"; filename=b.html\""),
    ] {
        known(&stage).await;
        let place = chargeback_of(&stage, reference).await;
        let mut wanted = declared(RECEIPT);
        wanted["file_name"] = json!(name);
        let upload = declare(&stage, &wanted).await.json;
        assert_eq!(follow(&stage, "PUT", text(&upload["upload_url"]), RECEIPT).await.0, 200);
        assert_eq!(submit(&stage, &place, text(&upload["id"])).await.status, 200);
        let file = file_of(&stage, &place).await;
        assert_eq!(file["file_name"], name);
        let (_, headers, _) = follow(&stage, "GET", text(&file["download_url"]), b"").await;
        assert!(headers.contains(shown), "{shown}: {headers}");
    }
}

#[actix_web::test]
async fn files_are_told_to_a_processor_that_takes_them_the_same_again_until_it_answers() {
    let (stage, _folder) = stage();
    stage.gateway.desk.take_files();
    let place = opened(&stage).await;
    let upload = uploaded(&stage, RECEIPT).await;
    let submitted = submit(&stage, &place, &upload).await;
    assert_eq!(submitted.json["processor_reply"]["status"], "telling", "{}", submitted.json);
    assert_eq!(stage.gateway.desk.files(), [], "nothing is sent in the request");
    stage.gateway.desk.next(Err(GatewayError::Unknown("no answer".to_owned())));
    assert_eq!(tell(&stage).await, 0);
    stage.clock.advance(std::time::Duration::from_secs(120));
    assert_eq!(tell(&stage).await, 1);
    let (told, files) = (stage.gateway.desk.told(), stage.gateway.desk.files());
    assert_eq!((told.len(), &told[0]), (2, &told[1]), "the same each time");
    assert_eq!((files.len(), &files[0]), (2, &files[1]), "the same each time");
    let file = (files[0].upload.to_string(), files[0].file_type, &*files[0].content);
    assert_eq!(file, (upload, FileType::Pdf, RECEIPT));
    assert_eq!(stands(&stage, &place).await, ("under_review".to_owned(), "told".to_owned()));
}

#[actix_web::test]
async fn a_file_whose_content_is_lost_is_told_to_nobody_and_other_evidence_can_be_submitted() {
    let (stage, folder) = stage();
    stage.gateway.desk.take_files();
    let place = opened(&stage).await;
    let upload = uploaded(&stage, RECEIPT).await;
    assert_eq!(submit(&stage, &place, &upload).await.status, 200);
    let stored = folder.path().join("sandbox").join(&upload);
    // A storage that does not answer is asked again.
    std::fs::remove_file(&stored).unwrap();
    std::fs::create_dir(&stored).unwrap();
    assert_eq!(tell(&stage).await, 0);
    assert_eq!(stands(&stage, &place).await.1, "telling");
    std::fs::remove_dir(&stored).unwrap();
    std::fs::write(&stored, b"something else").unwrap();
    stage.clock.advance(std::time::Duration::from_secs(120));
    assert_eq!(tell(&stage).await, 1);
    assert_eq!(stands(&stage, &place).await, ("needs_response".to_owned(), "refused".to_owned()));
    assert_eq!(stage.gateway.desk.files(), []);
    let again = uploaded(&stage, RECEIPT).await;
    assert_eq!(submit(&stage, &place, &again).await.status, 200);
    assert_eq!(tell(&stage).await, 1);
    assert_eq!(stands(&stage, &place).await.1, "told");
}

#[actix_web::test]
async fn the_documents_example_names_a_file_by_its_address_and_type() {
    let (stage, _folder) = stage();
    let place = opened(&stage).await;
    let (upload, url) = uploaded_to(&stage, RECEIPT).await;
    let submit = async |evidence: Value| {
        let body = json!({ "evidence": [evidence], "notes": "the signed receipt" });
        send(&stage, "POST", &format!("{place}/submit-evidence"), &body).await
    };
    for (strange, at) in [
        (json!({ "type": "pdf", "url": "https://example.com/receipt.pdf" }), "/evidence/0/url"),
        (json!({ "type": "pdf", "url": url, "upload_id": upload }), "/evidence/0"),
        (json!({ "type": "pdf", "text": "a text is no file" }), "/evidence/0"),
        (json!({ "type": "pdf" }), "/evidence/0"),
    ] {
        let refused = submit(strange).await;
        refused.is_problem(400, "invalid_evidence");
        assert_eq!(refused.json["errors"][0]["pointer"], at, "{}", refused.json);
    }
    submit(json!({ "type": "png", "url": url })).await.is_problem(422, "upload_differs");
    let submitted = submit(json!({ "type": "pdf", "url": url })).await;
    assert_eq!(submitted.status, 200, "{}", submitted.json);
    let listed = read(&stage, &format!("{place}/evidence")).await.json;
    let item = &listed["replies"][0]["evidence"][0];
    assert_eq!((&item["kind"], &item["file"]["upload_id"]), (&json!("other"), &json!(upload)));
}
