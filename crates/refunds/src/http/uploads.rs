//! `/v1/payments/uploads`

use actix_web::{HttpRequest, HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::Answer;
use tender_domain::uploads::{FileType, Upload, UploadPurpose};
use tender_http::{Authorized, Command, Problem, keep, scopes};
use utoipa::ToSchema;

use super::disputes::answer;
use super::refunds::Service;
use super::texts::plain_text;
use crate::{DeclareUpload, FileLink, RefundsService};

/// A file that you are going to upload.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeclareUpload)]
pub(super) struct DeclareUploadBody {
    /// What it is for: `dispute_evidence`.
    #[schema(example = "dispute_evidence")]
    purpose: String,
    /// Its name, without a path.
    #[schema(min_length = 1, max_length = 255, example = "receipt.pdf")]
    file_name: String,
    /// `application/pdf`, `image/png`, `image/jpeg` or `text/plain`.
    #[schema(example = "application/pdf")]
    content_type: String,
    /// Its size in bytes; at most what the setting `storage.upload_max_bytes` says.
    #[schema(minimum = 1, example = 48_211)]
    size_bytes: u64,
    /// SHA-256 of its content, as 64 hexadecimal digits.
    #[schema(
        min_length = 64,
        max_length = 64,
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    sha256: String,
}

/// An upload that waits for its content.
#[derive(Serialize, ToSchema)]
#[schema(as = Upload)]
pub(super) struct UploadBody {
    /// Always `upload`.
    #[schema(value_type = String, example = "upload")]
    object: &'static str,
    /// Under which it is used afterwards.
    #[schema(example = "up_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "up_01h2xcejqtf2nbrexx3vqjhp41")]
    upload_id: String,
    /// What it is for.
    #[schema(value_type = String, example = "dispute_evidence")]
    purpose: &'static str,
    /// As it was declared.
    file_name: String,
    /// As it was declared.
    #[schema(value_type = String, example = "application/pdf")]
    content_type: &'static str,
    /// As it was declared.
    size_bytes: u64,
    /// As it was declared, in lower case.
    sha256: String,
    /// Send the content to this address. Whoever has it can, and needs no credential.
    upload_url: String,
    /// By this method.
    #[schema(value_type = String, example = "PUT")]
    method: &'static str,
    /// With these headers.
    headers: Vec<HeaderBody>,
    /// Until then.
    expires_at: DateTime<Utc>,
    /// When it was declared.
    created_at: DateTime<Utc>,
}

/// A header to send.
#[derive(Serialize, ToSchema)]
#[schema(as = UploadHeader)]
pub(super) struct HeaderBody {
    /// Its name.
    #[schema(example = "Content-Type")]
    name: String,
    /// Its value.
    #[schema(example = "application/pdf")]
    value: String,
}

fn show(upload: &Upload, link: &FileLink) -> Answer {
    let header = |(name, value): &(String, String)| HeaderBody { name: name.clone(), value: value.clone() };
    let body = UploadBody {
        object: "upload",
        id: upload.id.to_string(),
        upload_id: upload.id.to_string(),
        purpose: upload.purpose.as_str(),
        file_name: upload.file.name.clone(),
        content_type: upload.file.file_type.as_str(),
        size_bytes: upload.file.size,
        sha256: upload.file.sha256.to_string(),
        upload_url: link.request.url.clone(),
        method: link.method,
        headers: link.request.headers.iter().map(header).collect(),
        expires_at: link.expires_at,
        created_at: upload.created_at,
    };
    keep(201, &body)
}

/// Where clients reach this service: as it was set, or as this request came in.
pub(super) fn base_of(request: &HttpRequest, service: &RefundsService) -> String {
    if !service.files.public_url.is_empty() {
        return service.files.public_url.clone();
    }
    let info = request.connection_info();
    format!("{}://{}", info.scheme(), info.host())
}

/// Declares a file, and gives the address to upload it to.
///
/// Send the content to `upload_url` by `method` with `headers`, within 15 minutes; what is sent must have the size and the
/// SHA-256 that were declared. Then name the upload's id where it is to be used, as in `submit-evidence`: once. What
/// nobody has used is removed after a day.
#[utoipa::path(
    operation_id = "create_upload",
    tag = "uploads",
    path = "/v1/payments/uploads",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = DeclareUploadBody,
    responses(
        (status = 201, description = "The upload, and where to send its content", body = UploadBody),
        (status = 400, description = "Malformed; `invalid_file`; `unknown_purpose`", body = Problem),
        (status = 415, description = "`file_type_not_taken`: files of this type are not taken", body = Problem),
        (status = 422, description = "`file_too_large`, or a card number in the name", body = Problem),
        (status = 429, description = "`too_many_uploads`: 200 wait to be used", body = Problem),
    ),
    security(("bearer" = ["disputes:write"])),
)]
#[post("/v1/payments/uploads")]
pub(super) async fn declare(
    request: HttpRequest,
    caller: Authorized<scopes::DisputesWrite>,
    command: Command<DeclareUploadBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let wanted = read(command.body)?;
    let base = base_of(&request, &service);
    Ok(answer(&service.declare_upload(&caller, (wanted, &base), command.key, show).await?))
}

fn read(body: DeclareUploadBody) -> Result<DeclareUpload, Problem> {
    let DeclareUploadBody { purpose, file_name, content_type, size_bytes, sha256 } = body;
    let purpose = UploadPurpose::find(&purpose).ok_or_else(|| {
        Problem::bad_request("unknown_purpose", "a file is uploaded for `dispute_evidence`")
            .pointer("/purpose", "not known")
    })?;
    let file_type = FileType::find(&content_type).ok_or_else(|| {
        let words: Vec<&str> = FileType::ALL.iter().map(|word| word.as_str()).collect();
        let detail = format!("files of this type are not taken; a file is one of {}", words.join(", "));
        Problem::new(415, "file_type_not_taken", detail).pointer("/content_type", "is not taken")
    })?;
    let sha256 = sha256.parse().map_err(|why| Problem::from(crate::RefundsError::BadFile(why)))?;
    let file_name = plain_text("/file_name", file_name)?;
    Ok(DeclareUpload { purpose, file_name, file_type, size: size_bytes, sha256 })
}
