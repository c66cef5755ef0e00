//! Amounts in minor units, with checked arithmetic.

use std::fmt;

use rust_decimal::Decimal;

use super::Currency;

/// An amount of one currency in minor units (cents for EUR, yen for JPY, fils for BHD).
///
/// It may be negative only where a type says so; [`Money::positive`] is the door for amounts a client names.
/// Arithmetic never wraps and never mixes currencies.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Two amounts of different currencies met.
    #[error("an amount in {right} cannot be combined with one in {left}")]
    CurrencyMismatch {
        /// The currency of the amount that was there.
        left: Currency,
        /// The currency of the amount that came.
        right: Currency,
    },
    /// The result does not fit 64 bits of minor units.
    #[error("the amount is larger than can be represented")]
    Overflow,
    /// A client named zero or less.
    #[error("the amount must be greater than zero")]
    NotPositive,
    /// A decimal has more places than its currency.
    #[error("{currency} has {exponent} decimal places; `{given}` has more")]
    TooManyPlaces {
        /// The currency.
        currency: Currency,
        /// How many places it has.
        exponent: u32,
        /// What was given.
        given: String,
    },
    /// The text is not a decimal number.
    #[error("`{0}` is not a decimal number")]
    NotADecimal(String),
}

impl Money {
    /// The largest amount accepted from a client, in minor units (12 digits, as ISO 8583 field 4 holds).
    pub const MAX_MINOR: i64 = 999_999_999_999;

    /// An amount, whatever its sign.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// An amount a client names: greater than zero and at most [`Money::MAX_MINOR`].
    ///
    /// # Errors
    /// `NotPositive` for zero or less, `Overflow` above the limit.
    pub fn positive(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        if minor <= 0 {
            return Err(MoneyError::NotPositive);
        }
        if minor > Self::MAX_MINOR {
            return Err(MoneyError::Overflow);
        }
        Ok(Self { minor, currency })
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether it is exactly nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// `CurrencyMismatch` or `Overflow`.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// The difference of two amounts of one currency.
    ///
    /// # Errors
    /// `CurrencyMismatch` or `Overflow`.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// So many of `whole` equal parts of it, rounded half up to a minor unit: 50 of 100 of 33 JPY are 17. A `whole` of
    /// zero counts as one, and `part` beyond it as all of it, so that no share of an amount is more than the amount.
    #[must_use]
    pub fn share(self, part: u32, whole: u32) -> Self {
        let whole = whole.max(1);
        let (part, whole) = (i128::from(part.min(whole)), i128::from(whole));
        let doubled = 2 * i128::from(self.minor) * part + whole;
        let minor = i64::try_from(doubled.div_euclid(2 * whole)).unwrap_or(self.minor);
        Self { minor, ..self }
    }

    /// Parses the decimal text of a storefront (`150.00`) exactly; never through a float.
    ///
    /// Scientific notation is understood as JSON allows it. Fewer places than the currency has are fine; more are
    /// not, unless they are zeros.
    ///
    /// # Errors
    /// `NotADecimal`, `TooManyPlaces` or `Overflow`.
    pub fn from_decimal_text(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let shown = || text.chars().take(40).collect::<String>();
        if text.len() > 64 {
            return Err(MoneyError::NotADecimal(shown()));
        }
        let decimal = if text.contains(['e', 'E']) {
            Decimal::from_scientific(text)
        } else {
            Decimal::from_str_exact(text)
        }
        .map_err(|_| MoneyError::NotADecimal(shown()))?;
        Self::from_decimal(decimal, currency)
    }

    /// Turns an exact decimal of major units into minor units.
    ///
    /// # Errors
    /// `TooManyPlaces` or `Overflow`.
    pub fn from_decimal(decimal: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let exponent = currency.exponent();
        let scale = Decimal::from(10_i64.pow(exponent));
        let minor = decimal.checked_mul(scale).ok_or(MoneyError::Overflow)?;
        if !minor.fract().is_zero() {
            return Err(MoneyError::TooManyPlaces { currency, exponent, given: decimal.to_string() });
        }
        let minor = i64::try_from(minor.trunc()).map_err(|_| MoneyError::Overflow)?;
        Ok(Self { minor, currency })
    }

    /// The amount as an exact decimal of major units with the currency's places (`150.00`, `5194`, `1.500`).
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.minor, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decimals_become_minor_units_exactly() {
        let cases = [
            ("150.00", Currency::USD, Ok(15_000)),
            ("150", Currency::USD, Ok(15_000)),
            ("0.1", Currency::EUR, Ok(10)),
            ("1e2", Currency::EUR, Ok(10_000)),
            ("5194", Currency::JPY, Ok(5_194)),
            ("5194.00", Currency::JPY, Ok(5_194)),
            ("1.234", Currency::BHD, Ok(1_234)),
        ];
        for (text, currency, expected) in cases {
            assert_eq!(
                Money::from_decimal_text(text, currency).map(Money::minor),
                expected,
                "{text} {currency}"
            );
        }
    }

    #[test]
    fn decimals_with_more_places_than_the_currency_are_refused() {
        for (text, currency) in [("1.001", Currency::EUR), ("1.5", Currency::JPY), ("1.2345", Currency::BHD)]
        {
            let refused = Money::from_decimal_text(text, currency);
            assert!(
                matches!(refused, Err(MoneyError::TooManyPlaces { .. })),
                "{text} {currency}: {refused:?}"
            );
        }
        for text in ["", "abc", "NaN", "1,5", "--1", "1e400"] {
            assert!(Money::from_decimal_text(text, Currency::EUR).is_err(), "{text}");
        }
    }

    #[test]
    fn sums_never_wrap_and_never_mix_currencies() {
        let most = Money::new(i64::MAX, Currency::EUR);
        assert_eq!(most.checked_add(Money::new(1, Currency::EUR)), Err(MoneyError::Overflow));
        assert!(matches!(
            most.checked_sub(Money::new(1, Currency::USD)),
            Err(MoneyError::CurrencyMismatch { .. })
        ));
    }

    proptest! {
        #[test]
        fn every_amount_survives_its_decimal_text(minor in -Money::MAX_MINOR..Money::MAX_MINOR, which in 0_usize..3) {
            let currency = [Currency::JPY, Currency::EUR, Currency::BHD][which];
            let money = Money::new(minor, currency);
            let text = money.to_decimal().to_string();
            prop_assert_eq!(Money::from_decimal_text(&text, currency), Ok(money));
        }
    }
}
