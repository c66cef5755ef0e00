//! Captures that a person made in the gateway's dashboard: adopted once, and never confused with ours.

use super::fixtures::{AMOUNT, approved, at, att, authorized, cap, capturing, eur, in_status, with_attempt};
use crate::intents::{
    AttemptStatus, CancelStep, CaptureMode, CaptureOrigin, CaptureStatus, Intent, IntentEvent, IntentStatus,
    Step, Told,
};
use crate::kernel::{Currency, Money};
use crate::ports::{Decline, DeclineCode, OutsideCapture, UnknownOutcome};

/// What the new capture is called here.
const ADOPTED: u128 = 50;

fn outside(name: &str, amount: Money, is_final: bool) -> OutsideCapture {
    OutsideCapture {
        authorization: att(1).to_string(),
        payment_reference: Some("gw_1".into()),
        gateway_reference: name.into(),
        amount,
        is_final,
        taken_back: None,
    }
}

fn failed(name: &str, minor: i64) -> OutsideCapture {
    let why = Decline {
        code: DeclineCode::CardDeclined,
        network_code: None,
        message: "insufficient balance".into(),
        sca: None,
    };
    OutsideCapture { taken_back: Some(why), ..outside(name, eur(minor), true) }
}

fn held() -> Intent {
    in_status(IntentStatus::RequiresCapture)
}

fn tell(intent: &Intent, told: &OutsideCapture) -> Told {
    intent.told_captured_outside(att(1), told, cap(ADOPTED), at(9)).expect("it has this attempt")
}

#[track_caller]
fn news(intent: &Intent, told: &OutsideCapture) -> Step {
    let Told::News(step) = tell(intent, told) else { panic!("{:?} of {intent:?}", tell(intent, told)) };
    assert_eq!(step.intent.version, intent.version.next());
    *step
}

#[track_caller]
fn contradicts(intent: &Intent, told: &OutsideCapture) {
    assert!(matches!(tell(intent, told), Told::Contradiction(_)), "{:?}", tell(intent, told));
}

#[track_caller]
fn waits(intent: &Intent, told: &OutsideCapture) {
    assert!(matches!(tell(intent, told), Told::NotYet(_)), "{:?}", tell(intent, told));
}

#[test]
fn it_becomes_a_capture_of_the_charge_and_is_told_once() {
    for intent in [held(), authorized()] {
        let told = outside("gw_out", eur(AMOUNT), true);
        let step = news(&intent, &told);
        assert_eq!(step.events, [IntentEvent::Captured { capture: cap(ADOPTED) }]);
        let after = step.intent;
        assert_eq!((after.status, after.amount_captured()), (IntentStatus::Succeeded, eur(AMOUNT)));
        let capture = &after.captures[0];
        assert_eq!((capture.origin, capture.status), (CaptureOrigin::Gateway, CaptureStatus::Succeeded));
        assert_eq!((capture.attempt, capture.gateway_reference.as_deref()), (att(1), Some("gw_out")));
        assert_eq!(after.attempts[0].capture_at, None, "we capture it no more");
        assert_eq!(after.next_check_at(), None);
        assert_eq!(tell(&after, &told), Told::Known, "by its name, under whatever event");
    }
}

#[test]
fn a_part_lets_the_rest_go_as_the_gateway_says() {
    let last = news(&held(), &outside("gw_out", eur(4_000), true)).intent;
    assert_eq!((last.status, last.amount_capturable()), (IntentStatus::Succeeded, eur(0)));
    let part = news(&held(), &outside("gw_out", eur(4_000), false)).intent;
    assert_eq!((part.status, part.amount_capturable()), (IntentStatus::RequiresCapture, eur(6_000)));
    let ours = capturing(&part, 1, 6_000, true);
    let all = ours.record_capture(cap(1), approved(eur(6_000), true), at(5)).expect("it is open").intent;
    assert_eq!((all.status, all.amount_captured()), (IntentStatus::Succeeded, eur(AMOUNT)));
}

#[test]
fn what_exceeds_what_is_left_or_is_another_payments_is_a_contradiction() {
    for amount in [eur(AMOUNT + 1), eur(0), eur(-1), Money::new(AMOUNT, Currency::USD), eur(i64::MAX)] {
        contradicts(&held(), &outside("gw_out", amount, true));
    }
    let elsewhere =
        OutsideCapture { payment_reference: Some("gw_9".into()), ..outside("gw_out", eur(1), true) };
    contradicts(&held(), &elsewhere);
    let unnamed = OutsideCapture { payment_reference: None, ..outside("gw_out", eur(1), true) };
    assert_eq!(news(&held(), &unnamed).intent.amount_captured(), eur(1));
    let part = news(&held(), &outside("gw_out", eur(9_000), false)).intent;
    contradicts(&part, &outside("gw_more", eur(1_001), false));
    let known = news(&part, &outside("gw_more", eur(1_000), false)).intent;
    contradicts(&known, &outside("gw_more", eur(999), false));
    contradicts(&known, &outside("gw_third", eur(1), false));
    contradicts(&in_status(IntentStatus::Succeeded), &outside("gw_out", eur(1), true));
}

/// The heart of it: while a capture of ours may have been done, the dashboard's is not booked beside it.
#[test]
fn it_waits_for_a_capture_of_ours_and_is_decided_by_what_that_came_to() {
    let told = outside("gw_out", eur(AMOUNT), true);
    let begun = capturing(&held(), 1, AMOUNT, true);
    waits(&begun, &told);
    let unknown = begun.record_capture_unknown(cap(1), "silence", UnknownOutcome::Lookup, at(4));
    let unknown = unknown.expect("it is open").intent;
    waits(&unknown, &told);

    // Ours was refused, for somebody was faster.
    let refused = unknown.record_capture_not_done(cap(1), "captured before", at(5)).expect("open").intent;
    let adopted = news(&refused, &told).intent;
    assert_eq!((adopted.status, adopted.amount_captured()), (IntentStatus::Succeeded, eur(AMOUNT)));

    // Ours was done, so that nothing is left for another: a person looks, and nothing is booked.
    let done = unknown.record_capture(cap(1), approved(eur(AMOUNT), true), at(5)).expect("open").intent;
    contradicts(&done, &told);
    // Unless it is ours by the gateway's own name of it.
    assert_eq!(tell(&done, &outside("gw_1", eur(AMOUNT), true)), Told::Known);
    contradicts(&done, &outside("gw_1", eur(AMOUNT - 1), true));

    // Ours took a part, and the dashboard's is the rest.
    let part = capturing(&held(), 1, 4_000, false);
    let part = part.record_capture(cap(1), approved(eur(4_000), true), at(5)).expect("open").intent;
    assert_eq!(news(&part, &outside("gw_out", eur(6_000), true)).intent.amount_captured(), eur(AMOUNT));
}

#[test]
fn it_waits_for_a_person_who_has_a_capture_of_ours() {
    let told = outside("gw_out", eur(AMOUNT), true);
    let begun = capturing(&held(), 1, AMOUNT, true);
    let other = begun.record_capture(cap(1), approved(eur(AMOUNT - 1), true), at(4)).expect("open").intent;
    assert!(other.is_queued());
    waits(&other, &told);
    let failed = begun.record_capture_not_done(cap(1), "no", at(4)).expect("open").intent;
    let late = failed.record_capture(cap(1), approved(eur(AMOUNT), true), at(5)).expect("it is told").intent;
    assert!(late.is_queued(), "taken for failed, and then done");
    waits(&late, &told);
}

#[test]
fn it_waits_for_its_authorization_and_for_a_void() {
    let told = outside("gw_out", eur(AMOUNT), true);
    for status in
        [AttemptStatus::Started, AttemptStatus::Unknown, AttemptStatus::Challenge, AttemptStatus::Conflict]
    {
        waits(&with_attempt(status, CaptureMode::Manual), &told);
    }
    for status in [AttemptStatus::Declined, AttemptStatus::Error] {
        contradicts(&with_attempt(status, CaptureMode::Manual), &told);
    }
    let Ok(CancelStep::VoidStarted { intent: voiding, .. }) = held().cancel("no", at(3)) else {
        panic!("something is held")
    };
    waits(&voiding, &told);
    let let_go = voiding.record_voided(att(1), at(4)).expect("it is on its way").intent;
    contradicts(&let_go, &told);
}

#[test]
fn one_that_leaves_nothing_held_is_the_end_of_a_void_that_was_refused_for_it() {
    let Ok(CancelStep::VoidStarted { intent: voiding, .. }) = held().cancel("no", at(3)) else {
        panic!("something is held")
    };
    let refused = voiding.record_void_declined(att(1), "it was captured", at(4)).expect("on its way").intent;
    for told in [outside("gw_out", eur(AMOUNT), false), outside("gw_out", eur(4_000), true)] {
        let step = news(&refused, &told);
        assert_eq!(step.events, [IntentEvent::Captured { capture: cap(ADOPTED) }]);
        let after = step.intent;
        assert_eq!((after.status, after.amount_captured()), (IntentStatus::Succeeded, told.amount));
        assert_eq!((after.cancellation_reason.as_deref(), after.attempts[0].void()), (None, None));
        assert!(!after.is_queued() && after.next_check_at().is_none(), "no person is asked any more");
        assert_eq!(tell(&after, &told), Told::Known);
    }
    // Of a part, or of what did not last, the gateway may still hold something: a person has the void.
    waits(&refused, &outside("gw_out", eur(4_000), false));
    waits(&refused, &failed("gw_out", AMOUNT));
    contradicts(&refused, &outside("gw_out", eur(AMOUNT + 1), true));
}

#[test]
fn one_that_does_not_last_is_undone_and_never_adopted_by_an_older_word() {
    let told = outside("gw_out", eur(AMOUNT), true);
    let adopted = news(&held(), &told).intent;
    let back = news(&adopted, &failed("gw_out", AMOUNT));
    assert_eq!(back.events, [IntentEvent::CaptureReversed { capture: cap(ADOPTED) }]);
    assert_eq!((back.intent.status, back.intent.amount_captured()), (IntentStatus::Failed, eur(0)));
    assert_eq!(tell(&back.intent, &failed("gw_out", AMOUNT)), Told::Known);
    assert_eq!(tell(&back.intent, &told), Told::Known);

    let early = news(&held(), &failed("gw_out", AMOUNT));
    assert_eq!((early.events.len(), early.intent.amount_captured()), (0, eur(0)));
    assert_eq!(early.intent.status, IntentStatus::RequiresCapture, "it is held still");
    assert_eq!(tell(&early.intent, &told), Told::Known, "the older word comes late");
    assert_eq!(early.intent.amount_capturable(), eur(AMOUNT));
    let other = OutsideCapture { payment_reference: Some("gw_9".into()), ..failed("gw_out", 1) };
    assert_eq!(tell(&held(), &other), Told::Known, "nothing moved");
}
