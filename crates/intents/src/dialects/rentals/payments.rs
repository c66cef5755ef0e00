//! `/rentals/payments/process`, `/rentals/payments/user` and `/rentals/payments/{id}`

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use tender_domain::fraud::RiskSignals;
use tender_domain::intents::{Channel, Instrument, MethodSummary};
use tender_domain::kernel::{Answer, Caller, IntentId, Money};
use tender_domain::ports::NumberKind;
use tender_http::storefront::In;
use tender_http::storefront::rentals::{self, Envelope, ErrorBody, Refused, Route};
use tender_http::{Authorized, CalledFrom, Command, Problem, ResponseExt, respond, respond_json, scopes};
use uuid::Uuid;

use super::body::{PRESENTER, PaymentData};
use super::details::{DetailsBody, DetailsData};
use super::history::{HistoryBody, HistoryQuery};
use super::request::{ProcessBody, payer};
use super::transactions as read;
use crate::payer_seen::seen_of;
use crate::use_cases::{Answered, PayOrder, PayOrderError, PayWith};
use crate::{IntentsError, IntentsService};

type Service = web::Data<Arc<IntentsService>>;

/// Payments are limited by themselves, and what goes wrong with one is its failure.
const PROCESS: Route = Route::new("PAYMENT_FAILED").limited(&[rentals::PAYMENTS]);
const READ: Route = Route::new(rentals::SERVER_ERROR);

/// Processes a payment for a booking.
///
/// A booking is paid once. While a payment's outcome is not known, the same request again tells it.
#[utoipa::path(
    operation_id = "rentals_process_payment",
    tag = "rentals",
    path = "/rentals/payments/process",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same request again gets the first answer again")),
    request_body = ProcessBody,
    responses(
        (status = 200, description = "Paid", body = Envelope<PaymentData>),
        (status = 202, description = "The outcome is not known yet", body = Envelope<PaymentData>),
        (status = 400, description = "`VALIDATION_ERROR`, `PAYMENT_AMOUNT_MISMATCH`, `BOOKING_ALREADY_PAID`, `INVALID_PAYMENT_METHOD`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`PERMISSION_DENIED`: another user's booking", body = ErrorBody),
        (status = 404, description = "`BOOKING_NOT_FOUND`", body = ErrorBody),
        (status = 429, description = "`TOO_MANY_REQUESTS`", body = ErrorBody),
        (status = 500, description = "`PAYMENT_FAILED`: declined, or it could not be processed", body = ErrorBody),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/rentals/payments/process")]
pub(in crate::dialects) async fn process(
    called: CalledFrom,
    caller: In<Refused, Authorized<scopes::IntentsWrite>>,
    command: In<Refused, Command<ProcessBody>>,
    service: Service,
) -> HttpResponse {
    let caller = caller.into_inner().into_caller();
    rentals::serve(&service.storefront.gate, caller, PROCESS, async |caller: Caller| {
        let Command { body, key, .. } = command.into_inner();
        let wanted = body.checked()?;
        let method = read::method(&service, &caller.tenant, wanted.method).await?;
        let instrument = Instrument::Saved(method.ok_or_else(invalid_method)?);
        let with = PayWith::Instrument(instrument);
        let pay = PayOrder {
            storefront: Some(payer(&called)),
            signals: seen_of(&caller, &called),
            ..pay(&caller, (wanted.booking, wanted.amount), with)
        };
        let answered = service.pay_order(&caller, pay, key, PRESENTER).await.map_err(refused)?;
        shown(&service, &caller, answered).await
    })
    .await
}

/// The payment of a booking.
pub(super) fn pay(caller: &Caller, (booking, amount): (i64, Money), with: PayWith) -> PayOrder {
    PayOrder {
        channel: Channel::Rentals,
        order_ref: booking.to_string(),
        customer_id: (!rentals::is_admin(caller)).then(|| caller.subject.to_string()),
        reservation_ref: None,
        amount,
        with,
        method: MethodSummary { method_type: "credit_card".to_owned(), brand: None, last4: None },
        description: Some(format!("Payment for booking #{}", booking)),
        shows_paid: false,
        signals: RiskSignals::default(),
        storefront: None,
    }
}

/// The answer, its payment under its number.
async fn shown(service: &Service, caller: &Caller, answered: Answered) -> Result<HttpResponse, Refused> {
    let Answer { status, body } = &answered.answer;
    if *status >= 400 {
        let mut response = respond(&answered.answer).replayed(answered.replayed);
        response.headers_mut().insert(
            actix_web::http::header::CONTENT_TYPE,
            actix_web::http::header::HeaderValue::from_static("application/json"),
        );
        return Ok(response);
    }
    let mut envelope: Envelope<PaymentData> = serde_json::from_str(body).map_err(|error| {
        tracing::error!(%error, "a kept answer cannot be read");
        Refused::from(Problem::internal())
    })?;
    read::numbered(service, &caller.tenant, &mut envelope.data.payment).await?;
    Ok(respond_json(*status, &envelope).replayed(answered.replayed))
}

fn invalid_method() -> Refused {
    Refused::of(
        400,
        "INVALID_PAYMENT_METHOD",
        "the payment method is not the user's, cannot be charged, or has expired",
    )
}

/// Why a booking is not paid, in the document's words.
pub(super) fn refused(error: PayOrderError) -> Refused {
    let message = error.to_string();
    match error {
        PayOrderError::NoSuchOrder => Refused::of(404, "BOOKING_NOT_FOUND", "there is no such booking"),
        PayOrderError::AnotherCustomer => {
            Refused::of(403, "PERMISSION_DENIED", "the booking is another user's")
        }
        PayOrderError::WrongAmount(total) => {
            let message = format!("the amount must be the booking's, {total}");
            Refused::of(400, "PAYMENT_AMOUNT_MISMATCH", message)
        }
        PayOrderError::AlreadyPaid => {
            Refused::of(400, "BOOKING_ALREADY_PAID", "the booking is paid for already")
        }
        PayOrderError::Canceled => Refused::invalid("the booking is canceled"),
        PayOrderError::Reservation(_) => Refused::invalid(message),
        PayOrderError::Intents(
            IntentsError::NoSuchMethod(_)
            | IntentsError::MethodOfAnotherCustomer(_)
            | IntentsError::MethodOfAnotherMerchant(_)
            | IntentsError::MethodNotChargeable(_)
            | IntentsError::MethodExpired(_),
        ) => invalid_method(),
        PayOrderError::Intents(error) => {
            let problem = Problem::from(error);
            if problem.status() >= 500 {
                tracing::error!(%problem, "a payment could not be processed");
            }
            problem.into()
        }
    }
}

/// Lists the user's transactions, newest first.
///
/// Payments and their refunds, those whose outcome is not known yet as `pending`.
#[utoipa::path(
    operation_id = "rentals_list_transactions",
    tag = "rentals",
    path = "/rentals/payments/user",
    params(HistoryQuery),
    responses(
        (status = 200, description = "A page of transactions", body = HistoryBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`PERMISSION_DENIED`", body = ErrorBody),
        (status = 429, description = "`TOO_MANY_REQUESTS`", body = ErrorBody),
        (status = 500, description = "`SERVER_ERROR`", body = ErrorBody),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/rentals/payments/user")]
pub(in crate::dialects) async fn list(
    request: HttpRequest,
    caller: In<Refused, Authorized<scopes::IntentsRead>>,
    service: Service,
) -> HttpResponse {
    let caller = caller.into_inner().into_caller();
    rentals::serve(&service.storefront.gate, caller, READ, async |caller: Caller| {
        let query = web::Query::<HistoryQuery>::from_query(request.query_string())
            .map_err(|error| Refused::invalid(error.to_string()))?;
        let wanted = query.into_inner().checked()?;
        let page = read::page_of(&service, &caller, &wanted).await?;
        Ok(respond_json(200, &page))
    })
    .await
}

/// Reads a payment with its booking and its refunds.
///
/// A user reads its own payments, an administrator any.
#[utoipa::path(
    operation_id = "rentals_get_payment",
    tag = "rentals",
    path = "/rentals/payments/{id}",
    params(("id" = i64, Path, description = "The payment's number")),
    responses(
        (status = 200, description = "The payment", body = Envelope<DetailsData>),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`PERMISSION_DENIED`: another user's", body = ErrorBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`; problem details where `id` is no number", content((ErrorBody = "application/json"), (Problem = "application/problem+json"))),
        (status = 429, description = "`TOO_MANY_REQUESTS`", body = ErrorBody),
        (status = 500, description = "`SERVER_ERROR`", body = ErrorBody),
    ),
    security(("bearer" = ["intents:read"])),
)]
// Numbers only: in the all-in-one `/rentals/payments/methods` is the vault's.
#[get("/rentals/payments/{id:[0-9-]+}")]
pub(in crate::dialects) async fn get(
    caller: In<Refused, Authorized<scopes::IntentsRead>>,
    number: web::Path<String>,
    service: Service,
) -> HttpResponse {
    let caller = caller.into_inner().into_caller();
    rentals::serve(&service.storefront.gate, caller, READ, async |caller: Caller| {
        let details = details_of(&service, &caller, &number).await?;
        Ok(respond_json(200, &Envelope::success("Payment details fetched", DetailsData { details })))
    })
    .await
}

async fn details_of(service: &Service, caller: &Caller, number: &str) -> Result<DetailsBody, Refused> {
    let unknown = || Refused::of(404, "PAYMENT_NOT_FOUND", "there is no such payment");
    let number: i64 = number.parse().map_err(|_| unknown())?;
    let found = service.storefront.payments.find(&caller.tenant, NumberKind::Payment, number).await?;
    let id = IntentId::from_uuid(found.ok_or_else(unknown)?);
    let told = service.storefront_payment_of_tenant(&caller.tenant, Channel::Rentals, id).await;
    let told = told.map_err(|error| match error {
        IntentsError::NoSuchIntent => unknown(),
        other => read::fault(other),
    })?;
    let is_own = told.intent.customer_id.as_deref() == Some(&*caller.subject);
    if !is_own && !rentals::is_admin(caller) {
        return Err(Refused::of(403, "PERMISSION_DENIED", "the payment is another user's"));
    }
    let order = match &told.intent.order_ref {
        Some(order_ref) => {
            let order = service.orders.find(&caller.tenant, order_ref).await;
            order.map_err(|error| read::fault(error.into()))?
        }
        None => None,
    };
    let open = read::open_refunds_of(service, &told).await?;
    let known = told.refunds.iter().map(|refund| refund.id.uuid());
    let ids: Vec<Uuid> = known.chain(open.iter().map(|refund| refund.id.uuid())).collect();
    let refunds = service.storefront.refunds.numbers(&caller.tenant, NumberKind::Refund, &ids).await?;
    Ok(DetailsBody::of((number, &refunds), (&told, &open), order.as_ref()))
}
