//! Several attempts of one intent, challenges, and when an outcome is looked up.

use std::time::Duration;

use super::fixtures::{
    Outcome, after, answered, assert_after, at, att, cap, created, new, start, started, token,
};
use crate::intents::{
    AttemptStatus, CALL_DEADLINE, CaptureMode, Intent, IntentStatus, MethodSummary, NewIntent, PaymentError,
    Refusal,
};
use crate::ports::{GatewayAnswer, UnknownOutcome};

/// The intent after one more declined attempt, with a method for the next if it may have one.
fn declined(intent: &Intent, number: u128) -> Intent {
    let begun = intent.start_attempt(start(number), at(1)).expect("it is ready");
    let declined = answered(&begun, att(number), Outcome::Declined, at(2)).expect("open").intent;
    declined.attach_method(token(), MethodSummary::default(), at(3)).unwrap_or(declined)
}

#[test]
fn a_declined_attempt_may_be_followed_by_others_until_the_last_then_it_has_failed() {
    for max_attempts in 1..=4 {
        let mut intent = Intent { max_attempts, ..created(CaptureMode::Auto) };
        for number in 1..=max_attempts {
            assert_eq!(intent.status, IntentStatus::RequiresConfirmation, "{number} of {max_attempts}");
            intent = declined(&intent, number.into());
            assert_eq!(intent.attempts.last().map(|attempt| attempt.number), Some(number));
        }
        assert_eq!(intent.status, IntentStatus::Failed, "after {max_attempts}");
    }
}

#[test]
fn a_decline_is_told_until_the_next_attempt_begins() {
    let intent = declined(&created(CaptureMode::Auto), 1);
    let error = intent.last_payment_error.clone().expect("it was declined");
    assert_eq!((error.attempt, error.message.as_str()), (Some(att(1)), "no"));
    let begun = intent.start_attempt(start(2), at(4)).expect("it has a method");
    assert_eq!(begun.last_payment_error, None);
    let done = answered(&begun, att(2), Outcome::Approved, at(5)).expect("open").intent;
    assert_eq!((done.status, done.last_payment_error), (IntentStatus::Succeeded, None));
}

#[test]
fn an_error_at_the_gateway_is_told_without_its_words() {
    let intent = after(CaptureMode::Auto, Outcome::NotDone);
    let error = intent.last_payment_error.expect("it failed");
    assert_eq!(error.decline, None);
    assert!(!error.message.contains("bad request"), "{}", error.message);
    assert_eq!(intent.attempts[0].problem.as_deref(), Some("bad request"));
}

#[test]
fn what_has_expired_is_not_confirmed_and_fails_with_a_decline() {
    let expires =
        |second| Intent::create(NewIntent { expires_at: Some(at(second)), ..new(CaptureMode::Auto) }, at(0));
    assert_eq!(expires(5).start_attempt(start(1), at(5)), Err(Refusal::Expired));
    let begun = expires(5).start_attempt(start(1), at(4)).expect("one second is left");
    let in_time = answered(&begun, att(1), Outcome::Declined, at(4)).expect("open").intent;
    assert_eq!(in_time.status, IntentStatus::RequiresPaymentMethod);
    let too_late = answered(&begun, att(1), Outcome::Declined, at(5)).expect("open").intent;
    assert_eq!(too_late.status, IntentStatus::Failed);
    let paid = answered(&begun, att(1), Outcome::Approved, at(9)).expect("open").intent;
    assert_eq!(paid.status, IntentStatus::Succeeded, "money that was taken counts");
}

#[test]
fn a_met_challenge_goes_on_with_the_same_attempt() {
    let challenged = after(CaptureMode::Auto, Outcome::Challenge);
    assert_eq!(challenged.next_check_at(), None, "nothing is looked up while the customer is asked");
    let (going_on, id) = challenged.start_challenge_completion(at(100)).expect("a challenge is open");
    assert_eq!((id, going_on.attempts.len()), (att(1), 1));
    assert_eq!(going_on.next_check_at(), Some(at(100) + CALL_DEADLINE));
    assert_eq!(going_on.attempts[0].started_at, at(100), "a call of its own, which may still be on its way");
    let done = answered(&going_on, id, Outcome::Approved, at(101)).expect("open").intent;
    assert_eq!(done.status, IntentStatus::Succeeded);
    let failed = answered(&going_on, id, Outcome::Declined, at(101)).expect("open").intent;
    assert_eq!(failed.status, IntentStatus::RequiresPaymentMethod);
}

#[test]
fn a_challenge_that_is_still_open_is_met_where_it_was() {
    let challenged = after(CaptureMode::Auto, Outcome::Challenge);
    let was = challenged.attempts[0].challenge.clone();
    let (going_on, id) = challenged.start_challenge_completion(at(100)).expect("a challenge is open");
    let still = |url: &str| GatewayAnswer::Challenge {
        url: url.into(),
        challenge_reference: "again".into(),
        creq: None,
    };
    let back = going_on.record_answer(id, still(""), cap(1), at(101)).expect("open").intent;
    assert_eq!((back.status, back.next_check_at()), (IntentStatus::RequiresAction, None));
    assert_eq!(back.attempts[0].challenge, was);
    assert_eq!(back.attempts[0].answered_at, challenged.attempts[0].answered_at, "its time runs on");
    let elsewhere = going_on.record_answer(id, still("https://b"), cap(1), at(101)).expect("open").intent;
    assert_eq!(elsewhere.attempts[0].challenge.as_ref().map(|one| one.url.as_str()), Some("https://b"));
    assert!(back.start_challenge_completion(at(102)).is_ok(), "it can be met yet");
}

#[test]
fn an_unknown_outcome_is_looked_up_later_and_later_and_never_fails_by_itself() {
    let mut intent = started(CaptureMode::Auto);
    assert_eq!(intent.next_check_at(), Some(at(1) + CALL_DEADLINE), "a crash in the call is found");
    let mut now = at(50);
    for (checks, seconds) in [5, 30, 120, 600, 3_600, 3_600, 3_600].into_iter().enumerate() {
        let step = intent.record_unknown(att(1), "silence", UnknownOutcome::Lookup, now).expect("open");
        assert_eq!(
            (step.events, step.intent.attempts[0].queued_at),
            (vec![], None),
            "after {checks} look-ups"
        );
        intent = step.intent;
        assert_after(seconds, intent.next_check_at(), now);
        now = intent.next_check_at().expect("it is pursued");
        assert_eq!(intent.attempts[0].status, AttemptStatus::Unknown);
        assert_eq!(intent.status, IntentStatus::Processing);
    }
    assert!(CALL_DEADLINE > Duration::from_secs(10), "longer than a call may take");
}

#[test]
fn an_attempt_asks_for_the_intents_amount_in_its_mode() {
    for (mode, capture) in [(CaptureMode::Auto, true), (CaptureMode::Manual, false)] {
        let intent = started(mode);
        let attempt = &intent.attempts[0];
        assert_eq!((attempt.amount, attempt.capture, attempt.number), (intent.amount, capture, 1));
    }
}

#[test]
fn a_challenge_that_cannot_be_met_is_a_decline_of_its_own() {
    let error = PaymentError::authentication_required(att(1), created(CaptureMode::Auto).amount);
    let decline = error.decline.expect("it is a decline");
    assert_eq!(decline.code.as_str(), "authentication_required");
    assert!(!decline.code.is_retryable());
}
