//! Which payments a rule is about.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kernel::Currency;
use crate::vault::MethodType;

use super::connector::no_card_number;
use super::{ConnectorRefusal, RoutingFacts};

/// Cards by the first six digits of their numbers, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinRange {
    /// Six digits.
    pub from: String,
    /// Six digits, not below `from`.
    pub to: String,
}

impl BinRange {
    pub(super) fn holds(&self, bin: &str) -> bool {
        (self.from.as_str()..=self.to.as_str()).contains(&bin)
    }

    fn holds_all(&self, other: &Self) -> bool {
        self.holds(&other.from) && self.holds(&other.to)
    }
}

/// Amounts of one currency, both ends included, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmountRange {
    /// Of this currency.
    pub currency: Currency,
    /// From this amount on.
    pub min: i64,
    /// Up to this amount.
    pub max: i64,
}

/// Which payments a rule is about: those that every condition holds for. An empty condition holds for all; one about
/// what is not known of a payment does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleMatch {
    /// One of these currencies.
    pub currency: BTreeSet<Currency>,
    /// One of these countries (ISO 3166-1 alpha-2): of the card's issuer or the account's bank, else of the billing, else of
    /// the shipping address.
    pub country: BTreeSet<String>,
    /// One of these card schemes, in capitals (`VISA`).
    pub card_brand: BTreeSet<String>,
    /// A card of one of these ranges.
    pub bin_range: Vec<BinRange>,
    /// An amount of this range.
    pub amount: Option<AmountRange>,
    /// One of these types (`card`).
    pub method_type: BTreeSet<String>,
    /// For one of these merchant accounts.
    pub merchant_account_id: BTreeSet<String>,
    /// With all of these entries.
    pub metadata: BTreeMap<String, String>,
}

/// Those of a set in another; an empty one is everything.
fn within<T: Ord>(inner: &BTreeSet<T>, outer: &BTreeSet<T>) -> bool {
    outer.is_empty() || (!inner.is_empty() && inner.is_subset(outer))
}

impl RuleMatch {
    /// The most entries of a list.
    pub const LIST_MAX: usize = 200;
    /// The longest entry, in characters.
    pub const ENTRY_CHARS: usize = 500;

    /// The condition that does not hold for a payment; none when it is one of those.
    #[must_use]
    pub fn mismatch(&self, facts: &RoutingFacts<'_>) -> Option<&'static str> {
        let is_in = |set: &BTreeSet<String>, value: Option<&str>| {
            set.is_empty() || value.is_some_and(|value| set.contains(value))
        };
        let in_bins =
            |bin: &str| self.bin_range.is_empty() || self.bin_range.iter().any(|range| range.holds(bin));
        let (minor, currency) = (facts.amount.minor(), facts.amount.currency());
        let in_amount =
            |range: AmountRange| range.currency == currency && (range.min..=range.max).contains(&minor);
        let has = |(key, value): (&String, &String)| facts.metadata.get(key) == Some(value);
        let checks = [
            ("currency", self.currency.is_empty() || self.currency.contains(&currency)),
            ("country", is_in(&self.country, facts.country)),
            ("card_brand", is_in(&self.card_brand, facts.card_brand)),
            ("bin_range", self.bin_range.is_empty() || facts.bin.is_some_and(in_bins)),
            ("amount", self.amount.is_none_or(in_amount)),
            ("method_type", is_in(&self.method_type, Some(facts.method_type))),
            ("merchant_account_id", is_in(&self.merchant_account_id, Some(facts.merchant_account_id))),
            ("metadata", self.metadata.iter().all(has)),
        ];
        checks.into_iter().find(|(_, holds)| !holds).map(|(condition, _)| condition)
    }

    /// Whether every payment of the other is one of this.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let bins = self.bin_range.is_empty()
            || (!other.bin_range.is_empty()
                && other.bin_range.iter().all(|inner| self.bin_range.iter().any(|own| own.holds_all(inner))));
        let amounts = match (self.amount, other.amount) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(inner)) => {
                own.currency == inner.currency && own.min <= inner.min && own.max >= inner.max
            }
        };
        // A range of amounts says its currency too.
        let implied: BTreeSet<Currency> = match other.amount {
            Some(amount) if other.currency.is_empty() => BTreeSet::from([amount.currency]),
            _ => other.currency.clone(),
        };
        within(&implied, &self.currency)
            && within(&other.country, &self.country)
            && within(&other.card_brand, &self.card_brand)
            && bins
            && amounts
            && within(&other.method_type, &self.method_type)
            && within(&other.merchant_account_id, &self.merchant_account_id)
            && self.metadata.iter().all(|(key, value)| other.metadata.get(key) == Some(value))
    }

    /// Why no payment can be one of those; none when some can.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        if let Some(amount) = self.amount
            && !self.currency.is_empty()
            && !self.currency.contains(&amount.currency)
        {
            let code = amount.currency.code();
            return Some(format!("`amount` is of {code}, which `currency` leaves out"));
        }
        let leaves_out = |types: &[MethodType]| {
            let named = &self.method_type;
            !named.is_empty() && !types.iter().any(|one| named.contains(one.as_str()))
        };
        if !self.card_brand.is_empty()
            && leaves_out(&[MethodType::Card, MethodType::ApplePay, MethodType::GooglePay])
        {
            let text = "`card_brand` holds for cards, also in wallets, which `method_type` leaves out";
            return Some(text.to_owned());
        }
        // Of a card in a wallet nobody tells the number.
        if !self.bin_range.is_empty() && leaves_out(&[MethodType::Card]) {
            return Some("`bin_range` holds for cards, which `method_type` leaves out".to_owned());
        }
        None
    }

    /// Whether it can be a rule's.
    ///
    /// # Errors
    /// What is out of its range, and where.
    pub fn check(&self) -> Result<(), ConnectorRefusal> {
        let bad = |at: &str, problem: String| {
            Err(ConnectorRefusal::BadRule { at: format!("/match/{at}"), problem })
        };
        let texts = [
            ("country", &self.country),
            ("card_brand", &self.card_brand),
            ("method_type", &self.method_type),
            ("merchant_account_id", &self.merchant_account_id),
        ];
        let fits = |text: &String| (1..=Self::ENTRY_CHARS).contains(&text.chars().count());
        for (at, set) in texts {
            if set.len() > Self::LIST_MAX || !set.iter().all(fits) {
                return bad(at, "has at most 200 entries of 1 to 500 characters".to_owned());
            }
        }
        let is_country = |text: &String| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
        if !self.country.iter().all(is_country) {
            return bad("country", "a country has two capital letters (ISO 3166-1)".to_owned());
        }
        let is_bin = |text: &str| text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
        let is_range = |range: &BinRange| is_bin(&range.from) && is_bin(&range.to) && range.from <= range.to;
        if self.bin_range.len() > Self::LIST_MAX || !self.bin_range.iter().all(is_range) {
            let problem = "has at most 200 ranges of six digits each, `from` not above `to`";
            return bad("bin_range", problem.to_owned());
        }
        if self.amount.is_some_and(|amount| amount.min < 0 || amount.min > amount.max) {
            return bad("amount", "`min` is 0 or more and not above `max`".to_owned());
        }
        if self.metadata.len() > 50 || !self.metadata.iter().all(|(key, value)| fits(key) && fits(value)) {
            return bad("metadata", "has at most 50 entries of 1 to 500 characters".to_owned());
        }
        let sets = texts.into_iter().flat_map(|(at, set)| set.iter().map(move |text| (at, text)));
        let metadata = self.metadata.iter().flat_map(|(key, value)| [("metadata", key), ("metadata", value)]);
        no_card_number(sets.chain(metadata).map(|(at, text)| (format!("/match/{at}"), text.as_str())))
    }
}
