//! The fields that the annex's two dialects send.

use serde_json::Value;
use tender_domain::kernel::{Currency, InvalidMetadata, Metadata, Money};
use tender_http::Problem;
use tender_http::storefront::adventures::Refused;

/// The largest number text that is looked at: the digits of an amount, with room for places.
const AMOUNT_TEXT_MAX: usize = 40;

/// Under which key of its metadata a refund keeps the reason in the client's words.
pub(super) const REASON: &str = "reason";

/// An amount greater than zero, from the JSON text, in minor units.
pub(super) fn minor(amount: &Value, currency: Currency) -> Result<i64, Refused> {
    minor_of("amount", amount, currency)
}

/// The same of a field with another name.
pub(super) fn minor_of(field: &str, amount: &Value, currency: Currency) -> Result<i64, Refused> {
    let refuse = |why: String| Refused::field(field, why);
    let Value::Number(number) = amount else { return Err(refuse(format!("{field} must be a number"))) };
    let text = number.to_string();
    if text.len() > AMOUNT_TEXT_MAX {
        return Err(refuse(format!("{field} has too many digits")));
    }
    let amount = Money::from_decimal_text(&text, currency).map_err(|error| refuse(error.to_string()))?;
    let positive = Money::positive(amount.minor(), currency).map_err(|error| refuse(error.to_string()))?;
    Ok(positive.minor())
}

/// The reason, which must be there, with what else is kept beside the refund.
pub(super) fn reason(text: Option<String>, beside: &[(&str, &str)]) -> Result<Metadata, Refused> {
    let refuse = |why: &str| Refused::field("reason", why);
    let text = text.filter(|text| !text.trim().is_empty()).ok_or_else(|| refuse("reason is required"))?;
    let beside = beside.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let entries = beside.chain([(REASON.to_owned(), text)]).collect();
    Metadata::new(entries).map_err(|error| match error {
        InvalidMetadata::CardNumber(found) => {
            let problem = Problem::unprocessable("card_number_detected", found.to_string());
            Refused::from(problem.pointer("/reason", "must not hold a card number"))
        }
        InvalidMetadata::ValueTooLong(_) => refuse("reason has at most 500 characters"),
        other => refuse(&other.to_string()),
    })
}
