//! Every way a callback can tell an end, to every attempt, capture and void.

use std::time::Duration;

use super::fixtures::{AMOUNT, Outcome, approved, at, att, cap, capturing, eur, with_attempt};
use crate::intents::{
    AttemptStatus, CancelStep, CaptureMode, CaptureStatus, Intent, IntentEvent, IntentStatus, PURSUED_FOR,
    Refusal, Told,
};
use crate::ports::{CallEnd, GatewayAnswer, UnknownOutcome};

const ENDS: [Outcome; 7] = [
    Outcome::Approved,
    Outcome::OtherAmount,
    Outcome::OtherCurrency,
    Outcome::OtherMode,
    Outcome::Declined,
    Outcome::Challenge,
    Outcome::NotDone,
];

fn end(outcome: Outcome, captured: bool) -> CallEnd {
    match outcome.answer(eur(AMOUNT), captured) {
        Some(answer) => CallEnd::Answered(answer),
        None => CallEnd::NotDone("bad request".into()),
    }
}

fn told(intent: &Intent, outcome: Outcome) -> Told {
    let captured = intent.capture_mode == CaptureMode::Auto;
    intent.told_authorization(att(1), &end(outcome, captured), cap(1), at(9)).expect("it has this attempt")
}

fn word(intent: &Intent, told: &Told) -> String {
    match told {
        Told::News(step) => {
            assert_eq!(step.intent.version, intent.version.next(), "one commit is one version");
            step.intent.attempts[0].status.as_str().to_owned()
        }
        Told::Known => "known".into(),
        Told::NotYet(_) => "not yet".into(),
        Told::Contradiction(_) => "contradiction".into(),
    }
}

#[test]
fn what_is_open_ends_as_by_a_direct_answer_and_what_is_known_never_moves() {
    use AttemptStatus::{Approved, Challenge, Conflict, Declined, Error, Started, Unknown};
    // approved, other amount, other currency, other mode, declined, challenge, not done
    let open = ["approved", "conflict", "conflict", "conflict", "declined", "challenge", "error"];
    let met = ["approved", "conflict", "conflict", "conflict", "declined", "known", "error"];
    let held = [
        "known",
        "contradiction",
        "contradiction",
        "contradiction",
        "contradiction",
        "known",
        "contradiction",
    ];
    let ended = ["conflict", "conflict", "conflict", "conflict", "known", "known", "known"];
    for mode in [CaptureMode::Auto, CaptureMode::Manual] {
        for (status, expected) in [
            (Started, open),
            (Unknown, open),
            (Challenge, met),
            (Approved, held),
            (Declined, ended),
            (Error, ended),
            (Conflict, ["known"; 7]),
        ] {
            let intent = with_attempt(status, mode);
            let words = ENDS.map(|outcome| word(&intent, &told(&intent, outcome)));
            assert_eq!(words, expected, "{} {}", status.as_str(), mode.as_str());
        }
    }
}

#[test]
fn the_same_again_is_known_and_moves_nothing() {
    for mode in [CaptureMode::Auto, CaptureMode::Manual] {
        for status in [AttemptStatus::Started, AttemptStatus::Unknown, AttemptStatus::Challenge] {
            for outcome in ENDS {
                let Told::News(step) = told(&with_attempt(status, mode), outcome) else { continue };
                let again = told(&step.intent, outcome);
                assert_eq!(again, Told::Known, "{} {outcome:?} twice", status.as_str());
            }
        }
    }
}

#[test]
fn a_challenge_that_was_overtaken_by_its_completion_does_not_come_back() {
    let challenged = with_attempt(AttemptStatus::Challenge, CaptureMode::Auto);
    let (completing, _) = challenged.start_challenge_completion(at(3)).expect("a challenge is open");
    assert_eq!(told(&completing, Outcome::Challenge), Told::Known);
    let Told::News(step) = told(&completing, Outcome::Approved) else { panic!("it is open") };
    assert_eq!(step.intent.status, IntentStatus::Succeeded);
}

#[test]
fn an_approval_by_callback_after_a_cancellation_begins_its_void() {
    let started = with_attempt(AttemptStatus::Unknown, CaptureMode::Manual);
    let Ok(CancelStep::Requested(wanted)) = started.cancel("no", at(2)) else { panic!("it is processing") };
    let Told::News(step) = told(&wanted, Outcome::Approved) else { panic!("it is open") };
    assert!(step.intent.attempts[0].is_voiding() && step.intent.next_check_at().is_some());
}

#[test]
fn a_capture_ends_by_callback_once() {
    let held = with_attempt(AttemptStatus::Approved, CaptureMode::Manual);
    let pending = capturing(&held, 7, AMOUNT, true);
    let tell = |intent: &Intent, end: &CallEnd| intent.told_capture(cap(7), end, at(9)).expect("it is there");
    let done = CallEnd::Answered(approved(eur(AMOUNT), true));
    let not_done = CallEnd::NotDone("no".into());
    let other = CallEnd::Answered(approved(eur(AMOUNT - 1), true));

    let Told::News(step) = tell(&pending, &done) else { panic!("it is pending") };
    assert_eq!((step.intent.status, step.events.len()), (IntentStatus::Succeeded, 1));
    assert_eq!(tell(&step.intent, &done), Told::Known);
    assert!(matches!(tell(&step.intent, &not_done), Told::Contradiction(_)));
    assert!(matches!(tell(&step.intent, &other), Told::Contradiction(_)));

    let Told::News(failed) = tell(&pending, &not_done) else { panic!("it is pending") };
    assert_eq!(failed.intent.capture(cap(7)).map(|capture| capture.status), Some(CaptureStatus::Failed));
    assert_eq!(tell(&failed.intent, &not_done), Told::Known);
    let Told::News(late) = tell(&failed.intent, &done) else { panic!("money moved") };
    assert!(matches!(late.events.as_slice(), [IntentEvent::AnswerConflicted { .. }]));
    assert_eq!(tell(&late.intent, &done), Told::Known, "it is told once");

    let Told::News(conflict) = tell(&pending, &other) else { panic!("it is pending") };
    assert_eq!(tell(&conflict.intent, &done), Told::Known, "a person settles it");
}

#[test]
fn a_capture_that_was_pursued_in_vain_ends_by_a_callback_also_when_it_is_a_persons_by_then() {
    let held = with_attempt(AttemptStatus::Approved, CaptureMode::Manual);
    let pending = capturing(&held, 7, AMOUNT, true);
    let week_later = pending.captures[0].created_at + PURSUED_FOR;
    let queued = pending.record_capture_unknown(cap(7), "silence", UnknownOutcome::CallbackOnly, week_later);
    let queued = queued.expect("it is open").intent;
    assert!(queued.captures[0].queued_at.is_some() && queued.captures[0].next_check_at.is_none());
    let later = week_later + Duration::from_secs(60);
    let tell = |intent: &Intent, end: &CallEnd| intent.told_capture(cap(7), end, later).expect("it is there");

    let done = CallEnd::Answered(approved(eur(AMOUNT), true));
    let Told::News(step) = tell(&queued, &done) else { panic!("it is open") };
    assert_eq!((step.intent.status, step.intent.captures[0].queued_at), (IntentStatus::Succeeded, None));
    let other = CallEnd::Answered(approved(eur(AMOUNT - 1), true));
    let Told::News(conflict) = tell(&queued, &other) else { panic!("it is open") };
    assert!(matches!(conflict.events.as_slice(), [IntentEvent::AnswerConflicted { .. }]));
    assert_eq!(tell(&conflict.intent, &other), Told::Known, "it is told once");
}

#[test]
fn a_void_ends_by_callback_and_one_that_nobody_asked_for_is_told() {
    let held = with_attempt(AttemptStatus::Approved, CaptureMode::Manual);
    let tell = |intent: &Intent, end: &CallEnd| intent.told_void(att(1), end, at(9)).expect("it is there");
    let done = CallEnd::Answered(approved(eur(AMOUNT), false));
    assert!(matches!(tell(&held, &done), Told::Contradiction(_)));
    let Ok(CancelStep::VoidStarted { intent: voiding, .. }) = held.cancel("no", at(3)) else {
        panic!("it is held")
    };
    assert_eq!(tell(&voiding, &CallEnd::NotDone("no".into())), Told::Known, "it is tried again by itself");
    let Told::News(step) = tell(&voiding, &end(Outcome::Declined, false)) else { panic!("it is no more") };
    assert_eq!(step.events, [IntentEvent::VoidDeclined { attempt: att(1) }]);
    let Told::News(step) = tell(&voiding, &done) else { panic!("it is on its way") };
    assert_eq!(step.intent.status, IntentStatus::Canceled);
    assert_eq!(tell(&step.intent, &done), Told::Known);

    let refused = voiding.record_void_declined(att(1), "no", at(5)).expect("it is on its way").intent;
    let Told::News(step) = tell(&refused, &done) else { panic!("it was let go after all") };
    assert_eq!((step.intent.status, step.intent.version), (IntentStatus::Canceled, refused.version.next()));
    assert!(!step.intent.is_queued());
}

#[test]
fn what_was_canceled_at_the_gateway_before_it_held_anything_is_not_done() {
    let done = CallEnd::Answered(approved(eur(AMOUNT), false));
    for (status, becomes) in [
        (AttemptStatus::Started, "error"),
        (AttemptStatus::Unknown, "error"),
        (AttemptStatus::Challenge, "error"),
        (AttemptStatus::Declined, "known"),
        (AttemptStatus::Error, "known"),
        (AttemptStatus::Conflict, "known"),
    ] {
        let intent = with_attempt(status, CaptureMode::Manual);
        let told = intent.told_void(att(1), &done, at(9)).expect("it is there");
        assert_eq!(word(&intent, &told), becomes, "{}", status.as_str());
        let not_done = CallEnd::NotDone("no".into());
        assert_eq!(intent.told_void(att(1), &not_done, at(9)), Ok(Told::Known));
    }
}

#[test]
fn what_the_intent_does_not_have_is_refused() {
    let intent = with_attempt(AttemptStatus::Started, CaptureMode::Auto);
    let end = CallEnd::Answered(GatewayAnswer::Challenge {
        url: "u".into(),
        challenge_reference: "c".into(),
        creq: None,
    });
    assert_eq!(intent.told_authorization(att(2), &end, cap(1), at(9)), Err(Refusal::NotOpen));
    assert_eq!(intent.told_capture(cap(2), &end, at(9)), Err(Refusal::NotOpen));
    assert_eq!(intent.told_void(att(2), &end, at(9)), Err(Refusal::NotOpen));
}
