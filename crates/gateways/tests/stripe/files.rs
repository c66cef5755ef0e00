//! Stripe's rules for files: a form in two parts, at an address of its own.

use actix_web::HttpRequest;
use serde_json::json;

use crate::double::{Answer, Books, Fields};

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
