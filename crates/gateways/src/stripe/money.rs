//! Stripe's amounts: integers of minor units, with Stripe's own idea of the minor unit in some currencies
//! (<https://docs.stripe.com/currencies>).

use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::GatewayError;

/// How Stripe counts a currency, compared with ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// As ISO 4217 does.
    Same,
    /// As ISO 4217 does, and the last digit must be zero.
    LastDigitZero,
    /// A hundred of Stripe's are one of ours: it has kept two places that the currency lost.
    HundredTimes,
    /// One of Stripe's is a hundred of ours: it takes whole units only.
    WholeUnits,
}

fn unit(currency: Currency) -> Option<Unit> {
    Some(match (currency.code(), currency.exponent()) {
        ("ISK" | "UGX", _) => Unit::HundredTimes,
        ("MGA", _) => Unit::WholeUnits,
        (
            "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "VND" | "VUV" | "XAF"
            | "XOF" | "XPF",
            0,
        )
        | (_, 2) => Unit::Same,
        ("BHD" | "JOD" | "KWD" | "OMR" | "TND", 3) => Unit::LastDigitZero,
        _ => return None,
    })
}

/// The amount as Stripe wants it.
///
/// # Errors
/// `NotDone` for what cannot be said to Stripe exactly: it is not sent.
pub(super) fn to_stripe(amount: Money) -> Result<i64, GatewayError> {
    let (minor, currency) = (amount.minor(), amount.currency());
    let refused =
        |why: &str| Err(GatewayError::NotDone(format!("{amount} cannot be asked of Stripe: {why}")));
    if minor <= 0 {
        return refused("it must be greater than zero");
    }
    match unit(currency) {
        Some(Unit::Same) => Ok(minor),
        Some(Unit::LastDigitZero) if minor % 10 == 0 => Ok(minor),
        Some(Unit::LastDigitZero) => refused("the last of its three places must be zero"),
        Some(Unit::HundredTimes) => match minor.checked_mul(100) {
            Some(minor) => Ok(minor),
            None => refused("it is too large"),
        },
        Some(Unit::WholeUnits) if minor % 100 == 0 => Ok(minor / 100),
        Some(Unit::WholeUnits) => refused("it must be of whole units"),
        None => refused("how Stripe counts this currency is not known"),
    }
}

/// An amount that Stripe names; none when it is in no currency of ours, or between two amounts of ours.
pub(super) fn from_stripe(minor: i64, currency: &str) -> Option<Money> {
    let currency: Currency = currency.to_ascii_uppercase().parse().ok()?;
    let minor = match unit(currency)? {
        Unit::Same | Unit::LastDigitZero => minor,
        Unit::HundredTimes => (minor % 100 == 0).then_some(minor / 100)?,
        Unit::WholeUnits => minor.checked_mul(100)?,
    };
    Some(Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().expect("a currency"))
    }

    #[test]
    fn amounts_are_counted_as_stripe_does() {
        for (minor, code, stripes) in [
            (1_000, "USD", 1_000),
            (1_000, "HUF", 1_000),
            (500, "JPY", 500),
            (500, "XPF", 500),
            (5_120, "KWD", 5_120),
            (5, "ISK", 500),
            (5, "UGX", 500),
            (500, "MGA", 5),
        ] {
            assert_eq!(to_stripe(money(minor, code)).ok(), Some(stripes), "{code}");
            assert_eq!(from_stripe(stripes, &code.to_ascii_lowercase()), Some(money(minor, code)));
        }
    }

    #[test]
    fn what_cannot_be_said_exactly_is_not_sent() {
        for (minor, code) in [
            (5_124, "KWD"),
            (501, "MGA"),
            (i64::MAX, "ISK"),
            (1_000, "IQD"),
            (10_000, "CLF"),
            (0, "EUR"),
            (-5, "EUR"),
        ] {
            let refused = to_stripe(money(minor, code));
            assert!(matches!(refused, Err(GatewayError::NotDone(_))), "{code}: {refused:?}");
        }
        assert_eq!(from_stripe(550, "isk"), None);
        assert_eq!(from_stripe(i64::MAX, "mga"), None);
        assert_eq!(from_stripe(1, "btc"), None);
    }
}
