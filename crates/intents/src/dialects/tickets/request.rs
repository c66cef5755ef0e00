//! What the tickets document's client sends.

use serde::Deserialize;
use tender_domain::fraud::RiskSignals;
use tender_domain::intents::{Channel, Instrument, MethodSummary};
use tender_domain::kernel::{Currency, MethodId, Money};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::use_cases::{PayOrder, PayWith};

/// The largest number text that is looked at: the digits of an amount, with room for places.
const AMOUNT_TEXT_MAX: usize = 40;
const METHODS: [&str; 5] = ["credit_card", "debit_card", "paypal", "apple_pay", "google_pay"];

/// A payment for an order.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TicketsPayment)]
pub(super) struct PayBody {
    /// The order, a GUID.
    #[schema(value_type = String, format = Uuid)]
    order_id: Option<Uuid>,
    /// The customer who pays, a GUID.
    #[schema(value_type = String, format = Uuid)]
    customer_id: Option<Uuid>,
    /// The seat reservation, a GUID.
    #[schema(value_type = Option<String>, format = Uuid)]
    reservation_id: Option<Uuid>,
    /// In major units: greater than zero and the order's total.
    #[schema(value_type = f64, example = 150.00)]
    amount: Option<serde_json::Number>,
    /// ISO 4217 code; `USD` when it is not there.
    currency: Option<String>,
    /// `credit_card`, `debit_card`, `paypal`, `apple_pay` or `google_pay`; `credit_card` when it is not there.
    payment_method: Option<String>,
    /// A saved method to charge. Beside the document: required where there is real money.
    payment_method_id: Option<MethodText>,
    /// One of the sandbox's test tokens (`tok_declined`). Beside the document: sandbox only.
    token: Option<String>,
}

/// The text of a method's id.
type MethodText = String;

impl PayBody {
    /// The command, or what is wrong, in words for the client.
    pub(super) fn into_command(self, sandbox: bool) -> Result<PayOrder, String> {
        let order = self.order_id.ok_or("orderId is required")?;
        let customer = self.customer_id.ok_or("customerId is required")?;
        let amount = self.amount.ok_or("amount is required")?.to_string();
        let currency = self.currency.as_deref().unwrap_or("USD");
        let currency: Currency =
            currency.parse().map_err(|error: tender_domain::kernel::UnknownCurrency| error.to_string())?;
        if amount.len() > AMOUNT_TEXT_MAX {
            return Err("amount has too many digits".to_owned());
        }
        let amount = Money::from_decimal_text(&amount, currency).map_err(|error| error.to_string())?;
        let amount =
            Money::positive(amount.minor(), currency).map_err(|error| format!("Invalid amount: {error}"))?;
        let method = self.payment_method.unwrap_or_else(|| METHODS[0].to_owned());
        if !METHODS.contains(&&*method) {
            return Err(format!("paymentMethod must be one of {}", METHODS.join(", ")));
        }
        let instrument = match (self.payment_method_id, self.token) {
            (Some(id), None) => Instrument::Saved(id.parse::<MethodId>().map_err(|error| error.to_string())?),
            (None, token) if sandbox => Instrument::TestToken(test_token(token, &method)?),
            (None, _) => return Err("paymentMethodId is required".to_owned()),
            (Some(_), Some(_)) => return Err("send paymentMethodId or token, not both".to_owned()),
        };
        Ok(PayOrder {
            channel: Channel::Tickets,
            order_ref: order.to_string(),
            customer_id: Some(customer.to_string()),
            reservation_ref: self.reservation_id.map(|id| id.to_string()),
            amount,
            with: PayWith::Instrument(instrument),
            method: MethodSummary { method_type: method, brand: None, last4: None },
            description: None,
            shows_paid: true,
            signals: RiskSignals::default(),
            storefront: None,
        })
    }
}

/// Without a token the sandbox charges a test token that is approved.
fn test_token(token: Option<String>, method: &str) -> Result<String, String> {
    let Some(token) = token else {
        return Ok(if method == "debit_card" { "tok_mastercard" } else { "tok_visa" }.to_owned());
    };
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    if !token.starts_with("tok_") || token.len() > 40 || !token.chars().all(plain) {
        return Err("token must be one of the sandbox's test tokens, as tok_visa".to_owned());
    }
    Ok(token)
}
