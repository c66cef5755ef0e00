//! The kinds of payment methods.

use serde::{Deserialize, Serialize};

/// A kind of payment method, as clients name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodType {
    /// A payment card.
    Card,
    /// A bank account, debited by the rules of its country.
    BankAccount,
    /// A card in Apple Pay.
    ApplePay,
    /// A card in Google Pay.
    GooglePay,
    /// A PayPal account.
    Paypal,
    /// A bank account debited by SEPA direct debit, on a mandate.
    SepaDebit,
}

impl MethodType {
    /// Every type.
    pub const ALL: &'static [Self] =
        &[Self::Card, Self::BankAccount, Self::ApplePay, Self::GooglePay, Self::Paypal, Self::SepaDebit];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::BankAccount => "bank_account",
            Self::ApplePay => "apple_pay",
            Self::GooglePay => "google_pay",
            Self::Paypal => "paypal",
            Self::SepaDebit => "sepa_debit",
        }
    }

    /// The type with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|found| found.as_str() == text).copied()
    }
}
