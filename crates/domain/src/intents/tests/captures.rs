//! Taking what is held, in parts.

use super::fixtures::{AMOUNT, approved, assert_after, at, cap, capturing, eur, in_status};
use crate::intents::{
    CALL_DEADLINE, CaptureStatus, Intent, IntentEvent, IntentStatus, Refusal, StartCapture, Step,
};
use crate::kernel::{Currency, Money, MoneyError};
use crate::ports::{GatewayAnswer, UnknownOutcome};

use IntentStatus as S;

fn held() -> Intent {
    in_status(S::RequiresCapture)
}

fn taken(intent: &Intent, number: u128) -> Step {
    let amount = intent.capture(cap(number)).expect("it was begun").amount;
    intent.record_capture(cap(number), approved(amount, true), at(4)).expect("it is pending")
}

fn begin(amount: Option<Money>, is_final: bool) -> StartCapture {
    StartCapture { id: cap(99), amount, is_final }
}

#[test]
fn without_an_amount_all_that_is_left_is_taken() {
    let begun = held().start_capture(&begin(None, false), at(3)).expect("it is held");
    let capture = &begun.captures[0];
    assert_eq!((capture.amount, capture.status), (eur(AMOUNT), CaptureStatus::Pending));
    assert!(capture.is_final, "nothing is left");
    assert_eq!(capture.next_check_at, Some(at(3) + CALL_DEADLINE), "a crash in the call is found");
    let step = taken(&begun, 99);
    assert_eq!((step.intent.status, step.intent.amount_captured()), (S::Succeeded, eur(AMOUNT)));
    assert_eq!(step.events, [IntentEvent::Captured { capture: cap(99) }]);
    assert_eq!(step.intent.next_check_at(), None);
}

#[test]
fn a_part_lets_the_rest_go_unless_it_is_not_final() {
    let last = taken(&capturing(&held(), 1, 4_000, true), 1).intent;
    assert_eq!((last.status, last.amount_captured()), (S::Succeeded, eur(4_000)));
    assert!(last.amount_capturable().is_zero());

    let part = taken(&capturing(&held(), 1, 4_000, false), 1).intent;
    assert_eq!((part.status, part.amount_captured()), (S::RequiresCapture, eur(4_000)));
    assert_eq!(part.amount_capturable(), eur(6_000));
    let two = taken(&capturing(&part, 2, 5_999, false), 2).intent;
    assert_eq!((two.status, two.amount_capturable()), (S::RequiresCapture, eur(1)));
    let all = taken(&capturing(&two, 3, 1, false), 3).intent;
    assert_eq!((all.status, all.amount_captured()), (S::Succeeded, eur(AMOUNT)));
}

#[test]
fn more_than_is_left_nothing_and_less_than_nothing_are_refused() {
    let part = capturing(&held(), 1, 4_000, false);
    for asked in [6_001, 0, -1, i64::MIN + AMOUNT, i64::MAX] {
        let refused = part.start_capture(&begin(Some(eur(asked)), false), at(4));
        let expected = Refusal::ExceedsCapturable { asked: eur(asked), capturable: eur(6_000) };
        assert_eq!(refused, Err(expected), "{asked}");
    }
    let other = Money::new(1, Currency::USD);
    let refused = part.start_capture(&begin(Some(other), false), at(4));
    assert!(matches!(refused, Err(Refusal::Money(MoneyError::CurrencyMismatch { .. }))), "{refused:?}");
}

#[test]
fn while_a_final_part_is_on_its_way_nothing_else_can_be_taken() {
    let closing = capturing(&held(), 1, 4_000, true);
    assert!(closing.amount_capturable().is_zero());
    let refused = closing.start_capture(&begin(Some(eur(1)), false), at(4));
    assert!(matches!(refused, Err(Refusal::ExceedsCapturable { .. })), "{refused:?}");
    let failed = closing.record_capture_not_done(cap(1), "no", at(4)).expect("pending").intent;
    assert_eq!((failed.status, failed.amount_capturable()), (S::RequiresCapture, eur(AMOUNT)));
}

#[test]
fn a_capture_that_failed_can_be_made_again() {
    let challenge = GatewayAnswer::Challenge { url: "u".into(), challenge_reference: "r".into(), creq: None };
    for answer in [super::fixtures::Outcome::Declined.answer(eur(1), true).expect("an answer"), challenge] {
        let begun = capturing(&held(), 1, AMOUNT, true);
        let step = begun.record_capture(cap(1), answer, at(4)).expect("pending");
        assert_eq!(step.events, [], "no money moved");
        assert_eq!(step.intent.captures[0].status, CaptureStatus::Failed);
        assert!(step.intent.captures[0].problem.is_some());
        assert_eq!(step.intent.amount_capturable(), eur(AMOUNT));
        let again = taken(&capturing(&step.intent, 2, AMOUNT, true), 2).intent;
        assert_eq!((again.status, again.amount_captured()), (S::Succeeded, eur(AMOUNT)));
    }
}

#[test]
fn a_capture_of_unknown_outcome_stays_reserved_and_is_looked_up_later_and_later() {
    let mut intent = capturing(&held(), 1, 4_000, false);
    let mut now = at(50);
    for seconds in [5, 30, 120, 600, 3_600, 3_600] {
        let step = intent.record_capture_unknown(cap(1), "silence", UnknownOutcome::Lookup, now);
        intent = step.expect("pending").intent;
        assert_after(seconds, intent.next_check_at(), now);
        now = intent.next_check_at().expect("it is pursued");
        assert_eq!(intent.amount_capturable(), eur(6_000));
        assert!(intent.amount_captured().is_zero());
    }
}

#[test]
fn another_amount_than_asked_is_never_accepted_and_stays_reserved_until_a_person_settles_it() {
    for said in [eur(4_001), eur(3_999), Money::new(4_000, Currency::USD)] {
        let begun = capturing(&held(), 1, 4_000, false);
        let step = begun.record_capture(cap(1), approved(said, true), at(4)).expect("pending");
        assert_eq!(step.events, [IntentEvent::AnswerConflicted { attempt: super::fixtures::att(1) }]);
        let capture = &step.intent.captures[0];
        assert_eq!((capture.status, capture.next_check_at), (CaptureStatus::Pending, None));
        assert_eq!(capture.queued_at, Some(at(4)), "it stands in the queue");
        let problem = format!("asked for 40.00 EUR, the gateway captured {said} (gw_1)");
        assert_eq!(capture.problem.as_deref(), Some(problem.as_str()));
        assert!(step.intent.amount_captured().is_zero());
        assert_eq!(step.intent.amount_capturable(), eur(6_000));
    }
}

#[test]
fn an_outcome_is_recorded_once() {
    let done = taken(&capturing(&held(), 1, 4_000, false), 1).intent;
    assert_eq!(done.record_capture(cap(1), approved(eur(4_000), true), at(5)), Err(Refusal::NotOpen));
    assert_eq!(done.record_capture_not_done(cap(1), "no", at(5)), Err(Refusal::NotOpen));
    let unknown = done.record_capture_unknown(cap(1), "silence", UnknownOutcome::Lookup, at(5));
    assert_eq!(unknown, Err(Refusal::NotOpen));
    assert_eq!(done.record_capture(cap(2), approved(eur(4_000), true), at(5)), Err(Refusal::NotOpen));
}

#[test]
fn a_capture_that_was_done_after_it_was_taken_for_failed_is_told_and_never_dropped() {
    let begun = capturing(&held(), 1, 4_000, false);
    let failed = begun.record_capture_not_done(cap(1), "never received", at(4)).expect("pending").intent;
    let step = failed.record_capture(cap(1), approved(eur(4_000), true), at(5)).expect("it is a fact");
    assert_eq!(step.events, [IntentEvent::AnswerConflicted { attempt: super::fixtures::att(1) }]);
    assert_eq!(step.intent.captures[0].status, CaptureStatus::Failed);
    assert_eq!(step.intent.captures[0].queued_at, Some(at(5)), "it stands in the queue");
    let problem = "taken for failed, and then the gateway said that it had captured 40.00 EUR (gw_1)";
    assert_eq!(step.intent.captures[0].problem.as_deref(), Some(problem));
}

#[test]
fn a_part_that_is_answered_after_the_final_one_still_counts() {
    let both = capturing(&capturing(&held(), 1, 4_000, false), 2, 6_000, true);
    let closed = taken(&both, 2).intent;
    assert_eq!((closed.status, closed.amount_captured()), (S::Succeeded, eur(6_000)));
    let late = taken(&closed, 1);
    assert_eq!((late.intent.status, late.intent.amount_captured()), (S::Succeeded, eur(AMOUNT)));
    assert_eq!(late.events, [IntentEvent::Captured { capture: cap(1) }]);
}
