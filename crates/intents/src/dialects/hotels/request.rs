//! What the hotels document's client sends.

use serde::Deserialize;
use serde_json::Value;
use tender_domain::hotels::BookingChannel;
use tender_domain::kernel::{Limits, Money};
use tender_domain::payment_links::Guest;
use tender_http::storefront::adventures::Refused;
use utoipa::ToSchema;

use crate::dialects::annex::{amount, currency, of_field, required};
use crate::http::{reference, return_url, text};

const GUEST_CHARS: usize = 255;

/// Who is to pay.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = HotelGuestWanted)]
pub(super) struct GuestBody {
    /// Their name.
    name: Option<String>,
    /// Where e-mail reaches them.
    email: Option<String>,
    /// Where a text message reaches them.
    phone: Option<String>,
    /// In which language (`de`).
    locale: Option<String>,
}

impl GuestBody {
    pub(super) fn into_guest(self) -> Result<Guest, Refused> {
        Ok(Guest {
            name: of_field("guest.name", text("", self.name, GUEST_CHARS))?,
            email: of_field("guest.email", reference("", self.email))?,
            phone: of_field("guest.phone", reference("", self.phone))?,
            locale: of_field("guest.locale", reference("", self.locale))?,
        })
    }
}

/// A reference that must be there.
pub(super) fn named(field: &str, value: Option<String>) -> Result<String, Refused> {
    let given = required(field, value)?;
    Ok(of_field(field, reference("", Some(given)))?.unwrap_or_default())
}

/// One of the document's channels.
pub(super) fn channel(value: Option<String>) -> Result<BookingChannel, Refused> {
    let word = required("channel", value)?;
    BookingChannel::find(&word)
        .ok_or_else(|| Refused::field("channel", "channel must be GUEST_BOOKING, PAYMENT_LINK or AGENT"))
}

pub(super) fn address(field: &str, value: Option<String>) -> Result<String, Refused> {
    of_field(field, return_url(required(field, value)?))
}

/// A payment of a stay.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = HotelPay)]
pub(super) struct PayBody {
    /// The reservation.
    #[schema(value_type = String, example = "R-2026-000123")]
    reservation_id: Option<String>,
    /// The hotel.
    #[schema(value_type = String, example = "hotel-1")]
    hotel_id: Option<String>,
    /// In major units: greater than zero, with no more places than the currency has.
    #[schema(value_type = f64, example = 120.00)]
    amount: Option<Value>,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    currency: Option<String>,
    /// Who is to pay.
    guest: Option<GuestBody>,
    /// By what the booking system names the booking; the gateway's page shows it.
    booking_reference: Option<String>,
    /// `GUEST_BOOKING`, `PAYMENT_LINK` or `AGENT`.
    #[schema(value_type = String, example = "GUEST_BOOKING")]
    channel: Option<String>,
    /// Where the guest's browser goes once it is paid: `https`.
    #[schema(value_type = String, example = "https://booking.example/paid")]
    success_url: Option<String>,
    /// Where it goes when it is not paid: `https`.
    #[schema(value_type = String, example = "https://booking.example/not-paid")]
    failure_url: Option<String>,
    /// Who is called once the payment has ended: `https`, at a public address.
    #[schema(example = "https://booking.example/told")]
    notification_url: Option<String>,
}

/// The same, checked.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) reservation: String,
    pub(super) hotel: String,
    pub(super) amount: Money,
    pub(super) guest: Guest,
    pub(super) booking_reference: Option<String>,
    pub(super) channel: BookingChannel,
    pub(super) success_url: Option<String>,
    pub(super) failure_url: Option<String>,
    pub(super) notification_url: Option<String>,
}

impl PayBody {
    /// What is wanted, or which field is wrong.
    pub(super) fn checked(self) -> Result<Wanted, Refused> {
        Ok(Wanted {
            reservation: named("reservation_id", self.reservation_id)?,
            hotel: named("hotel_id", self.hotel_id)?,
            amount: amount("amount", self.amount, currency(self.currency)?)?,
            guest: required("guest", self.guest)?.into_guest()?,
            booking_reference: of_field(
                "booking_reference",
                text("", self.booking_reference, Limits::REFERENCE_CHARS),
            )?,
            channel: channel(self.channel)?,
            success_url: Some(address("success_url", self.success_url)?),
            failure_url: Some(address("failure_url", self.failure_url)?),
            notification_url: self
                .notification_url
                .map(|url| address("notification_url", Some(url)))
                .transpose()?,
        })
    }
}
