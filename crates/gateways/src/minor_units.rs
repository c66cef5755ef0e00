//! What the gateways have in common that take integers of minor units, each with its own idea of the minor unit in some
//! currencies. Nothing is rounded: what cannot be said exactly is not sent.

use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::GatewayError;

/// How a gateway counts a currency, compared with ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MinorUnit {
    /// As ISO 4217 does.
    Same,
    /// As ISO 4217 does, and the last digit must be zero.
    LastDigitZero,
    /// A hundred of the gateway's are one of ours: it has kept two places that the currency lost.
    HundredTimes,
    /// One of the gateway's is a hundred of ours: it takes whole units only.
    WholeUnits,
}

/// As ISO 4217 has it, for gateways that say so; none for the currencies of which gateways are known to have ideas of
/// their own, and for those that are not counted in tens.
pub(crate) fn iso(currency: Currency) -> Option<MinorUnit> {
    match (currency.code(), currency.exponent()) {
        ("CLP" | "CVE" | "IDR" | "ISK" | "MGA" | "MRU" | "UGX", _) => None,
        (_, 0 | 2 | 3) => Some(MinorUnit::Same),
        _ => None,
    }
}

/// An amount that cannot be asked of a gateway: nothing was sent.
pub(crate) fn refused(who: &str, amount: Money, why: &str) -> GatewayError {
    GatewayError::NotDone(format!("{amount} cannot be asked of {who}: {why}"))
}

/// The amount in the gateway's minor units; `unit` is how it counts the amount's currency, if that is known.
///
/// # Errors
/// `NotDone` for what cannot be said to the gateway exactly.
pub(crate) fn to_gateway(who: &str, amount: Money, unit: Option<MinorUnit>) -> Result<i64, GatewayError> {
    let minor = amount.minor();
    let why = match unit {
        _ if minor <= 0 => "it must be greater than zero",
        Some(MinorUnit::Same) => return Ok(minor),
        Some(MinorUnit::LastDigitZero) if minor % 10 == 0 => return Ok(minor),
        Some(MinorUnit::LastDigitZero) => "the last of its three places must be zero",
        Some(MinorUnit::HundredTimes) => match minor.checked_mul(100) {
            Some(minor) => return Ok(minor),
            None => "it is too large",
        },
        Some(MinorUnit::WholeUnits) if minor % 100 == 0 => return Ok(minor / 100),
        Some(MinorUnit::WholeUnits) => "it must be of whole units",
        None => "how it counts this currency is not known",
    };
    Err(refused(who, amount, why))
}

/// An amount that a gateway names; none when it is between two amounts of ours.
pub(crate) fn from_gateway(minor: i64, currency: Currency, unit: MinorUnit) -> Option<Money> {
    let minor = match unit {
        MinorUnit::Same | MinorUnit::LastDigitZero => minor,
        MinorUnit::HundredTimes => (minor % 100 == 0).then_some(minor / 100)?,
        MinorUnit::WholeUnits => minor.checked_mul(100)?,
    };
    Some(Money::new(minor, currency))
}
