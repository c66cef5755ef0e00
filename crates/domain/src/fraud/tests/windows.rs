//! What is counted, and that no more get through than a rule permits, however many come at once.

use proptest::prelude::*;

use super::fixtures::{at, context, policy};
use crate::fraud::{
    Condition, Effect, FraudAction, FraudContext, FraudPolicy, RiskSignals, ScorerOutcome, Subject,
    WindowCounts, evaluate, velocity_guards,
};
use crate::kernel::{Currency, Guard, Timestamp};

/// Commits as the store does it: all guards hold, or nothing is counted.
fn commit(counters: &mut WindowCounts, guards: &[Guard]) -> bool {
    let holds = |guard: &Guard| match guard {
        Guard::Count { key, by, limit, .. } => {
            counters.0.get(key).copied().unwrap_or(0).saturating_add(*by) <= *limit
        }
        _ => false,
    };
    if !guards.iter().all(holds) {
        return false;
    }
    for guard in guards {
        if let Guard::Count { key, by, .. } = guard {
            *counters.0.entry(key.clone()).or_default() += by;
        }
    }
    true
}

fn action(
    policy: &FraudPolicy,
    context: &FraudContext,
    counts: &WindowCounts,
    now: Timestamp,
) -> FraudAction {
    evaluate(policy, context, counts, (None, &ScorerOutcome::Absent), now).action
}

/// One payment, decided by what `read` says and committed on what is there now: whether it went on.
fn pay(policy: &FraudPolicy, there: &mut WindowCounts, read: &WindowCounts, now: Timestamp) -> Option<bool> {
    let context = context();
    if action(policy, &context, read, now) == FraudAction::Deny {
        return Some(false);
    }
    commit(there, &velocity_guards(policy, &context, read, now)).then_some(true)
}

fn ten_a_minute() -> FraudPolicy {
    let condition = Condition::VelocityCount { by: Subject::Card, window_seconds: 60, at_most: 10 };
    policy([(condition, Effect::Deny)])
}

#[test]
fn of_many_that_read_the_same_no_more_get_through_than_the_rule_permits() {
    let policy = ten_a_minute();
    let (mut there, stale) = (WindowCounts::default(), WindowCounts::default());
    let mut through = 0;
    for _ in 0..50 {
        // All of them read before any committed; who loses reads again.
        let went = pay(&policy, &mut there, &stale, at(0));
        let went = went.unwrap_or_else(|| {
            let read = there.clone();
            pay(&policy, &mut there, &read, at(0)).expect("nobody else commits meanwhile")
        });
        through += u32::from(went);
    }
    assert_eq!(through, 10);
}

#[test]
fn one_that_read_before_the_twelfth_ended_cannot_hide_from_one_that_comes_after() {
    let policy = ten_a_minute();
    let mut there = WindowCounts::default();
    for _ in 0..9 {
        let read = there.clone();
        assert_eq!(pay(&policy, &mut there, &read, at(4)), Some(true));
    }
    // The tenth was decided in the old twelfth and is committed after the eleventh read.
    let read_by_the_later = there.clone();
    let read = there.clone();
    assert_eq!(pay(&policy, &mut there, &read, at(4)), Some(true));
    assert_eq!(pay(&policy, &mut there, &read_by_the_later, at(6)), None, "it reads again");
    let read = there.clone();
    assert_eq!(pay(&policy, &mut there, &read, at(6)), Some(false));
}

#[test]
fn a_rule_that_only_adds_points_lets_on_and_goes_on_counting() {
    let condition = Condition::VelocityCount { by: Subject::Card, window_seconds: 60, at_most: 1 };
    let policy = policy([(condition, Effect::Points(10))]);
    let mut there = WindowCounts::default();
    for _ in 0..5 {
        let read = there.clone();
        assert_eq!(pay(&policy, &mut there, &read, at(0)), Some(true));
    }
    let window = &policy.windows(&context())[0];
    assert_eq!(window.total(&there, at(0)), 5);
}

#[test]
fn amounts_are_counted_in_their_currency_only() {
    let condition = Condition::VelocityAmount {
        by: Subject::Customer,
        window_seconds: 3_600,
        at_most: 25_000,
        currency: Currency::EUR,
    };
    let policy = policy([(condition, Effect::Deny)]);
    let mut there = WindowCounts::default();
    let outcomes: Vec<_> = (0..3)
        .map(|_| {
            let read = there.clone();
            pay(&policy, &mut there, &read, at(0))
        })
        .collect();
    assert_eq!(outcomes, [Some(true), Some(true), Some(false)]);
    let dollars = FraudContext { amount: crate::kernel::Money::new(10_000, Currency::USD), ..context() };
    assert_eq!(policy.windows(&dollars), []);
    assert_eq!(action(&policy, &dollars, &there, at(0)), FraudAction::Allow);
}

#[test]
fn subjects_are_counted_apart_and_one_that_is_not_known_not_at_all() {
    let by_ip = Condition::VelocityCount { by: Subject::Ip, window_seconds: 60, at_most: 0 };
    let policy = policy([(by_ip, Effect::Deny)]);
    assert_eq!(action(&policy, &context(), &WindowCounts::default(), at(0)), FraudAction::Allow);
    let ip = "2001:db8::1".parse().ok();
    let known = FraudContext { signals: RiskSignals { ip, ..Default::default() }, ..context() };
    assert_eq!(action(&policy, &known, &WindowCounts::default(), at(0)), FraudAction::Deny);
}

#[test]
fn keys_sort_by_when_they_can_be_forgotten() {
    let window = ten_a_minute().windows(&context()).remove(0);
    let key = window.key(at(0), 0);
    let before = |seconds| crate::fraud::Window::forgotten_before(at(seconds));
    assert!(key > before(60), "still summed up within the window");
    assert!(key < before(60 + 5 + 3_601), "and not for ever: {key}");
}

proptest! {
    /// Whatever the instants, in every window that slides at most the limit goes through, and a payment that is alone
    /// in its window is never denied.
    #[test]
    fn no_window_of_a_minute_has_more_than_its_limit(mut seconds in prop::collection::vec(0_i64..600, 1..120)) {
        seconds.sort_unstable();
        let policy = ten_a_minute();
        let mut there = WindowCounts::default();
        let mut through = Vec::new();
        for second in seconds {
            let read = there.clone();
            let went = pay(&policy, &mut there, &read, at(second)).expect("nobody else commits meanwhile");
            let alone = through.iter().all(|other| second - other > 66);
            prop_assert!(went || !alone, "second {} was alone", second);
            if went {
                through.push(second);
            }
        }
        for first in &through {
            let within = through.iter().filter(|other| (*first..first + 60).contains(*other)).count();
            prop_assert!(within <= 10, "{} within a minute from {}", within, first);
        }
    }
}
