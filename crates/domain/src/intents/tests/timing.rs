//! Delayed captures, expiry and abandoned challenges.

use std::time::Duration;

use super::fixtures::{
    Outcome, after, answered, approved, at, att, authorized, cap, capturing, created, eur, in_status, new,
    start,
};
use crate::intents::{
    AUTHORIZATION_LIFE, AttemptStatus, CALL_DEADLINE, CAPTURE_DELAY_SECONDS_MAX, CancelStep, CaptureMode,
    ExpiryStep, Intent, IntentEvent, IntentStatus, NewIntent, Refusal, Timed,
};
use crate::kernel::Timestamp;
use crate::ports::UnknownOutcome;

use IntentStatus as S;

/// What is to be done at this second; challenges are abandoned after half an hour.
fn timed(intent: &Intent, now: Timestamp) -> Option<Timed> {
    intent.timed(now, now - Duration::from_secs(1_800))
}

#[test]
fn a_delayed_capture_is_held_first_told_as_authorized_and_then_due() {
    let intent = authorized();
    let attempt = &intent.attempts[0];
    assert!(!attempt.capture, "the gateway is asked to hold it");
    assert_eq!((intent.status, attempt.capture_at), (S::Authorized, Some(at(3_602))));
    assert_eq!(attempt.expires_at, Some(at(2) + AUTHORIZATION_LIFE));
    assert_eq!((timed(&intent, at(3_601)), timed(&intent, at(3_602))), (None, Some(Timed::CaptureDue)));
    assert_eq!(intent.start_scheduled_capture(cap(5), at(3_601)), Err(Refusal::NotOpen));

    let begun = intent.start_scheduled_capture(cap(5), at(3_602)).expect("it is due");
    assert_eq!((begun.captures[0].amount, begun.captures[0].is_final), (eur(10_000), true));
    assert_eq!((begun.next_check_at(), timed(&begun, at(9_999))), (Some(at(3_602) + CALL_DEADLINE), None));
    let step = begun.record_capture(cap(5), approved(eur(10_000), true), at(3_603)).expect("pending");
    assert_eq!(
        (step.intent.status, step.events),
        (S::Succeeded, vec![IntentEvent::Captured { capture: cap(5) }])
    );
    assert_eq!((step.intent.attempts[0].expires_at, timed(&step.intent, at(9_999_999))), (None, None));
}

#[test]
fn an_earlier_capture_or_cancellation_wins_over_the_delayed_one() {
    let early = capturing(&authorized(), 7, 10_000, true);
    assert_eq!(timed(&early, at(3_700)), None, "while it is on its way");
    assert_eq!(early.start_scheduled_capture(cap(5), at(3_700)), Err(Refusal::NotOpen));
    let taken = early.record_capture(cap(7), approved(eur(10_000), true), at(4)).expect("pending").intent;
    assert_eq!((taken.status, timed(&taken, at(9_999_999))), (S::Succeeded, None));

    let Ok(CancelStep::VoidStarted { intent, .. }) = authorized().cancel("no", at(4)) else {
        panic!("it is held")
    };
    assert_eq!((timed(&intent, at(9_999_999)), intent.attempts[0].capture_at), (None, None));
    assert!(intent.start_scheduled_capture(cap(5), at(3_700)).is_err());
}

#[test]
fn of_a_part_that_was_captured_early_the_rest_is_captured_when_due() {
    let part = capturing(&authorized(), 7, 4_000, false);
    let part = part.record_capture(cap(7), approved(eur(4_000), true), at(4)).expect("pending").intent;
    assert_eq!(part.status, S::Authorized);
    let rest = part.start_scheduled_capture(cap(8), at(3_602)).expect("due");
    assert_eq!(rest.captures[1].amount, eur(6_000));
}

#[test]
fn a_delayed_capture_that_failed_is_tried_again_an_hour_later_and_one_that_is_unknown_is_not() {
    let begun = authorized().start_scheduled_capture(cap(5), at(3_602)).expect("due");
    let failed = begun.record_capture_not_done(cap(5), "no", at(3_610)).expect("pending").intent;
    assert_eq!((failed.status, failed.attempts[0].capture_at), (S::Authorized, Some(at(7_210))));
    assert_eq!(timed(&failed, at(7_210)), Some(Timed::CaptureDue));
    let unknown = begun.record_capture_unknown(cap(5), "silence", UnknownOutcome::Lookup, at(3_610));
    let unknown = unknown.expect("pending").intent;
    assert_eq!(timed(&unknown, at(9_999_999)), None, "it may have been taken");
}

#[test]
fn an_authorization_whose_time_is_over_is_voided_and_then_canceled() {
    let held = in_status(S::RequiresCapture);
    let end = at(2) + AUTHORIZATION_LIFE;
    assert_eq!(timed(&held, end - Duration::from_secs(1)), None);
    assert_eq!(timed(&held, end), Some(Timed::AuthorizationExpired));
    assert_eq!(held.expire_authorization(at(9)), Err(Refusal::NotOpen));
    let Ok(ExpiryStep::VoidStarted { intent, attempt }) = held.expire_authorization(end) else {
        panic!("its time is over")
    };
    assert_eq!((intent.status, attempt, timed(&intent, end)), (S::Processing, att(1), None));
    let step = intent.record_voided(att(1), end).expect("on its way");
    assert_eq!((step.intent.status, step.events), (S::Canceled, vec![IntentEvent::Canceled]));
    assert_eq!(step.intent.cancellation_reason.as_deref(), Some("authorization_expired"));
}

#[test]
fn the_end_of_an_authorization_waits_for_a_capture_and_keeps_what_was_taken() {
    let end = at(2) + AUTHORIZATION_LIFE;
    let pending = capturing(&in_status(S::RequiresCapture), 7, 4_000, false);
    assert_eq!((timed(&pending, end), pending.expire_authorization(end)), (None, Err(Refusal::NotOpen)));
    let part = pending.record_capture(cap(7), approved(eur(4_000), true), at(4)).expect("pending").intent;
    assert_eq!(timed(&part, end), Some(Timed::AuthorizationExpired));
    let Ok(ExpiryStep::Closed(closed)) = part.expire_authorization(end) else { panic!("part was taken") };
    assert_eq!((closed.status, closed.amount_captured()), (S::Succeeded, eur(4_000)));
    assert!(closed.amount_capturable().is_zero() && timed(&closed, end).is_none());
}

#[test]
fn a_gateway_may_hold_for_a_shorter_time_and_our_capture_comes_before_its_end() {
    let day = Duration::from_secs(24 * 3_600);
    let long = NewIntent { capture_delay_seconds: Some(CAPTURE_DELAY_SECONDS_MAX), ..new(CaptureMode::Auto) };
    let begun = Intent::create(long, at(0)).start_attempt(start(1), at(1)).expect("ready");
    let held = answered(&begun, att(1), Outcome::Approved, at(2)).expect("open").intent;
    assert!(held.attempts[0].capture_at < held.attempts[0].expires_at, "the longest delay is short enough");
    let held = held.holding_for(att(1), day, at(2));
    assert_eq!(held.attempts[0].expires_at, Some(at(2) + day));
    assert_eq!(held.attempts[0].capture_at, Some(at(2) + day - Duration::from_secs(3_600)));
    let taken = after(CaptureMode::Auto, Outcome::Approved).holding_for(att(1), day, at(2));
    assert_eq!(taken.attempts[0].expires_at, None, "what was taken does not expire");
}

fn expiring(second: i64) -> Intent {
    Intent::create(NewIntent { expires_at: Some(at(second)), ..new(CaptureMode::Auto) }, at(0))
}

#[test]
fn what_can_no_longer_be_confirmed_is_canceled_but_not_while_an_outcome_is_open() {
    assert_eq!((timed(&expiring(50), at(49)), timed(&expiring(50), at(50))), (None, Some(Timed::Expired)));
    assert_eq!(expiring(50).expire(at(49)), Err(Refusal::NotOpen));
    let step = expiring(50).expire(at(50)).expect("its time is over");
    assert_eq!((step.intent.status, step.events), (S::Canceled, vec![IntentEvent::Canceled]));
    assert_eq!(step.intent.cancellation_reason.as_deref(), Some("expired"));

    let begun = expiring(50).start_attempt(start(1), at(10)).expect("in time");
    for outcome in [Outcome::Unknown, Outcome::Approved, Outcome::OtherAmount] {
        let intent = answered(&begun, att(1), outcome, at(11)).expect("open").intent;
        assert_eq!(timed(&intent, at(60)), None, "{outcome:?}");
        assert_eq!(intent.expire(at(60)), Err(Refusal::NotOpen), "{outcome:?}");
    }
    let challenged = answered(&begun, att(1), Outcome::Challenge, at(11)).expect("open").intent;
    assert_eq!(challenged.expire(at(50)), Err(Refusal::NotOpen), "the customer may have met it");
    assert_eq!(timed(&challenged, at(50)), Some(Timed::Abandoned(att(1))));
    let step = challenged.abandon_challenge(att(1), at(50)).expect("it is open");
    assert_eq!((step.intent.status, step.intent.attempts[0].status), (S::Failed, AttemptStatus::Declined));
    // What was taken for declined, and then told to have been approved, is a person's first.
    let declined = answered(&begun, att(1), Outcome::Declined, at(11)).expect("open").intent;
    let late = answered(&declined, att(1), Outcome::Approved, at(12)).expect("a fact").intent;
    assert_eq!(timed(&late, at(60)), None);
}

#[test]
fn a_challenge_that_nobody_meets_ends_as_a_failed_attempt() {
    let challenged = after(CaptureMode::Auto, Outcome::Challenge);
    assert_eq!(timed(&challenged, at(1_801)), None);
    assert_eq!(timed(&challenged, at(1_802)), Some(Timed::Abandoned(att(1))));
    let step = challenged.abandon_challenge(att(1), at(1_802)).expect("it is open");
    assert_eq!(
        (step.intent.status, step.events),
        (S::RequiresPaymentMethod, vec![IntentEvent::AttemptFailed { attempt: att(1) }])
    );
    let error = step.intent.last_payment_error.as_ref().and_then(|error| error.decline.as_ref());
    assert_eq!(error.map(|decline| decline.code.as_str()), Some("authentication_abandoned"));
    assert_eq!(step.intent.abandon_challenge(att(1), at(1_803)), Err(Refusal::NotOpen));
    let met = challenged.start_challenge_completion(at(1_700)).expect("open").0;
    assert_eq!(
        (timed(&met, at(9_999)), met.abandon_challenge(att(1), at(9_999))),
        (None, Err(Refusal::NotOpen))
    );

    let last = Intent { max_attempts: 1, ..challenged };
    assert_eq!(last.abandon_challenge(att(1), at(1_802)).expect("open").intent.status, S::Failed);
    assert_eq!(timed(&created(CaptureMode::Auto), at(9_999_999)), None);
}
