//! `/adventures/payments` and `/adventures/guests/{guest_id}/payment-history`

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use tender_domain::intents::Channel;
use tender_domain::kernel::{Caller, IntentId};
use tender_http::storefront::In;
use tender_http::{
    Authorized, CalledFrom, Command, ListQuery, Paginated, Problem, RequestKey, ResponseExt, respond_json,
    scopes,
};
use uuid::Uuid;

use super::body::{DetailsBody, HistoryBody, PRESENTER, PaymentBody};
use super::error::{ErrorBody, Refused};
use super::request::{HistoryQuery, KEY_CHARS_MAX, PayBody};
use crate::payer_seen::seen_of;
use crate::use_cases::{Paid, PayReservation};
use crate::{IntentsError, IntentsService};

type Service = web::Data<Arc<IntentsService>>;

/// Pays for a reservation: authorized and captured at once.
///
/// The same key and request again gives the same payment, with its newest outcome.
#[utoipa::path(
    operation_id = "adventures_pay",
    tag = "adventures",
    path = "/adventures/payments",
    params(("Idempotency-Key" = Option<String>, Header, description = "Or `idempotency_key` in the body; one of them is required, at most 64 characters")),
    request_body = PayBody,
    responses(
        (status = 200, description = "The payment that was made with this key before", body = PaymentBody),
        (status = 201, description = "The payment; also one that was declined, with `decline_reason`", body = PaymentBody),
        (status = 202, description = "The payment; its outcome is not known yet", body = PaymentBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`PAYMENT_METHOD_NOT_FOUND`, `RESERVATION_NOT_FOUND`", body = ErrorBody),
        (status = 409, description = "`IDEMPOTENCY_CONFLICT`: the key belongs to another request", body = ErrorBody),
        (status = 422, description = "`PAYMENT_METHOD_EXPIRED`", body = ErrorBody),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/adventures/payments")]
pub(in crate::dialects) async fn pay(
    caller: In<Refused, Authorized<scopes::IntentsWrite>>,
    command: In<Refused, Command<PayBody>>,
    called: CalledFrom,
    service: Service,
) -> Result<HttpResponse, Refused> {
    paid((&caller, &called), command.into_inner(), &service).await
}

async fn paid(
    (caller, called): (&Caller, &CalledFrom),
    command: Command<PayBody>,
    service: &Service,
) -> Result<HttpResponse, Refused> {
    let key = key(&command)?;
    let named = key.scope.key.to_string();
    let wanted = PayReservation { signals: seen_of(caller, called), ..command.body.into_command()? };
    match service.pay_reservation(caller, wanted, key, PRESENTER).await? {
        Paid::Now(answer) => {
            let mut body: PaymentBody = serde_json::from_str(&answer.body).map_err(|error| {
                tracing::error!(%error, "an answer that was made just now cannot be read");
                Refused::from(Problem::internal())
            })?;
            body.idempotency_key = Some(named);
            Ok(respond_json(answer.status, &body))
        }
        Paid::Before(intent) => {
            let body = PaymentBody::of(&intent, Some(named));
            Ok(respond_json(body.status_code(200), &body).replayed(true))
        }
    }
}

/// The key, from the header or the body.
fn key(command: &Command<PayBody>) -> Result<RequestKey, Refused> {
    let named = command.body.idempotency_key.as_deref();
    let wrong = |problem: Problem| Refused::from(problem).at("idempotency_key");
    let key = command.key_or(named).map_err(wrong)?;
    let key = key.ok_or_else(|| {
        let why = "idempotency_key is required, here or as the header Idempotency-Key";
        Refused::field("idempotency_key", why)
    })?;
    if key.scope.key.len() > KEY_CHARS_MAX {
        let why = format!("the idempotency key has at most {KEY_CHARS_MAX} characters");
        return Err(Refused::field("idempotency_key", why));
    }
    Ok(key)
}

/// Reads a payment with its processor, its history, its refunds and its disputes.
#[utoipa::path(
    operation_id = "adventures_get_payment",
    tag = "adventures",
    path = "/adventures/payments/{payment_id}",
    params(("payment_id" = Uuid, Path, description = "The payment")),
    responses(
        (status = 200, description = "The payment", body = DetailsBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`", body = ErrorBody),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/adventures/payments/{payment_id}")]
pub(in crate::dialects) async fn get(
    caller: In<Refused, Authorized<scopes::IntentsRead>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let id = Uuid::try_parse(&id).map_err(|_| Refused::from(IntentsError::NoSuchIntent))?;
    let told = service.storefront_payment(&caller, Channel::Adventures, IntentId::from_uuid(id)).await?;
    Ok(respond_json(200, &DetailsBody::from(&told)))
}

/// Lists a guest's payments, newest first.
#[utoipa::path(
    operation_id = "adventures_payment_history",
    tag = "adventures",
    path = "/adventures/guests/{guest_id}/payment-history",
    params(
        ("guest_id" = Uuid, Path, description = "The guest"),
        ("limit" = Option<u32>, Query, description = "1 to 100, 20 when it is not there"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
        HistoryQuery,
    ),
    responses(
        (status = 200, description = "A page of payments", body = HistoryBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`NOT_FOUND`: another guest", body = ErrorBody),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/adventures/guests/{guest_id}/payment-history")]
pub(in crate::dialects) async fn history_of_guest(
    request: HttpRequest,
    caller: In<Refused, Authorized<scopes::IntentsRead>>,
    guest: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    history(&caller, &guest, request.query_string(), &service).await
}

async fn history(
    caller: &Caller,
    guest: &str,
    query: &str,
    service: &Service,
) -> Result<HttpResponse, Refused> {
    let unknown = || Refused::of(404, "NOT_FOUND", "there is no such guest");
    let guest = Uuid::try_parse(guest).map_err(|_| unknown())?;
    if caller.only_customer().is_some_and(|own| own != guest.to_string()) {
        return Err(unknown());
    }
    let ListQuery { page, filter } = ListQuery::<HistoryQuery>::parse(query)?;
    let found = service.storefront_payments(caller, filter.filter(guest)?, &page).await?;
    let listed = Paginated::new(found, &page, |payment| payment.intent.id.uuid());
    let (payments, has_more, next_cursor) = listed.into_parts();
    let items = payments.into_iter().map(|payment| {
        let key = payment.kept.and_then(|kept| kept.client_key);
        PaymentBody::of(&payment.intent, key)
    });
    Ok(respond_json(200, &HistoryBody { items: items.collect(), next_cursor, has_more }))
}
