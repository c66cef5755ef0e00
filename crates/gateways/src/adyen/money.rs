//! Adyen's amounts: integers of minor units, with Adyen's own idea of the minor unit in four currencies
//! (<https://docs.adyen.com/development-resources/currency-codes>).

use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::GatewayError;

use super::wire::Amount;
use crate::minor_units::{MinorUnit, from_gateway, to_gateway};

/// How Adyen counts a currency.
fn unit(currency: Currency) -> Option<MinorUnit> {
    Some(match (currency.code(), currency.exponent()) {
        ("CLP" | "ISK", _) => MinorUnit::HundredTimes,
        ("CVE" | "IDR", _) => MinorUnit::WholeUnits,
        // Fifths, and not in Adyen's list.
        ("MGA" | "MRU", _) => return None,
        (_, 0 | 2 | 3) => MinorUnit::Same,
        _ => return None,
    })
}

/// The amount as Adyen wants it.
///
/// # Errors
/// `NotDone` for what cannot be said to Adyen exactly: it is not sent.
pub(super) fn to_adyen(amount: Money) -> Result<Amount, GatewayError> {
    let value = to_gateway("Adyen", amount, unit(amount.currency()))?;
    Ok(Amount { currency: amount.currency().code().to_owned(), value })
}

/// An amount that Adyen names; none when it is in no currency of ours, or between two amounts of ours.
pub(super) fn from_adyen(amount: &Amount) -> Option<Money> {
    let currency: Currency = amount.currency.parse().ok()?;
    from_gateway(amount.value, currency, unit(currency)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().expect("a currency"))
    }

    #[test]
    fn amounts_are_counted_as_adyen_does() {
        for (minor, code, value) in [
            (1_000, "EUR", 1_000),
            (500, "JPY", 500),
            (500, "UGX", 500),
            (5_124, "KWD", 5_124),
            (5, "ISK", 500),
            (5, "CLP", 500),
            (500, "CVE", 5),
            (500, "IDR", 5),
        ] {
            let said = to_adyen(money(minor, code)).expect("it can be said");
            assert_eq!((said.currency.as_str(), said.value), (code, value));
            assert_eq!(from_adyen(&said), Some(money(minor, code)));
        }
    }

    #[test]
    fn what_cannot_be_said_exactly_is_not_sent() {
        for (minor, code) in [
            (501, "IDR"),
            (501, "CVE"),
            (i64::MAX, "ISK"),
            (500, "MGA"),
            (10_000, "CLF"),
            (0, "EUR"),
            (-5, "EUR"),
        ] {
            let refused = to_adyen(money(minor, code));
            assert!(matches!(refused, Err(GatewayError::NotDone(_))), "{code}");
        }
        let odd = |currency: &str, value| from_adyen(&Amount { currency: currency.into(), value });
        assert_eq!((odd("ISK", 550), odd("IDR", i64::MAX), odd("BTC", 1)), (None, None, None));
    }
}
