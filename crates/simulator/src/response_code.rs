//! Magic amounts: an amount can carry the network's answer in its last two digits.

use tender_domain::kernel::Money;
use tender_domain::ports::{Decline, DeclineCode};

/// The ISO 8583 response code that an amount carries, if it carries one.
///
/// Amounts from 9,900.00 to 9,999.99 of a currency with two decimal places do: 9,951.05 is answered with `05`, and
/// those that end in `00` are approved. Amounts of currencies with no, three or four places carry none.
#[must_use]
pub fn response_code(amount: Money) -> Option<String> {
    let carries = amount.currency().exponent() == 2 && (990_000..=999_999).contains(&amount.minor());
    carries.then(|| format!("{:02}", amount.minor() % 100))
}

/// The decline that a response code stands for; none for `00`. A code without a meaning of its own here is a plain
/// decline with that network code.
#[must_use]
pub fn decline_of(code: &str) -> Option<Decline> {
    (code != "00").then(|| decline(code))
}

/// The decline with a response code that is not an approval.
pub(crate) fn decline(code: &str) -> Decline {
    let (decline, message) = match code {
        "05" => (DeclineCode::DoNotHonor, "The issuer declined the payment without a reason."),
        "14" => (DeclineCode::IncorrectData, "The card number is not valid."),
        "41" => (DeclineCode::LostCard, "The card was reported lost."),
        "43" => (DeclineCode::StolenCard, "The card was reported stolen."),
        "51" => (DeclineCode::InsufficientFunds, "There is not enough money on the account."),
        "54" => (DeclineCode::ExpiredCard, "The card is past its date."),
        "57" | "62" => (DeclineCode::TransactionNotAllowed, "The card may not be used for this payment."),
        "59" => (DeclineCode::SuspectedFraud, "The issuer suspects fraud."),
        "61" | "65" => (DeclineCode::LimitExceeded, "The payment is over a limit of the card."),
        "91" | "92" | "96" => (DeclineCode::IssuerUnavailable, "The issuer cannot be reached."),
        _ => (DeclineCode::CardDeclined, "The card was declined."),
    };
    Decline { code: decline, network_code: Some(code.to_owned()), message: message.to_owned(), sca: None }
}

#[cfg(test)]
mod tests {
    use tender_domain::kernel::Currency;

    use super::*;

    #[test]
    fn the_last_two_digits_are_the_response_code_in_the_range_only() {
        for (minor, currency, expected) in [
            (989_951, Currency::EUR, None),
            (990_000, Currency::EUR, Some("00")),
            (990_005, Currency::EUR, Some("05")),
            (999_991, Currency::USD, Some("91")),
            (999_999, Currency::EUR, Some("99")),
            (1_000_005, Currency::EUR, None),
            (9_905, Currency::JPY, None),
            (990_005, Currency::JPY, None),
            (9_900_051, Currency::BHD, None),
        ] {
            let code = response_code(Money::new(minor, currency));
            assert_eq!(code.as_deref(), expected, "{minor} {currency}");
        }
    }

    #[test]
    fn every_code_but_00_declines_with_its_number() {
        for number in 0..100 {
            let code = format!("{number:02}");
            let decline = decline_of(&code);
            assert_eq!(decline.is_none(), code == "00");
            if let Some(decline) = decline {
                assert_eq!(decline.network_code, Some(code));
            }
        }
    }
}
