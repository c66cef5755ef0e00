//! Stripe's rules for evidence: files, a form in two parts at an address of its own, and what a dispute takes of them.

use actix_web::HttpRequest;
use serde_json::json;

use crate::double::{Answer, Books, Fields, error};
use crate::rules::{is, known, only};

/// The form's parts as fields: `purpose`, and of `file` its name, type and content.
///
/// # Errors
/// Says which rule was broken.
pub(crate) fn parts(request: &HttpRequest, body: &[u8]) -> Result<Fields, String> {
    let of_type = request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
    let divided =
        of_type.strip_prefix("multipart/form-data; boundary=").ok_or("the body is no form in parts")?;
    // Byte by byte, as it came.
    let text: String = body.iter().map(|byte| char::from(*byte)).collect();
    let inner = text
        .strip_prefix(&format!("--{divided}\r\n"))
        .and_then(|text| text.strip_suffix(&format!("\r\n--{divided}--\r\n")))
        .ok_or("the form does not begin, or does not end")?;
    let parts: Vec<&str> = inner.split(&format!("\r\n--{divided}\r\n")).collect();
    let [purpose, file] = parts[..] else { return Err(format!("there are {} parts", parts.len())) };
    let purpose = purpose
        .strip_prefix("Content-Disposition: form-data; name=\"purpose\"\r\n\r\n")
        .ok_or("the first part is no purpose")?;
    let (head, content) = file.split_once("\r\n\r\n").ok_or("the file has no head")?;
    let (named, typed) = head.split_once("\r\nContent-Type: ").ok_or("the file has no type")?;
    let name = named
        .strip_prefix("Content-Disposition: form-data; name=\"file\"; filename=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .ok_or("the second part is no file")?;
    let fields = [("purpose", purpose), ("name", name), ("type", typed), ("content", content)];
    Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Keeps a file.
///
/// # Errors
/// Says which rule was broken.
pub(crate) fn keep(books: &mut Books, fields: &Fields) -> Result<Answer, String> {
    if fields["purpose"] != "dispute_evidence" {
        return Err("it is for something else".into());
    }
    let ending = match &*fields["type"] {
        "application/pdf" => ".pdf",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        other => return Err(format!("no file of type {other} is taken")),
    };
    if !fields["name"].ends_with(ending) || fields["content"].is_empty() {
        return Err("its name has another ending, or it is empty".into());
    }
    let id = books.id("file");
    books.files.insert(id.clone(), fields["content"].clone());
    Ok((200, json!({ "id": id, "object": "file", "purpose": "dispute_evidence" })))
}

/// The texts of evidence (<https://docs.stripe.com/api/disputes/evidence_object>).
const EVIDENCE: &[&str] = &[
    "submit",
    "evidence[access_activity_log]",
    "evidence[billing_address]",
    "evidence[cancellation_policy_disclosure]",
    "evidence[cancellation_rebuttal]",
    "evidence[customer_email_address]",
    "evidence[customer_name]",
    "evidence[customer_purchase_ip]",
    "evidence[duplicate_charge_explanation]",
    "evidence[product_description]",
    "evidence[refund_policy_disclosure]",
    "evidence[refund_refusal_explanation]",
    "evidence[service_date]",
    "evidence[shipping_address]",
    "evidence[shipping_carrier]",
    "evidence[shipping_date]",
    "evidence[shipping_tracking_number]",
    "evidence[uncategorized_text]",
];

/// The files of evidence: each is one that was uploaded, and in one field.
const EVIDENCE_FILES: &[&str] = &[
    "evidence[cancellation_policy]",
    "evidence[customer_communication]",
    "evidence[duplicate_charge_documentation]",
    "evidence[refund_policy]",
    "evidence[service_documentation]",
    "evidence[shipping_documentation]",
    "evidence[uncategorized_file]",
];

pub(crate) fn submit_evidence(books: &mut Books, id: &str, fields: &Fields) -> Result<Answer, String> {
    only(fields, &[EVIDENCE, EVIDENCE_FILES].concat())?;
    let named: Vec<&String> = EVIDENCE_FILES.iter().filter_map(|name| fields.get(*name)).collect();
    if named.iter().enumerate().any(|(place, file)| named[..place].contains(file)) {
        return Err("a file is there twice".into());
    }
    if let Some(file) = named.into_iter().find(|file| !books.files.contains_key(*file)) {
        return Err(format!("there is no file {file}"));
    }
    is(fields, "submit", "true")?;
    let Some(dispute) = books.disputes.get_mut(id) else { return Ok(known(&books.disputes, id)) };
    if dispute["status"] != "needs_response" {
        return Ok((400, error("invalid_request_error", "", "This dispute is already closed.")));
    }
    dispute["status"] = "under_review".into();
    dispute["evidence_details"]["submission_count"] = 1.into();
    Ok((200, dispute.clone()))
}

pub(crate) fn close(books: &mut Books, id: &str, fields: &Fields) -> Result<Answer, String> {
    only(fields, &[])?;
    let Some(dispute) = books.disputes.get_mut(id) else { return Ok(known(&books.disputes, id)) };
    if dispute["status"] != "needs_response" {
        return Ok((400, error("invalid_request_error", "", "This dispute is already closed.")));
    }
    dispute["status"] = "lost".into();
    Ok((200, dispute.clone()))
}
