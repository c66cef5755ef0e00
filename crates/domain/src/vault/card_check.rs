//! Card data before any gateway sees it.

use chrono::Datelike;
use secrecy::ExposeSecret;

use crate::kernel::Timestamp;
use crate::ports::CardData;

/// What is wrong with card data. Says where, never what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCard {
    /// The number is no card number.
    #[error("must be a card number: 12 to 19 digits with a right check digit")]
    Number,
    /// There is no such month.
    #[error("must be a month from 1 to 12")]
    Month,
    /// The card expired, or expires absurdly late.
    #[error("the card's expiry must lie between this month and 50 years from now; the year has four digits")]
    Expiry,
    /// The code has not three or four digits.
    #[error("must have three or four digits")]
    Cvc,
}

impl InvalidCard {
    /// The place in the card object, as in a JSON Pointer.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Number => "/number",
            Self::Month => "/exp_month",
            Self::Expiry => "/exp_year",
            Self::Cvc => "/cvc",
        }
    }
}

/// Checks card data whose number is bare digits.
///
/// # Errors
/// The first rule that is broken.
pub fn check_card_data(card: &CardData, now: Timestamp) -> Result<(), InvalidCard> {
    let number = card.number.expose_secret();
    let is_number = (12..=19).contains(&number.len()) && all_digits(number) && passes_luhn(number);
    if !is_number {
        return Err(InvalidCard::Number);
    }
    if !(1..=12).contains(&card.exp_month) {
        return Err(InvalidCard::Month);
    }
    // A card is good to the end of its month, wherever on Earth: a day of grace for those west of Greenwich.
    let today = now - chrono::TimeDelta::days(1);
    let months = |year: i32, month: u32| i64::from(year) * 12 + i64::from(month);
    let expires = months(i32::from(card.exp_year), u32::from(card.exp_month));
    let current = months(today.year(), today.month());
    if expires < current || expires > current + 50 * 12 {
        return Err(InvalidCard::Expiry);
    }
    match &card.cvc {
        Some(cvc) if !(3..=4).contains(&cvc.expose_secret().len()) || !all_digits(cvc.expose_secret()) => {
            Err(InvalidCard::Cvc)
        }
        _ => Ok(()),
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn passes_luhn(digits: &str) -> bool {
    let weigh = |(place, byte): (usize, u8)| {
        let digit = u32::from(byte - b'0');
        let weighted = if place % 2 == 1 { digit * 2 } else { digit };
        if weighted > 9 { weighted - 9 } else { weighted }
    };
    digits.bytes().rev().enumerate().map(weigh).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;

    fn card(number: &str, month: u8, year: u16, cvc: Option<&str>) -> CardData {
        CardData {
            number: number.to_owned().into(),
            exp_month: month,
            exp_year: year,
            cvc: cvc.map(|cvc| cvc.to_owned().into()),
            holder_name: None,
        }
    }

    #[test]
    fn each_rule_names_its_field() {
        let now = Utc.with_ymd_and_hms(2026, 3, 15, 0, 0, 0).unwrap();
        let good = "4242424242424242";
        for (given, wanted) in [
            (card(good, 12, 2030, Some("123")), Ok(())),
            (card(good, 3, 2026, None), Ok(())),
            (card("378282246310005", 1, 2027, Some("1234")), Ok(())),
            (card("4242424242424241", 12, 2030, None), Err(InvalidCard::Number)),
            (card("", 12, 2030, None), Err(InvalidCard::Number)),
            (card("0", 12, 2030, None), Err(InvalidCard::Number)),
            (card("4242 4242 4242 4242", 12, 2030, None), Err(InvalidCard::Number)),
            (card(good, 0, 2030, None), Err(InvalidCard::Month)),
            (card(good, 13, 2030, None), Err(InvalidCard::Month)),
            (card(good, 2, 2026, None), Err(InvalidCard::Expiry)),
            (card(good, 12, 30, None), Err(InvalidCard::Expiry)),
            (card(good, 12, 2999, None), Err(InvalidCard::Expiry)),
            (card(good, 12, 2030, Some("12")), Err(InvalidCard::Cvc)),
            (card(good, 12, 2030, Some("12345")), Err(InvalidCard::Cvc)),
            (card(good, 12, 2030, Some("12a")), Err(InvalidCard::Cvc)),
        ] {
            assert_eq!(check_card_data(&given, now), wanted, "{} {}", given.exp_month, given.exp_year);
        }
    }

    #[test]
    fn a_card_is_good_to_the_end_of_its_month_everywhere() {
        let still_march_somewhere = Utc.with_ymd_and_hms(2026, 4, 1, 10, 0, 0).unwrap();
        assert_eq!(check_card_data(&card("4242424242424242", 3, 2026, None), still_march_somewhere), Ok(()));
    }
}
