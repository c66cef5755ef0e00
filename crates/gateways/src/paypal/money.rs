//! PayPal's amounts: decimals as text, in the currencies that it takes
//! (<https://developer.paypal.com/api/rest/reference/currency-codes/>).

use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::GatewayError;

use super::wire::Amount;
use crate::minor_units::refused;

/// How many places PayPal writes of a currency.
fn places(currency: Currency) -> Option<u32> {
    Some(match currency.code() {
        // It takes whole units of them, whatever ISO 4217 says.
        "HUF" | "JPY" | "TWD" => 0,
        "AUD" | "BRL" | "CAD" | "CHF" | "CNY" | "CZK" | "DKK" | "EUR" | "GBP" | "HKD" | "ILS" | "MXN"
        | "MYR" | "NOK" | "NZD" | "PHP" | "PLN" | "SEK" | "SGD" | "THB" | "USD" => 2,
        _ => return None,
    })
}

/// The amount as PayPal wants it.
///
/// # Errors
/// `NotDone` for what cannot be said to PayPal exactly: it is not sent.
pub(super) fn to_paypal(amount: Money) -> Result<Amount, GatewayError> {
    let (minor, currency) = (amount.minor(), amount.currency());
    let refused = |why: &str| Err(refused("PayPal", amount, why));
    if minor <= 0 {
        return refused("it must be greater than zero");
    }
    let Some(places) = places(currency) else { return refused("it does not take this currency") };
    let unit = 10_i64.pow(currency.exponent());
    let (whole, rest) = (minor / unit, minor % unit);
    let value = match places {
        0 if rest != 0 => return refused("it must be of whole units"),
        0 => whole.to_string(),
        _ => format!("{whole}.{rest:02}"),
    };
    Ok(Amount { currency_code: currency.code().to_owned(), value })
}

/// An amount that PayPal names; none when it is in no currency of ours, or no amount of it.
pub(super) fn from_paypal(amount: &Amount) -> Option<Money> {
    let currency: Currency = amount.currency_code.parse().ok()?;
    places(currency)?;
    let (whole, rest) = amount.value.split_once('.').unwrap_or((&amount.value, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(rest) {
        return None;
    }
    let exponent = usize::try_from(currency.exponent()).ok()?;
    // Further places are zeros, or it is between two amounts of ours.
    let (kept, more) = rest.split_at(rest.len().min(exponent));
    if more.bytes().any(|b| b != b'0') {
        return None;
    }
    let minor = format!("{whole}{kept:0<exponent$}").parse().ok()?;
    Some(Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().expect("a currency"))
    }

    #[test]
    fn amounts_are_written_as_paypal_does() {
        for (minor, code, value) in [
            (1_000, "EUR", "10.00"),
            (5, "USD", "0.05"),
            (500, "JPY", "500"),
            (50_000, "HUF", "500"),
            (i64::MAX, "EUR", "92233720368547758.07"),
        ] {
            let said = to_paypal(money(minor, code)).expect("it can be said");
            assert_eq!((said.currency_code.as_str(), said.value.as_str()), (code, value));
            assert_eq!(from_paypal(&said), Some(money(minor, code)));
        }
    }

    #[test]
    fn what_cannot_be_said_exactly_is_not_sent_and_no_other_text_is_an_amount() {
        for (minor, code) in [(50_001, "HUF"), (1_000, "BHD"), (1_000, "ISK"), (0, "EUR"), (-5, "EUR")] {
            assert!(matches!(to_paypal(money(minor, code)), Err(GatewayError::NotDone(_))), "{code}");
        }
        let read = |value: &str, code: &str| {
            from_paypal(&Amount { currency_code: code.into(), value: value.into() }).map(Money::minor)
        };
        assert_eq!(
            (read("10", "EUR"), read("10.5", "EUR"), read("500.00", "JPY")),
            (Some(1_000), Some(1_050), Some(500))
        );
        for (value, code) in [
            ("10.005", "EUR"),
            ("-1.00", "EUR"),
            ("1e3", "EUR"),
            ("", "EUR"),
            (".5", "EUR"),
            ("500.50", "JPY"),
            ("99999999999999999999", "EUR"),
            ("1.00", "BTC"),
        ] {
            assert_eq!(read(value, code), None, "{value} {code}");
        }
    }
}
