//! Rules that together match all that another matches, against each payment of a small world.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_set, vec};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use crate::connectors::{
    AmountRange, BinRange, RoutingFacts, RoutingRules, RuleMatch, RuleProblem, RuleProblemKind,
};
use crate::kernel::{Currency, Money};

use super::fixtures::{facts, known, of_currency, rr, rule, rules};

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn euros(min: i64, max: i64) -> RuleMatch {
    let amount = Some(AmountRange { currency: Currency::EUR, min, max });
    RuleMatch { amount, ..RuleMatch::default() }
}

fn bins(ranges: &[(&str, &str)]) -> Vec<BinRange> {
    ranges.iter().map(|(from, to)| BinRange { from: (*from).to_owned(), to: (*to).to_owned() }).collect()
}

/// What is told of the last of these rules, which are looked at in their order.
fn told_of_last(all: &[RuleMatch]) -> Vec<RuleProblem> {
    let of = |(place, matches): (usize, &RuleMatch)| {
        let number = u128::try_from(place).expect("few") + 1;
        rule(number, -i32::try_from(place).expect("few"), matches.clone(), &[(1, 1)])
    };
    let last = u128::try_from(all.len()).expect("few");
    let set = RoutingRules { rules: all.iter().enumerate().map(of).collect(), ..rules(Vec::new()) };
    set.problems(rr(last), &known())
}

fn shadowed_by(all: &[RuleMatch]) -> Vec<u128> {
    let told = told_of_last(all).into_iter().find(|one| one.kind == RuleProblemKind::Shadowed);
    told.map_or_else(Vec::new, |one| one.others.into_iter().map(|id| id.uuid().as_u128()).collect())
}

#[test]
fn rules_that_take_all_from_one_behind_them_together_are_told() {
    let by_amount = [euros(0, 999), euros(1_000, i64::MAX), of_currency(Currency::EUR)];
    assert_eq!(shadowed_by(&by_amount), [1, 2]);
    let countries = |countries: &[&str]| RuleMatch { country: set(countries), ..RuleMatch::default() };
    let by_country =
        [countries(&["FR", "IT"]), countries(&["ES"]), countries(&["DE"]), countries(&["FR", "DE"])];
    assert_eq!(shadowed_by(&by_country), [1, 3], "not the one that takes nothing of it");
    let cards = |ranges| RuleMatch { bin_range: bins(ranges), ..RuleMatch::default() };
    let by_bin = [
        cards(&[("400000", "449999")]),
        cards(&[("450000", "469999"), ("480000", "999999")]),
        cards(&[("470000", "479999")]),
        cards(&[("420000", "999999")]),
    ];
    assert_eq!(shadowed_by(&by_bin), [1, 2, 3]);
    // Of two dimensions at once.
    let both = |country: &str, min, max| RuleMatch { country: set(&[country]), ..euros(min, max) };
    let by_both = [
        both("FR", 0, 10),
        euros(11, 50),
        both("DE", 0, 20),
        RuleMatch { country: set(&["FR", "DE"]), ..euros(0, 50) },
    ];
    assert_eq!(shadowed_by(&by_both), [1, 2, 3]);
}

#[test]
fn what_rules_leave_out_of_one_behind_them_is_found() {
    let countries = |countries: &[&str]| RuleMatch { country: set(countries), ..RuleMatch::default() };
    let with = |value: &str| RuleMatch {
        metadata: BTreeMap::from([("shop".to_owned(), value.to_owned())]),
        ..RuleMatch::default()
    };
    for all in [
        // An amount between them; the largest.
        vec![euros(0, 998), euros(1_000, i64::MAX), of_currency(Currency::EUR)],
        vec![euros(0, 998), euros(999, i64::MAX - 1), of_currency(Currency::EUR)],
        // Amounts of another currency; payments of no country, or of one that nobody names.
        vec![euros(0, 998), euros(999, i64::MAX), RuleMatch::default()],
        vec![countries(&["FR"]), countries(&["DE"]), RuleMatch::default()],
        vec![with("paris"), with("lyon"), RuleMatch::default()],
    ] {
        assert_eq!(shadowed_by(&all), [0_u128; 0], "{all:?}");
    }
}

#[test]
fn a_rule_that_takes_what_others_left_of_one_behind_it_is_told_of_that_one() {
    let of = |number, priority, matches| rule(number, priority, matches, &[(1, 1)]);
    let others =
        [of(1, 9, euros(0, 999)), of(2, 1, of_currency(Currency::EUR)), of(3, 0, euros(5_000, 6_000))];
    let with = |added| {
        let all = others.iter().cloned().chain([added]).collect();
        let told = rules(all).problems(rr(9), &known());
        told.into_iter().map(|one| (one.kind, one.others)).collect::<Vec<_>>()
    };
    // And of the one that it matches alone.
    let shadows = |number| (RuleProblemKind::Shadows, vec![rr(number)]);
    assert_eq!(with(of(9, 5, euros(1_000, i64::MAX))), [shadows(2), shadows(3)]);
    assert_eq!(with(of(9, 5, euros(1_001, i64::MAX))), [shadows(3)]);
    // What was so before is no doing of it.
    let twice =
        vec![of(1, 9, euros(0, 9)), of(2, 8, euros(10, 20)), of(3, 1, euros(0, 20)), of(9, 5, euros(5, 15))];
    assert_eq!(rules(twice).problems(rr(9), &known()).len(), 1, "it is shadowed itself, and that is all");
}

#[test]
fn among_as_many_and_as_long_rules_as_there_may_be_the_look_ends_soon_and_tells_nothing_false() {
    let range = |n: usize| (format!("{:06}", 3 * n), format!("{:06}", 3 * n + 1));
    let long = |offset: usize| RuleMatch {
        bin_range: (0..200)
            .map(|n| range(n * 200 + offset))
            .map(|(from, to)| BinRange { from, to })
            .collect(),
        country: (0..200_u8)
            .map(|n| format!("{}{}", char::from(b'A' + n / 26), char::from(b'A' + n % 26)))
            .collect(),
        ..RuleMatch::default()
    };
    let all: Vec<RuleMatch> = (0..200).map(long).collect();
    let begun = std::time::Instant::now();
    assert_eq!(told_of_last(&all), []);
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
}

const CURRENCIES: [Currency; 3] = [Currency::EUR, Currency::USD, Currency::JPY];
/// In rules; payments have these, others, and none.
const COUNTRIES: [&str; 2] = ["FR", "DE"];
const BRANDS: [&str; 2] = ["VISA", "AMEX"];
const BINS: [&str; 4] = ["400000", "400001", "400002", "400003"];
const METHODS: [&str; 2] = ["card", "paypal"];

fn some(values: &'static [&'static str]) -> impl Strategy<Value = BTreeSet<String>> {
    let named = btree_set(select(values).prop_map(str::to_owned), 1..=values.len());
    weighted(0.4, named).prop_map(Option::unwrap_or_default)
}

fn amount() -> impl Strategy<Value = Option<AmountRange>> {
    let range = (0..2_usize, 0..4_i64, 0..4_i64, any::<bool>()).prop_map(|(currency, min, more, is_open)| {
        let max = if is_open { i64::MAX } else { min + more };
        AmountRange { currency: CURRENCIES[currency], min, max }
    });
    weighted(0.5, range)
}

fn bin_ranges() -> impl Strategy<Value = Vec<BinRange>> {
    let range = (0..BINS.len(), 0..BINS.len()).prop_map(|(one, other)| BinRange {
        from: BINS[one.min(other)].to_owned(),
        to: BINS[one.max(other)].to_owned(),
    });
    weighted(0.3, vec(range, 1..=2)).prop_map(Option::unwrap_or_default)
}

fn matches() -> impl Strategy<Value = RuleMatch> {
    let currency = btree_set(select(&CURRENCIES[..2]), 1..=2);
    let metadata = weighted(0.2, select(&["paris", "lyon"][..]));
    (
        weighted(0.4, currency),
        some(&COUNTRIES),
        some(&BRANDS),
        bin_ranges(),
        amount(),
        some(&METHODS),
        metadata,
    )
        .prop_map(|(currency, country, card_brand, bin_range, amount, method_type, shop)| RuleMatch {
            currency: currency.unwrap_or_default(),
            country,
            card_brand,
            bin_range,
            amount,
            method_type,
            merchant_account_id: BTreeSet::new(),
            metadata: shop.map(|shop| ("shop".to_owned(), shop.to_owned())).into_iter().collect(),
        })
}

/// Each payment of the small world that a rule matches.
fn payments(of: &RuleMatch, each: &mut dyn FnMut(&RoutingFacts<'_>)) {
    let shops = ["", "paris", "lyon"].map(|shop| {
        let entry = (!shop.is_empty()).then(|| ("shop".to_owned(), shop.to_owned()));
        entry.into_iter().collect::<BTreeMap<_, _>>()
    });
    let or_none = |values: &[&'static str], other: &'static str| -> Vec<Option<&'static str>> {
        values.iter().map(|value| Some(*value)).chain([Some(other), None]).collect()
    };
    for currency in CURRENCIES {
        for minor in (0..=7).chain([i64::MAX]) {
            for country in or_none(&COUNTRIES, "IT") {
                for card_brand in or_none(&BRANDS, "JCB") {
                    for bin in or_none(&BINS, "999999") {
                        for method_type in ["card", "paypal", "ideal"] {
                            for metadata in &shops {
                                let amount = Money::new(minor, currency);
                                let facts = RoutingFacts {
                                    amount,
                                    country,
                                    card_brand,
                                    bin,
                                    method_type,
                                    metadata,
                                    ..facts()
                                };
                                if of.mismatch(&facts).is_none() {
                                    each(&facts);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_rule_is_told_as_shadowed_exactly_when_each_payment_of_it_is_one_of_a_rule_before(
        before in vec(matches(), 1..6), last in matches(),
    ) {
        prop_assume!(last.contradiction().is_none());
        let mut is_left = false;
        payments(&last, &mut |payment| {
            is_left = is_left || before.iter().all(|rule| rule.mismatch(payment).is_some());
        });
        let mut all = before;
        all.push(last);
        let told = shadowed_by(&all);
        prop_assert_eq!(told.is_empty(), is_left, "{:?}", told);
    }

    #[test]
    fn pieces_of_one_rule_shadow_it_together_and_each_is_needed(
        last in matches(), cut in 1..5_i64, at in 0..BINS.len() - 1,
    ) {
        // Cut in two by amount, and the second by BIN, where the rule has all of them.
        let whole = RuleMatch {
            currency: BTreeSet::new(), bin_range: bins(&[(BINS[0], BINS[3])]), ..last
        };
        let of = |min, max, bin_range| RuleMatch {
            amount: Some(AmountRange { currency: Currency::USD, min, max }), bin_range, ..whole.clone()
        };
        let all = [
            of(0, cut - 1, whole.bin_range.clone()),
            of(cut, i64::MAX, bins(&[(BINS[0], BINS[at])])),
            of(cut, i64::MAX, bins(&[(BINS[at + 1], BINS[3])])),
            of(0, i64::MAX, whole.bin_range.clone()),
        ];
        prop_assume!(all[3].contradiction().is_none());
        prop_assert_eq!(shadowed_by(&all), [1, 2, 3]);
        for left_out in 0..3 {
            let fewer: Vec<RuleMatch> = (0..4).filter(|place| *place != left_out).map(|place| all[place].clone()).collect();
            prop_assert_eq!(shadowed_by(&fewer), Vec::<u128>::new());
        }
    }
}
