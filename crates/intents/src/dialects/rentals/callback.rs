//! `POST /rentals/payments/gateway/{gateway}/callback`: what a gateway tells. Signed, it is taken in as every callback
//! is; unsigned, it is not believed, and the gateway is asked.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;
use tender_domain::intents::Channel;
use tender_domain::kernel::SessionId;
use tender_domain::ports::{CallbackFault, CallbackIntake, CallbackRefusal};
use tender_http::respond_json;
use tender_http::storefront::rentals::{Done, ErrorBody, Refused};
use utoipa::{IntoParams, ToSchema};

use super::body::PRESENTER;
use super::gateway::connector;
use super::request::Gateway;
use crate::IntentsService;
use crate::http::{Callbacks, callback_bytes, callback_headers};

/// The longest query that is handed to a gateway.
const QUERY_CHARS_MAX: usize = 2_000;

/// What an unsigned callback names, in its body or its query.
#[derive(Debug, Clone, Default, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
#[into_params(parameter_in = Query)]
#[schema(as = RentalsCallback)]
pub(super) struct CallbackBody {
    /// The session, as it was given when the payment was begun.
    session_id: Option<String>,
    /// What the gateway says became of it; decides nothing.
    status: Option<String>,
}

/// Takes what a gateway tells of a payment.
///
/// A callback that the gateway signed is checked over the bytes as they came. One that only names its session is not
/// believed: the gateway is asked. Twice is once.
#[utoipa::path(
    operation_id = "rentals_gateway_callback",
    tag = "rentals",
    path = "/rentals/payments/gateway/{gateway}/callback",
    params(("gateway" = String, Path, description = "`stripe`, `paypal` or `payu`", example = "stripe"), CallbackBody),
    request_body = CallbackBody,
    responses(
        (status = 200, description = "It had its effect, or is durable", body = Done),
        (status = 400, description = "`INVALID_CALLBACK`, `SIGNATURE_MISMATCH`", body = ErrorBody),
        (status = 413, description = "`VALIDATION_ERROR`: it is larger than 1 MiB", body = ErrorBody),
        (status = 500, description = "`PROCESSING_FAILED`: send it again", body = ErrorBody),
    ),
)]
#[post("/rentals/payments/gateway/{gateway}/callback")]
pub(in crate::dialects) async fn called_back(
    request: HttpRequest,
    gateway: web::Path<String>,
    body: web::Payload,
    service: web::Data<Arc<IntentsService>>,
    callbacks: Callbacks,
) -> Result<HttpResponse, Refused> {
    let unknown = || invalid("there is no such gateway");
    let connector = connector(&service, Gateway::find(&gateway).ok_or_else(unknown)?).ok_or_else(unknown)?;
    let body = callback_bytes(body).await?;
    match callbacks.take(&connector, &callback_headers(&request), &body).await {
        Ok(()) => {}
        // Nobody signed it: it can only name its session.
        Err(
            CallbackFault::NoSuchConnector(_)
            | CallbackFault::Refused(CallbackRefusal::NotSupported | CallbackRefusal::Unsigned(_)),
        ) => ask(&service, &connector, &body, request.query_string()).await?,
        Err(CallbackFault::Refused(CallbackRefusal::Malformed(why))) => return Err(invalid(&why)),
        Err(CallbackFault::Refused(refusal)) => {
            return Err(Refused::of(400, "SIGNATURE_MISMATCH", refusal.to_string()));
        }
        Err(CallbackFault::Unavailable(why)) => {
            tracing::warn!(why, "a callback could not be kept");
            return Err(failed());
        }
    }
    Ok(respond_json(200, &Done::success("Callback processed")))
}

fn invalid(why: &str) -> Refused {
    Refused::of(400, "INVALID_CALLBACK", why)
}

fn failed() -> Refused {
    Refused::fault("PROCESSING_FAILED", "the callback could not be processed; send it again")
}

/// Asks the gateway about the session that is named.
async fn ask(
    service: &Arc<IntentsService>,
    connector: &str,
    body: &[u8],
    query: &str,
) -> Result<(), Refused> {
    let named = session_of(body, query).ok_or_else(|| invalid("session_id is required"))?;
    let unknown = || invalid("there is no such session of this gateway");
    let session: SessionId = named.parse().map_err(|_| unknown())?;
    let away = |error| {
        tracing::warn!(%error, "a callback could not be processed");
        failed()
    };
    let tenant = service.tenant_of_page(&session.to_string()).await.map_err(away)?.ok_or_else(unknown)?;
    let intent = service.intent_of_attempt(&tenant, session.attempt()).await.map_err(away)?;
    let intent = intent.filter(|intent| intent.channel == Channel::Rentals).ok_or_else(unknown)?;
    let is_at = intent.attempt(session.attempt()).is_some_and(|attempt| attempt.connector == connector);
    if !is_at {
        return Err(unknown());
    }
    let brought = query.chars().take(QUERY_CHARS_MAX).collect();
    let _ = service.come_to_page(&tenant, intent.id, brought, PRESENTER).await.map_err(away)?;
    Ok(())
}

/// The session that a query, a JSON body or a form names.
fn session_of(body: &[u8], query: &str) -> Option<String> {
    let of_query = |text: &str| web::Query::<CallbackBody>::from_query(text).ok()?.into_inner().session_id;
    let of_json = || serde_json::from_slice::<CallbackBody>(body).ok()?.session_id;
    of_query(query).or_else(of_json).or_else(|| of_query(std::str::from_utf8(body).ok()?))
}
