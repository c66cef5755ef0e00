//! The laws of deposits.

use proptest::prelude::*;

use super::{DepositRefusal, DepositTerms, HotelPolicies, PolicyType, RatePlanPolicy, Stay};
use crate::kernel::{Currency, Money, TenantId, Timestamp, Version};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn policy(rate_plan: Option<&str>, terms: DepositTerms) -> RatePlanPolicy {
    RatePlanPolicy { rate_plan: rate_plan.map(str::to_owned), terms }
}

fn hotel(policies: Vec<RatePlanPolicy>) -> Result<HotelPolicies, DepositRefusal> {
    HotelPolicies::first(TenantId::sandbox(), "h".to_owned(), policies, NOW)
}

fn deposit(terms: DepositTerms, total: Money, nights: Option<u32>) -> Result<i64, DepositRefusal> {
    let hotel = hotel(vec![policy(None, terms)]).expect("a good policy");
    let evaluated = hotel.evaluate(Stay { rate_plan: Some("any"), total, nights })?;
    assert_eq!(evaluated.amount.currency(), total.currency());
    Ok(evaluated.amount.minor())
}

#[test]
fn each_policy_comes_to_its_amount_rounded_half_up_in_the_currencys_minor_unit() {
    use DepositTerms as T;
    let (eur, jpy, bhd) = (Currency::EUR, Currency::JPY, Currency::BHD);
    let money = Money::new;
    for (terms, total, nights, minor) in [
        (T::None, money(9_999, eur), None, 0),
        (T::FullPrepayment, money(9_999, eur), None, 9_999),
        (T::NonRefundable, money(33, jpy), None, 33),
        (T::Percentage(5_000), money(9_999, eur), None, 5_000),
        (T::Percentage(5_000), money(33, jpy), None, 17),
        (T::Percentage(5_000), money(1_001, bhd), None, 501),
        (T::Percentage(3_333), money(10_000, eur), None, 3_333),
        (T::Percentage(1), money(4_999, eur), None, 0),
        (T::Percentage(1), money(5_000, eur), None, 1),
        (T::Percentage(10_000), money(Money::MAX_MINOR, eur), None, Money::MAX_MINOR),
        (T::FixedAmount { minor: 5_000, currency: eur }, money(9_999, eur), None, 5_000),
        (T::FixedAmount { minor: 50_000, currency: eur }, money(9_999, eur), None, 9_999),
        (T::FirstNight, money(10_000, eur), Some(3), 3_333),
        (T::FirstNight, money(20_000, eur), Some(3), 6_667),
        (T::FirstNight, money(100, jpy), Some(1), 100),
    ] {
        assert_eq!(deposit(terms, total, nights), Ok(minor), "{terms:?} of {total}");
    }
    let dollars = T::FixedAmount { minor: 1, currency: Currency::USD };
    let refused = Err(DepositRefusal::OtherCurrency { policy: Currency::USD, stay: eur });
    assert_eq!(deposit(dollars, money(1, eur), None), refused);
    for nights in [None, Some(0), Some(1_001)] {
        assert_eq!(deposit(T::FirstNight, money(1, eur), nights), Err(DepositRefusal::NightsRequired));
    }
}

#[test]
fn the_rate_plans_own_policy_goes_before_the_hotels_and_without_any_nothing_is_asked() {
    let hotel =
        hotel(vec![policy(None, DepositTerms::Percentage(1_000)), policy(Some("flex"), DepositTerms::None)]);
    let hotel = hotel.expect("good policies");
    let total = Money::new(10_000, Currency::EUR);
    let of = |rate_plan| hotel.evaluate(Stay { rate_plan, total, nights: None }).expect("it can be had");
    assert_eq!((of(Some("flex")).policy_type, of(Some("flex")).amount.minor()), (PolicyType::None, 0));
    assert_eq!(
        (of(Some("other")).policy_type, of(Some("other")).amount.minor()),
        (PolicyType::Percentage, 1_000)
    );
    assert_eq!(of(None).amount.minor(), 1_000);
    let changed = hotel.replace(vec![policy(Some("flex"), DepositTerms::FullPrepayment)], NOW).expect("good");
    assert_eq!(changed.version, Version::new(2));
    let none = changed.evaluate(Stay { rate_plan: None, total, nights: None }).expect("it can be had");
    assert_eq!((none.policy_type, none.amount.minor()), (PolicyType::None, 0));
}

#[test]
fn policies_that_cannot_be_are_refused() {
    let twice = vec![policy(Some("a"), DepositTerms::None), policy(Some("a"), DepositTerms::FirstNight)];
    assert_eq!(hotel(twice), Err(DepositRefusal::TwicePolicy));
    for part in [0, 10_001] {
        assert_eq!(
            hotel(vec![policy(None, DepositTerms::Percentage(part))]),
            Err(DepositRefusal::BadPercentage)
        );
    }
    let nothing = DepositTerms::FixedAmount { minor: 0, currency: Currency::EUR };
    assert_eq!(hotel(vec![policy(None, nothing)]), Err(DepositRefusal::BadAmount));
    let many = (0..101).map(|number| policy(Some(&number.to_string()), DepositTerms::None)).collect();
    assert_eq!(hotel(many), Err(DepositRefusal::TooManyPolicies));
}

proptest! {
    /// A part is within half a minor unit of the exact one, and never more than the whole.
    #[test]
    fn a_part_is_exact_to_half_a_minor_unit(minor in 0..=Money::MAX_MINOR, part in 1..=10_000_u32) {
        let total = Money::new(minor, Currency::EUR);
        let deposit = deposit(DepositTerms::Percentage(part), total, None).expect("it can be had");
        prop_assert!((0..=minor).contains(&deposit));
        let error = 2 * (i128::from(deposit) * 10_000 - i128::from(minor) * i128::from(part));
        prop_assert!(-10_000 < error && error <= 10_000, "{} of {}: {}", part, minor, deposit);
    }
}
