//! What each condition fires on, and what points come to.

use super::fixtures::{at, context, policy, rule, verdict};
use crate::fraud::{
    Condition, CountrySource, Effect, FraudAction, FraudContext, FraudRefusal, RiskScore, RiskSignals,
    RuleSet, ScorerOutcome, Thresholds, WindowCounts, evaluate,
};
use crate::kernel::{Currency, Money, TenantId};

#[test]
fn each_condition_fires_on_what_it_names_and_on_nothing_that_is_not_known() {
    let eur = Currency::EUR;
    let signals = |signals: RiskSignals| FraudContext { signals, ..context() };
    let some = |text: &str| Some(text.to_owned());
    let ordered = |minor| FraudContext { order_amount: Some(Money::new(minor, eur)), ..context() };
    let mut unknown_card = context();
    unknown_card.card = Default::default();
    let countries = |billing: &str, ip: Option<&str>| {
        let ip_country = ip.map(str::to_owned);
        signals(RiskSignals { billing_country: some(billing), ip_country, ..Default::default() })
    };
    let mismatch = Condition::CountryMismatch { first: CountrySource::Billing, second: CountrySource::Ip };
    let device = |text: &str| signals(RiskSignals { device_fingerprint: some(text), ..Default::default() });
    let cases = [
        (Condition::AmountAbove { limit: 9_999, currency: eur }, context(), true),
        (Condition::AmountAbove { limit: 10_000, currency: eur }, context(), false),
        (Condition::AmountAbove { limit: 1, currency: Currency::USD }, context(), false),
        (Condition::OrderAmountMismatch {}, ordered(10_001), true),
        (Condition::OrderAmountMismatch {}, ordered(10_000), false),
        (Condition::OrderAmountMismatch {}, context(), false),
        (mismatch.clone(), countries("DE", Some("FR")), true),
        (mismatch.clone(), countries("DE", Some("DE")), false),
        (mismatch, countries("DE", None), false),
        (Condition::BlockedBin { bins: vec!["424242".to_owned()] }, context(), true),
        (Condition::BlockedBin { bins: vec!["400000".to_owned()] }, context(), false),
        (Condition::BlockedBin { bins: vec!["424242".to_owned()] }, unknown_card.clone(), false),
        (Condition::BlockedCard { fingerprints: vec!["f".to_owned()] }, context(), true),
        (Condition::BlockedCard { fingerprints: vec!["f".to_owned()] }, unknown_card, false),
        (Condition::BlockedDevice { fingerprints: vec!["d".to_owned()] }, device("d"), true),
        (Condition::BlockedDevice { fingerprints: vec!["d".to_owned()] }, device("e"), false),
        (Condition::BlockedDevice { fingerprints: vec!["d".to_owned()] }, context(), false),
    ];
    for (condition, context, fires) in cases {
        let verdict = verdict(&policy([(condition.clone(), Effect::Deny)]), &context);
        let expected = if fires { FraudAction::Deny } else { FraudAction::Allow };
        assert_eq!((verdict.action, verdict.reasons.len()), (expected, usize::from(fires)), "{condition:?}");
    }
}

#[test]
fn points_add_up_to_at_most_a_hundred_and_thresholds_say_what_they_come_to() {
    let big = || Condition::AmountAbove { limit: 1, currency: Currency::EUR };
    for (points, score, action) in [
        (vec![49], 49, FraudAction::Allow),
        (vec![25, 25], 50, FraudAction::Challenge),
        (vec![40, 39], 79, FraudAction::Challenge),
        (vec![40, 40], 80, FraudAction::Deny),
        (vec![100, 100], 100, FraudAction::Deny),
    ] {
        let rules = points.iter().map(|points| (big(), Effect::Points(*points)));
        let verdict = verdict(&policy(rules), &context());
        assert_eq!((verdict.score, verdict.action, verdict.reasons.len()), (score, action, points.len()));
    }
}

#[test]
fn the_strictest_of_score_and_actions_counts() {
    let big = || Condition::AmountAbove { limit: 1, currency: Currency::EUR };
    let both = policy([(big(), Effect::Points(90)), (big(), Effect::Challenge)]);
    assert_eq!(verdict(&both, &context()).action, FraudAction::Deny);
    let mild = policy([(big(), Effect::Points(1)), (big(), Effect::Challenge)]);
    assert_eq!(verdict(&mild, &context()).action, FraudAction::Challenge);
}

#[test]
fn an_outside_scorer_adds_points_and_its_absence_adds_none() {
    let none = policy([]);
    let ask =
        |scorer: &ScorerOutcome| evaluate(&none, &context(), &WindowCounts::default(), (None, scorer), at(0));
    let scored = ScorerOutcome::Scored(RiskScore { points: 250, explanation: "odd".to_owned() });
    assert_eq!((ask(&scored).score, ask(&scored).action), (100, FraudAction::Deny));
    let away = ask(&ScorerOutcome::Unavailable("no answer".to_owned()));
    assert_eq!(
        (away.score, away.action, away.reasons[0].code.as_str()),
        (0, FraudAction::Allow, "scorer_unavailable")
    );
}

#[test]
fn rules_out_of_their_ranges_are_refused_and_change_nothing() {
    let set = RuleSet::unset(TenantId::sandbox(), at(0));
    let add = |condition: Condition, effect| set.add(rule(1, condition, effect), at(1));
    let above = |limit| Condition::AmountAbove { limit, currency: Currency::EUR };
    assert_eq!(add(above(1), Effect::Points(0)), Err(FraudRefusal::BadPoints));
    assert_eq!(add(above(1), Effect::Points(101)), Err(FraudRefusal::BadPoints));
    let bad = [
        above(0),
        Condition::BlockedBin { bins: vec!["42424".to_owned()] },
        Condition::BlockedBin { bins: Vec::new() },
        Condition::CountryMismatch { first: CountrySource::Ip, second: CountrySource::Ip },
        Condition::VelocityCount { by: crate::fraud::Subject::Ip, window_seconds: 59, at_most: 1 },
    ];
    for condition in bad {
        let refused = add(condition.clone(), Effect::Deny);
        assert!(matches!(refused, Err(FraudRefusal::BadCondition(_))), "{condition:?}: {refused:?}");
    }
    for (challenge_at, deny_at) in [(0, 80), (81, 80), (50, 101)] {
        let refused = set.with_thresholds(Thresholds { challenge_at, deny_at }, at(1));
        assert_eq!(refused, Err(FraudRefusal::BadThresholds));
    }
}

#[test]
fn a_tenant_has_a_hundred_rules_at_most_and_each_change_is_a_version() {
    let mut set = RuleSet::unset(TenantId::sandbox(), at(0));
    for number in 0..100 {
        set = set.add(rule(number, Condition::OrderAmountMismatch {}, Effect::Deny), at(1)).expect("room");
    }
    assert_eq!(set.version.number(), 100);
    let more = set.add(rule(100, Condition::OrderAmountMismatch {}, Effect::Deny), at(1));
    assert_eq!(more, Err(FraudRefusal::TooManyRules));
    let without = set.remove(set.rules[3].id, at(2)).expect("it is there");
    assert_eq!((without.rules.len(), without.version.number()), (99, 101));
    assert_eq!(without.remove(set.rules[3].id, at(2)), None);
}

#[test]
fn a_rule_survives_its_json() {
    let conditions = [
        Condition::VelocityAmount {
            by: crate::fraud::Subject::Card,
            window_seconds: 60,
            at_most: Money::MAX_MINOR,
            currency: Currency::BHD,
        },
        Condition::OrderAmountMismatch {},
        Condition::BlockedDevice { fingerprints: vec!["ü\"".to_owned()] },
    ];
    for effect in [Effect::Points(7), Effect::Challenge, Effect::Deny] {
        for condition in conditions.clone() {
            let rule = rule(1, condition, effect);
            let text = serde_json::to_string(&rule).expect("it has a JSON form");
            assert_eq!(serde_json::from_str::<crate::fraud::Rule>(&text).expect(&text), rule);
        }
    }
}
