//! Masking of card numbers in what is logged: the last net, under the guards that keep them out.

use std::{
    borrow::Cow,
    io::{self, Write},
};

/// Digits of the shortest and the longest card number.
const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// Digits left to see at the end: enough to recognise a card, as PCI DSS allows.
const LEFT_TO_SEE: usize = 4;

/// Digits in a row, `start..end` in the text.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

/// Replaces the digits of every card number in `text` by `*`, all but the last four. A card number is 13 to 19
/// digits, in one run or in groups divided by single spaces or hyphens, that pass Luhn's check. Some other
/// numbers do too, one in ten of that length; a log can bear that.
#[must_use]
pub fn mask_card_numbers(text: &[u8]) -> Cow<'_, [u8]> {
    let mut masked: Option<Vec<u8>> = None;
    let mut rest = 0;
    while let Some(groups) = next_groups(text, &mut rest) {
        for span in card_numbers(text, &groups) {
            cover(masked.get_or_insert_with(|| text.to_vec()), span);
        }
    }
    masked.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The next groups that are divided by nothing but a single space or hyphen.
fn next_groups(text: &[u8], rest: &mut usize) -> Option<Vec<Group>> {
    let start = *rest + text[*rest..].iter().position(u8::is_ascii_digit)?;
    let mut groups = vec![];
    let mut at = start;
    loop {
        let length = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        groups.push(Group { start: at, end: at + length });
        at += length;
        let divided = matches!(text.get(at), Some(b' ' | b'-'));
        if !divided || !text.get(at + 1).is_some_and(u8::is_ascii_digit) {
            *rest = at;
            return Some(groups);
        }
        at += 1;
    }
}

/// Spans of whole groups that together are a card number; a digit more or less beside one makes it another
/// number, so runs are never cut.
fn card_numbers(text: &[u8], groups: &[Group]) -> Vec<Group> {
    let mut found = vec![];
    for (first, group) in groups.iter().enumerate() {
        let mut digits = 0;
        for last in &groups[first..] {
            digits += last.end - last.start;
            if digits > *LENGTHS.end() {
                break;
            }
            let span = Group { start: group.start, end: last.end };
            if LENGTHS.contains(&digits) && passes_luhn(&text[span.start..span.end]) {
                found.push(span);
            }
        }
    }
    found
}

/// Luhn's check over the digits of `text`. Zeros alone pass it and are no card.
fn passes_luhn(text: &[u8]) -> bool {
    let digits = text.iter().rev().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
    let (mut sum, mut any) = (0, false);
    for (place, digit) in digits.enumerate() {
        any |= digit != 0;
        let doubled = digit * 2;
        sum += match place % 2 {
            0 => digit,
            _ if doubled > 9 => doubled - 9,
            _ => doubled,
        };
    }
    any && sum % 10 == 0
}

fn cover(text: &mut [u8], span: Group) {
    let mut seen = 0;
    for byte in text[span.start..span.end].iter_mut().rev() {
        // Spans overlap in rare texts; a star counts as the digit it covers.
        if byte.is_ascii_digit() || *byte == b'*' {
            seen += 1;
            if seen > LEFT_TO_SEE {
                *byte = b'*';
            }
        }
    }
}

/// A writer that masks card numbers in each piece it is given. Log lines arrive whole, in one piece each.
#[derive(Debug)]
pub struct MaskingWriter<W> {
    inner: W,
}

impl<W> MaskingWriter<W> {
    /// Masks what goes to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner }
    }
}

impl<W: Write> Write for MaskingWriter<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.inner.write_all(&mask_card_numbers(piece))?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{MaskingWriter, mask_card_numbers};

    fn masked(text: &str) -> String {
        String::from_utf8(mask_card_numbers(text.as_bytes()).into_owned()).expect("as it was, with stars")
    }

    #[test]
    fn card_numbers_of_all_schemes_and_spellings_are_masked_to_their_last_four() {
        for (text, expected) in [
            ("4242424242424242", "************4242"),
            ("card=4242 4242 4242 4242!", "card=**** **** **** 4242!"),
            ("4242-4242-4242-4242", "****-****-****-4242"),
            ("3782 822463 10005", "**** ****** *0005"),
            (r#"{"number":"5555555555554444"}"#, r#"{"number":"************4444"}"#),
            ("x4000056655665556y", "x************5556y"),
            ("4222222222222", "*********2222"),
            ("6304000000000000000 is 19 long", "***************0000 is 19 long"),
            ("5555555555554444,4242424242424242", "************4444,************4242"),
            ("payé 4242424242424242 →", "payé ************4242 →"),
            ("amount 12 4242424242424242 5", "amount 12 ************4242 5"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn other_numbers_stay_as_they_are() {
        for text in [
            "2026-11-22T01:26:52.810123Z",
            "4242424242424241 fails Luhn",
            "424242424242 is 12 long",
            "42424242424242424242 is 20 long",
            "0000000000000000",
            "4242  4242  4242  4242",
            "1.000,00 EUR",
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn every_number_with_a_right_check_digit_is_masked_wherever_it_stands() {
        for seed in 0..2_000_usize {
            let body = format!("4{:014}", seed.wrapping_mul(7_919_777_777) % 100_000_000_000_000);
            let card = (0..10)
                .map(|check| format!("{body}{check}"))
                .find(|card| super::passes_luhn(card.as_bytes()));
            let card = card.expect("one of ten check digits is right");
            let text = masked(&format!("{}{card}{}", "a ".repeat(seed % 7), " z"));
            assert!(!text.contains(&card[..12]), "seed {seed}: {text}");
            assert!(text.contains(&card[12..]), "seed {seed}: {text}");
        }
    }

    #[test]
    fn the_writer_masks_and_says_it_took_everything() {
        let mut written = vec![];
        let count = MaskingWriter::new(&mut written).write(b"pan 4242424242424242\n").expect("memory");
        assert_eq!((count, written.as_slice()), (21, &b"pan ************4242\n"[..]));
    }
}
