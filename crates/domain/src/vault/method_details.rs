//! What may be shown of a payment method, by its type.

use serde::{Deserialize, Serialize};

use crate::kernel::find_card_number;

use super::{Card, MethodType};

/// What may be shown of a bank account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// Where it is held: ISO 3166-1 alpha-2.
    pub country: String,
    /// The last four characters of its number.
    pub last4: String,
    /// Its bank (BIC, ISO 9362), when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
}

impl BankAccount {
    /// Whether this can be a bank account at all, with no more of its number than may be shown.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        let upper = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let is_country =
            self.country.len() == 2 && self.country.bytes().all(|byte| byte.is_ascii_uppercase());
        let shows_four = self.last4.len() == 4 && upper(&self.last4);
        is_country && shows_four && self.bic.as_deref().is_none_or(is_bic)
    }
}

/// Whether a text has the form of a BIC (ISO 9362): party, country, location and perhaps a branch; 8 or 11 characters.
#[must_use]
pub(super) fn is_bic(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes.len(), 8 | 11)
        && bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && bytes[4..6].iter().all(u8::is_ascii_uppercase)
}

/// What may be shown of a PayPal account: its address, masked when this is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaypalAccount {
    email: Option<String>,
}

impl PaypalAccount {
    /// The account of this e-mail address, in full or masked, if the gateway tells it.
    #[must_use]
    pub fn new(email: Option<&str>) -> Self {
        Self { email: email.map(mask_email) }
    }

    /// Its address, masked (`b***@example.com`).
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    fn is_plausible(&self) -> bool {
        self.email.as_deref().is_none_or(|email| {
            email.chars().count() <= 255 && mask_email(email) == email && find_card_number(email).is_ok()
        })
    }
}

/// The first character and the domain; nothing else of who it is.
fn mask_email(email: &str) -> String {
    match email.rsplit_once('@') {
        Some((name, domain)) => format!("{}***@{domain}", name.chars().next().unwrap_or('*')),
        None => "***".to_owned(),
    }
}

/// What may be shown of a payment method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MethodDetails {
    /// A card.
    Card(Card),
    /// A card in Apple Pay.
    ApplePay(Card),
    /// A card in Google Pay.
    GooglePay(Card),
    /// A bank account.
    BankAccount(BankAccount),
    /// A bank account debited by SEPA direct debit.
    SepaDebit(BankAccount),
    /// A PayPal account.
    Paypal(PaypalAccount),
}

impl MethodDetails {
    /// Which kind of method it is.
    #[must_use]
    pub const fn method_type(&self) -> MethodType {
        match self {
            Self::Card(_) => MethodType::Card,
            Self::ApplePay(_) => MethodType::ApplePay,
            Self::GooglePay(_) => MethodType::GooglePay,
            Self::BankAccount(_) => MethodType::BankAccount,
            Self::SepaDebit(_) => MethodType::SepaDebit,
            Self::Paypal(_) => MethodType::Paypal,
        }
    }

    /// The card that is charged: itself, or the one in a wallet.
    #[must_use]
    pub const fn card(&self) -> Option<&Card> {
        match self {
            Self::Card(card) | Self::ApplePay(card) | Self::GooglePay(card) => Some(card),
            Self::BankAccount(_) | Self::SepaDebit(_) | Self::Paypal(_) => None,
        }
    }

    /// The bank account that is debited.
    #[must_use]
    pub const fn bank_account(&self) -> Option<&BankAccount> {
        match self {
            Self::BankAccount(account) | Self::SepaDebit(account) => Some(account),
            Self::Card(_) | Self::ApplePay(_) | Self::GooglePay(_) | Self::Paypal(_) => None,
        }
    }

    /// The PayPal account.
    #[must_use]
    pub const fn paypal(&self) -> Option<&PaypalAccount> {
        match self {
            Self::Paypal(account) => Some(account),
            _ => None,
        }
    }

    /// The last four characters of the card's or account's number.
    #[must_use]
    pub fn last4(&self) -> Option<&str> {
        let of_card = self.card().map(|card| &*card.last4);
        of_card.or_else(|| self.bank_account().map(|account| &*account.last4))
    }

    /// Whether this can be a method at all, with nothing that may not be shown: a gateway's word is checked before it is
    /// kept.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        match self {
            Self::Card(card) | Self::ApplePay(card) | Self::GooglePay(card) => card.is_plausible(),
            Self::BankAccount(account) | Self::SepaDebit(account) => account.is_plausible(),
            Self::Paypal(account) => account.is_plausible(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paypal_address_is_masked_when_it_is_made_and_stays_so() {
        let account = PaypalAccount::new(Some("buyer.name@example.com"));
        assert_eq!(account.email(), Some("b***@example.com"));
        assert_eq!(PaypalAccount::new(account.email()), account);
        assert_eq!(PaypalAccount::new(Some("no address")).email(), Some("***"));
        let unmasked: PaypalAccount =
            serde_json::from_str(r#"{"email":"buyer@example.com"}"#).expect("well formed");
        assert!(!MethodDetails::Paypal(unmasked).is_plausible(), "an address in full is not kept");
    }

    #[test]
    fn nothing_longer_than_four_characters_of_an_account_number_is_plausible() {
        let account = |last4: &str, bic: Option<&str>| {
            MethodDetails::SepaDebit(BankAccount {
                country: "DE".into(),
                last4: last4.into(),
                bic: bic.map(str::to_owned),
            })
        };
        assert!(account("3000", Some("COBADEFFXXX")).is_plausible());
        for last4 in ["", "300", "53201300", "DE89370400440532013000", "30 0"] {
            assert!(!account(last4, None).is_plausible(), "{last4}");
        }
        for bic in ["COBADEFF", "COBADEFFXXX", "1234DE5678A"] {
            assert!(is_bic(bic), "{bic}");
        }
        for bic in ["", "COBADEF", "COBADEFFX", "cobadeff", "COBA12FF", "COBADEFFXXXX", "COBAD\u{c9}FF"] {
            assert!(!is_bic(bic), "{bic}");
        }
    }

    #[test]
    fn every_type_has_its_own_text_form_and_is_found_by_it() {
        for method_type in MethodType::ALL {
            assert_eq!(MethodType::find(method_type.as_str()), Some(*method_type));
            let json = serde_json::to_value(method_type).expect("serialisable");
            assert_eq!(json, method_type.as_str(), "the same name everywhere");
        }
        assert_eq!(MethodType::find("cheque"), None);
    }
}
