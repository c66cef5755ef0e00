//! ISO 4217 currencies and their minor-unit exponents.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 4217 currency that amounts can be held in.
///
/// Currencies without a minor unit in the standard (gold, test codes, bond units) are refused: no payment is made in
/// them. The exponent is 0 (JPY), 2 (EUR), 3 (BHD) or 4 (CLF) as ISO 4217 has it; a gateway that counts otherwise
/// converts in its own adapter.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// The text is not a currency code of ISO 4217 that has minor units.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ISO 4217 currency code; write three upper-case letters such as EUR")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// Euro, two places.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    /// United States dollar, two places.
    pub const USD: Self = Self(iso_currency::Currency::USD);
    /// Pound sterling, two places.
    pub const GBP: Self = Self(iso_currency::Currency::GBP);
    /// Japanese yen, no places.
    pub const JPY: Self = Self(iso_currency::Currency::JPY);
    /// Bahraini dinar, three places.
    pub const BHD: Self = Self(iso_currency::Currency::BHD);

    /// The three-letter code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimal places one major unit has.
    #[must_use]
    pub fn exponent(self) -> u32 {
        // `from_str` admits only currencies with an exponent.
        self.0.exponent().map_or(2, u32::from)
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownCurrency(code.chars().take(12).collect());
        if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(unknown());
        }
        let currency = iso_currency::Currency::from_code(code).ok_or_else(unknown)?;
        currency.exponent().ok_or_else(unknown)?;
        Ok(Self(currency))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_those_of_iso_4217() {
        for (code, exponent) in
            [("JPY", 0), ("KRW", 0), ("EUR", 2), ("USD", 2), ("BHD", 3), ("KWD", 3), ("CLF", 4)]
        {
            assert_eq!(code.parse::<Currency>().map(Currency::exponent), Ok(exponent), "{code}");
        }
    }

    #[test]
    fn codes_that_cannot_hold_a_payment_are_refused() {
        for code in ["XAU", "XTS", "eur", "EU", "EURO", "", "ZZZ"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }
}
