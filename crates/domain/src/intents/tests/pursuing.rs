//! How long an outcome is pursued, by what its gateway can do, and that it is left to a person then.

use std::time::Duration;

use uuid::Uuid;

use super::fixtures::{Outcome, after, answered, at, att, cap, capturing, eur, in_status, started};
use crate::intents::{
    AttemptStatus, CALL_DEADLINE, CancelStep, CaptureMode, Intent, IntentEvent, IntentStatus, OpenCall,
    PURSUED_FOR, Pursuit, Refusal, StartCapture, VoidState,
};
use crate::kernel::Timestamp;
use crate::ports::{GatewayAnswer, UnknownOutcome};

const HOUR: Duration = Duration::from_secs(3_600);
const REPLAY: UnknownOutcome = UnknownOutcome::Replay { key_life: Duration::from_secs(24 * 3_600) };

fn pursuit(checks: u32, how: UnknownOutcome) -> Pursuit {
    Pursuit { since: at(0), checks, seed: Uuid::from_u128(7), how }
}

/// Every moment at which an outcome is pursued that never comes.
fn moments(how: UnknownOutcome, seed: Uuid) -> Vec<Timestamp> {
    let (mut now, mut moments) = (at(0), Vec::new());
    for checks in 0..1_000 {
        let Some(next) = (Pursuit { seed, ..pursuit(checks, how) }).next(now) else { return moments };
        moments.push(next);
        now = next;
    }
    panic!("it is pursued for ever");
}

#[test]
fn what_can_be_looked_up_is_for_seven_days_first_soon_then_hourly() {
    let moments = moments(UnknownOutcome::Lookup, Uuid::from_u128(1));
    assert!((150..=175).contains(&moments.len()), "{}", moments.len());
    assert_eq!(moments.last(), Some(&(at(0) + PURSUED_FOR)), "a last time when the time is over");
    assert!(moments.windows(2).all(|pair| pair[1] - pair[0] <= chrono::Duration::minutes(68)));
}

#[test]
fn calls_that_were_lost_together_do_not_come_back_together() {
    let first = |number| moments(UnknownOutcome::Lookup, Uuid::from_u128(number))[4];
    let distinct: std::collections::BTreeSet<_> = (0..100).map(first).collect();
    assert!(distinct.len() > 90, "{}", distinct.len());
    assert_eq!(
        moments(UnknownOutcome::Lookup, Uuid::from_u128(1))[4],
        first(1),
        "the same call, the same moment"
    );
}

#[test]
fn a_request_is_sent_again_only_while_the_gateway_keeps_its_key() {
    let moments = moments(REPLAY, Uuid::from_u128(2));
    let (asked, last) = moments.split_at(moments.len() - 1);
    assert!(asked.iter().all(|moment| pursuit(0, REPLAY).may_ask(*moment)));
    assert!(
        asked.iter().all(|moment| *moment + CALL_DEADLINE < at(0) + 24 * HOUR),
        "also when it arrives late"
    );
    assert_eq!(last, [at(0) + PURSUED_FOR], "after that only a callback can end it");
    assert!(!pursuit(0, REPLAY).may_ask(at(0) + 24 * HOUR));
    let short = UnknownOutcome::Replay { key_life: Duration::from_secs(10) };
    assert!(!pursuit(0, short).may_ask(at(0)), "a key that is gone before a call ends serves nothing");
}

#[test]
fn where_only_the_callback_tells_nobody_asks_and_a_person_gets_it_after_seven_days() {
    assert_eq!(moments(UnknownOutcome::CallbackOnly, Uuid::from_u128(3)), [at(0) + PURSUED_FOR]);
    assert!(!pursuit(0, UnknownOutcome::CallbackOnly).may_ask(at(1)));
}

#[test]
fn the_result_of_a_challenge_is_never_sent_again() {
    let challenged = after(CaptureMode::Auto, Outcome::Challenge);
    let (going_on, _) = challenged.start_challenge_completion(at(100)).expect("a challenge is open");
    assert!(!going_on.attempts[0].pursuit(REPLAY).may_ask(at(110)), "it is kept nowhere");
    assert!(going_on.attempts[0].pursuit(UnknownOutcome::Lookup).may_ask(at(110)));
    assert!(started(CaptureMode::Auto).attempts[0].pursuit(REPLAY).may_ask(at(110)));
}

/// Left alone until its time is over.
fn week_later() -> Timestamp {
    at(100) + PURSUED_FOR
}

#[test]
fn an_attempt_without_an_outcome_stands_in_the_queue_after_seven_days_and_is_told_once() {
    let unknown = after(CaptureMode::Auto, Outcome::Unknown);
    let step = unknown.record_unknown(att(1), "silence", UnknownOutcome::Lookup, week_later()).expect("open");
    assert_eq!(step.events, [IntentEvent::OutcomeOverdue { call: OpenCall::Attempt(att(1)) }]);
    let queued = step.intent;
    assert_eq!(
        (queued.status, queued.attempts[0].status),
        (IntentStatus::Processing, AttemptStatus::Unknown)
    );
    assert_eq!((queued.next_check_at(), queued.attempts[0].queued_at), (None, Some(week_later())));
    let again = queued.record_unknown(att(1), "silence", UnknownOutcome::Lookup, week_later() + HOUR);
    assert_eq!(again.expect("open").events, [], "one alert");
    let late =
        answered(&queued, att(1), Outcome::Approved, week_later() + HOUR).expect("a callback still counts");
    assert_eq!((late.intent.status, late.intent.is_queued()), (IntentStatus::Succeeded, false));
}

#[test]
fn two_who_ask_at_once_are_one_step_of_the_schedule() {
    let unknown = after(CaptureMode::Auto, Outcome::Unknown);
    let due = unknown.next_check_at().expect("pursued");
    let ask = |intent: &Intent| {
        intent.record_unknown(att(1), "silence", UnknownOutcome::Lookup, due).expect("open").intent
    };
    let once = ask(&unknown);
    let twice = ask(&once);
    assert!(once.next_check_at() > Some(due));
    assert_eq!(twice.next_check_at(), once.next_check_at(), "the second of a reader and the worker");
    assert_eq!((once.attempts[0].checks, twice.attempts[0].checks), (2, 2));
}

#[test]
fn a_capture_without_an_outcome_stands_in_the_queue_after_seven_days() {
    let pending = capturing(&in_status(IntentStatus::RequiresCapture), 1, 4_000, false);
    let step = pending.record_capture_unknown(cap(1), "silence", UnknownOutcome::Lookup, week_later());
    let step = step.expect("pending");
    assert_eq!(step.events, [IntentEvent::OutcomeOverdue { call: OpenCall::Capture(cap(1)) }]);
    assert_eq!(step.intent.captures[0].queued_at, Some(week_later()));
    assert_eq!(step.intent.amount_capturable(), eur(6_000), "it stays reserved");
}

fn voiding() -> Intent {
    match in_status(IntentStatus::RequiresCapture).cancel("no", at(3)) {
        Ok(CancelStep::VoidStarted { intent, .. }) => intent,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_void_without_an_outcome_stands_in_the_queue_seven_days_after_it_was_begun() {
    let at_begin = voiding();
    let early = at_begin.record_void_pending(att(1), "silence", at(4)).expect("on its way");
    assert!(early.intent.next_check_at().is_some());
    let step = early.intent.record_void_pending(att(1), "silence", week_later());
    let step = step.expect("on its way");
    assert_eq!(step.events, [IntentEvent::OutcomeOverdue { call: OpenCall::Void(att(1)) }]);
    assert!(step.intent.is_queued() && step.intent.next_check_at().is_none());
}

#[test]
fn a_void_that_is_refused_is_told_once_and_stands_in_the_queue() {
    let step = voiding().record_void_declined(att(1), "captured at the counter", at(5)).expect("on its way");
    assert_eq!(step.events, [IntentEvent::VoidDeclined { attempt: att(1) }]);
    let intent = step.intent;
    let authorization = intent.attempts[0].authorization.as_ref().expect("it is held");
    assert_eq!(authorization.void, Some(VoidState::Declined));
    assert_eq!((intent.status, intent.next_check_at()), (IntentStatus::Processing, None));
    assert_eq!(intent.attempts[0].queued_at, Some(at(5)));
    assert_eq!(intent.record_void_declined(att(1), "no", at(6)), Err(Refusal::NotOpen));
    assert_eq!(intent.record_voided(att(1), at(6)), Err(Refusal::NotOpen));
}

#[test]
fn a_gateway_that_captures_all_or_nothing_is_not_asked_for_a_part() {
    let held = in_status(IntentStatus::RequiresCapture);
    let begin = |amount: Option<i64>| StartCapture { id: cap(1), amount: amount.map(eur), is_final: true };
    assert_eq!(held.refuse_part(&begin(None)), Ok(()));
    assert_eq!(held.refuse_part(&begin(Some(10_000))), Ok(()));
    let refused = held.refuse_part(&begin(Some(9_999)));
    assert_eq!(refused, Err(Refusal::PartialCapture { connector: "simulator".into(), held: eur(10_000) }));
}

#[test]
fn a_gateway_that_captures_once_is_not_asked_to_leave_a_rest() {
    let held = in_status(IntentStatus::RequiresCapture);
    let begin = |is_final| StartCapture { id: cap(1), amount: Some(eur(4_000)), is_final };
    assert_eq!(held.refuse_rest(&begin(true)), Ok(()));
    let refused = held.refuse_rest(&begin(false));
    assert_eq!(refused, Err(Refusal::OneCapture { connector: "simulator".into() }));
}

#[test]
fn what_an_attempt_was_asked_with_is_kept_for_asking_again() {
    let start = crate::intents::StartAttempt { off_session: true, ..super::fixtures::start(1) };
    let begun = super::fixtures::created(CaptureMode::Auto).start_attempt(start, at(1)).expect("ready");
    assert!(begun.attempts[0].off_session);
    let challenge = GatewayAnswer::Challenge { url: "u".into(), challenge_reference: "r".into(), creq: None };
    let step = begun.record_answer(att(1), challenge, cap(1), at(2)).expect("open");
    assert!(step.intent.attempts[0].off_session);
}
