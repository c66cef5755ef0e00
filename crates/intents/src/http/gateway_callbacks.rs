//! `/v1/payments/webhook/gateway`: where gateways tell by themselves. No credential: the signature is one.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Serialize;
use tender_domain::kernel::Limits;
use tender_domain::ports::{CallbackFault, CallbackHeaders, CallbackIntake, CallbackRefusal};
use tender_http::{Problem, respond_json};
use utoipa::ToSchema;

use crate::GatewayCallbacks;

const RETRY_SECONDS: u32 = 5;

pub(crate) type Callbacks = web::Data<Arc<GatewayCallbacks>>;

/// What a gateway hears once its callback is durable.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackReceived)]
struct ReceivedBody {
    /// Always `true`.
    received: bool,
}

/// Takes a gateway's callback, of whichever connector signed it.
///
/// Its signature is checked over the bytes as they came. 200 says that it is durable, or was before; what it tells is
/// acted on after that, once by the gateway's own id of the event.
#[utoipa::path(
    operation_id = "take_callback",
    tag = "callbacks",
    path = "/v1/payments/webhook/gateway",
    responses(
        (status = 200, description = "It is kept", body = ReceivedBody),
        (status = 400, description = "`callback_signature`, or `callback_malformed`", body = Problem),
        (status = 413, description = "It is larger than 1 MiB", body = Problem),
        (status = 503, description = "It could not be kept; send it again", body = Problem),
    ),
)]
#[post("/v1/payments/webhook/gateway")]
pub(super) async fn take(
    request: HttpRequest,
    body: web::Payload,
    callbacks: Callbacks,
) -> Result<HttpResponse, Problem> {
    let body = read(body).await?;
    callbacks.take_of_any(&headers(&request), &body).await.map_err(problem)?;
    Ok(respond_json(200, &ReceivedBody { received: true }))
}

/// Takes a callback of one connector.
///
/// Its signature is checked over the bytes as they came. 200 says that it is durable, or was before; what it tells is
/// acted on after that, once by the gateway's own id of the event.
#[utoipa::path(
    operation_id = "take_callback_of_connector",
    tag = "callbacks",
    path = "/v1/payments/webhook/gateway/{connector_id}",
    params(("connector_id" = String, Path, description = "The connector", example = "simulator")),
    responses(
        (status = 200, description = "It is kept; as plain text where the gateway wants to hear a word of its own", body = ReceivedBody),
        (status = 400, description = "`callback_signature`, or `callback_malformed`", body = Problem),
        (status = 404, description = "No such connector, or it sends none", body = Problem),
        (status = 413, description = "It is larger than 1 MiB", body = Problem),
        (status = 503, description = "It could not be kept; send it again", body = Problem),
    ),
)]
#[post("/v1/payments/webhook/gateway/{connector_id}")]
pub(super) async fn take_of_connector(
    request: HttpRequest,
    connector: web::Path<String>,
    body: web::Payload,
    callbacks: Callbacks,
) -> Result<HttpResponse, Problem> {
    let body = read(body).await?;
    callbacks.take(&connector, &headers(&request), &body).await.map_err(problem)?;
    Ok(match callbacks.received_word(&connector) {
        Some(word) => HttpResponse::Ok().content_type("text/plain").body(word),
        None => respond_json(200, &ReceivedBody { received: true }),
    })
}

/// The raw bytes, whatever their media type.
pub(crate) async fn read(payload: web::Payload) -> Result<web::Bytes, Problem> {
    let read = payload.to_bytes_limited(Limits::BODY_BYTES).await;
    let Ok(bytes) = read else {
        let detail = format!("the body is larger than {} bytes", Limits::BODY_BYTES);
        return Err(Problem::new(413, "body_too_large", detail));
    };
    let incomplete = "the body ended before the length that was announced";
    bytes.map_err(|_| Problem::bad_request("incomplete_body", incomplete))
}

/// Those headers that are text; others sign nothing.
pub(crate) fn headers(request: &HttpRequest) -> CallbackHeaders {
    let text =
        request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    text.collect()
}

fn problem(fault: CallbackFault) -> Problem {
    match fault {
        CallbackFault::NoSuchConnector(_) | CallbackFault::Refused(CallbackRefusal::NotSupported) => {
            Problem::not_found("connector that sends callbacks")
        }
        CallbackFault::Refused(CallbackRefusal::Malformed(why)) => {
            Problem::bad_request("callback_malformed", why)
        }
        CallbackFault::Refused(refusal) => Problem::bad_request("callback_signature", refusal.to_string()),
        CallbackFault::Unavailable(why) => {
            tracing::warn!(why, "a callback could not be kept");
            Problem::service_unavailable(RETRY_SECONDS)
        }
    }
}
