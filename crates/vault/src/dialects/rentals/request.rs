//! What the rentals document's client sends.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use tender_domain::kernel::{InvalidMetadata, Metadata};
use tender_domain::vault::MethodType;
use tender_http::Problem;
use tender_http::storefront::rentals::Refused;
use utoipa::ToSchema;

use crate::{CreateMethodRequest, MethodSource};

// Under which keys of its metadata a method keeps what the client said of it. What is charged is the token's own card.
pub(super) const TYPE: &str = "type";
pub(super) const LAST4: &str = "card_last4";
pub(super) const BRAND: &str = "card_brand";
pub(super) const EXPIRY: &str = "expiry_date";

const CARDS: [&str; 2] = ["credit_card", "debit_card"];
const PAYPAL: &str = "paypal";
/// The simulator's test token of a PayPal account.
const PAYPAL_TOKEN: &str = "tok_paypal";
const BRAND_CHARS_MAX: usize = 40;

/// A payment method to add.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = RentalsAddMethod)]
pub(super) struct AddMethodBody {
    /// `credit_card`, `debit_card` or `paypal`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "credit_card")]
    method_type: Option<Value>,
    /// The card's last four digits.
    #[schema(value_type = String, example = "4242")]
    card_last4: Option<Value>,
    /// The card's brand.
    #[schema(value_type = String, example = "Visa")]
    card_brand: Option<Value>,
    /// The card's last month, `MM/YY`.
    #[schema(value_type = String, example = "12/25")]
    expiry_date: Option<Value>,
    /// Whether it is to be the user's default; false when it is not there.
    #[schema(value_type = Option<bool>)]
    is_default: Option<Value>,
    /// The gateway's token of the card or PayPal account. Beside the document: required where there is real money; in the
    /// sandbox a test token stands in, of a card one of its brand.
    #[schema(value_type = Option<String>)]
    token: Option<SecretString>,
}

impl AddMethodBody {
    /// The command for this user, or what is wrong.
    pub(super) fn into_command(self, user: &str, sandbox: bool) -> Result<CreateMethodRequest, Refused> {
        let method_type = text("type", self.method_type)?;
        if method_type == PAYPAL {
            let metadata = Metadata::default();
            let token = token_or(self.token, sandbox, PAYPAL_TOKEN)?;
            let is_default = flag(self.is_default.as_ref())?;
            return Ok(of_token(MethodType::Paypal, token, user, metadata, is_default));
        }
        if !CARDS.contains(&&*method_type) {
            let message = format!("type must be one of {}, {PAYPAL}", CARDS.join(", "));
            return Err(Refused::of(400, "INVALID_PAYMENT_TYPE", message));
        }
        let last4 = text("card_last4", self.card_last4)?;
        if last4.len() != 4 || !last4.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refused::invalid("card_last4 must be four digits"));
        }
        let brand = text("card_brand", self.card_brand)?;
        if brand.trim().is_empty() || brand.chars().count() > BRAND_CHARS_MAX {
            return Err(Refused::invalid(format!("card_brand must have 1 to {BRAND_CHARS_MAX} characters")));
        }
        let expiry = text("expiry_date", self.expiry_date)?;
        if !is_month(&expiry) {
            return Err(Refused::invalid("expiry_date must be a month as MM/YY"));
        }
        let is_default = flag(self.is_default.as_ref())?;
        let token = token_or(self.token, sandbox, test_token(&brand))?;
        let said = [(TYPE, method_type), (LAST4, last4), (BRAND, brand), (EXPIRY, expiry)];
        let said = said.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let metadata = Metadata::new(said).map_err(|error| bad_text(&error))?;
        Ok(of_token(MethodType::Card, token, user, metadata, is_default))
    }
}

/// The client's token; in the sandbox a test token stands in.
fn token_or(
    given: Option<SecretString>,
    sandbox: bool,
    test_token: &'static str,
) -> Result<SecretString, Refused> {
    match given {
        Some(token) => Ok(token),
        None if sandbox => Ok(test_token.into()),
        None => Err(Refused::invalid("token is required: the gateway's token of the card or account")),
    }
}

fn of_token(
    method_type: MethodType,
    token: SecretString,
    user: &str,
    metadata: Metadata,
    is_default: bool,
) -> CreateMethodRequest {
    CreateMethodRequest {
        method_type,
        source: MethodSource::Token(token),
        customer_id: Some(user.to_owned()),
        merchant_account_id: None,
        metadata,
        mandate: None,
        consent: None,
        billing: None,
        is_default,
    }
}

fn flag(is_default: Option<&Value>) -> Result<bool, Refused> {
    match is_default {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(is_default)) => Ok(*is_default),
        Some(_) => Err(Refused::invalid("is_default must be true or false")),
    }
}

fn text(field: &str, value: Option<Value>) -> Result<String, Refused> {
    match value {
        Some(Value::String(text)) => Ok(text),
        None | Some(Value::Null) => Err(Refused::invalid(format!("{field} is required"))),
        Some(_) => Err(Refused::invalid(format!("{field} must be a text"))),
    }
}

fn is_month(text: &str) -> bool {
    let Some((month, year)) = text.split_once('/') else { return false };
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    two_digits(month) && two_digits(year) && (1..=12).contains(&month.parse::<u8>().unwrap_or(0))
}

fn bad_text(error: &InvalidMetadata) -> Refused {
    match error {
        InvalidMetadata::CardNumber(found) => {
            Problem::unprocessable("card_number_detected", found.to_string()).into()
        }
        other => Refused::invalid(other.to_string()),
    }
}

/// The published test token of a brand.
fn test_token(brand: &str) -> &'static str {
    match brand.to_ascii_lowercase().as_str() {
        "mastercard" => "tok_mastercard",
        "amex" | "american express" => "tok_amex",
        _ => "tok_visa",
    }
}
