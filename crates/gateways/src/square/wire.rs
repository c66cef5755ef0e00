//! Square's messages, as far as they are read. What it adds is ignored.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, Money as Amount};
use tender_domain::ports::GatewayError;

use super::call::WHO;
use crate::minor_units::{MinorUnit, from_gateway, to_gateway};

/// An amount, in the smallest unit of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Money {
    #[serde(default)]
    pub(super) amount: i64,
    // Entries of payouts have the longer name.
    #[serde(alias = "currency_code")]
    pub(super) currency: String,
}

/// How Square counts a currency: it takes those of the countries it is in
/// (<https://developer.squareup.com/docs/build-basics/common-data-types/working-with-monetary-amounts>).
fn unit(currency: Currency) -> Option<MinorUnit> {
    matches!(currency.code(), "AUD" | "CAD" | "EUR" | "GBP" | "JPY" | "USD").then_some(MinorUnit::Same)
}

impl Money {
    /// The amount as Square wants it.
    ///
    /// # Errors
    /// `NotDone` for what cannot be said to Square exactly: it is not sent.
    pub(super) fn of(amount: Amount) -> Result<Self, GatewayError> {
        let minor = to_gateway(WHO, amount, unit(amount.currency()))?;
        Ok(Self { amount: minor, currency: amount.currency().code().to_owned() })
    }

    /// An amount that Square names; none when it is in no currency that it takes.
    pub(super) fn read(&self) -> Option<Amount> {
        let currency: Currency = self.currency.parse().ok()?;
        from_gateway(self.amount, currency, unit(currency)?)
    }
}

/// An answer with a payment in it.
#[derive(Deserialize)]
pub(super) struct WithPayment {
    pub(super) payment: Payment,
}

#[derive(Deserialize)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount_money: Option<Money>,
    pub(super) note: Option<String>,
    pub(super) version_token: Option<String>,
    pub(super) card_details: Option<CardDetails>,
}

#[derive(Deserialize)]
pub(super) struct CardDetails {
    pub(super) avs_status: Option<String>,
    pub(super) cvv_status: Option<String>,
    #[serde(default)]
    pub(super) errors: Vec<Problem>,
}

/// An answer with a refund in it.
#[derive(Deserialize)]
pub(super) struct WithRefund {
    pub(super) refund: Refund,
}

#[derive(Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount_money: Option<Money>,
    pub(super) payment_id: Option<String>,
    pub(super) reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WithLink {
    pub(super) payment_link: PaymentLink,
}

/// A page of Square's.
#[derive(Deserialize)]
pub(super) struct PaymentLink {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) order_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WithOrder {
    pub(super) order: Order,
}

/// What a page sells.
#[derive(Deserialize)]
pub(super) struct Order {
    /// `DRAFT` or `OPEN` while it can be paid, `CANCELED` when its page was taken away.
    pub(super) state: Option<String>,
    #[serde(default)]
    pub(super) tenders: Vec<Tender>,
}

/// What an order was paid with.
#[derive(Deserialize)]
pub(super) struct Tender {
    pub(super) payment_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WithCard {
    pub(super) card: Card,
}

#[derive(Deserialize)]
pub(super) struct Card {
    pub(super) id: String,
    pub(super) card_brand: Option<String>,
    pub(super) last_4: Option<String>,
    pub(super) exp_month: Option<u8>,
    pub(super) exp_year: Option<u16>,
    pub(super) customer_id: Option<String>,
    pub(super) fingerprint: Option<String>,
    pub(super) enabled: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct WithCustomer {
    pub(super) customer: Customer,
}

#[derive(Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) reference_id: Option<String>,
}

/// Why something was refused.
#[derive(Deserialize)]
pub(super) struct Errors {
    pub(super) errors: Vec<Problem>,
}

#[derive(Deserialize)]
pub(super) struct Problem {
    pub(super) category: Option<String>,
    pub(super) code: String,
    pub(super) detail: Option<String>,
    pub(super) field: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Payouts {
    #[serde(default)]
    pub(super) payouts: Vec<Payout>,
    pub(super) cursor: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Payout {
    pub(super) id: String,
    pub(super) amount_money: Money,
    pub(super) created_at: String,
}

#[derive(Deserialize)]
pub(super) struct Entries {
    #[serde(default)]
    pub(super) payout_entries: Vec<Entry>,
    pub(super) cursor: Option<String>,
}

/// A movement that a payout is made of. Its details are in a field whose name is of its type.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) effective_at: String,
    pub(super) gross_amount_money: Money,
    pub(super) fee_amount_money: Option<Money>,
    pub(super) net_amount_money: Money,
    #[serde(flatten)]
    pub(super) more: serde_json::Map<String, serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_currencies_that_square_takes_are_said() {
        let money = |minor, code: &str| Amount::new(minor, code.parse().expect("a currency"));
        for (minor, code) in [(1_000, "EUR"), (500, "JPY"), (1, "USD")] {
            let said = Money::of(money(minor, code)).expect("it is taken");
            assert_eq!((said.amount, said.read()), (minor, Some(money(minor, code))));
        }
        for (minor, code) in [(1_000, "CHF"), (0, "EUR"), (-1, "EUR")] {
            assert!(matches!(Money::of(money(minor, code)), Err(GatewayError::NotDone(_))), "{code}");
        }
        let entry: Money = serde_json::from_str(r#"{"amount":-50,"currency_code":"USD"}"#).expect("money");
        assert_eq!(entry.read(), Some(money(-50, "USD")));
    }
}
