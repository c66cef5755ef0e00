//! Policies and what they come to.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::kernel::{Currency, Money, TenantId, Timestamp, Version};

fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::hours(hours)
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// Canceled so many hours before the start, for no special reason, 100.00 EUR paid.
fn canceled(hours_before: i64) -> Cancellation {
    Cancellation {
        paid: eur(10_000),
        left: eur(10_000),
        requested: None,
        reason: "CHANGE_OF_PLANS".to_owned(),
        has_evidence: false,
        product_type: None,
        rate_plan: None,
        cancelled_at: at(0),
        starts_at: Some(at(hours_before)),
    }
}

fn standard() -> RefundPolicies {
    RefundPolicies::standard(TenantId::sandbox(), at(0))
}

fn only(policy: RefundPolicy) -> RefundPolicies {
    RefundPolicies::first(TenantId::sandbox(), vec![policy], at(0)).expect("a good policy")
}

fn given(policies: &RefundPolicies, facts: &Cancellation) -> (String, i64) {
    let evaluated = policies.evaluate(facts).expect("it can be evaluated");
    assert_eq!(evaluated.is_eligible(), evaluated.eligible_amount.minor() > 0);
    (evaluated.rule, evaluated.eligible_amount.minor())
}

#[test]
fn the_standard_policy_gives_by_the_time_before_the_start() {
    for (hours, rule, amount) in [
        (30 * 24, "time:720h", 10_000),
        (30 * 24 - 1, "time:168h", 5_000),
        (7 * 24, "time:168h", 5_000),
        (7 * 24 - 1, "time:none", 0),
        (0, "time:none", 0),
        (-5, "time:none", 0),
    ] {
        assert_eq!(given(&standard(), &canceled(hours)), (rule.to_owned(), amount), "{hours} h");
    }
    assert_eq!(standard().version, Version::new(0));
}

#[test]
fn a_reason_comes_before_the_time_and_counts_without_evidence_only_where_it_may() {
    let because = |reason: &str, has_evidence| {
        let facts = Cancellation { reason: reason.to_owned(), has_evidence, starts_at: None, ..canceled(0) };
        standard().evaluate(&facts)
    };
    let rule =
        |reason, evidence| because(reason, evidence).map(|done| (done.rule, done.eligible_amount.minor()));
    assert_eq!(rule("WEATHER", false), Ok(("reason:WEATHER".to_owned(), 10_000)));
    assert_eq!(rule("OPERATOR_CANCELLATION", false), Ok(("reason:OPERATOR_CANCELLATION".to_owned(), 10_000)));
    assert_eq!(rule("MEDICAL", true), Ok(("reason:MEDICAL".to_owned(), 9_000)));
    let asked = RefundPolicyRefusal::StartRequired("standard".to_owned());
    assert_eq!(because("MEDICAL", false), Err(asked.clone()), "then the time decides, which is not known");
    assert_eq!(because("OTHER", true), Err(asked));
}

#[test]
fn the_answer_shows_its_arithmetic() {
    let policy = RefundPolicy {
        fee: Some(RefundFee::Fixed { minor: 750, currency: Currency::EUR }),
        ..RefundPolicy::standard()
    };
    let facts = Cancellation { left: eur(9_000), requested: Some(eur(3_000)), ..canceled(10 * 24 + 4) };
    let evaluated = only(policy).evaluate(&facts).expect("it can be evaluated");
    assert_eq!(
        (evaluated.percentage_bps, evaluated.fee, evaluated.eligible_amount),
        (5_000, eur(750), eur(3_000))
    );
    let steps = [
        "100.00 EUR was paid",
        "canceled 10 d 4 h before the start: the tier from 168 h gives 50 %",
        "50 % of 100.00 EUR is 50.00 EUR",
        "less a fee of 7.50 EUR: 42.50 EUR",
        "10.00 EUR was given back or is disputed already: 32.50 EUR is left",
        "no more than the 30.00 EUR that was asked for",
    ];
    assert_eq!(evaluated.explanation, steps);
}

#[test]
fn the_policy_for_the_rate_plan_comes_before_the_one_for_the_product_and_the_one_for_all() {
    let named = |policy_id: &str, product_type: Option<&str>, rate_plan: Option<&str>| RefundPolicy {
        policy_id: policy_id.to_owned(),
        product_type: product_type.map(str::to_owned),
        rate_plan: rate_plan.map(str::to_owned),
        ..RefundPolicy::standard()
    };
    let policies = vec![
        named("all", None, None),
        named("rafting", Some("RAFTING"), None),
        named("flex", None, Some("FLEX")),
        named("both", Some("RAFTING"), Some("FLEX")),
    ];
    let all = RefundPolicies::first(TenantId::sandbox(), policies, at(0)).expect("good policies");
    let of = |product, plan| all.of(product, plan).map(|policy| policy.policy_id.as_str());
    assert_eq!(of(None, None), Some("all"));
    assert_eq!(of(Some("HIKING"), Some("FIXED")), Some("all"));
    assert_eq!(of(Some("RAFTING"), None), Some("rafting"));
    assert_eq!(of(Some("HIKING"), Some("FLEX")), Some("flex"));
    assert_eq!(of(Some("RAFTING"), Some("FLEX")), Some("both"));
    let only_flex = all.replace(vec![named("flex", None, Some("FLEX"))], at(1)).expect("a good policy");
    assert_eq!(only_flex.of(None, None), None);
    assert_eq!(given(&only_flex, &canceled(9_999)), ("no_policy".to_owned(), 0));
}

#[test]
fn goodwill_gives_up_to_its_limit_and_only_in_its_currency() {
    let goodwill = |currency| RefundPolicy {
        goodwill: Some(GoodwillLimit { minor: 2_500, currency }),
        ..RefundPolicy::standard()
    };
    let facts = Cancellation { reason: "GOODWILL".to_owned(), ..canceled(0) };
    assert_eq!(given(&only(goodwill(Currency::EUR)), &facts), ("goodwill".to_owned(), 2_500));
    assert_eq!(given(&only(goodwill(Currency::JPY)), &facts), ("goodwill".to_owned(), 0));
    assert_eq!(given(&standard(), &facts), ("time:none".to_owned(), 0), "without a limit the time decides");
}

#[test]
fn policies_that_contradict_themselves_are_refused() {
    let with = |change: fn(&mut RefundPolicy)| {
        let mut policy = RefundPolicy::standard();
        change(&mut policy);
        RefundPolicies::first(TenantId::sandbox(), vec![policy], at(0)).map(|_| ())
    };
    let id = || "standard".to_owned();
    assert_eq!(
        with(|policy| policy.tiers[0].percentage_bps = 10_001),
        Err(RefundPolicyRefusal::BadPercentage(id()))
    );
    assert_eq!(
        with(|policy| policy.fee = Some(RefundFee::Percentage(10_001))),
        Err(RefundPolicyRefusal::BadPercentage(id()))
    );
    assert_eq!(
        with(|policy| policy.fee = Some(RefundFee::Fixed { minor: 0, currency: Currency::EUR })),
        Err(RefundPolicyRefusal::BadAmount(id()))
    );
    assert_eq!(
        with(|policy| policy.goodwill = Some(GoodwillLimit { minor: -1, currency: Currency::EUR })),
        Err(RefundPolicyRefusal::BadAmount(id()))
    );
    assert_eq!(with(|policy| policy.tiers.push(policy.tiers[0])), Err(RefundPolicyRefusal::BadRules(id())));
    assert_eq!(
        with(|policy| policy.reasons.push(policy.reasons[0].clone())),
        Err(RefundPolicyRefusal::BadRules(id()))
    );
    assert_eq!(
        with(|policy| policy.rate_plan = Some(String::new())),
        Err(RefundPolicyRefusal::BadName(id()))
    );
    let twice = vec![
        RefundPolicy::standard(),
        RefundPolicy { policy_id: "other".to_owned(), ..RefundPolicy::standard() },
    ];
    let refused = RefundPolicies::first(TenantId::sandbox(), twice, at(0));
    assert_eq!(refused, Err(RefundPolicyRefusal::TwicePolicy("other".to_owned())));
}

proptest! {
    /// Whatever the policy and the facts: never less than nothing, never more than what is left, paid or asked for.
    #[test]
    fn what_is_given_stays_within_what_is_left(
        paid in 0_i64..=999_999_999_999,
        gone in 0_i64..=999_999_999_999,
        asked in proptest::option::of(1_i64..=999_999_999_999),
        (part, fee_part) in (0_u32..=10_000, 0_u32..=10_000),
        fixed in proptest::option::of(1_i64..=999_999_999_999),
        hours in -1_000_i64..1_000,
    ) {
        let fee = fixed.map_or(RefundFee::Percentage(fee_part), |minor| RefundFee::Fixed { minor, currency: Currency::EUR });
        let policy = RefundPolicy {
            tiers: vec![TimeTier { hours_before_start: 24, percentage_bps: part }],
            fee: Some(fee),
            ..RefundPolicy::standard()
        };
        let left = (paid - gone).max(0);
        let facts = Cancellation { paid: eur(paid), left: eur(left), requested: asked.map(eur), ..canceled(hours) };
        let amount = only(policy).evaluate(&facts).expect("it can be evaluated").eligible_amount.minor();
        prop_assert!(amount >= 0 && amount <= left && amount <= paid);
        prop_assert!(asked.is_none_or(|asked| amount <= asked));
    }
}
