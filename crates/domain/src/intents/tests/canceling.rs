//! Giving up, in every state of what is held.

use super::fixtures::{
    Outcome, after, answered, approved, assert_after, at, att, cap, capturing, eur, in_status, started,
};
use crate::intents::{
    AttemptStatus, CALL_DEADLINE, CancelStep, CaptureMode, Command, Intent, IntentEvent, IntentStatus,
    Refusal, VoidState,
};
use crate::ports::UnknownOutcome;

use IntentStatus as S;

/// A cancellation that was asked for while the gateway was asked.
fn requested(mode: CaptureMode) -> Intent {
    match started(mode).cancel("no", at(2)) {
        Ok(CancelStep::Requested(intent)) => intent,
        other => panic!("{other:?}"),
    }
}

fn void_started(intent: &Intent) -> Intent {
    match intent.cancel("no", at(3)) {
        Ok(CancelStep::VoidStarted { intent, attempt }) => {
            assert_eq!(attempt, att(1));
            intent
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn where_nothing_is_held_it_ends_at_once() {
    for status in [S::RequiresPaymentMethod, S::RequiresConfirmation] {
        let Ok(CancelStep::Canceled(step)) = in_status(status).cancel("timeout", at(7)) else {
            panic!("{status:?}");
        };
        assert_eq!((step.intent.status, step.events), (S::Canceled, vec![IntentEvent::Canceled]));
        assert_eq!(step.intent.canceled_at, Some(at(7)));
        assert_eq!(step.intent.cancellation_reason.as_deref(), Some("timeout"));
        assert_eq!(step.intent.next_check_at(), None);
    }
}

#[test]
fn an_open_challenge_is_asked_about_before_it_ends() {
    let challenged = in_status(S::RequiresAction);
    let Ok(CancelStep::ChallengeOpen { intent, attempt }) = challenged.cancel("timeout", at(7)) else {
        panic!("a challenge is open");
    };
    assert_eq!(
        (intent.status, attempt, intent.attempts[0].status),
        (S::Processing, att(1), AttemptStatus::Unknown)
    );
    assert_eq!(intent.next_check_at(), Some(at(7) + CALL_DEADLINE));
    // Nobody met it.
    let step = intent.abandon_challenge(att(1), at(8)).expect("nothing was sent");
    assert_eq!((step.intent.status, step.events), (S::Canceled, vec![IntentEvent::Canceled]));
    assert_eq!((step.intent.attempts[0].status, step.intent.next_check_at()), (AttemptStatus::Error, None));
    // It was met: what is held is let go, and what was taken is told.
    let held = after(CaptureMode::Manual, Outcome::Challenge);
    let Ok(CancelStep::ChallengeOpen { intent: held, .. }) = held.cancel("no", at(7)) else { panic!("open") };
    let held =
        held.record_challenge(att(1), approved(eur(10_000), false), cap(1), at(8)).expect("open").intent;
    assert!(held.attempts[0].is_voiding());
    let taken =
        intent.record_challenge(att(1), approved(eur(10_000), true), cap(1), at(8)).expect("open").intent;
    assert_eq!((taken.status, taken.cancellation_reason.clone()), (S::Succeeded, None));
    // Nobody knows: it is pursued, and who asked in vain may be told later.
    let step =
        intent.challenge_unanswered(att(1), "silence", UnknownOutcome::CallbackOnly, at(8)).expect("open");
    assert_eq!((step.intent.status, step.events), (S::Processing, vec![]));
    assert!(step.intent.next_check_at().is_some_and(|next| next < at(60)), "also where only callbacks tell");
    // Once the gateway was told to go on, the challenge cannot be abandoned any more.
    let met = intent.challenge_met(att(1), at(9)).expect("open");
    assert_eq!(met.abandon_challenge(att(1), at(10)), Err(Refusal::NotOpen));
}

#[test]
fn a_wish_while_the_outcome_is_not_known_is_kept_until_it_is() {
    let failed = IntentEvent::AttemptFailed { attempt: att(1) };
    for (outcome, status, events) in [
        (Outcome::Declined, S::Canceled, vec![failed.clone(), IntentEvent::Canceled]),
        (Outcome::NotDone, S::Canceled, vec![failed, IntentEvent::Canceled]),
        (Outcome::Challenge, S::Processing, vec![]),
        (Outcome::Unknown, S::Processing, vec![]),
        (Outcome::OtherAmount, S::Processing, vec![IntentEvent::AnswerConflicted { attempt: att(1) }]),
        (Outcome::Approved, S::Processing, vec![IntentEvent::Authorized { attempt: att(1) }]),
    ] {
        let step = answered(&requested(CaptureMode::Manual), att(1), outcome, at(4)).expect("open");
        assert_eq!((step.intent.status, step.events), (status, events), "{outcome:?}");
        assert_eq!(step.intent.cancellation_reason.as_deref(), Some("no"), "{outcome:?}");
        assert_eq!(step.intent.canceled_at.is_some(), status == S::Canceled, "{outcome:?}");
    }
}

#[test]
fn what_was_authorized_meanwhile_is_voided_from_the_same_commit_on() {
    let step = answered(&requested(CaptureMode::Manual), att(1), Outcome::Approved, at(4)).expect("open");
    assert!(step.intent.attempts[0].is_voiding());
    assert_eq!(step.intent.next_check_at(), Some(at(4) + CALL_DEADLINE), "a crash before the call is found");
    assert!(step.intent.amount_capturable().is_zero());
    let voided = step.intent.record_voided(att(1), at(5)).expect("a void is on its way");
    assert_eq!((voided.intent.status, voided.events), (S::Canceled, vec![IntentEvent::Canceled]));
}

#[test]
fn money_that_was_taken_meanwhile_is_too_late_to_cancel() {
    let step = answered(&requested(CaptureMode::Auto), att(1), Outcome::Approved, at(4)).expect("open");
    assert_eq!(step.intent.status, S::Succeeded);
    assert_eq!(step.events, [IntentEvent::Captured { capture: cap(1) }]);
    assert_eq!(step.intent.cancellation_reason, None);
}

#[test]
fn what_is_held_is_voided_and_the_void_tried_until_it_is_done() {
    for status in [S::RequiresCapture, S::Authorized] {
        let mut voiding = void_started(&in_status(status));
        assert_eq!((voiding.status, voiding.canceled_at), (S::Processing, None));
        assert!(voiding.amount_capturable().is_zero(), "nothing can be captured meanwhile");
        let mut now = at(50);
        for seconds in [5, 30, 120] {
            let step = voiding.record_void_pending(att(1), "silence", now);
            voiding = step.expect("a void is on its way").intent;
            assert_after(seconds, voiding.next_check_at(), now);
            now = voiding.next_check_at().expect("it is pursued");
            assert_eq!(voiding.status, S::Processing);
        }
        let step = voiding.record_voided(att(1), at(60)).expect("a void is on its way");
        let authorization = step.intent.attempts[0].authorization.as_ref().expect("it was approved");
        assert_eq!(authorization.void, Some(VoidState::Done));
        assert_eq!((step.intent.status, step.intent.next_check_at()), (S::Canceled, None));
        assert_eq!(step.intent.record_voided(att(1), at(61)), Err(Refusal::NotOpen));
        let late = step.intent.record_void_pending(att(1), "late", at(61));
        assert_eq!(late, Err(Refusal::NotOpen));
    }
}

#[test]
fn a_second_wish_is_refused_while_the_first_is_on_its_way() {
    for intent in [requested(CaptureMode::Manual), void_started(&in_status(S::RequiresCapture))] {
        assert_eq!(intent.cancel("again", at(9)), Err(Refusal::CancelRequested));
    }
}

#[test]
fn what_was_taken_or_may_have_been_is_not_canceled_but_what_failed_to_be_is() {
    let refused = Refusal::WrongStatus { status: S::RequiresCapture, command: Command::Cancel };
    let pending = capturing(&in_status(S::RequiresCapture), 10, 4_000, false);
    assert_eq!(pending.cancel("no", at(4)), Err(refused.clone()));
    let unknown = pending.record_capture_unknown(cap(10), "silence", UnknownOutcome::Lookup, at(4));
    let unknown = unknown.expect("pending").intent;
    assert_eq!(unknown.cancel("no", at(4)), Err(refused.clone()));
    let conflict = pending.record_capture(cap(10), approved(eur(1), true), at(4)).expect("pending").intent;
    assert_eq!(conflict.cancel("no", at(4)), Err(refused.clone()));
    let taken = pending.record_capture(cap(10), approved(eur(4_000), true), at(4)).expect("pending").intent;
    assert_eq!(taken.cancel("no", at(4)), Err(refused));
    let failed = pending.record_capture_not_done(cap(10), "no", at(4)).expect("pending").intent;
    assert!(matches!(failed.cancel("no", at(4)), Ok(CancelStep::VoidStarted { .. })));
}

#[test]
fn a_conflict_is_not_canceled_behind_the_back_of_who_settles_it() {
    let conflict = after(CaptureMode::Manual, Outcome::OtherAmount);
    let Ok(CancelStep::Requested(intent)) = conflict.cancel("no", at(4)) else {
        panic!("what the money is, is not known");
    };
    assert_eq!((intent.status, intent.canceled_at), (S::Processing, None));
}
