//! `/hotels/reservations`: what the booking system tells, and the deposit that is asked for.

use actix_web::{HttpRequest, HttpResponse, patch, post, web};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tender_domain::hotels::{Booking, HotelReservation, HotelValues};
use tender_domain::kernel::Caller;
use tender_domain::payment_links::{Detail, LinkUsage};
use tender_events::exact_amount;
use tender_http::storefront::In;
use tender_http::storefront::adventures::{ErrorBody, Refused};
use tender_http::{Authorized, Command, respond_json, scopes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{PRESENTER, open_page};
use super::payments::{Service, guest_of, to_be_paid};
use super::request::{GuestBody, Wanted, channel, named};
use crate::dialects::annex::{amount, currency, of_field, required};
use crate::http::{DEFAULT_MERCHANT_ACCOUNT, base_of, reference};
use crate::use_cases::{AskDeposit, PayByPage, Reserved, WantedLink};

/// A reservation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = HotelReserve)]
pub(super) struct ReserveBody {
    /// By what the booking system names it.
    #[schema(value_type = String, example = "R-2026-000123")]
    reservation_id: Option<String>,
    /// The hotel.
    #[schema(value_type = String, example = "hotel-1")]
    hotel_id: Option<String>,
    /// The rate plan, by which the deposit policy is found.
    rate_plan: Option<String>,
    /// Who comes.
    guest: Option<GuestBody>,
    /// What all of it costs, in major units.
    #[schema(value_type = f64, example = 300.00)]
    total: Option<Value>,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    currency: Option<String>,
    /// The first night, `YYYY-MM-DD`.
    #[schema(value_type = String, format = Date, example = "2027-05-01")]
    arrival: Option<String>,
    /// The day of departure, `YYYY-MM-DD`.
    #[schema(value_type = String, format = Date, example = "2027-05-04")]
    departure: Option<String>,
    /// `GUEST_BOOKING`, `PAYMENT_LINK` or `AGENT`.
    #[schema(value_type = String, example = "GUEST_BOOKING")]
    channel: Option<String>,
}

impl ReserveBody {
    fn checked(self) -> Result<(String, Booking), Refused> {
        let id = named("reservation_id", self.reservation_id)?;
        let booking = Booking {
            hotel_id: named("hotel_id", self.hotel_id)?,
            rate_plan: of_field("rate_plan", reference("", self.rate_plan))?,
            guest: required("guest", self.guest)?.into_guest()?,
            total: amount("total", self.total, currency(self.currency)?)?,
            arrival: day_of("arrival", self.arrival)?,
            departure: day_of("departure", self.departure)?,
            channel: channel(self.channel)?,
        };
        in_order(&booking)?;
        Ok((id, booking))
    }
}

fn day_of(field: &str, text: Option<String>) -> Result<NaiveDate, Refused> {
    let text = required(field, text)?;
    day(&text).ok_or_else(|| Refused::field(field, format!("{field} must be a day as YYYY-MM-DD")))
}

/// A day as `YYYY-MM-DD`, and in no other form.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    // As it is written again, it is what was sent: no year of five digits, no sign.
    text.parse().ok().filter(|day: &NaiveDate| day.to_string() == text && text.len() == 10)
}

fn in_order(booking: &Booking) -> Result<(), Refused> {
    if booking.departure > booking.arrival {
        return Ok(());
    }
    Err(Refused::field("departure", "departure must be after arrival"))
}

/// What becomes of a reservation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = HotelReservationChange)]
pub(super) struct ChangeBody {
    /// `CANCELLED` or `MODIFIED`.
    #[schema(value_type = String, example = "CANCELLED")]
    status: Option<String>,
    /// Of `MODIFIED`: another rate plan.
    rate_plan: Option<String>,
    /// Of `MODIFIED`: what all of it now costs, in major units of its currency.
    #[schema(value_type = Option<f64>)]
    total: Option<Value>,
    /// Of `MODIFIED`: another first night.
    #[schema(value_type = Option<String>, format = Date)]
    arrival: Option<String>,
    /// Of `MODIFIED`: another day of departure.
    #[schema(value_type = Option<String>, format = Date)]
    departure: Option<String>,
}

/// A reservation with its deposit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelReservation)]
pub(super) struct ReservationBody {
    /// By what the booking system names it.
    reservation_id: String,
    /// `PENDING`, `CONFIRMED` once its deposit is paid, or `CANCELLED`.
    #[schema(value_type = String, example = "PENDING")]
    status: &'static str,
    /// Whether something is to be paid in advance.
    deposit_required: bool,
    /// The kind of the policy: `NONE`, `FULL_PREPAYMENT`, `PERCENTAGE`, `FIXED_AMOUNT`, `FIRST_NIGHT` or
    /// `NON_REFUNDABLE`.
    #[schema(value_type = String, example = "PERCENTAGE")]
    policy_type: &'static str,
    /// What is to be paid in advance, in major units.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// ISO 4217 code.
    #[schema(value_type = String)]
    currency: &'static str,
    /// The payment of the deposit: of a guest who books online.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<Uuid>,
    /// Where the guest's browser goes to pay it, while it can be paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<String>,
    /// The link by which it is paid: of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    link_id: Option<Uuid>,
    /// Grows with every change.
    version: i64,
}

impl ReservationBody {
    fn of(reserved: &Reserved) -> Self {
        let reservation = &reserved.reservation;
        let deposit = &reservation.deposit;
        Self {
            reservation_id: reservation.id.clone(),
            status: reservation.status.as_str(),
            deposit_required: !deposit.amount.is_zero(),
            policy_type: deposit.policy_type.as_str(),
            amount: deposit.amount.to_decimal(),
            currency: deposit.amount.currency().code(),
            payment_id: reservation.payment.map(|payment| payment.uuid()),
            redirect_url: reserved.payment.as_deref().and_then(open_page),
            link_id: reservation.link.map(|link| link.uuid()),
            version: reservation.version.number(),
        }
    }
}

/// Takes in a reservation: the hotel's deposit policy is evaluated, and the deposit asked for.
///
/// Who books online pays on the gateway's page, others by a payment link. A reservation is taken in once: told again,
/// what is asked is told again; and a page that ended without payment is followed by another one.
#[utoipa::path(
    operation_id = "hotels_reserve",
    tag = "hotels",
    path = "/hotels/reservations",
    params(("Idempotency-Key" = Option<String>, Header, description = "Taken, and not needed: a reservation is taken in once")),
    request_body = ReserveBody,
    responses(
        (status = 200, description = "It is known; its deposit", body = ReservationBody),
        (status = 201, description = "It is taken in; its deposit", body = ReservationBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 409, description = "`CONFLICT`: it is known with another booking", body = ErrorBody),
        (status = 422, description = "`CARD_NUMBER_DETECTED`; `VALIDATION_ERROR`: the policy does not fit the stay", body = ErrorBody),
    ),
    security(("bearer" = ["orders:write"])),
)]
#[post("/hotels/reservations")]
pub(in crate::dialects) async fn reserve(
    request: HttpRequest,
    caller: In<Refused, Authorized<scopes::OrdersWrite>>,
    command: In<Refused, Command<ReserveBody>>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let (id, booking) = command.into_inner().body.checked()?;
    let base = base_of(&request, &service);
    let values = service.hotel_values(&caller.tenant, &booking.hotel_id).await?;
    let page = |reservation: &HotelReservation| deposit_page(&caller, reservation, &values, base.clone());
    let link = |reservation: &HotelReservation| deposit_link(reservation, &values);
    let ask = AskDeposit { page: &page, link: &link, present: PRESENTER, base: &base };
    let reserved = service.take_reservation(&caller, &id, booking, ask).await?;
    Ok(respond_json(if reserved.is_new { 201 } else { 200 }, &ReservationBody::of(&reserved)))
}

/// Changes a reservation, or gives it up.
///
/// What is given up takes back its page or link, and gives back what was paid for it, unless its policy is
/// `NON_REFUNDABLE`: refunds does that by itself, once for each payment.
#[utoipa::path(
    operation_id = "hotels_change_reservation",
    tag = "hotels",
    path = "/hotels/reservations/{reservation_id}",
    params(
        ("reservation_id" = String, Path, description = "The reservation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Taken, and not needed: the same change twice is one"),
    ),
    request_body = ChangeBody,
    responses(
        (status = 200, description = "The reservation with its deposit", body = ReservationBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`RESERVATION_NOT_FOUND`", body = ErrorBody),
        (status = 409, description = "`CONFLICT`: it was given up", body = ErrorBody),
    ),
    security(("bearer" = ["orders:write"])),
)]
#[patch("/hotels/reservations/{reservation_id}")]
pub(in crate::dialects) async fn change(
    request: HttpRequest,
    caller: In<Refused, Authorized<scopes::OrdersWrite>>,
    command: In<Refused, Command<ChangeBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let body = command.into_inner().body;
    let reserved = match required("status", body.status.clone())?.as_str() {
        "CANCELLED" => service.cancel_reservation(&caller, &id, PRESENTER).await?,
        "MODIFIED" => Box::pin(modified(&request, &caller, body, &id, &service)).await?,
        _ => return Err(Refused::field("status", "status must be CANCELLED or MODIFIED")),
    };
    Ok(respond_json(200, &ReservationBody::of(&reserved)))
}

async fn modified(
    request: &HttpRequest,
    caller: &Caller,
    body: ChangeBody,
    id: &str,
    service: &Service,
) -> Result<Reserved, Refused> {
    let before = service.read_reservation(caller, id).await?.reservation.booking;
    let unless = |field: &str, text: Option<String>, was: NaiveDate| match text {
        Some(text) => day_of(field, Some(text)),
        None => Ok(was),
    };
    let arrival = unless("arrival", body.arrival, before.arrival)?;
    let departure = unless("departure", body.departure, before.departure)?;
    let total = match body.total {
        Some(total) => amount("total", Some(total), before.total.currency())?,
        None => before.total,
    };
    let rate_plan = of_field("rate_plan", reference("", body.rate_plan))?.or(before.rate_plan.clone());
    let after = Booking { rate_plan, total, arrival, departure, ..before };
    in_order(&after)?;
    let base = base_of(request, service);
    let values = service.hotel_values(&caller.tenant, &after.hotel_id).await?;
    let page = |reservation: &HotelReservation| deposit_page(caller, reservation, &values, base.clone());
    let link = |reservation: &HotelReservation| deposit_link(reservation, &values);
    let ask = AskDeposit { page: &page, link: &link, present: PRESENTER, base: &base };
    Ok(service.modify_reservation(caller, id, after, ask).await?)
}

/// The payment of a deposit, on the gateway's page.
pub(crate) fn deposit_page(
    caller: &Caller,
    reservation: &HotelReservation,
    values: &HotelValues,
    base: String,
) -> PayByPage {
    let wanted = Wanted {
        reservation: reservation.id.clone(),
        hotel: reservation.booking.hotel_id.clone(),
        amount: reservation.deposit.amount,
        guest: reservation.booking.guest.clone(),
        booking_reference: None,
        channel: reservation.booking.channel,
        success_url: None,
        failure_url: None,
        notification_url: None,
    };
    to_be_paid(caller, wanted, values, base)
}

/// The link of a deposit.
pub(crate) fn deposit_link(reservation: &HotelReservation, values: &HotelValues) -> WantedLink {
    let booking = &reservation.booking;
    let line = |label: &str, value: String| Detail { label: label.to_owned(), value };
    WantedLink {
        amount: reservation.deposit.amount,
        customer_id: None,
        merchant_account_id: DEFAULT_MERCHANT_ACCOUNT.to_owned(),
        description: Some("Deposit for your stay".to_owned()),
        order_ref: Some(reservation.id.clone()),
        hotel_id: Some(booking.hotel_id.clone()),
        details: vec![
            line("Reservation", reservation.id.chars().take(100).collect()),
            line("Arrival", booking.arrival.to_string()),
            line("Departure", booking.departure.to_string()),
        ],
        guest: guest_of(booking.guest.clone(), values),
        usage: LinkUsage::Single,
        expires_at: None,
    }
}
