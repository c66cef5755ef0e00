//! What a payment method is made of, and the rules for the texts in it.

use std::fmt;

use chrono::{Datelike, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::kernel::{CardNumberDetected, DataKeyId, Limits, Timestamp, find_card_number};

/// What may be shown of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The scheme (`VISA`).
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// Month of expiry, 1 to 12.
    pub exp_month: u8,
    /// Year of expiry, four digits.
    pub exp_year: u16,
    /// The first six digits of its number, when the vault saw the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<String>,
}

impl Card {
    /// Whether this can be a card at all: a gateway's word is checked before it is kept, so that nothing longer than
    /// four digits of a number ever comes in by this way.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        let four_digits = self.last4.len() == 4 && self.last4.bytes().all(|byte| byte.is_ascii_digit());
        let brand_is_short = !self.brand.is_empty() && self.brand.chars().count() <= 40;
        four_digits
            && brand_is_short
            && find_card_number(&self.brand).is_ok()
            && (1..=12).contains(&self.exp_month)
            && (2000..=2999).contains(&self.exp_year)
    }

    /// Whether its last month is over, in every time zone of the world.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        Self::months(self.exp_year, self.exp_month) < Self::first_good_month(now)
    }

    /// The months from year 0 to this one: what months are compared by.
    #[must_use]
    pub fn months(year: u16, month: u8) -> i32 {
        i32::from(year) * 12 + i32::from(month)
    }

    /// The earliest month, as of [`Card::months`], whose cards are good at this instant somewhere on Earth.
    #[must_use]
    pub fn first_good_month(now: Timestamp) -> i32 {
        let latest = now - TimeDelta::hours(12);
        latest.year() * 12 + i32::try_from(latest.month()).unwrap_or_default()
    }
}

/// The keyed fingerprint of a card or account: equal for the same one of the same tenant, worthless without the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MethodFingerprint(pub [u8; 32]);

impl fmt::Display for MethodFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for MethodFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(6).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Which key sealed a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SealingKey {
    /// A data key of the tenant.
    Data(DataKeyId),
    /// Version so of the installation's own key, from 1: how records were sealed before tenants had data keys. Nothing is
    /// sealed so any more; a rotation moves what there is.
    Installation(u32),
}

/// The tokens of a method at its connectors, sealed. Only that key opens them, and only for the tenant and the method
/// they were sealed for.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedTokens {
    /// Which key sealed them.
    pub key: SealingKey,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for SealedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedTokens({} bytes, {:?})", self.bytes.len(), self.key)
    }
}

/// The customer's consent to keep the method on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Which version of the text the customer agreed to.
    pub text_version: String,
    /// When.
    pub at: Timestamp,
}

/// Where bills go. Personal data: erased when the method is deleted, and in no event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BillingDetails {
    /// The payer's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The payer's e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The payer's telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The payer's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// A postal address. Personal, so nothing of it is printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// What does not fit the first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State, county or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Address(not printed)")
    }
}

/// A text of a client breaks a rule. `field` is its place in the object, as in a JSON Pointer (`/address/city`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDetails {
    /// It is longer than allowed.
    #[error("at most {limit_chars} characters are allowed")]
    TooLong {
        /// Which.
        field: &'static str,
        /// How long it may be.
        limit_chars: usize,
    },
    /// It is empty where something must stand.
    #[error("must not be empty; leave it out instead")]
    Empty {
        /// Which.
        field: &'static str,
    },
    /// Two letters are wanted.
    #[error("must be the two letters of an ISO 3166-1 country")]
    NotACountry {
        /// Which.
        field: &'static str,
    },
    /// It contains what looks like a card number.
    #[error("{}", CardNumberDetected)]
    CardNumber {
        /// Which.
        field: &'static str,
    },
}

impl InvalidDetails {
    /// The place of the text in its object.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::TooLong { field, .. }
            | Self::Empty { field }
            | Self::NotACountry { field }
            | Self::CardNumber { field } => field,
        }
    }
}

/// Checks a free text of a client.
///
/// # Errors
/// `TooLong` above [`Limits::TEXT_CHARS`], `CardNumber`.
pub fn check_text(field: &'static str, text: &str) -> Result<(), InvalidDetails> {
    within(field, text, Limits::TEXT_CHARS)
}

/// Checks a reference that a client made up (a customer id, the version of a text).
///
/// # Errors
/// `Empty`, `TooLong` above [`Limits::REFERENCE_CHARS`], `CardNumber`.
pub fn check_reference(field: &'static str, text: &str) -> Result<(), InvalidDetails> {
    if text.trim().is_empty() {
        return Err(InvalidDetails::Empty { field });
    }
    within(field, text, Limits::REFERENCE_CHARS)
}

fn within(field: &'static str, text: &str, limit_chars: usize) -> Result<(), InvalidDetails> {
    if text.chars().count() > limit_chars {
        return Err(InvalidDetails::TooLong { field, limit_chars });
    }
    find_card_number(text).map_err(|CardNumberDetected| InvalidDetails::CardNumber { field })
}

impl BillingDetails {
    /// Checks every text.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<(), InvalidDetails> {
        let address = self.address.clone().unwrap_or_default();
        let texts = [
            ("/name", &self.name),
            ("/email", &self.email),
            ("/phone", &self.phone),
            ("/address/line1", &address.line1),
            ("/address/line2", &address.line2),
            ("/address/city", &address.city),
            ("/address/state", &address.state),
            ("/address/postal_code", &address.postal_code),
        ];
        for (field, text) in texts {
            text.as_deref().map_or(Ok(()), |text| check_text(field, text))?;
        }
        match &address.country {
            Some(code) if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) => {
                Err(InvalidDetails::NotACountry { field: "/address/country" })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_found_in_every_text_of_billing_details() {
        let pan = || Some("4242 4242 4242 4242".to_owned());
        let at = |address: Address| BillingDetails { address: Some(address), ..Default::default() };
        let cases = [
            ("/name", BillingDetails { name: pan(), ..Default::default() }),
            ("/email", BillingDetails { email: pan(), ..Default::default() }),
            ("/phone", BillingDetails { phone: pan(), ..Default::default() }),
            ("/address/line1", at(Address { line1: pan(), ..Default::default() })),
            ("/address/line2", at(Address { line2: pan(), ..Default::default() })),
            ("/address/city", at(Address { city: pan(), ..Default::default() })),
            ("/address/state", at(Address { state: pan(), ..Default::default() })),
            ("/address/postal_code", at(Address { postal_code: pan(), ..Default::default() })),
        ];
        for (field, details) in cases {
            assert_eq!(details.check(), Err(InvalidDetails::CardNumber { field }));
        }
        let country = at(Address { country: pan(), ..Default::default() });
        assert!(country.check().is_err());
    }

    #[test]
    fn what_a_gateway_calls_last4_is_four_digits_or_refused() {
        let card = |last4: &str| Card {
            brand: "VISA".into(),
            last4: last4.into(),
            exp_month: 12,
            exp_year: 2030,
            bin: None,
        };
        assert!(card("4242").is_plausible());
        for last4 in ["", "424", "42424", "4242424242424242", "42a2"] {
            assert!(!card(last4).is_plausible(), "{last4}");
        }
    }

    #[test]
    fn sealed_tokens_print_neither_bytes_nor_text() {
        let sealed = SealedTokens { key: SealingKey::Installation(3), bytes: vec![7; 40] };
        assert_eq!(format!("{sealed:?}"), "SealedTokens(40 bytes, Installation(3))");
    }
}
