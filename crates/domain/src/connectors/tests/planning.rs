use crate::connectors::{
    BreakerState, Candidate, Origin, RoutingFacts, RuleMatch, RuleVerdict, Standing, plan,
};
use crate::kernel::Currency;

use super::fixtures::{candidate, con, facts, intent, of_currency, rr, rule, rules};

fn three<'a>() -> Vec<Candidate<'a>> {
    vec![candidate(1, "a"), candidate(2, "b"), candidate(3, "c")]
}

#[test]
fn the_first_rule_that_matches_and_can_decides() {
    let set = rules(vec![
        rule(1, 100, of_currency(Currency::USD), &[(1, 1)]),
        rule(2, 90, of_currency(Currency::EUR), &[(9, 1)]),
        rule(3, 80, of_currency(Currency::EUR), &[(2, 1)]),
        rule(4, 70, RuleMatch::default(), &[(3, 1)]),
    ]);
    let made = plan(&set, &facts(), &three());
    assert_eq!((made.rule, &made.chain[..]), (Some(rr(3)), &["b".to_owned()][..]));
    let verdicts =
        [RuleVerdict::Mismatch("currency"), RuleVerdict::NoneUsable, RuleVerdict::Decided].map(Some).to_vec();
    let seen: Vec<_> = made.rules.iter().map(|(_, verdict)| Some(*verdict)).collect();
    assert_eq!(seen, verdicts);
}

#[test]
fn without_a_rule_own_connectors_come_by_priority_and_the_operators_only_where_there_is_none() {
    let mut all = three();
    all[1].priority = 10;
    all.push(Candidate { origin: Origin::Operator, ..candidate(4, "stripe") });
    let none = rules(Vec::new());
    assert_eq!(plan(&none, &facts(), &all).chain, ["b", "a", "c"]);
    all.iter_mut().take(3).for_each(|own| own.holds_token = false);
    all.push(Candidate { origin: Origin::Operator, ..candidate(5, "adyen") });
    assert_eq!(plan(&none, &facts(), &all).chain, ["stripe"], "no fall-back among the operator's");
}

#[test]
fn only_connectors_with_a_token_are_considered_and_open_breakers_come_last() {
    let mut wide = rule(1, 1, RuleMatch::default(), &[(1, 1)]);
    wide.fallback = vec![con(2), con(3), con(9)];
    let mut all = three();
    all[0].breaker = BreakerState::Open;
    all[1].holds_token = false;
    let made = plan(&rules(vec![wide]), &facts(), &all);
    assert_eq!(made.chain, ["c", "a"]);
    let standings: Vec<_> = made.considered.iter().map(|one| one.standing).collect();
    assert_eq!(standings, [Standing::BreakerOpen, Standing::NoToken, Standing::Chosen, Standing::NotThere]);
}

#[test]
fn a_split_is_the_same_for_an_intent_for_ever_and_near_its_weights_over_many() {
    let set = rules(vec![rule(1, 1, RuleMatch::default(), &[(1, 70), (2, 30)])]);
    let first = |number: u128| {
        let facts = RoutingFacts { intent: intent(number), ..facts() };
        plan(&set, &facts, &three()).chain[0].clone()
    };
    let spread = |number: u128| number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let at_first = (1..=10_000).filter(|number| first(spread(*number)) == "a").count();
    assert!((6_800..=7_200).contains(&at_first), "{at_first} of 10000 went to the share of 70 %");
    for number in 1..=100 {
        assert_eq!(first(spread(number)), first(spread(number)));
    }
}
