//! A person's word against the rules.

use chrono::TimeDelta;
use uuid::Uuid;

use super::fixtures::{at, context, policy};
use crate::fraud::{
    Condition, Effect, FraudAction, FraudOverride, FraudRefusal, NewOverride, OverrideAction, OverrideTarget,
    ScorerOutcome, WindowCounts, evaluate,
};
use crate::intents::{CaptureMode, Channel, Intent, MethodSummary, NewIntent};
use crate::kernel::{Currency, FraudOverrideId, IntentId, Metadata, Money, TenantId};

fn intent() -> Intent {
    let new = NewIntent {
        id: IntentId::from_uuid(Uuid::from_u128(1)),
        tenant: TenantId::sandbox(),
        livemode: false,
        amount: Money::new(10_000, Currency::EUR),
        customer_id: Some("c".to_owned()),
        merchant_account_id: "ma".to_owned(),
        instrument: None,
        method: MethodSummary::default(),
        capture_delay_seconds: None,
        capture_mode: CaptureMode::Auto,
        description: None,
        statement_descriptor: None,
        order_ref: None,
        reservation_ref: None,
        metadata: Metadata::default(),
        max_attempts: 5,
        expires_at: None,
        channel: Channel::Core,
    };
    Intent::create(new, at(0))
}

fn wanted(target: OverrideTarget, action: OverrideAction) -> NewOverride {
    NewOverride {
        id: FraudOverrideId::from_uuid(Uuid::from_u128(7)),
        tenant: TenantId::sandbox(),
        target,
        action,
        reason: "known guest".to_owned(),
        by: "ops".to_owned(),
        expires_at: at(60),
    }
}

fn forced(target: OverrideTarget, action: OverrideAction) -> FraudOverride {
    FraudOverride::create(wanted(target, action), at(0)).expect("a good override")
}

/// What becomes of a payment that the rules deny, with these overrides, newest first.
fn outcome(overrides: &[FraudOverride], second: i64) -> FraudAction {
    let big = Condition::AmountAbove { limit: 1, currency: Currency::EUR };
    let policy = policy([(big, Effect::Deny)]);
    let counts = WindowCounts::default();
    let counting = FraudOverride::that_counts(overrides, &context(), &intent(), at(second));
    evaluate(&policy, &context(), &counts, (counting, &ScorerOutcome::Absent), at(second)).action
}

#[test]
fn an_override_has_the_last_word_until_it_ends_and_says_who_and_why() {
    let customer = || OverrideTarget::Customer("c".to_owned());
    let allow = forced(customer(), OverrideAction::Allow);
    assert_eq!(outcome(&[], 1), FraudAction::Deny);
    assert_eq!(outcome(std::slice::from_ref(&allow), 1), FraudAction::Allow);
    assert_eq!(outcome(std::slice::from_ref(&allow), 60), FraudAction::Deny);
    let other = forced(OverrideTarget::Customer("d".to_owned()), OverrideAction::Allow);
    assert_eq!(outcome(&[other], 1), FraudAction::Deny);
    let card = forced(OverrideTarget::Card("f".to_owned()), OverrideAction::Allow);
    assert_eq!(outcome(&[card], 1), FraudAction::Allow);
    let intent = forced(OverrideTarget::Intent(intent().id), OverrideAction::Allow);
    assert_eq!(outcome(&[intent], 1), FraudAction::Allow);
}

#[test]
fn the_newest_about_the_same_counts_and_a_deny_goes_before_an_allow() {
    let customer = || OverrideTarget::Customer("c".to_owned());
    let allow = forced(customer(), OverrideAction::Allow);
    let lift = forced(customer(), OverrideAction::Lift);
    assert_eq!(outcome(&[lift, allow.clone()], 1), FraudAction::Deny, "the rules decide again");
    let deny_card = forced(OverrideTarget::Card("f".to_owned()), OverrideAction::Deny);
    assert_eq!(outcome(&[allow.clone(), deny_card.clone()], 1), FraudAction::Deny);
    assert_eq!(outcome(&[deny_card, allow], 1), FraudAction::Deny);
}

#[test]
fn an_override_without_a_reason_or_a_good_end_is_refused() {
    let customer = OverrideTarget::Customer("c".to_owned());
    let create = |reason: &str, expires_at| {
        let new = NewOverride {
            reason: reason.to_owned(),
            expires_at,
            ..wanted(customer.clone(), OverrideAction::Deny)
        };
        FraudOverride::create(new, at(0)).map(|_| ())
    };
    assert_eq!(create(" ", at(60)), Err(FraudRefusal::ReasonRequired));
    assert_eq!(create("x", at(0)), Err(FraudRefusal::BadOverrideEnd));
    assert_eq!(create("x", at(0) + TimeDelta::days(367)), Err(FraudRefusal::BadOverrideEnd));
    assert_eq!(create("x", at(1)), Ok(()));
}
