//! Stays of orders as clients write and read them, and what is to be paid in advance for them.

use serde::{Deserialize, Serialize};
use tender_domain::hotels::{Booking, BookingChannel, HotelReservation, ReservationStatus};
use tender_domain::kernel::Caller;
use tender_domain::ports::Order;
use tender_http::Problem;
use utoipa::ToSchema;

use super::intents::Service;
use super::payment_link_body::GuestBody;
use super::request::reference;
use crate::dialects::{HOTELS_PRESENTER, day, deposit_link, deposit_page, open_page};
use crate::use_cases::{AskDeposit, PayByPage, PutOrder, Reserved, WantedLink};

/// A stay at a hotel: what the hotel's deposit policy is evaluated for, and who is asked to pay.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OrderStay)]
pub(super) struct StayBody {
    /// The hotel, as its deposit policies name it.
    #[schema(example = "hotel-seeblick")]
    hotel_id: String,
    /// Who comes, and is asked to pay: a link is sent to the addresses there are.
    guest: Option<GuestBody>,
    /// The first night, `YYYY-MM-DD`.
    #[schema(format = Date, example = "2027-05-01")]
    arrival: String,
    /// The day of departure, `YYYY-MM-DD`.
    #[schema(format = Date, example = "2027-05-04")]
    departure: String,
    /// How it was booked: who books online pays on a gateway's page, others by a payment link.
    channel: ChannelWord,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = OrderStayChannel)]
enum ChannelWord {
    GuestBooking,
    PaymentLink,
    Agent,
}

impl From<BookingChannel> for ChannelWord {
    fn from(channel: BookingChannel) -> Self {
        match channel {
            BookingChannel::GuestBooking => Self::GuestBooking,
            BookingChannel::PaymentLink => Self::PaymentLink,
            BookingChannel::Agent => Self::Agent,
        }
    }
}

impl StayBody {
    /// What is booked, of the order that is for it.
    pub(super) fn into_booking(self, order: &Order) -> Result<Booking, Problem> {
        let of = |name: &str, text: &str| {
            let wrong = "must be a day as YYYY-MM-DD";
            day(text).ok_or_else(|| {
                Problem::bad_request("invalid_field", format!("`{name}` {wrong}"))
                    .pointer(format!("/stay/{name}"), wrong)
            })
        };
        let (arrival, departure) = (of("arrival", &self.arrival)?, of("departure", &self.departure)?);
        if departure <= arrival {
            let detail = "must be after `arrival`";
            return Err(Problem::bad_request("invalid_field", format!("`departure` {detail}"))
                .pointer("/stay/departure", detail));
        }
        Ok(Booking {
            hotel_id: reference("/stay/hotel_id", Some(self.hotel_id))?.unwrap_or_default(),
            rate_plan: order.rate_plan.clone(),
            guest: self.guest.unwrap_or_default().into_guest("/stay")?,
            total: order.amount,
            arrival,
            departure,
            channel: match self.channel {
                ChannelWord::GuestBooking => BookingChannel::GuestBooking,
                ChannelWord::PaymentLink => BookingChannel::PaymentLink,
                ChannelWord::Agent => BookingChannel::Agent,
            },
        })
    }
}

impl From<&Booking> for StayBody {
    fn from(booking: &Booking) -> Self {
        Self {
            hotel_id: booking.hotel_id.clone(),
            guest: Some(GuestBody::from(&booking.guest)),
            arrival: booking.arrival.to_string(),
            departure: booking.departure.to_string(),
            channel: booking.channel.into(),
        }
    }
}

/// What is to be paid in advance for a stay.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = OrderDeposit)]
pub(super) struct StayDepositBody {
    /// Whether anything is.
    deposit_required: bool,
    /// Whether it is paid, and the order `confirmed` by that.
    paid: bool,
    /// The kind of the policy: `NONE`, `FULL_PREPAYMENT`, `PERCENTAGE`, `FIXED_AMOUNT`, `FIRST_NIGHT` or
    /// `NON_REFUNDABLE`.
    #[schema(value_type = String, example = "PERCENTAGE")]
    policy_type: &'static str,
    /// In minor units.
    #[schema(example = 13_500)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    currency: &'static str,
    /// The payment of the deposit that was begun last: of a guest who books online.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: Option<String>,
    /// The link by which it is paid: of others.
    #[schema(example = "pl_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_link_id: Option<String>,
    /// Where the guest pays it, while it can be paid: the gateway's page, or the link's.
    url: Option<String>,
}

impl StayDepositBody {
    /// Of a reservation, whose link is at `base`.
    pub(super) fn of(reserved: &Reserved, service: &Service, base: &str) -> Self {
        let reservation = &reserved.reservation;
        let deposit = &reservation.deposit;
        let by_link = || {
            let link = reservation.link?;
            Some(format!("{base}/pay/{}", service.links.tokens.of(&reservation.tenant, link)))
        };
        let by_page = || reserved.payment.as_deref().and_then(open_page);
        Self {
            deposit_required: !deposit.amount.is_zero(),
            paid: reservation.status == ReservationStatus::Confirmed,
            policy_type: deposit.policy_type.as_str(),
            amount: deposit.amount.minor(),
            currency: deposit.amount.currency().code(),
            payment_intent_id: reservation.payment.map(|payment| payment.to_string()),
            payment_link_id: reservation.link.map(|link| link.to_string()),
            url: if reservation.awaits_deposit() { by_link().or_else(by_page) } else { None },
        }
    }
}

/// Puts an order with its stay, and asks for its deposit as the hotels dialect does.
pub(super) async fn put_stay(
    caller: &Caller,
    (order, booking): (Order, Booking),
    base: &str,
    service: &Service,
) -> Result<PutOrder, Problem> {
    let values = service.hotel_values(&caller.tenant, &booking.hotel_id).await?;
    let customer = order.customer_id.clone();
    let page = |reservation: &HotelReservation| {
        let mut pay: PayByPage = deposit_page(caller, reservation, &values, base.to_owned());
        pay.create.customer_id = Some(customer.clone());
        pay
    };
    let link = |reservation: &HotelReservation| WantedLink {
        customer_id: Some(customer.clone()),
        ..deposit_link(reservation, &values)
    };
    let ask = AskDeposit { page: &page, link: &link, present: HOTELS_PRESENTER, base };
    Ok(Box::pin(service.put_stay(caller, (order, booking), ask)).await?)
}
