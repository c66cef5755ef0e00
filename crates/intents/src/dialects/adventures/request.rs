//! What the annex's client sends.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use serde_json::{Number, Value};
use tender_domain::intents::{Channel, IntentFilter};
use tender_domain::kernel::{Currency, MethodId, Money, Timestamp};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::error::Refused;
use super::status::PaymentStatus;
use crate::use_cases::PayReservation;

/// The largest number text that is looked at: the digits of an amount, with room for places.
const AMOUNT_TEXT_MAX: usize = 40;
/// The longest idempotency key, as the document's column has it.
pub(super) const KEY_CHARS_MAX: usize = 64;

/// A payment for a reservation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = AdventuresPay)]
pub(super) struct PayBody {
    /// The reservation, a UUID.
    #[schema(value_type = String, format = Uuid)]
    reservation_id: Option<String>,
    /// The guest who pays, a UUID.
    #[schema(value_type = String, format = Uuid)]
    guest_id: Option<String>,
    /// In major units: greater than zero, with no more places than the currency has.
    #[schema(value_type = f64, example = 249.50)]
    amount: Option<Value>,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "USD")]
    currency: Option<String>,
    /// The method to charge: the UUID of its `pm_…`.
    #[schema(value_type = String, format = Uuid)]
    payment_method_id: Option<String>,
    /// A text of the client's own, the same when the request is sent again; at most 64 characters. Or as the header
    /// `Idempotency-Key`.
    pub(super) idempotency_key: Option<String>,
}

impl PayBody {
    /// The command, or which field is wrong.
    pub(super) fn into_command(self) -> Result<PayReservation, Refused> {
        let reservation = uuid("reservation_id", self.reservation_id)?;
        let guest = uuid("guest_id", self.guest_id)?;
        let method = MethodId::from_uuid(uuid("payment_method_id", self.payment_method_id)?);
        let currency = required("currency", self.currency)?;
        let currency: Currency =
            currency.parse().map_err(|error: tender_domain::kernel::UnknownCurrency| {
                Refused::field("currency", error.to_string())
            })?;
        Ok(PayReservation { reservation, guest, amount: amount(self.amount, currency)?, method })
    }
}

fn required<T>(field: &str, value: Option<T>) -> Result<T, Refused> {
    value.ok_or_else(|| Refused::field(field, format!("{field} is required")))
}

fn uuid(field: &str, text: Option<String>) -> Result<Uuid, Refused> {
    let text = required(field, text)?;
    Uuid::try_parse(&text).map_err(|_| Refused::field(field, format!("{field} must be a UUID")))
}

fn amount(value: Option<Value>, currency: Currency) -> Result<Money, Refused> {
    let refuse = |why: String| Refused::field("amount", why);
    let number: Number = match required("amount", value)? {
        Value::Number(number) => number,
        _ => return Err(refuse("amount must be a number".to_owned())),
    };
    let text = number.to_string();
    if text.len() > AMOUNT_TEXT_MAX {
        return Err(refuse("amount has too many digits".to_owned()));
    }
    let amount = Money::from_decimal_text(&text, currency).map_err(|error| refuse(error.to_string()))?;
    Money::positive(amount.minor(), currency).map_err(|error| refuse(error.to_string()))
}

/// Which of a guest's payments.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// Those that stand so.
    #[param(inline)]
    status: Option<PaymentStatus>,
    /// Those begun then or later: an RFC 3339 instant, or a day.
    from: Option<String>,
    /// Those begun before: an RFC 3339 instant; or on that day or before.
    to: Option<String>,
}

impl HistoryQuery {
    /// The filter; none when no payment can pass it.
    pub(super) fn filter(self, guest: Uuid) -> Result<Option<IntentFilter>, Refused> {
        let filter = IntentFilter {
            customer_id: Some(guest.to_string()),
            channel: Some(Channel::Adventures),
            created_from: self.from.map(|text| instant("from", &text, 0)).transpose()?,
            created_to: self.to.map(|text| instant("to", &text, 1)).transpose()?,
            ..IntentFilter::default()
        };
        Ok(match self.status {
            None => Some(filter),
            Some(status) => status.narrow(filter),
        })
    }
}

/// An instant; of a day its beginning, `days_on` later.
fn instant(field: &str, text: &str, days_on: u64) -> Result<Timestamp, Refused> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    let day = text.parse::<NaiveDate>().ok().and_then(|day| day.checked_add_days(Days::new(days_on)));
    let begins = day.map(|day| day.and_time(NaiveTime::MIN).and_utc());
    begins.ok_or_else(|| {
        Refused::field(field, format!("{field} must be an RFC 3339 instant or a day as YYYY-MM-DD"))
    })
}
