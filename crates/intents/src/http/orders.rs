//! `/v1/payments/orders/{ref}`: the built-in orders directory.

use actix_web::{HttpRequest, HttpResponse, get, put, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tender_domain::hotels::Booking;
use tender_domain::intents::StoredOrder;
use tender_domain::kernel::{Caller, Currency, Money, find_card_number};
use tender_domain::ports::{Order, OrderStatus, Reservation};
use tender_http::{Authorized, Command, Problem, ResponseExt, respond_json, scopes};
use utoipa::ToSchema;

use super::intents::Service;
use super::payment_links::base_of;
use super::request::reference;
use super::stay_body::{StayBody, StayDepositBody, put_stay};
use crate::dialects::HOTELS_PRESENTER;

const DETAILS_BYTES_MAX: usize = 8 * 1024;
/// The kind of orders that can be for a stay.
const RESERVATION: &str = "reservation";

/// An order, as the ordering side tells of it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutOrder)]
struct PutOrderBody {
    /// What it is.
    kind: OrderKind,
    /// Whose it is.
    customer_id: String,
    /// What is to be paid, in minor units.
    #[schema(minimum = 1)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(example = "USD")]
    currency: String,
    /// Where it stands; `pending` when it is not there. Where a deposit is asked for, that decides whether it is
    /// `confirmed`.
    status: Option<StatusWord>,
    /// When what was ordered begins.
    starts_at: Option<DateTime<Utc>>,
    /// What kind of thing it is, as your refund policies name it: they decide by it when it is given up.
    #[schema(example = "guided_trip")]
    product_type: Option<String>,
    /// At which rate plan it was ordered, as your refund policies name it.
    #[schema(example = "FLEX")]
    rate_plan: Option<String>,
    /// The reservation behind it.
    reservation: Option<ReservationBody>,
    /// The stay at a hotel that an order of kind `reservation` is for: its deposit is asked for.
    stay: Option<StayBody>,
    /// What is to be shown of it beside, at most 8 KiB of JSON (`vehicle`, `vehicle_id`, `pickup_date`, `dropoff_date`
    /// for a rental); nothing is decided by it.
    #[schema(value_type = Option<Object>)]
    details: Option<Map<String, Value>>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrderKind {
    Order,
    Booking,
    Reservation,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderStatus)]
enum StatusWord {
    Pending,
    Confirmed,
    Canceled,
}

/// A reservation behind an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Reservation)]
struct ReservationBody {
    /// As the ordering side has it.
    id: String,
    /// The customer that holds it.
    holder: String,
    /// Until when it holds.
    expires_at: DateTime<Utc>,
}

/// An order of the directory.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Order)]
pub(super) struct OrderBody {
    /// Always `order`.
    #[schema(value_type = String, example = "order")]
    object: &'static str,
    /// Its reference.
    id: String,
    /// `order`, `booking` or `reservation`.
    kind: String,
    /// Whose it is.
    customer_id: String,
    /// In minor units.
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String)]
    currency: &'static str,
    /// `pending`, `confirmed` or `canceled`.
    #[schema(value_type = String)]
    status: &'static str,
    /// When what was ordered begins.
    starts_at: Option<DateTime<Utc>>,
    /// What kind of thing it is.
    product_type: Option<String>,
    /// At which rate plan it was ordered.
    rate_plan: Option<String>,
    /// The reservation behind it.
    reservation: Option<ReservationBody>,
    /// The stay that it is for; not there of any other order, nor where an order was opened by `expand[]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    stay: Option<StayBody>,
    /// What is to be paid in advance for the stay; there where `stay` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    deposit: Option<StayDepositBody>,
    /// What is to be shown of it beside.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
    /// Grows with every change; also its `ETag`.
    version: i64,
    /// When it was put first.
    created_at: DateTime<Utc>,
    /// When it was put last.
    updated_at: DateTime<Utc>,
}

/// Puts an order under its reference, whole.
///
/// One that is given up (`canceled`) tells it, once, and what storefronts' payments took for it goes back as the refund
/// policies give it: refunds does that by itself, once for each payment, also of what lands later.
///
/// One with a `stay` is a hotel's reservation, as `POST /hotels/reservations` takes it in: by the same commit the hotel's
/// deposit policy is evaluated for it, and the deposit asked for, on a gateway's page of a guest who books online, else by
/// a payment link that is sent. Put again nothing is asked twice; another stay, amount or rate plan is asked for anew
/// while it is not paid. The order is `confirmed` by the payment of its deposit. Given up, what was asked for is taken
/// back and what was paid goes back, unless its policy is `NON_REFUNDABLE`. A put without `stay` leaves the stay as it is.
#[utoipa::path(
    operation_id = "put_order",
    tag = "orders",
    path = "/v1/payments/orders/{reference}",
    params(
        ("reference" = String, Path, description = "The order's reference, as the ordering side has it"),
        ("Idempotency-Key" = Option<String>, Header, description = "Taken, and not needed: the same put twice is one"),
    ),
    request_body = PutOrderBody,
    responses(
        (status = 200, description = "The order, replaced", body = OrderBody),
        (status = 201, description = "The order, new", body = OrderBody),
        (status = 400, description = "Malformed; `stay_not_expected`: the order's kind has none", body = Problem),
        (status = 409, description = "`reservation_cancelled`: its stay was given up, for good", body = Problem),
        (status = 422, description = "Of a stay, and nothing is put: `deposit_not_evaluable`, `payment_method_not_available`, `amount_exceeds_limit`, `payment_method_type_not_allowed`; `card_number_detected`", body = Problem),
    ),
    security(("bearer" = ["orders:write"])),
)]
#[put("/v1/payments/orders/{reference}")]
pub(super) async fn put(
    request: HttpRequest,
    caller: Authorized<scopes::OrdersWrite>,
    command: Command<PutOrderBody>,
    path: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let (order, booking) = command.body.into_order(path.into_inner())?;
    let base = base_of(&request, &service);
    // One that was put before, or told by the hotel's own route, stays what it is.
    let booking = match booking {
        None if order.kind == RESERVATION => service.known_booking(&caller, &order.reference).await?,
        said => said,
    };
    let (stored, is_new) = match (order.status, booking) {
        (OrderStatus::Canceled, _) => service.give_up_order(&caller, order, HOTELS_PRESENTER).await?,
        (_, Some(booking)) => Box::pin(put_stay(&caller, (order, booking), &base, &service)).await?,
        (_, None) => service.put_order(&caller.tenant, order).await?,
    };
    let body = with_stay(&caller, &stored, &base, &service).await?;
    Ok(respond_json(if is_new { 201 } else { 200 }, &body).etag(stored.version))
}

/// The order, with the stay that it is for.
async fn with_stay(
    caller: &Caller,
    stored: &StoredOrder,
    base: &str,
    service: &Service,
) -> Result<OrderBody, Problem> {
    let mut body = OrderBody::from(stored);
    if stored.order.kind == RESERVATION
        && let Some(reserved) = service.stay_of(caller, &stored.order.reference).await?
    {
        body.stay = Some(StayBody::from(&reserved.reservation.booking));
        body.deposit = Some(StayDepositBody::of(&reserved, service, base));
    }
    Ok(body)
}

/// Reads an order of the directory.
#[utoipa::path(
    operation_id = "get_order",
    tag = "orders",
    path = "/v1/payments/orders/{reference}",
    params(("reference" = String, Path, description = "The order's reference, as the ordering side has it")),
    responses(
        (status = 200, description = "The order", body = OrderBody),
        (status = 404, description = "No such order", body = Problem),
    ),
    security(("bearer" = ["orders:read"])),
)]
#[get("/v1/payments/orders/{reference}")]
pub(super) async fn get(
    request: HttpRequest,
    caller: Authorized<scopes::OrdersRead>,
    path: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let stored = service.get_order(&caller, &path).await?;
    let body = with_stay(&caller, &stored, &base_of(&request, &service), &service).await?;
    Ok(respond_json(200, &body).etag(stored.version))
}

impl PutOrderBody {
    fn into_order(self, path: String) -> Result<(Order, Option<Booking>), Problem> {
        let currency: Currency =
            self.currency.parse().map_err(|error: tender_domain::kernel::UnknownCurrency| {
                Problem::bad_request("unknown_currency", error.to_string())
                    .pointer("/currency", "must be an ISO 4217 code")
            })?;
        let amount = Money::positive(self.amount, currency).map_err(|error| {
            Problem::bad_request("invalid_amount", error.to_string())
                .pointer("/amount", format!("must be from 1 to {}", Money::MAX_MINOR))
        })?;
        let kind = match self.kind {
            OrderKind::Order => "order",
            OrderKind::Booking => "booking",
            OrderKind::Reservation => RESERVATION,
        };
        if self.stay.is_some() && kind != RESERVATION {
            let detail = "only an order of kind `reservation` is for a stay";
            return Err(Problem::bad_request("stay_not_expected", detail).pointer("/stay", detail));
        }
        let status = match self.status {
            None | Some(StatusWord::Pending) => OrderStatus::Pending,
            Some(StatusWord::Confirmed) => OrderStatus::Confirmed,
            Some(StatusWord::Canceled) => OrderStatus::Canceled,
        };
        let mut order = Order {
            reference: reference("/reference", Some(path))?.unwrap_or_default(),
            kind: kind.to_owned(),
            customer_id: reference("/customer_id", Some(self.customer_id))?.unwrap_or_default(),
            amount,
            status,
            starts_at: self.starts_at,
            product_type: reference("/product_type", self.product_type)?,
            rate_plan: reference("/rate_plan", self.rate_plan)?,
            reservation: self.reservation.map(ReservationBody::into_reservation).transpose()?,
            details: details(self.details.unwrap_or_default())?,
        };
        let booking = self.stay.map(|stay| stay.into_booking(&order)).transpose()?;
        if let (Some(booking), None) = (&booking, order.starts_at) {
            order.starts_at = booking.arrival.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
        }
        Ok((order, booking))
    }
}

/// Details within their bounds.
fn details(details: Map<String, Value>) -> Result<Map<String, Value>, Problem> {
    let text = Value::Object(details.clone()).to_string();
    if text.len() > DETAILS_BYTES_MAX || text.contains("\\u0000") {
        let detail =
            format!("details are at most {DETAILS_BYTES_MAX} bytes of JSON without the character U+0000");
        return Err(Problem::bad_request("invalid_text", detail).pointer("/details", "too long, or not text"));
    }
    if let Err(found) = find_card_number(&text) {
        return Err(Problem::unprocessable("card_number_detected", found.to_string())
            .pointer("/details", "must not hold a card number"));
    }
    Ok(details)
}

impl ReservationBody {
    fn into_reservation(self) -> Result<Reservation, Problem> {
        Ok(Reservation {
            id: reference("/reservation/id", Some(self.id))?.unwrap_or_default(),
            holder: reference("/reservation/holder", Some(self.holder))?.unwrap_or_default(),
            expires_at: self.expires_at,
        })
    }
}

impl From<&StoredOrder> for OrderBody {
    fn from(stored: &StoredOrder) -> Self {
        let order = &stored.order;
        Self {
            object: "order",
            id: order.reference.clone(),
            kind: order.kind.clone(),
            customer_id: order.customer_id.clone(),
            amount: order.amount.minor(),
            currency: order.amount.currency().code(),
            status: order.status.as_str(),
            starts_at: order.starts_at,
            product_type: order.product_type.clone(),
            rate_plan: order.rate_plan.clone(),
            reservation: order.reservation.as_ref().map(|reservation| ReservationBody {
                id: reservation.id.clone(),
                holder: reservation.holder.clone(),
                expires_at: reservation.expires_at,
            }),
            stay: None,
            deposit: None,
            details: order.details.clone(),
            version: stored.version.number(),
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}
