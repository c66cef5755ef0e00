//! `/v1/payments/uploads/{upload_id}/content`: the contents of uploads, by signed links.

use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, Charset,
    ContentDisposition, DispositionParam, DispositionType, ExtendedValue, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::Bytes;
use actix_web::{Error, HttpRequest, HttpResponse, get, put, web};
use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::UploadKind;
use tender_domain::uploads::{ContentReader, ReceiveError};
use tender_http::{Problem, parse_id, respond_json};
use utoipa::{IntoParams, ToSchema};

use super::refunds::Service;
use crate::RefundsError;
use crate::use_cases::GivenLink;

/// What a link is signed with.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LinkQuery {
    /// Whose upload it is.
    #[param(example = "sandbox")]
    tenant: String,
    /// Until when the link is good, in seconds since 1970.
    #[param(example = 1_790_000_000)]
    expires: i64,
    /// What makes it good.
    #[param(max_length = 64)]
    signature: String,
}

/// A content that is kept.
#[derive(Serialize, ToSchema)]
#[schema(as = UploadContent)]
pub(super) struct KeptBody {
    /// The upload that it is of.
    #[schema(example = "up_01h2xcejqtf2nbrexx3vqjhp41")]
    upload_id: String,
    /// Its size in bytes.
    #[schema(example = 48_211)]
    size_bytes: u64,
    /// SHA-256 of it, in hexadecimal digits.
    sha256: String,
}

fn link(request: &HttpRequest, id: &str) -> Result<GivenLink, Problem> {
    let bad = |detail: String| Problem::bad_request("malformed_upload_link", detail);
    let upload = parse_id::<UploadKind>(id)?;
    let query = web::Query::<LinkQuery>::from_query(request.query_string())
        .map_err(|error| bad(format!("the link was cut or changed: {error}")))?
        .into_inner();
    let tenant = query.tenant.parse().map_err(|_| bad("the link names no tenant".to_owned()))?;
    Ok(GivenLink { tenant, upload, expires: query.expires, signature: query.signature })
}

/// Takes in the content of an upload.
///
/// The address is the `upload_url` that declaring the file gave, with all that is in it. The content is kept whole, or not
/// at all; sent again, it is the same.
#[utoipa::path(
    operation_id = "put_upload_content",
    tag = "uploads",
    path = "/v1/payments/uploads/{upload_id}/content",
    params(("upload_id" = String, Path, description = "The upload", example = "up_01h2xcejqtf2nbrexx3vqjhp41"), LinkQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The content, of the declared type"),
    responses(
        (status = 200, description = "It is kept", body = KeptBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 403, description = "`invalid_upload_link`: it is not signed so, or its time is over", body = Problem),
        (status = 404, description = "The id is none of an upload", body = Problem),
        (status = 409, description = "`upload_used`", body = Problem),
        (status = 413, description = "`upload_too_long`: longer than was declared", body = Problem),
        (status = 422, description = "`upload_differs`: another size or SHA-256 than was declared", body = Problem),
    ),
    security(()),
)]
#[put("/v1/payments/uploads/{upload_id}/content")]
pub(super) async fn put_content(
    request: HttpRequest,
    id: web::Path<String>,
    mut content: web::Payload,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let link = link(&request, &id)?;
    let (upload, mut sink) = service.receive_content(&link).await?;
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > upload.file.size) {
        return Err(RefundsError::Received(ReceiveError::TooLong).into());
    }
    while let Some(piece) = content.next().await {
        let piece = piece.map_err(|error| {
            Problem::bad_request("incomplete_body", format!("the content could not be read: {error}"))
        })?;
        sink.write(&piece).await.map_err(RefundsError::Received)?;
    }
    sink.finish().await.map_err(RefundsError::Received)?;
    let file = &upload.file;
    let kept =
        KeptBody { upload_id: upload.id.to_string(), size_bytes: file.size, sha256: file.sha256.to_string() };
    Ok(respond_json(200, &kept))
}

/// Gives out the content of an upload that is in use.
///
/// The address is the `download_url` that was shown with the file, with all that is in it.
#[utoipa::path(
    operation_id = "get_upload_content",
    tag = "uploads",
    path = "/v1/payments/uploads/{upload_id}/content",
    params(("upload_id" = String, Path, description = "The upload", example = "up_01h2xcejqtf2nbrexx3vqjhp41"), LinkQuery),
    responses(
        (status = 200, description = "The content, of the declared type", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 400, description = "Malformed", body = Problem),
        (status = 403, description = "`invalid_upload_link`: it is not signed so, or its time is over", body = Problem),
        (status = 404, description = "It was removed", body = Problem),
    ),
    security(()),
)]
#[get("/v1/payments/uploads/{upload_id}/content")]
pub(super) async fn get_content(
    request: HttpRequest,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let link = link(&request, &id)?;
    let (upload, reader) = service.read_content(&link).await?;
    // Never shown in a page of ours, whatever is in it.
    let attachment = attachment(&upload.file.name);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, upload.file.file_type.as_str()))
        .insert_header((CONTENT_DISPOSITION, attachment))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .no_chunking(upload.file.size)
        .streaming(pieces(reader)))
}

/// To be kept under this name. Where it has other letters than ASCII, who knows no others takes `file`.
fn attachment(name: &str) -> ContentDisposition {
    let plain = DispositionParam::Filename;
    let parameters = if name.is_ascii() {
        vec![plain(name.to_owned())]
    } else {
        let whole = ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: name.as_bytes().to_vec(),
        };
        vec![plain("file".to_owned()), DispositionParam::FilenameExt(whole)]
    };
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}

fn pieces(reader: Box<dyn ContentReader>) -> impl Stream<Item = Result<Bytes, Error>> + use<> {
    stream::unfold(Some(reader), |reader| async {
        let mut reader = reader?;
        match reader.next().await {
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), Some(reader))),
            Ok(None) => None,
            Err(error) => Some((Err(ErrorInternalServerError(error)), None)),
        }
    })
}
