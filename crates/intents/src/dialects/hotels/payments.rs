//! `/hotels/payments`

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use tender_domain::fraud::RiskSignals;
use tender_domain::hotels::{HotelPayment, HotelValues, HotelWrite};
use tender_domain::intents::{CaptureMode, Channel, MethodSummary, PaymentOptions};
use tender_domain::kernel::{Caller, IntentId, Metadata, TenantId};
use tender_domain::notices::NoticeReader;
use tender_domain::payment_links::Guest;
use tender_domain::ports::SessionPage;
use tender_http::storefront::In;
use tender_http::storefront::adventures::{ErrorBody, Refused};
use tender_http::{Authorized, CalledFrom, Command, ResponseExt, respond, respond_json, scopes};
use uuid::Uuid;

use super::body::{InitiationBody, PRESENTER, RecordBody};
use super::request::{PayBody, Wanted};
use crate::http::{DEFAULT_MERCHANT_ACCOUNT, base_of};
use crate::payer_seen::seen_of;
use crate::use_cases::{Answered, CreateIntent, Keyed, Located, PayByPage, PayerPage, Shown};
use crate::{IntentsError, IntentsService};

pub(super) type Service = web::Data<Arc<IntentsService>>;

/// Begins a payment: the guest pays on the gateway's page.
///
/// Once it has ended its `notification_url`, else the one of the hotel's settings, is called: `POST` with `type`
/// (`payment.completed`, `payment.failed`, `payment.cancelled`), `payment_id`, `reservation_id`, `hotel_id`,
/// `booking_reference`, `channel`, `status`, `amount`, `currency`, `gateway_ref`, `error_message` and `occurred_at`, signed
/// as Standard Webhooks has it, and sent again for three days until a 2xx answers.
/// The same key and request again gives the same payment. Without a key every request is a payment of its own.
#[utoipa::path(
    operation_id = "hotels_pay",
    tag = "hotels",
    path = "/hotels/payments",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again")),
    request_body = PayBody,
    responses(
        (status = 201, description = "The payment; also one that failed at once, with `error_message`", body = InitiationBody),
        (status = 202, description = "The payment; the gateway's answer is not known yet", body = InitiationBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 409, description = "`IDEMPOTENCY_CONFLICT`: the key belongs to another request", body = ErrorBody),
        (status = 422, description = "`CARD_NUMBER_DETECTED`; `VALIDATION_ERROR`: no gateway has a payment page", body = ErrorBody),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/hotels/payments")]
pub(in crate::dialects) async fn pay(
    (request, called): (HttpRequest, CalledFrom),
    caller: In<Refused, Authorized<scopes::IntentsWrite>>,
    command: In<Refused, Command<PayBody>>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let Command { body, key, .. } = command.into_inner();
    let wanted = body.checked()?;
    may_be_called(&service, wanted.notification_url.as_deref())?;
    let values = service.hotel_values(&caller.tenant, &wanted.hotel).await?;
    let mut pay = to_be_paid(&caller, wanted, &values, base_of(&request, &service));
    pay.create.signals = seen_of(&caller, &called);
    let keyed = Keyed::new(key, PRESENTER, Shown::Intent { created: true });
    Ok(shown(&service.pay_by_page(&caller, pay, keyed).await?))
}

/// The answer, as it is kept.
pub(super) fn shown(answered: &Answered) -> HttpResponse {
    let mut response = respond(&answered.answer).replayed(answered.replayed);
    response.headers_mut().insert(
        actix_web::http::header::CONTENT_TYPE,
        actix_web::http::header::HeaderValue::from_static("application/json"),
    );
    response
}

/// Whether a `notification_url` is one that is called.
pub(super) fn may_be_called(service: &IntentsService, url: Option<&str>) -> Result<(), Refused> {
    let checked = url.map_or(Ok(()), |url| service.storefront.webhooks.check(url));
    checked.map_err(|why| Refused::field("notification_url", format!("notification_url {why}")))
}

/// The payment of a stay as its hotel's settings have it, whose page comes back to this service at `base`.
pub(super) fn to_be_paid(caller: &Caller, wanted: Wanted, values: &HotelValues, base: String) -> PayByPage {
    let wanted = Wanted { guest: guest_of(wanted.guest, values), ..wanted };
    let named = wanted.booking_reference.clone().unwrap_or_else(|| wanted.reservation.clone());
    let create = CreateIntent {
        amount: wanted.amount,
        customer_id: caller.only_customer().map(str::to_owned),
        merchant_account_id: DEFAULT_MERCHANT_ACCOUNT.to_owned(),
        instrument: None,
        method: MethodSummary::default(),
        capture_mode: CaptureMode::Auto,
        capture_delay_seconds: None,
        description: Some(format!("Booking {named}")),
        statement_descriptor: None,
        order_ref: Some(wanted.reservation.clone()),
        reservation_ref: Some(wanted.reservation.clone()),
        metadata: Metadata::default(),
        expires_at: None,
        off_session: false,
        options: PaymentOptions::default(),
        signals: RiskSignals::default(),
        channel: Channel::Hotels,
        confirm: false,
        // Each payment of the document is one visit of the gateway's page.
        max_attempts: Some(1),
        claims_order: false,
        link: None,
        storefront: None,
    };
    let (guest, tenant, psp) = (wanted.guest.clone(), caller.tenant.clone(), values.psp.clone());
    let page = move |id: IntentId| PayerPage {
        method: PayerPage::CARD.to_owned(),
        connector: psp.clone(),
        return_url: back(&base, id, "success"),
        page: SessionPage {
            cancel_url: Some(back(&base, id, "cancel")),
            notify_url: Some(format!("{base}/hotels/payments/{}/notify", id.uuid())),
            reference: Some(named.clone()),
            payer_name: guest.name.clone(),
            payer_email: guest.email.clone(),
        },
        located: Located::ByIntent,
    };
    let hotel = move |id: IntentId| vec![HotelWrite::from(kept(&wanted, &tenant, id)).into()];
    PayByPage { create, page: Box::new(page), writes: vec![Box::new(hotel)] }
}

/// The guest, in the hotel's language unless they name one.
pub(super) fn guest_of(guest: Guest, values: &HotelValues) -> Guest {
    Guest { locale: guest.locale.or_else(|| values.locale.clone()), ..guest }
}

fn back(base: &str, id: IntentId, result: &str) -> String {
    format!("{base}/hotels/payments/{}/return?result={result}", id.uuid())
}

fn kept(wanted: &Wanted, tenant: &TenantId, id: IntentId) -> HotelPayment {
    HotelPayment {
        tenant: tenant.clone(),
        intent_id: id,
        hotel_id: wanted.hotel.clone(),
        channel: wanted.channel,
        booking_reference: wanted.booking_reference.clone(),
        guest: wanted.guest.clone(),
        success_url: wanted.success_url.clone(),
        failure_url: wanted.failure_url.clone(),
        notification_url: wanted.notification_url.clone(),
    }
}

/// Reads a payment with what is kept of it.
#[utoipa::path(
    operation_id = "hotels_get_payment",
    tag = "hotels",
    path = "/hotels/payments/{payment_id}",
    params(("payment_id" = Uuid, Path, description = "The payment")),
    responses(
        (status = 200, description = "The payment", body = RecordBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`", body = ErrorBody),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/hotels/payments/{payment_id}")]
pub(in crate::dialects) async fn get(
    caller: In<Refused, Authorized<scopes::IntentsRead>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let id = Uuid::try_parse(&id).map_err(|_| Refused::from(IntentsError::NoSuchIntent))?;
    let (intent, kept) = service.hotel_payment(&caller, IntentId::from_uuid(id)).await?;
    let told = service.notifications_of_payment(&caller.tenant, intent.id).await?;
    let mut of_refunds = service.refund_notices_of(&caller.tenant, intent.id).await?;
    if caller.only_customer().is_some() {
        // Who asked for it at the hotel is no guest's.
        of_refunds.retain(|notice| notice.told.reader != NoticeReader::Agent);
    }
    Ok(respond_json(200, &RecordBody::of(&intent, &kept, (&told, &of_refunds))))
}
