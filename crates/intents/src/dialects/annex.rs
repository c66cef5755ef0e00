//! The fields that the annex's two dialects send.

use serde_json::{Number, Value};
use tender_domain::kernel::{Currency, Money, UnknownCurrency};
use tender_http::Problem;
use tender_http::storefront::adventures::Refused;
use uuid::Uuid;

/// The largest number text that is looked at: the digits of an amount, with room for places.
const AMOUNT_TEXT_MAX: usize = 40;

/// A field that must be there.
pub(super) fn required<T>(field: &str, value: Option<T>) -> Result<T, Refused> {
    value.ok_or_else(|| Refused::field(field, format!("{field} is required")))
}

/// A UUID that must be there.
pub(super) fn uuid(field: &str, text: Option<String>) -> Result<Uuid, Refused> {
    let text = required(field, text)?;
    Uuid::try_parse(&text).map_err(|_| Refused::field(field, format!("{field} must be a UUID")))
}

/// A currency that must be there.
pub(super) fn currency(text: Option<String>) -> Result<Currency, Refused> {
    let code = required("currency", text)?;
    code.parse().map_err(|error: UnknownCurrency| Refused::field("currency", error.to_string()))
}

/// An amount that must be there and greater than zero, from the JSON text, with no more places than the currency has.
pub(super) fn amount(field: &str, value: Option<Value>, currency: Currency) -> Result<Money, Refused> {
    let refuse = |why: String| Refused::field(field, why);
    let number: Number = match required(field, value)? {
        Value::Number(number) => number,
        _ => return Err(refuse(format!("{field} must be a number"))),
    };
    let text = number.to_string();
    if text.len() > AMOUNT_TEXT_MAX {
        return Err(refuse(format!("{field} has too many digits")));
    }
    let amount = Money::from_decimal_text(&text, currency).map_err(|error| refuse(error.to_string()))?;
    Money::positive(amount.minor(), currency).map_err(|error| refuse(error.to_string()))
}

/// What the core API refuses of a field, under the field's own name.
pub(super) fn of_field<T>(field: &str, checked: Result<T, Problem>) -> Result<T, Refused> {
    checked.map_err(|problem| Refused::from(problem).at(field))
}
