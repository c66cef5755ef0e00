//! `/hotels/payments/{id}/return` and `/notify`: who comes back from the gateway's page, and the gateway itself. Neither
//! has a credential, and neither is believed: the gateway is asked.

use std::sync::Arc;

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Serialize;
use tender_domain::hotels::HotelPayment;
use tender_domain::intents::{Channel, Intent};
use tender_domain::kernel::IntentId;
use tender_http::storefront::adventures::{ErrorBody, Refused};
use tender_http::{Problem, respond_json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{PRESENTER, Status, open_page};
use super::payments::Service;
use crate::pages::{page, status, words_of};
use crate::words::{Words, fill};
use crate::{IntentsError, IntentsService};

/// The longest query that is handed to a gateway.
const QUERY_CHARS_MAX: usize = 2_000;

/// Takes the guest's browser back from the gateway's page.
///
/// The gateway is asked what became of the payment; what the query says decides nothing. The page speaks the guest's
/// language (`guest.locale`, else the hotel's), or the browser's where none was told.
#[utoipa::path(
    operation_id = "hotels_return",
    tag = "hotels",
    path = "/hotels/payments/{payment_id}/return",
    params(
        ("payment_id" = Uuid, Path, description = "The payment"),
        ("result" = Option<String>, Query, description = "`success`, `fail` or `cancel`, as the gateway's page had it; decides nothing"),
    ),
    responses(
        (status = 200, description = "A page: it is not over yet, or has no address to go on to", body = String, content_type = "text/html"),
        (status = 303, description = "To the payment's `success_url` or `failure_url`"),
        (status = 404, description = "No such payment; a page too", body = String, content_type = "text/html"),
    ),
)]
#[get("/hotels/payments/{payment_id}/return")]
pub(in crate::dialects) async fn returned(
    request: HttpRequest,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    match come(&service, &id, request.query_string()).await {
        Ok((intent, kept)) => sent_on(&intent, &kept, words_of(&request, Some(&kept.guest))),
        Err(IntentsError::NoSuchIntent) => {
            let words = words_of(&request, None);
            page(404, &status(words, words.lost_title, ("bad", words.lost), words.lost_text.to_owned()))
        }
        Err(error) => {
            tracing::warn!(%error, "what became of a payment could not be asked for its guest");
            let words = words_of(&request, None);
            let unknown = ("calm", words.unknown);
            page(503, &status(words, words.waiting_title, unknown, words.unknown_text.to_owned()))
        }
    }
}

/// Somebody comes to a payment without a credential.
async fn come(
    service: &Arc<IntentsService>,
    id: &str,
    brought: &str,
) -> Result<(Arc<Intent>, HotelPayment), IntentsError> {
    let id = Uuid::try_parse(id).map_err(|_| IntentsError::NoSuchIntent)?;
    let tenant = service.tenant_of_page(&id.to_string()).await?.ok_or(IntentsError::NoSuchIntent)?;
    let id = IntentId::from_uuid(id);
    let kept = service.storefront.hotels.hotel_payment(&tenant, id).await?;
    let kept = kept.ok_or(IntentsError::NoSuchIntent)?;
    let brought = brought.chars().take(QUERY_CHARS_MAX).collect();
    let intent = service.come_to_page(&tenant, id, brought, PRESENTER).await?;
    debug_assert_eq!(intent.channel, Channel::Hotels, "only they have such a row");
    Ok((intent, kept))
}

fn sent_on(intent: &Intent, kept: &HotelPayment, words: &'static Words) -> Result<HttpResponse, Problem> {
    let stands = Status::of(intent);
    let next = match stands {
        Status::Completed => kept.success_url.as_ref(),
        Status::Failed | Status::Cancelled => kept.failure_url.as_ref(),
        Status::Initiated => None,
    };
    if let Some(next) = next {
        return Ok(HttpResponse::SeeOther().insert_header((LOCATION, next.as_str())).finish());
    }
    let mut view = match stands {
        Status::Completed => {
            let text = fill(words.paid_text, &[("amount", &words.amount(intent.amount))]);
            status(words, words.paid_title, ("good", words.paid), text)
        }
        Status::Failed | Status::Cancelled => {
            status(words, words.failed_title, ("bad", words.failed), words.ask_hotel.to_owned())
        }
        Status::Initiated => match open_page(intent) {
            Some(address) => {
                let unfinished = ("calm", words.unfinished);
                let text = words.unfinished_text.to_owned();
                let mut view = status(words, words.unfinished_title, unfinished, text);
                view.action = Some((address, words.to_payment.to_owned()));
                view
            }
            None => {
                let waiting = ("calm", words.waiting);
                let mut view = status(words, words.waiting_title, waiting, words.waiting_text.to_owned());
                view.refresh = true;
                view
            }
        },
    };
    view.test_mode = !intent.livemode;
    view.reference = Some(intent.id.uuid().to_string());
    page(200, &view)
}

/// What a gateway hears once its notification had its effect.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelNotified)]
pub(super) struct NotifiedBody {
    /// The payment.
    payment_id: Uuid,
    /// Where it stands.
    status: Status,
}

async fn notify(service: &Service, id: &str, query: &str) -> Result<HttpResponse, Refused> {
    let (intent, _) = come(service, id, query).await?;
    Ok(respond_json(200, &NotifiedBody { payment_id: intent.id.uuid(), status: Status::of(&intent) }))
}

/// Takes the gateway's notification that something happened to a payment.
///
/// The gateway is asked what; what the notification says decides nothing. Once, in either order with the return.
#[utoipa::path(
    operation_id = "hotels_notify",
    tag = "hotels",
    path = "/hotels/payments/{payment_id}/notify",
    params(("payment_id" = Uuid, Path, description = "The payment")),
    responses(
        (status = 200, description = "It is known", body = NotifiedBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`", body = ErrorBody),
        (status = 503, description = "`SERVICE_UNAVAILABLE`: send it again", body = ErrorBody),
    ),
)]
#[post("/hotels/payments/{payment_id}/notify")]
pub(in crate::dialects) async fn notified(
    request: HttpRequest,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    notify(&service, &id, request.query_string()).await
}

/// The same for gateways that notify by `GET`.
#[utoipa::path(
    operation_id = "hotels_notify_by_get",
    tag = "hotels",
    path = "/hotels/payments/{payment_id}/notify",
    params(("payment_id" = Uuid, Path, description = "The payment")),
    responses(
        (status = 200, description = "It is known", body = NotifiedBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`", body = ErrorBody),
        (status = 503, description = "`SERVICE_UNAVAILABLE`: send it again", body = ErrorBody),
    ),
)]
#[get("/hotels/payments/{payment_id}/notify")]
pub(in crate::dialects) async fn notified_by_get(
    request: HttpRequest,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    notify(&service, &id, request.query_string()).await
}
