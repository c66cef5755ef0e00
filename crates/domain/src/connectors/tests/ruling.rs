use std::collections::{BTreeMap, BTreeSet};

use crate::connectors::{
    AmountRange, BinRange, ConnectorRefusal, RoutingFacts, RoutingRule, RuleMatch, RuleProblemKind,
    operator_connector_id,
};
use crate::kernel::{ConnectorId, Currency, Money};

use super::fixtures::{at, con, facts, known, of_currency, rr, rule, rules};

fn set(values: &[&str]) -> BTreeSet<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn amount(min: i64, max: i64) -> Option<AmountRange> {
    Some(AmountRange { currency: Currency::EUR, min, max })
}

fn bins(from: &str, to: &str) -> Vec<BinRange> {
    vec![BinRange { from: from.to_owned(), to: to.to_owned() }]
}

#[test]
fn each_condition_keeps_out_what_it_does_not_name() {
    let ours = BTreeMap::from([("shop".to_owned(), "paris".to_owned())]);
    let known = RoutingFacts { metadata: &ours, ..facts() };
    let all = RuleMatch {
        currency: BTreeSet::from([Currency::EUR]),
        country: set(&["FR"]),
        card_brand: set(&["VISA"]),
        bin_range: bins("420000", "429999"),
        amount: amount(5_000, 5_000),
        method_type: set(&["card"]),
        merchant_account_id: set(&["ma_1"]),
        metadata: ours.clone(),
    };
    assert_eq!(all.mismatch(&known), None);
    for (condition, other) in [
        ("currency", RoutingFacts { amount: Money::new(5_000, Currency::USD), ..known }),
        ("country", RoutingFacts { country: None, ..known }),
        ("card_brand", RoutingFacts { card_brand: Some("AMEX"), ..known }),
        ("bin_range", RoutingFacts { bin: Some("430000"), ..known }),
        ("bin_range", RoutingFacts { bin: None, ..known }),
        ("amount", RoutingFacts { amount: Money::new(5_001, Currency::EUR), ..known }),
        ("method_type", RoutingFacts { method_type: "paypal", ..known }),
        ("merchant_account_id", RoutingFacts { merchant_account_id: "ma_2", ..known }),
        ("metadata", RoutingFacts { metadata: facts().metadata, ..known }),
    ] {
        assert_eq!(all.mismatch(&other), Some(condition));
    }
}

#[test]
fn a_rule_behind_a_wider_one_is_told_and_one_behind_a_narrower_is_not() {
    let narrow = || RuleMatch {
        amount: amount(100, 200),
        bin_range: bins("424242", "424242"),
        ..of_currency(Currency::EUR)
    };
    let wide =
        || RuleMatch { amount: amount(0, 500), bin_range: bins("400000", "499999"), ..RuleMatch::default() };
    let problems = |first, second| {
        let set = rules(vec![rule(1, 2, first, &[(1, 1)]), rule(2, 1, second, &[(2, 1)])]);
        set.problems(rr(2), &known())
    };
    let told = problems(wide(), narrow());
    assert_eq!(
        told.iter().map(|one| (one.kind, &one.others[..])).collect::<Vec<_>>(),
        [(RuleProblemKind::Shadowed, &[rr(1)][..])]
    );
    assert_eq!(problems(narrow(), wide()), []);
    // A range of amounts says its currency.
    let by_amount = RuleMatch { amount: amount(0, 1), ..RuleMatch::default() };
    assert_eq!(problems(of_currency(Currency::EUR), by_amount).len(), 1);
}

#[test]
fn a_rule_that_takes_all_from_others_is_told_of_each_of_them() {
    let euros = || of_currency(Currency::EUR);
    let of = |number, priority, matches| rule(number, priority, matches, &[(1, 1)]);
    let off = RoutingRule { enabled: false, ..of(4, 2, euros()) };
    let others = [of(1, 3, euros()), of(2, 2, RuleMatch::default()), off, of(5, 1, euros())];
    let with = |added: RoutingRule| {
        let set = rules(others.iter().cloned().chain([added]).collect());
        let told = set.problems(rr(9), &known());
        told.into_iter().map(|one| (one.kind, one.others)).collect::<Vec<_>>()
    };
    // Neither the wider one, nor the one that is off.
    assert_eq!(with(of(9, 9, euros())), [1, 5].map(|number| (RuleProblemKind::Shadows, vec![rr(number)])));
    assert_eq!(with(RoutingRule { enabled: false, ..of(9, 9, euros()) }), []);
    assert_eq!(with(of(9, 0, of_currency(Currency::USD))), [(RuleProblemKind::Shadowed, vec![rr(2)])]);
}

#[test]
fn a_rule_that_can_never_match_or_leads_nowhere_is_told() {
    let never = RuleMatch { amount: amount(1, 2), ..of_currency(Currency::USD) };
    let of_no_card =
        RuleMatch { card_brand: set(&["VISA"]), method_type: set(&["paypal"]), ..RuleMatch::default() };
    let of_wallets = |bin_range| RuleMatch {
        card_brand: set(&["VISA"]),
        bin_range,
        method_type: set(&["apple_pay", "paypal"]),
        ..RuleMatch::default()
    };
    let problems = |matches| {
        let set = rules(vec![rule(1, 1, matches, &[(1, 1)])]);
        set.problems(rr(1), &known()).into_iter().map(|one| one.kind).collect::<Vec<_>>()
    };
    for matches in [never, of_no_card, of_wallets(bins("400000", "499999"))] {
        assert_eq!(problems(matches), [RuleProblemKind::NeverMatches]);
    }
    let wallet = RoutingFacts { method_type: "apple_pay", bin: None, ..facts() };
    assert_eq!(of_wallets(Vec::new()).mismatch(&wallet), None, "a card in a wallet has a scheme");
    assert_eq!(problems(of_wallets(Vec::new())), []);
    let nowhere = rules(vec![rule(1, 1, RuleMatch::default(), &[(1, 1)])]);
    let usable: BTreeSet<ConnectorId> = BTreeSet::from([con(2)]);
    assert_eq!(nowhere.problems(rr(1), &usable)[0].kind, RuleProblemKind::NoUsableConnector);
}

#[test]
fn what_cannot_be_a_rule_is_refused_and_where_is_said() {
    let none = rules(Vec::new());
    let refusal = |rule| none.with(rule, &known(), at(1)).expect_err("a bad rule");
    let place = |refusal| match refusal {
        ConnectorRefusal::BadRule { at, .. } => at,
        other => other.to_string(),
    };
    assert_eq!(place(refusal(rule(1, 0, RuleMatch::default(), &[]))), "/connector_id");
    assert_eq!(place(refusal(rule(1, 0, RuleMatch::default(), &[(1, 0)]))), "/split");
    let reversed = RuleMatch { bin_range: bins("500000", "400000"), ..RuleMatch::default() };
    assert_eq!(place(refusal(rule(1, 0, reversed, &[(1, 1)]))), "/match/bin_range");
    let card =
        RuleMatch { metadata: [("4556 7375 8689 9855".into(), "x".into())].into(), ..RuleMatch::default() };
    let at = ConnectorRefusal::CardNumber { at: "/match/metadata".to_owned() };
    assert_eq!(refusal(rule(1, 0, card, &[(1, 1)])), at);
    let nobody = refusal(rule(1, 0, RuleMatch::default(), &[(77, 1)]));
    assert_eq!(nobody, ConnectorRefusal::NoSuchConnector(con(77)));
}

#[test]
fn an_operators_connector_has_the_same_id_everywhere() {
    assert_eq!(operator_connector_id("stripe"), operator_connector_id("stripe"));
    assert_ne!(operator_connector_id("stripe"), operator_connector_id("adyen"));
    assert_eq!(operator_connector_id("stripe").uuid().get_version_num(), 8);
}
