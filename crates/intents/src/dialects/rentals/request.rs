//! What the rentals document's client sends.

use serde::Deserialize;
use serde_json::Value;
use tender_domain::kernel::{Currency, Money};
use tender_http::CalledFrom;
use tender_http::storefront::rentals::Refused;
use utoipa::ToSchema;

use crate::http::return_url;
use crate::use_cases::{PayerPage, Storefront};

/// The largest number text that is looked at: the digits of an amount, with room for places.
const AMOUNT_TEXT_MAX: usize = 40;

/// A payment for a booking.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = RentalsProcess)]
pub(super) struct ProcessBody {
    /// The booking.
    #[schema(value_type = i64, example = 456)]
    booking_id: Option<Value>,
    /// In major units: greater than zero and the booking's amount.
    #[schema(value_type = f64, example = 349.99)]
    amount: Option<Value>,
    /// The number of the method to charge.
    #[schema(value_type = i64, example = 123)]
    payment_method_id: Option<Value>,
    /// ISO 4217 code; `USD` when it is not there.
    #[schema(value_type = Option<String>, example = "USD")]
    currency: Option<Value>,
}

/// The same, checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) booking: i64,
    pub(super) amount: Money,
    pub(super) method: i64,
}

impl ProcessBody {
    /// What is wanted, or which parameter is wrong.
    pub(super) fn checked(self) -> Result<Wanted, Refused> {
        let booking = number("booking_id", self.booking_id)?;
        let method = number("payment_method_id", self.payment_method_id)?;
        let currency = match self.currency {
            None | Some(Value::Null) => Currency::USD,
            Some(Value::String(code)) => {
                code.parse().map_err(|error: tender_domain::kernel::UnknownCurrency| {
                    Refused::invalid(error.to_string())
                })?
            }
            Some(_) => return Err(Refused::invalid("currency must be a text")),
        };
        Ok(Wanted { booking, amount: amount(self.amount, currency)?, method })
    }
}

fn number(field: &str, value: Option<Value>) -> Result<i64, Refused> {
    let number = match value {
        None | Some(Value::Null) => return Err(Refused::invalid(format!("{field} is required"))),
        Some(value) => value.as_i64().filter(|number| *number > 0),
    };
    number.ok_or_else(|| Refused::invalid(format!("{field} must be a whole number greater than zero")))
}

fn amount(value: Option<Value>, currency: Currency) -> Result<Money, Refused> {
    let refuse = |why: String| Refused::invalid(format!("amount: {why}"));
    let number = match value {
        Some(Value::Number(number)) => number,
        None | Some(Value::Null) => return Err(Refused::invalid("amount is required")),
        Some(_) => return Err(Refused::invalid("amount must be a number")),
    };
    let text = number.to_string();
    if text.len() > AMOUNT_TEXT_MAX {
        return Err(Refused::invalid("amount has too many digits"));
    }
    let amount = Money::from_decimal_text(&text, currency).map_err(|error| refuse(error.to_string()))?;
    Money::positive(amount.minor(), currency).map_err(|error| refuse(error.to_string()))
}

/// A payment on a gateway's page.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = RentalsGateway)]
pub(super) struct GatewayBody {
    /// `stripe`, `paypal` or `payu`.
    #[schema(value_type = String, example = "stripe")]
    gateway: Option<Value>,
    /// The booking.
    #[schema(value_type = i64, example = 456)]
    booking_id: Option<Value>,
    /// In major units: greater than zero and the booking's amount.
    #[schema(value_type = f64, example = 349.99)]
    amount: Option<Value>,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "USD")]
    currency: Option<Value>,
    /// Where the browser comes back to once it is paid: `https`.
    #[schema(value_type = String, example = "https://carfuse.example.com/bookings/456/confirmation")]
    return_url: Option<Value>,
    /// Where it comes back to when the user gives up: `https`.
    #[schema(value_type = String, example = "https://carfuse.example.com/bookings/456/payment")]
    cancel_url: Option<Value>,
}

/// The same, checked.
#[derive(Debug, Clone)]
pub(super) struct WantedPage {
    pub(super) gateway: Gateway,
    pub(super) booking: i64,
    pub(super) amount: Money,
    pub(super) return_url: String,
    pub(super) cancel_url: String,
}

/// The document's gateways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gateway {
    Stripe,
    Paypal,
    Payu,
}

impl Gateway {
    const ALL: [Self; 3] = [Self::Stripe, Self::Paypal, Self::Payu];

    /// As the document and its connector are named.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Paypal => "paypal",
            Self::Payu => "payu",
        }
    }

    /// The gateway of this name.
    pub(super) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gateway| gateway.as_str() == name)
    }

    /// What is paid by on its page.
    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::Paypal => "paypal",
            Self::Stripe | Self::Payu => PayerPage::CARD,
        }
    }
}

impl GatewayBody {
    /// What is wanted, or which parameter is wrong.
    pub(super) fn checked(self) -> Result<WantedPage, Refused> {
        let gateway = words("gateway", self.gateway)?;
        let gateway = Gateway::find(&gateway).ok_or_else(|| {
            Refused::of(400, "UNSUPPORTED_GATEWAY", "gateway must be stripe, paypal or payu")
        })?;
        let booking = number("booking_id", self.booking_id)?;
        let currency: Currency = words("currency", self.currency)?
            .parse()
            .map_err(|error: tender_domain::kernel::UnknownCurrency| Refused::invalid(error.to_string()))?;
        let address = |field: &str, value| {
            return_url(words(field, value)?).map_err(|_| {
                Refused::invalid(format!("{field} must be an https address of at most 2048 characters"))
            })
        };
        Ok(WantedPage {
            gateway,
            booking,
            amount: amount(self.amount, currency)?,
            return_url: address("return_url", self.return_url)?,
            cancel_url: address("cancel_url", self.cancel_url)?,
        })
    }
}

fn words(field: &str, value: Option<Value>) -> Result<String, Refused> {
    match value {
        Some(Value::String(text)) => Ok(text),
        None | Some(Value::Null) => Err(Refused::invalid(format!("{field} is required"))),
        Some(_) => Err(Refused::invalid(format!("{field} must be a text"))),
    }
}

/// From where the payer calls, and with what: to be recorded with the payment.
pub(super) fn payer(called: &CalledFrom) -> Storefront {
    Storefront {
        client_key: None,
        ip_address: called.address.map(|address| address.to_string()),
        user_agent: called.user_agent.clone(),
    }
}
