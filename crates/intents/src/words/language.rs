//! Which language, and how it writes amounts.

use tender_domain::kernel::{Money, Timestamp};

use super::{Words, de, en, es, fr, it, nl};

/// What is shown to whom no other language is known of.
const ENGLISH: &Words = &en::WORDS;
const ALL: [&Words; 6] = [ENGLISH, &de::WORDS, &fr::WORDS, &es::WORDS, &it::WORDS, &nl::WORDS];
/// How much of `Accept-Language` is looked at: browsers send a handful.
const WISHES_MAX: usize = 20;

/// The language of a link, else the one that a browser (`Accept-Language`) wants most of those there are, else English.
pub(crate) fn words_for(locale: Option<&str>, accepted: Option<&str>) -> &'static Words {
    locale
        .and_then(found)
        .or_else(|| wishes(accepted.unwrap_or_default()).into_iter().find_map(found))
        .unwrap_or(ENGLISH)
}

/// The texts of a tag's language, in whatever region (`de-CH`, `pt_BR`).
fn found(tag: &str) -> Option<&'static Words> {
    let language = tag.split(['-', '_']).next().unwrap_or_default().trim();
    ALL.into_iter().find(|words| words.tag.eq_ignore_ascii_case(language))
}

/// The tags that are wanted, the dearest first; what weighs nothing is not wanted.
fn wishes(accepted: &str) -> Vec<&str> {
    let mut wishes: Vec<(&str, u16)> = accepted.split(',').take(WISHES_MAX).map(wish).collect();
    wishes.retain(|(_, weight)| *weight > 0);
    // Stable: of equals the first one.
    wishes.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    wishes.into_iter().map(|(tag, _)| tag).collect()
}

/// A tag with its weight in thousandths (`de;q=0.8`); what is not understood weighs nothing.
fn wish(text: &str) -> (&str, u16) {
    let (tag, parameter) = text.split_once(';').unwrap_or((text, "q=1"));
    let weight = parameter.trim().strip_prefix("q=").map_or(0, |weight| {
        let (whole, part) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
        let digits: String = part.chars().chain("000".chars()).take(3).collect();
        match (whole, digits.parse::<u16>()) {
            ("1", _) => 1_000,
            ("0", Ok(thousandths)) => thousandths,
            _ => 0,
        }
    });
    (tag.trim(), weight)
}

/// A text with what is in braces filled in. A text that is filled in is not looked at again.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(wanted, _)| *wanted == name) {
            filled.push_str(value);
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

impl Words {
    /// The number of an amount, without its currency (`1.234,50`).
    pub(crate) fn number(&self, amount: Money) -> String {
        let plain = amount.to_decimal().to_string();
        let (sign, plain) = plain.strip_prefix('-').map_or(("", &*plain), |positive| ("-", positive));
        let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
        let mut number = sign.to_owned();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                number.push_str(self.group);
            }
            number.push(digit);
        }
        if !part.is_empty() {
            number.push_str(self.decimal);
            number.push_str(part);
        }
        number
    }

    /// An amount with its currency (`1.234,50 EUR`).
    pub(crate) fn amount(&self, amount: Money) -> String {
        format!("{} {}", self.number(amount), amount.currency().code())
    }

    /// An instant.
    pub(crate) fn instant(&self, at: Timestamp) -> String {
        at.format(self.moment).to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tender_domain::kernel::Currency;

    use super::*;

    fn tag(locale: Option<&str>, accepted: Option<&str>) -> &'static str {
        words_for(locale, accepted).tag
    }

    #[test]
    fn the_links_language_counts_then_the_browsers_then_english() {
        assert_eq!(tag(Some("de-CH"), Some("fr")), "de");
        assert_eq!(tag(Some("IT_it"), None), "it");
        assert_eq!(tag(Some("pt-BR"), Some("nl")), "nl", "there is no Portuguese");
        assert_eq!(tag(None, Some("da, en;q=0.7, es;q=0.9")), "es");
        assert_eq!(tag(None, Some("fr;q=0, de;q=0.001")), "de", "what weighs nothing is not wanted");
        assert_eq!(tag(None, Some("fr;q=1.0,de")), "fr", "of equals the first");
        for nonsense in ["", "*", ";q=1", "de;q=x", "de;level=1", ",,,", "xx;q=9"] {
            assert_eq!(tag(None, Some(nonsense)), "en", "{nonsense}");
        }
    }

    #[test]
    fn every_language_has_every_text_and_fills_in_the_same() {
        let holes = |text: &str| -> BTreeSet<String> {
            let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
            parts.map(|(name, _)| name.to_owned()).collect()
        };
        for words in ALL {
            for ((name, text), (_, english)) in words.all().into_iter().zip(ENGLISH.all()) {
                let is_space = name == "group" && !text.is_empty();
                assert!(is_space || !text.trim().is_empty(), "{}: {name}", words.tag);
                assert_eq!(holes(text), holes(english), "{}: {name}", words.tag);
                let is_text = !matches!(name, "decimal" | "group" | "moment" | "by_code");
                let same = words.tag != "en" && text.len() > 12 && text == english;
                assert!(!(is_text && same), "{}: {name} is not translated", words.tag);
            }
        }
    }

    #[test]
    fn amounts_are_written_as_the_language_writes_them_in_every_currency() {
        let all = |minor, currency| ALL.map(|words| words.number(Money::new(minor, currency)));
        assert_eq!(
            all(123_456_789, Currency::EUR),
            [
                "1,234,567.89",
                "1.234.567,89",
                "1\u{202f}234\u{202f}567,89",
                "1.234.567,89",
                "1.234.567,89",
                "1.234.567,89"
            ]
        );
        let yen: Currency = "JPY".parse().expect("a currency");
        let dinar: Currency = "BHD".parse().expect("a currency");
        assert_eq!(all(1_000, yen)[1], "1.000");
        assert_eq!(all(1_000, dinar)[0], "1.000");
        assert_eq!(all(999, Currency::EUR)[1], "9,99");
        assert_eq!(ENGLISH.amount(Money::new(i64::MIN, Currency::EUR)), "-92,233,720,368,547,758.08 EUR");
    }

    #[test]
    fn what_is_filled_in_is_never_taken_for_a_hole() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "1")]), "{b} and 1");
        assert_eq!(fill("{unknown}x{", &[]), "x");
    }
}
