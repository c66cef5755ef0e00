//! `/hotels/payment-links`: the payment links that there are, in the hotels document's words.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tender_domain::kernel::{Answer, Caller, PaymentLinkId};
use tender_domain::payment_links::{Detail, LinkSending, LinkState, LinkUsage, PaymentLink};
use tender_domain::ports::NoticeChannel;
use tender_events::exact_amount;
use tender_http::storefront::In;
use tender_http::storefront::adventures::{ErrorBody, Refused};
use tender_http::{Authorized, Command, OptionalBody, RequestKey, keep, respond_json, scopes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::GuestShown;
use super::payments::{Service, guest_of, shown};
use super::request::{GuestBody, named};
use crate::dialects::annex::{amount, currency, required};
use crate::http::{DEFAULT_MERCHANT_ACCOUNT, base_of, merchants_link};
use crate::use_cases::{Answered, WantedLink};
use crate::{IntentsError, IntentsService};

/// A payment link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = HotelLink)]
pub(super) struct LinkBody {
    /// The reservation.
    #[schema(value_type = String, example = "R-2026-000123")]
    reservation_id: Option<String>,
    /// The hotel.
    #[schema(value_type = String, example = "hotel-1")]
    hotel_id: Option<String>,
    /// In major units.
    #[schema(value_type = f64, example = 120.00)]
    amount: Option<Value>,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    currency: Option<String>,
    /// Who is to pay.
    guest: Option<GuestBody>,
    /// By which ways it is sent at once: `EMAIL`, `SMS`; by none when it is not there.
    #[serde(default)]
    #[schema(example = json!(["EMAIL"]))]
    send_by: Vec<String>,
    /// Until when; in 7 days when it is not there, a year at most.
    expires_at: Option<DateTime<Utc>>,
}

/// By which ways a link is sent.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = HotelLinkSend)]
pub(super) struct SendBody {
    /// `EMAIL`, `SMS`; by e-mail when it is not there.
    #[schema(example = json!(["EMAIL"]))]
    send_by: Vec<String>,
}

fn ways(words: &[String]) -> Result<Vec<NoticeChannel>, Refused> {
    let way = |word: &String| match word.as_str() {
        "EMAIL" => Ok(NoticeChannel::Email),
        "SMS" => Ok(NoticeChannel::Sms),
        _ => Err(Refused::field("send_by", "send_by holds EMAIL or SMS")),
    };
    let mut ways = words.iter().map(way).collect::<Result<Vec<_>, _>>()?;
    ways.sort();
    ways.dedup();
    Ok(ways)
}

impl LinkBody {
    fn checked(self) -> Result<(WantedLink, Vec<NoticeChannel>), Refused> {
        let reservation = named("reservation_id", self.reservation_id)?;
        let shown: String = reservation.chars().take(100).collect();
        let wanted = WantedLink {
            amount: amount("amount", self.amount, currency(self.currency)?)?,
            customer_id: None,
            merchant_account_id: DEFAULT_MERCHANT_ACCOUNT.to_owned(),
            description: Some("Your stay".to_owned()),
            order_ref: Some(reservation),
            hotel_id: Some(named("hotel_id", self.hotel_id)?),
            details: vec![Detail { label: "Reservation".to_owned(), value: shown }],
            guest: required("guest", self.guest)?.into_guest()?,
            usage: LinkUsage::Single,
            expires_at: self.expires_at,
        };
        Ok((wanted, ways(&self.send_by)?))
    }
}

/// A payment link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelPaymentLink)]
pub(super) struct LinkShown {
    /// Its UUID.
    link_id: Uuid,
    /// Where it is paid. Whoever has it can pay.
    url: String,
    /// `INITIATED`, `COMPLETED`, `CANCELLED` or `EXPIRED`.
    #[schema(value_type = String, example = "INITIATED")]
    status: &'static str,
    /// The reservation.
    reservation_id: Option<String>,
    /// The hotel.
    hotel_id: Option<String>,
    /// In major units, with exactly the currency's places.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// ISO 4217 code.
    #[schema(value_type = String)]
    currency: &'static str,
    /// Who is to pay.
    guest: GuestShown,
    /// The payment, once that began.
    payment_id: Option<Uuid>,
    /// Until when.
    expires_at: DateTime<Utc>,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// A payment link with what brought it to its guest.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelPaymentLinkSent)]
pub(super) struct LinkSent {
    #[serde(flatten)]
    link: LinkShown,
    /// The newest messages that were asked for, the newest first.
    notifications: Vec<SendingShown>,
}

/// A message that brings a link to its guest.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelLinkSending)]
struct SendingShown {
    /// `EMAIL` or `SMS`.
    #[schema(value_type = String, example = "EMAIL")]
    send_by: &'static str,
    /// To whom.
    recipient: String,
    /// `requested`: it is tried until it is taken; `sent`; or `failed`: it was refused, or given up after three days.
    #[schema(value_type = String, example = "sent")]
    status: &'static str,
    /// Why the last try was in vain.
    problem: Option<String>,
}

impl From<&LinkSending> for SendingShown {
    fn from(sending: &LinkSending) -> Self {
        Self {
            send_by: match sending.channel {
                NoticeChannel::Email => "EMAIL",
                NoticeChannel::Sms => "SMS",
            },
            recipient: sending.recipient.clone(),
            status: sending.dispatch.status.as_str(),
            problem: sending.dispatch.problem.clone(),
        }
    }
}

fn link_shown(base: &str, service: &Arc<IntentsService>, link: &PaymentLink) -> LinkShown {
    let token = service.links.tokens.of(&link.tenant, link.id);
    LinkShown {
        link_id: link.id.uuid(),
        url: format!("{base}/pay/{token}"),
        status: match link.state(service.clock.now()) {
            LinkState::Active => "INITIATED",
            LinkState::Completed => "COMPLETED",
            LinkState::Canceled => "CANCELLED",
            LinkState::Expired => "EXPIRED",
        },
        reservation_id: link.order_ref.clone(),
        hotel_id: link.hotel_id.clone(),
        amount: link.amount.to_decimal(),
        currency: link.amount.currency().code(),
        guest: GuestShown::from(&link.guest),
        payment_id: link.intent.map(|intent| intent.uuid()),
        expires_at: link.expires_at,
        created_at: link.created_at,
    }
}

fn link_id(text: &str) -> Result<PaymentLinkId, Refused> {
    let id = Uuid::try_parse(text).map_err(|_| Refused::from(IntentsError::NoSuchLink))?;
    Ok(PaymentLinkId::from_uuid(id))
}

/// A link of the dialect, if the caller may see it.
async fn load(service: &Arc<IntentsService>, caller: &Caller, id: &str) -> Result<PaymentLink, Refused> {
    let link = service.load_link(caller, link_id(id)?).await?;
    if link.hotel_id.is_none() {
        return Err(IntentsError::NoSuchLink.into());
    }
    Ok(link)
}

/// What is kept of a refusal of links, in the annex's form.
#[derive(Debug, Deserialize)]
struct KeptRefusal {
    code: String,
    detail: String,
}

/// The answer; a refusal that is kept as the core API has it, in the annex's form.
fn link_answer(answered: &Answered) -> HttpResponse {
    let Answer { status, body } = &answered.answer;
    let refusal = (*status >= 400).then(|| serde_json::from_str::<KeptRefusal>(body).ok()).flatten();
    let Some(refusal) = refusal else { return shown(answered) };
    let code = match &*refusal.code {
        "card_number_detected" => "CARD_NUMBER_DETECTED",
        _ if *status == 409 => "CONFLICT",
        _ => "VALIDATION_ERROR",
    };
    shown(&Answered { answer: Refused::of(*status, code, refusal.detail).to_answer(), ..answered.clone() })
}

/// Makes a payment link, and sends it.
#[utoipa::path(
    operation_id = "hotels_create_link",
    tag = "hotels",
    path = "/hotels/payment-links",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again")),
    request_body = LinkBody,
    responses(
        (status = 201, description = "The link", body = LinkShown),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`; also to a customer: links are the hotel's", body = ErrorBody),
        (status = 409, description = "`IDEMPOTENCY_CONFLICT`: the key belongs to another request", body = ErrorBody),
        (status = 422, description = "`CARD_NUMBER_DETECTED`; `VALIDATION_ERROR`: an end that cannot be, a guest who cannot be reached, or what the settings do not permit", body = ErrorBody),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/hotels/payment-links")]
pub(in crate::dialects) async fn create_link(
    request: HttpRequest,
    caller: In<Refused, Authorized<scopes::IntentsWrite>>,
    command: In<Refused, Command<LinkBody>>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    merchants_link(&caller)?;
    let command = command.into_inner();
    let (mut wanted, ways) = command.body.checked()?;
    if let Some(hotel) = &wanted.hotel_id {
        let values = service.hotel_values(&caller.tenant, hotel).await?;
        wanted.guest = guest_of(wanted.guest, &values);
    }
    let base = base_of(&request, &service);
    let present = |link: &PaymentLink| keep(201, &link_shown(&base, &service, link));
    let made = service.create_link(&caller, wanted, (&ways, &base), command.key.as_ref(), present);
    Ok(link_answer(&made.await?))
}

/// Reads a payment link.
#[utoipa::path(
    operation_id = "hotels_get_link",
    tag = "hotels",
    path = "/hotels/payment-links/{link_id}",
    params(("link_id" = Uuid, Path, description = "The link")),
    responses(
        (status = 200, description = "The link", body = LinkSent),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`PAYMENT_LINK_NOT_FOUND`", body = ErrorBody),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/hotels/payment-links/{link_id}")]
pub(in crate::dialects) async fn get_link(
    request: HttpRequest,
    caller: In<Refused, Authorized<scopes::IntentsRead>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let link = load(&service, &caller, &id).await?;
    let sendings = service.sendings_of_link(&link).await?;
    let notifications = sendings.iter().map(SendingShown::from).collect();
    let link = link_shown(&base_of(&request, &service), &service, &link);
    Ok(respond_json(200, &LinkSent { link, notifications }))
}

/// Takes a payment link back, unless money may be moving by it.
#[utoipa::path(
    operation_id = "hotels_cancel_link",
    tag = "hotels",
    path = "/hotels/payment-links/{link_id}/cancel",
    params(
        ("link_id" = Uuid, Path, description = "The link"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again"),
    ),
    responses(
        (status = 200, description = "The link", body = LinkShown),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`; also to a customer: links are the hotel's", body = ErrorBody),
        (status = 404, description = "`PAYMENT_LINK_NOT_FOUND`", body = ErrorBody),
        (status = 409, description = "`CONFLICT`: it is paid, or being paid", body = ErrorBody),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/hotels/payment-links/{link_id}/cancel")]
pub(in crate::dialects) async fn cancel_link(
    request: HttpRequest,
    caller: In<Refused, Authorized<scopes::IntentsWrite>>,
    command: In<Refused, Command<OptionalBody<Value>>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let link = load(&service, &caller, &id).await?;
    merchants_link(&caller)?;
    let base = base_of(&request, &service);
    let present = |link: &PaymentLink| keep(200, &link_shown(&base, &service, link));
    Ok(link_answer(&service.cancel_link(&caller, link.id, command.key.as_ref(), present).await?))
}

/// Sends a payment link to its guest, by each way once.
#[utoipa::path(
    operation_id = "hotels_send_link",
    tag = "hotels",
    path = "/hotels/payment-links/{link_id}/send",
    params(
        ("link_id" = Uuid, Path, description = "The link"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again"),
    ),
    request_body = Option<SendBody>,
    responses(
        (status = 202, description = "It was asked for; the link", body = LinkShown),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`; also to a customer: links are the hotel's", body = ErrorBody),
        (status = 404, description = "`PAYMENT_LINK_NOT_FOUND`", body = ErrorBody),
        (status = 409, description = "`CONFLICT`: it cannot be paid now", body = ErrorBody),
        (status = 422, description = "`VALIDATION_ERROR`: the guest cannot be reached by this way, or it is not set up", body = ErrorBody),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/hotels/payment-links/{link_id}/send")]
pub(in crate::dialects) async fn send_link(
    request: HttpRequest,
    caller: In<Refused, Authorized<scopes::IntentsWrite>>,
    command: In<Refused, Command<OptionalBody<SendBody>>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let link = load(&service, &caller, &id).await?;
    merchants_link(&caller)?;
    let Command { body, key, .. } = command.into_inner();
    let mut ways = ways(&body.0.send_by)?;
    if ways.is_empty() {
        ways.push(NoticeChannel::Email);
    }
    let base = base_of(&request, &service);
    let present = |link: &PaymentLink, _: &[LinkSending]| keep(202, &link_shown(&base, &service, link));
    let key: Option<&RequestKey> = key.as_ref();
    let sent = service.send_link(&caller, link.id, (&ways, &base), key, present).await?;
    Ok(link_answer(&sent))
}
