//! Saferpay's messages, as far as they are read. What it adds is ignored.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::GatewayError;

use super::call::WHO;
use crate::minor_units::{from_gateway, iso, to_gateway};

/// An amount: minor units as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Amount {
    pub(super) value: String,
    pub(super) currency_code: String,
}

impl Amount {
    /// The amount as Saferpay wants it.
    ///
    /// # Errors
    /// `NotDone` for what cannot be said to Saferpay exactly: it is not sent.
    pub(super) fn of(amount: Money) -> Result<Self, GatewayError> {
        let minor = to_gateway(WHO, amount, iso(amount.currency()))?;
        Ok(Self { value: minor.to_string(), currency_code: amount.currency().code().to_owned() })
    }

    /// An amount that Saferpay names; none when it is no amount of ours.
    pub(super) fn read(&self) -> Option<Money> {
        let currency: Currency = self.currency_code.parse().ok()?;
        if self.value.is_empty() || !self.value.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        from_gateway(self.value.parse().ok()?, currency, iso(currency)?)
    }
}

/// An answer with a transaction in it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WithTransaction {
    pub(super) transaction: Transaction,
    pub(super) liability: Option<Liability>,
}

/// A payment or a refund that was authorized.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Transaction {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) id: String,
    pub(super) amount: Amount,
    pub(super) capture_id: Option<String>,
    pub(super) order_id: Option<String>,
    pub(super) acquirer_name: Option<String>,
}

/// Whose loss fraud is.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Liability {
    #[serde(default)]
    pub(super) liability_shift: bool,
    pub(super) three_ds: Option<AuthenticatedBy>,
}

/// What came of 3-D Secure.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AuthenticatedBy {
    /// `FRICTIONLESS`, `STRONG_CUSTOMER_AUTHENTICATION`, `ATTEMPT`, `EXEMPTION`, `NONE`.
    pub(super) authentication_type: Option<String>,
}

/// The answer to a capture.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Captured {
    pub(super) status: String,
}

/// The answer to a cancellation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Canceled {
    pub(super) transaction_id: String,
}

/// A transaction that was begun, and what is to be done before it is authorized.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Opened {
    pub(super) token: String,
    #[serde(default)]
    pub(super) redirect_required: bool,
    pub(super) redirect: Option<Redirect>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Redirect {
    pub(super) redirect_url: String,
}

/// A payment page.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page {
    pub(super) token: String,
    pub(super) redirect_url: String,
}

/// An answer about an alias.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WithAlias {
    pub(super) alias: Alias,
    pub(super) payment_means: PaymentMeans,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Alias {
    pub(super) id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PaymentMeans {
    pub(super) brand: Brand,
    pub(super) card: Option<Card>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Brand {
    pub(super) payment_method: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Card {
    pub(super) masked_number: String,
    pub(super) exp_year: u16,
    pub(super) exp_month: u8,
}

/// A page of transactions.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Reported {
    /// How many transactions a page has, which may be fewer than were asked for.
    pub(super) page_size: u64,
    pub(super) total_transactions: u64,
    pub(super) transactions: Vec<ReportedTransaction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReportedTransaction {
    pub(super) transaction_id: String,
    pub(super) order_id: Option<String>,
    /// Where amounts are texts beside their currency.
    pub(super) merchant_currency: Option<String>,
    pub(super) authorization_details: Option<ReportedDetails>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReportedDetails {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) capture_date: Option<String>,
    pub(super) last_action_date: Option<String>,
    pub(super) captured_merchant_amount: Option<ReportedAmount>,
    #[serde(default)]
    pub(super) has_partial_captures: bool,
}

/// An amount in major units: an object as the specification's table has it, or a text as its example does.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ReportedAmount {
    Whole(Amount),
    Text(String),
}

/// Why something was refused.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Refusal {
    pub(super) error_name: String,
    pub(super) error_message: Option<String>,
    #[serde(default)]
    pub(super) error_detail: Vec<String>,
    /// What failed, where it became a transaction.
    pub(super) transaction_id: Option<String>,
    /// The acquirer, where it declined; else the processor.
    pub(super) processor_name: Option<String>,
    pub(super) processor_result: Option<String>,
    pub(super) processor_message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_minor_units_as_text() {
        let money = |minor, code: &str| Money::new(minor, code.parse().expect("a currency"));
        for (minor, code, value) in [(100, "CHF", "100"), (100, "JPY", "100"), (1_005, "BHD", "1005")] {
            let said = Amount::of(money(minor, code)).expect("it can be said");
            assert_eq!((said.value.as_str(), said.currency_code.as_str()), (value, code));
            assert_eq!(said.read(), Some(money(minor, code)));
        }
        for (minor, code) in [(100, "ISK"), (0, "EUR"), (-1, "EUR")] {
            assert!(matches!(Amount::of(money(minor, code)), Err(GatewayError::NotDone(_))), "{code}");
        }
        let read = |value: &str| Amount { value: value.into(), currency_code: "EUR".into() }.read();
        for value in ["", "1.00", "-1", "+1", "1e2", "99999999999999999999"] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}
