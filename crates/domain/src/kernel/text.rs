//! Rules for free text: no card number ever, metadata within its bounds (contract §2 "Sensitive data", §8).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Limits;

/// Free text contains what looks like a card number. The value is not repeated anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text contains what looks like a card number; card data goes to the vault's POST /methods only")]
pub struct CardNumberDetected;

/// Metadata breaks a bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMetadata {
    /// Too many keys.
    #[error("metadata may have {} keys at most", Limits::METADATA_KEYS)]
    TooManyKeys,
    /// A key is empty or too long.
    #[error("a metadata key has 1 to {} characters", Limits::METADATA_KEY_CHARS)]
    BadKey,
    /// A value is too long.
    #[error("the metadata value of `{key}` is longer than {} characters", Limits::METADATA_VALUE_CHARS, key = .0)]
    ValueTooLong(String),
    /// A key or value holds the character U+0000, which no database keeps in text.
    #[error("metadata must not hold the character U+0000")]
    NullCharacter,
    /// A key or value contains what looks like a card number.
    #[error(transparent)]
    CardNumber(#[from] CardNumberDetected),
}

/// What a client keeps beside a resource: short texts by key, never interpreted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// Checks a client's metadata.
    ///
    /// # Errors
    /// The first bound that is broken.
    pub fn new(entries: BTreeMap<String, String>) -> Result<Self, InvalidMetadata> {
        if entries.len() > Limits::METADATA_KEYS {
            return Err(InvalidMetadata::TooManyKeys);
        }
        for (key, value) in &entries {
            if key.is_empty() || key.chars().count() > Limits::METADATA_KEY_CHARS {
                return Err(InvalidMetadata::BadKey);
            }
            if key.contains('\0') || value.contains('\0') {
                return Err(InvalidMetadata::NullCharacter);
            }
            find_card_number(key)?;
            if value.chars().count() > Limits::METADATA_VALUE_CHARS {
                return Err(InvalidMetadata::ValueTooLong(key.clone()));
            }
            find_card_number(value)?;
        }
        Ok(Self(entries))
    }

    /// The entries, by key.
    #[must_use]
    pub const fn entries(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// This metadata with `changes` laid over it; an empty value removes its key, as the field does it.
    ///
    /// # Errors
    /// The first bound that the result breaks.
    pub fn patched(&self, changes: BTreeMap<String, String>) -> Result<Self, InvalidMetadata> {
        let mut entries = self.0.clone();
        for (key, value) in changes {
            if value.is_empty() {
                entries.remove(&key);
            } else {
                entries.insert(key, value);
            }
        }
        Self::new(entries)
    }
}

/// Refuses text in which a run of digits (spaces and dashes between them allowed) has a card scheme's prefix and
/// length and passes Luhn.
///
/// # Errors
/// [`CardNumberDetected`], without the digits.
pub fn find_card_number(text: &str) -> Result<(), CardNumberDetected> {
    match first_card_number(text.as_bytes(), 0) {
        Some(_) => Err(CardNumberDetected),
        None => Ok(()),
    }
}

/// The text with every card number's digits but the last four replaced by `*`; for what a gateway sends us.
#[must_use]
pub fn mask_card_numbers(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut from = 0;
    while let Some((start, end)) = first_card_number(&bytes, from) {
        let digits = bytes[start..end].iter().filter(|b| b.is_ascii_digit()).count();
        let mut left = digits.saturating_sub(4);
        for byte in &mut bytes[start..end] {
            if left > 0 && byte.is_ascii_digit() {
                *byte = b'*';
                left -= 1;
            }
        }
        // The four digits left may begin another number: look again from here.
        from = start;
    }
    // Only ASCII digits were replaced, by ASCII.
    String::from_utf8(bytes).unwrap_or_default()
}

/// What a gateway says, fit to be kept: card numbers masked, and nothing in it that no database keeps in text (an answer
/// that cannot be stored would be asked for again for ever). Never refused.
#[must_use]
pub fn gateway_text(said: &str) -> String {
    mask_card_numbers(said).replace('\0', "\u{fffd}")
}

/// The first card number at or after `from`, as a byte range.
fn first_card_number(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut start = from;
    while start < bytes.len() {
        let begins_run = bytes[start].is_ascii_digit() && (start == 0 || !bytes[start - 1].is_ascii_digit());
        if begins_run
            && let Some(end) = card_number_at(bytes, start)
            && !is_inside_uuid(bytes, start, end)
        {
            return Some((start, end));
        }
        start += 1;
    }
    None
}

/// Whether these bytes are a part of a UUID: of two thousand random ones one has digits that could be a card's, and an
/// order must not be refused for its id.
fn is_inside_uuid(bytes: &[u8], start: usize, end: usize) -> bool {
    const UUID_BYTES: usize = 36;
    let is_dash = |place: usize| matches!(place, 8 | 13 | 18 | 23);
    let is_uuid = |window: &[u8]| {
        window.iter().enumerate().all(
            |(place, byte)| {
                if is_dash(place) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
            },
        )
    };
    let first = end.saturating_sub(UUID_BYTES);
    (first..=start).any(|at| {
        let stands_alone = at.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_alphanumeric())
            && bytes.get(at + UUID_BYTES).is_none_or(|after| !after.is_ascii_alphanumeric());
        stands_alone && bytes.get(at..at + UUID_BYTES).is_some_and(is_uuid)
    })
}

fn card_number_at(bytes: &[u8], start: usize) -> Option<usize> {
    let mut digits: Vec<u8> = Vec::with_capacity(19);
    let mut at = start;
    let mut found = None;
    while at < bytes.len() && digits.len() < 20 {
        let byte = bytes[at];
        if byte.is_ascii_digit() {
            digits.push(byte - b'0');
            let ends_run = bytes.get(at + 1).is_none_or(|next| !next.is_ascii_digit());
            if ends_run && is_card_number(&digits) {
                found = Some(at + 1);
            }
        } else if !matches!(byte, b' ' | b'-') || !bytes[at - 1].is_ascii_digit() {
            break;
        }
        at += 1;
    }
    found
}

fn is_card_number(digits: &[u8]) -> bool {
    (12..=19).contains(&digits.len()) && has_scheme_prefix(digits) && passes_luhn(digits)
}

/// Prefixes and lengths of the schemes (ISO/IEC 7812 issuer ranges as the schemes publish them).
fn has_scheme_prefix(digits: &[u8]) -> bool {
    let prefix = |len: usize| digits[..len].iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit));
    let (one, two, three, four) = (prefix(1), prefix(2), prefix(3), prefix(4));
    match digits.len() {
        13 | 19 if one == 4 => true,
        14 => two == 36 || two == 38 || (300..=305).contains(&three),
        15 => two == 34 || two == 37,
        16 if one == 4 || (51..=55).contains(&two) || (2221..=2720).contains(&four) => true,
        12..=19 => {
            let discover = four == 6011 || two == 65 || (644..=649).contains(&three);
            let jcb = (3528..=3589).contains(&four);
            let union_pay = two == 62;
            let maestro = matches!(two, 50 | 56 | 57 | 58) || matches!(two, 63 | 67);
            (digits.len() >= 16 && (discover || jcb || union_pay)) || maestro
        }
        _ => false,
    }
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit);
            let weighted = if place % 2 == 1 { digit * 2 } else { digit };
            if weighted > 9 { weighted - 9 } else { weighted }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn card_numbers_are_found_however_they_are_written() {
        for text in [
            "4242424242424242",
            "paid with 4242 4242 4242 4242, thanks",
            "5555-5555-5555-4444",
            "x378282246310005x",
            "order 12 4000056655665556",
            "550e8400-e29b-41d4-a716-44665544000a 4000056655665556",
            "2223003122003222",
            "3530111333300000",
            "6011111111111117",
        ] {
            assert_eq!(find_card_number(text), Err(CardNumberDetected), "{text}");
        }
    }

    #[test]
    fn what_a_gateway_says_is_kept_without_card_numbers_and_null_characters() {
        assert_eq!(
            gateway_text("card 4242424242424242\0 is expired"),
            "card ************4242\u{fffd} is expired"
        );
    }

    #[test]
    fn metadata_that_no_database_keeps_is_refused() {
        for (key, value) in [("a", "x\0y"), ("a\0", "x")] {
            let refused = Metadata::new([(key.to_owned(), value.to_owned())].into());
            assert_eq!(refused, Err(InvalidMetadata::NullCharacter));
        }
    }

    #[test]
    fn order_numbers_phones_and_ids_are_not_card_numbers() {
        for text in [
            "4242424242424241",
            "+49 170 1234567",
            "2026-03-04T15:30:00Z",
            "order 1234567890123456",
            "42424242424242424242424242",
            "550e8400-e29b-41d4-a716-446655440000",
            "550e8400-e29b-41d4-a373-683286158730",
            "order 550e8400-7462-4424-8133-44665544000a is paid",
        ] {
            assert_eq!(find_card_number(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn masking_leaves_the_last_four_digits() {
        assert_eq!(mask_card_numbers("card 4242 4242 4242 4242!"), "card **** **** **** 4242!");
        assert_eq!(
            mask_card_numbers("a 4242424242424242 b 378282246310005"),
            "a ************4242 b ***********0005"
        );
    }

    #[test]
    fn metadata_keeps_its_bounds() {
        let many = (0..51).map(|n| (format!("k{n}"), String::new())).collect();
        assert_eq!(Metadata::new(many), Err(InvalidMetadata::TooManyKeys));
        let long = BTreeMap::from([("k".to_owned(), "x".repeat(501))]);
        assert_eq!(Metadata::new(long), Err(InvalidMetadata::ValueTooLong("k".to_owned())));
        let card = BTreeMap::from([("k".to_owned(), "4242424242424242".to_owned())]);
        assert_eq!(Metadata::new(card), Err(InvalidMetadata::CardNumber(CardNumberDetected)));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_masked_text_is_clean(text in "[0-9 \\-a-zé]{0,60}") {
            prop_assert_eq!(find_card_number(&mask_card_numbers(&text)), Ok(()));
        }
    }
}
