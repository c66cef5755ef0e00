//! Whether several rules together match all that another matches.
//!
//! A rule is a box: in each dimension (amounts by currency, country, card brand, BIN, method type, merchant account) it takes
//! some values, or all. What a rule leaves open has values that nobody has named, and no value at all, so only rules that
//! leave it open too help there; so with metadata. What a rule names falls into pieces, of which each other rule takes all
//! or nothing; a piece is the set of rules that take it. The rules leave something out exactly when one piece of each
//! dimension can be chosen so that no rule takes them all. That is looked for within a bound, and what is not found out
//! within it is not told: what is told is always so.

use std::collections::BTreeSet;

use super::{RoutingRules, RuleMatch};

/// How much looking may cost, in comparisons of a value with a rule: some ten milliseconds.
pub(super) struct Effort(usize);

impl Effort {
    pub(super) const fn of_one_look() -> Self {
        Self(1_000_000)
    }

    fn spend(&mut self, cost: usize) -> Option<()> {
        self.0 = self.0.checked_sub(cost)?;
        Some(())
    }
}

/// The last of six digits.
const BIN_LAST: u32 = 999_999;
const WORDS: usize = 4;
const _: () = assert!(RoutingRules::RULES_MAX <= 64 * WORDS, "a set of rules has a bit for each");

/// Some of the rules that are asked about, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rules([u64; WORDS]);

impl Rules {
    fn which(others: &[&RuleMatch], takes: impl Fn(&RuleMatch) -> bool) -> Self {
        let mut bits = [0; WORDS];
        for (place, _) in others.iter().enumerate().filter(|(_, other)| takes(other)) {
            bits[place / 64] |= 1 << (place % 64);
        }
        Self(bits)
    }

    fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] & other.0[word]))
    }

    fn without(mut self, place: usize) -> Self {
        self.0[place / 64] &= !(1 << (place % 64));
        self
    }

    fn has(self, place: usize) -> bool {
        self.0[place / 64] & (1 << (place % 64)) != 0
    }

    fn is_none(self) -> bool {
        self.0 == [0; WORDS]
    }
}

/// A dimension that the rule names values of.
struct Dimension {
    /// Who takes each piece. One that more take than another is left out: what is taken of that one, they take of it.
    pieces: Vec<Rules>,
    /// Who takes all of this dimension and of those behind it.
    always: Rules,
}

/// What is to be taken, by whom.
struct Question {
    /// The places of those that help; a set of rules is of these, in this order.
    helpful: Vec<usize>,
    all: Rules,
    dimensions: Vec<Dimension>,
}

/// Whether these rules together match all that `of` matches, which must be able to match something; none when that was not
/// found out.
pub(super) fn is_covered(of: &RuleMatch, others: &[&RuleMatch], effort: &mut Effort) -> Option<bool> {
    let question = Question::new(of, others, effort)?;
    question.is_covered_by(question.all, effort)
}

/// The places of rules that together match all that `of` matches, which must be able to match something, without those
/// that the others can do without; none when they do not, or that was not found out.
pub(super) fn together(of: &RuleMatch, others: &[&RuleMatch], effort: &mut Effort) -> Option<Vec<usize>> {
    let question = Question::new(of, others, effort)?;
    let mut needed = question.all;
    if !question.is_covered_by(needed, effort)? {
        return None;
    }
    for bit in (0..question.helpful.len()).rev() {
        let fewer = needed.without(bit);
        if question.is_covered_by(fewer, effort) == Some(true) {
            needed = fewer;
        }
    }
    let places = question.helpful.iter().enumerate();
    Some(places.filter(|(bit, _)| needed.has(*bit)).map(|(_, place)| *place).collect())
}

/// Whether a rule takes anything of what `of` names, and all that `of` leaves open.
pub(super) fn helps(other: &RuleMatch, of: &RuleMatch) -> bool {
    let meets =
        |other: &BTreeSet<String>, own: &BTreeSet<String>| other.is_empty() || !other.is_disjoint(own);
    let names_currency = !of.currency.is_empty() || of.amount.is_some();
    meets(&other.country, &of.country)
        && meets(&other.card_brand, &of.card_brand)
        && meets(&other.method_type, &of.method_type)
        && meets(&other.merchant_account_id, &of.merchant_account_id)
        && (other.bin_range.is_empty() || !of.bin_range.is_empty())
        && (names_currency || (other.currency.is_empty() && other.amount.is_none()))
        && other.metadata.iter().all(|(key, value)| of.metadata.get(key) == Some(value))
}

impl Question {
    fn new(of: &RuleMatch, others: &[&RuleMatch], effort: &mut Effort) -> Option<Self> {
        effort.spend(others.len())?;
        let helpful: Vec<usize> = (0..others.len()).filter(|place| helps(others[*place], of)).collect();
        let others: Vec<&RuleMatch> = helpful.iter().map(|place| others[*place]).collect();
        let all = Rules::which(&others, |_| true);
        let texts: [fn(&RuleMatch) -> &BTreeSet<String>; 4] = [
            |rule| &rule.country,
            |rule| &rule.card_brand,
            |rule| &rule.method_type,
            |rule| &rule.merchant_account_id,
        ];
        let mut named = vec![amounts(of, &others, effort)?, bins(of, &others, effort)?];
        for set in texts {
            effort.spend(set(of).len() * others.len())?;
            let takes = |value: &String| {
                Rules::which(&others, |other| set(other).is_empty() || set(other).contains(value))
            };
            named.push(set(of).iter().map(takes).collect());
        }
        let mut dimensions = Vec::new();
        for pieces in named.iter().filter(|pieces| !pieces.is_empty()) {
            dimensions.push(least(pieces, effort)?);
        }
        // The fewest choices first, and of those that follow who takes them all.
        dimensions.sort_by_key(Vec::len);
        let mut always = all;
        let with_always = |pieces: Vec<Rules>| {
            always = pieces.iter().fold(always, |all, piece| all.and(*piece));
            Dimension { pieces, always }
        };
        let mut dimensions: Vec<Dimension> = dimensions.into_iter().rev().map(with_always).collect();
        dimensions.reverse();
        Some(Self { helpful, all, dimensions })
    }

    fn is_covered_by(&self, rules: Rules, effort: &mut Effort) -> Option<bool> {
        leaves_out(&self.dimensions, rules, effort).map(|left| !left)
    }
}

/// Whether a piece of each dimension can be chosen so that none of these rules takes them all.
fn leaves_out(dimensions: &[Dimension], rules: Rules, effort: &mut Effort) -> Option<bool> {
    if rules.is_none() {
        return Some(true);
    }
    let Some((first, behind)) = dimensions.split_first() else { return Some(false) };
    if !rules.and(first.always).is_none() {
        return Some(false);
    }
    for piece in &first.pieces {
        effort.spend(1)?;
        if leaves_out(behind, rules.and(*piece), effort)? {
            return Some(true);
        }
    }
    Some(false)
}

/// Those of the pieces that are taken by the fewest: no piece of them is taken by all who take another, and more.
fn least(pieces: &[Rules], effort: &mut Effort) -> Option<Vec<Rules>> {
    let mut least: Vec<Rules> = Vec::new();
    for piece in pieces {
        effort.spend(least.len() + 1)?;
        if least.iter().any(|kept| kept.and(*piece) == *kept) {
            continue;
        }
        least.retain(|kept| kept.and(*piece) != *piece);
        least.push(*piece);
    }
    Some(least)
}

/// Who takes each piece of the amounts that `of` names, a currency alone being all of its amounts; none when it names
/// neither. No payment has an amount below nothing.
fn amounts(of: &RuleMatch, others: &[&RuleMatch], effort: &mut Effort) -> Option<Vec<Rules>> {
    let currencies = of.amount.map_or_else(|| of.currency.clone(), |range| [range.currency].into());
    let (min, max) = of.amount.map_or((0, i64::MAX), |range| (range.min, range.max));
    let mut pieces = Vec::new();
    for currency in currencies {
        let ranges =
            others.iter().filter_map(|other| other.amount).filter(|range| range.currency == currency);
        let edges = ranges.flat_map(|range| [Some(range.min), range.max.checked_add(1)]).flatten();
        let mut starts: BTreeSet<i64> = edges.filter(|edge| (min..=max).contains(edge)).collect();
        starts.insert(min);
        effort.spend(starts.len() * others.len())?;
        // What begins at one edge and ends before the next is taken as its beginning is.
        pieces.extend(starts.into_iter().map(|start| {
            Rules::which(others, |other| {
                let in_range = other.amount.is_none_or(|range| {
                    range.currency == currency && (range.min..=range.max).contains(&start)
                });
                in_range && (other.currency.is_empty() || other.currency.contains(&currency))
            })
        }));
    }
    Some(pieces)
}

/// Who takes each piece of the BINs that `of` names; none when it names none.
fn bins(of: &RuleMatch, others: &[&RuleMatch], effort: &mut Effort) -> Option<Vec<Rules>> {
    if of.bin_range.is_empty() {
        return Some(Vec::new());
    }
    let ranges: usize = others.iter().map(|other| other.bin_range.len()).sum();
    effort.spend(2 * ranges * of.bin_range.len())?;
    let mut starts: BTreeSet<String> = of.bin_range.iter().map(|range| range.from.clone()).collect();
    for range in others.iter().flat_map(|other| &other.bin_range) {
        let last = range.to.parse::<u32>().ok().filter(|last| *last < BIN_LAST);
        let behind = last.map(|last| format!("{:06}", last + 1));
        let edges = [Some(range.from.clone()), behind].into_iter().flatten();
        starts.extend(edges.filter(|edge| of.bin_range.iter().any(|own| own.holds(edge))));
    }
    effort.spend(starts.len() * (ranges + others.len()))?;
    let takes = |start: &String| {
        Rules::which(others, |other| {
            other.bin_range.is_empty() || other.bin_range.iter().any(|range| range.holds(start))
        })
    };
    Some(starts.iter().map(takes).collect())
}
