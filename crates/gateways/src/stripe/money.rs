//! Stripe's amounts: integers of minor units, with Stripe's own idea of the minor unit in some currencies
//! (<https://docs.stripe.com/currencies>).

use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::GatewayError;

use crate::minor_units::{MinorUnit, from_gateway, to_gateway};

/// How Stripe counts a currency.
fn unit(currency: Currency) -> Option<MinorUnit> {
    Some(match (currency.code(), currency.exponent()) {
        ("ISK" | "UGX", _) => MinorUnit::HundredTimes,
        ("MGA", _) => MinorUnit::WholeUnits,
        (
            "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "VND" | "VUV" | "XAF"
            | "XOF" | "XPF",
            0,
        )
        | (_, 2) => MinorUnit::Same,
        ("BHD" | "JOD" | "KWD" | "OMR" | "TND", 3) => MinorUnit::LastDigitZero,
        _ => return None,
    })
}

/// The amount as Stripe wants it.
///
/// # Errors
/// `NotDone` for what cannot be said to Stripe exactly: it is not sent.
pub(super) fn to_stripe(amount: Money) -> Result<i64, GatewayError> {
    to_gateway("Stripe", amount, unit(amount.currency()))
}

/// An amount that Stripe names; none when it is in no currency of ours, or between two amounts of ours.
pub(super) fn from_stripe(minor: i64, currency: &str) -> Option<Money> {
    let currency: Currency = currency.to_ascii_uppercase().parse().ok()?;
    from_gateway(minor, currency, unit(currency)?)
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
