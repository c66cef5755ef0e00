//! What a person may say of a call, and that it comes to what the gateway's answer would have.

use super::fixtures::{
    Outcome, after, answered, approved, at, att, cap, capturing, created, eur, in_status, start, started,
    token,
};
use crate::intents::{
    AttemptStatus, CancelStep, CaptureMode, CaptureStatus, Intent, IntentEvent, IntentStatus, MethodSummary,
    Refusal, Resolve, ResolveCall, ResolvedAs, VoidState,
};
use crate::ports::UnknownOutcome;

use IntentStatus as S;
use ResolvedAs as R;

fn say(call: ResolveCall, outcome: ResolvedAs, minor: Option<i64>) -> Resolve {
    Resolve {
        call,
        outcome,
        gateway_reference: "gw_person".into(),
        amount: minor.map(eur),
        by: "ada".into(),
        reason: "the gateway's support looked it up".into(),
        capture: cap(77),
    }
}

fn of_attempt(outcome: ResolvedAs) -> Resolve {
    say(ResolveCall::Attempt(att(1)), outcome, None)
}

fn of_capture(outcome: ResolvedAs, minor: Option<i64>) -> Resolve {
    say(ResolveCall::Capture(cap(1)), outcome, minor)
}

#[test]
fn an_unknown_attempt_becomes_what_the_gateways_answer_would_have_made_of_it() {
    let failed = IntentEvent::AttemptFailed { attempt: att(1) };
    for (mode, outcome, status, events) in [
        (CaptureMode::Auto, R::Approved, S::Succeeded, vec![IntentEvent::Captured { capture: cap(77) }]),
        (
            CaptureMode::Manual,
            R::Approved,
            S::RequiresCapture,
            vec![IntentEvent::Authorized { attempt: att(1) }],
        ),
        (CaptureMode::Auto, R::Declined, S::RequiresPaymentMethod, vec![failed.clone()]),
        (CaptureMode::Manual, R::NotDone, S::RequiresPaymentMethod, vec![failed]),
    ] {
        let unknown = after(mode, Outcome::Unknown);
        let step = unknown.resolve(&of_attempt(outcome), at(9)).expect("it is unknown");
        assert_eq!((step.intent.status, step.events), (status, events), "{outcome:?}");
        assert_eq!(step.intent.version, unknown.version.next());
        let attempt = &step.intent.attempts[0];
        let kept = attempt.resolution.as_ref().expect("who and why is kept");
        assert_eq!((kept.outcome, kept.by.as_str(), kept.at), (outcome, "ada", at(9)));
        assert_eq!((attempt.next_check_at, attempt.queued_at), (None, None));
        let again = step.intent.resolve(&of_attempt(outcome), at(10));
        assert_eq!(again, Err(Refusal::NothingToResolve), "once");
    }
}

#[test]
fn what_a_cancellation_waited_for_is_voided_when_a_person_says_that_it_is_held() {
    let unknown = after(CaptureMode::Manual, Outcome::Unknown);
    let Ok(CancelStep::Requested(waits)) = unknown.cancel("no", at(5)) else { panic!("it is not known") };
    let step = waits.resolve(&of_attempt(R::Approved), at(9)).expect("it is unknown");
    assert!(step.intent.attempts[0].is_voiding());
    let gone = waits.resolve(&of_attempt(R::NotDone), at(9)).expect("it is unknown").intent;
    assert_eq!(gone.status, S::Canceled);
}

#[test]
fn of_a_conflict_counts_what_was_asked_for_unless_less_is_stated_and_never_more() {
    let conflict = after(CaptureMode::Auto, Outcome::OtherAmount);
    for (stated, counts) in [(None, 10_000), (Some(1), 1), (Some(10_000), 10_000)] {
        let step = conflict.resolve(&say(ResolveCall::Attempt(att(1)), R::Approved, stated), at(9));
        let step = step.expect("it is in conflict");
        assert_eq!((step.intent.status, step.intent.amount_captured()), (S::Succeeded, eur(counts)));
        assert_eq!(step.events, [IntentEvent::Captured { capture: cap(77) }]);
        assert_eq!(step.intent.captures[0].gateway_reference.as_deref(), Some("gw_person"));
    }
    for stated in [10_001, 0, -1, i64::MIN, i64::MAX] {
        let refused = conflict.resolve(&say(ResolveCall::Attempt(att(1)), R::Approved, Some(stated)), at(9));
        let expected = Refusal::ExceedsAsked { stated: eur(stated), at_most: eur(10_000) };
        assert!(
            refused == Err(expected) || matches!(refused, Err(Refusal::Money(_))),
            "{stated}: {refused:?}"
        );
    }
    let held = after(CaptureMode::Manual, Outcome::OtherAmount);
    let step = held.resolve(&say(ResolveCall::Attempt(att(1)), R::Approved, Some(4_000)), at(9));
    assert_eq!(step.expect("it is in conflict").intent.amount_capturable(), eur(4_000));
}

/// The first attempt was taken for declined, and then the gateway said that it had approved it.
fn late() -> Intent {
    let declined = after(CaptureMode::Auto, Outcome::Declined);
    answered(&declined, att(1), Outcome::Approved, at(5)).expect("it is a fact").intent
}

#[test]
fn a_late_approval_counts_while_the_payment_waits_and_not_once_it_has_gone_on() {
    let step = late().resolve(&of_attempt(R::Approved), at(9)).expect("the payment waits for a method");
    assert_eq!((step.intent.status, step.intent.amount_captured()), (S::Succeeded, eur(10_000)));
    assert_eq!((step.intent.last_payment_error, step.events.len()), (None, 1));

    let again = late().attach_method(token(), MethodSummary::default(), at(6)).expect("another method");
    let again = again.start_attempt(start(2), at(7)).expect("it has a method");
    let refused = again.resolve(&of_attempt(R::Approved), at(9));
    assert_eq!(refused, Err(Refusal::WentOn { status: S::Processing }));
    let paid = answered(&again, att(2), Outcome::Approved, at(8)).expect("open").intent;
    let refused = paid.resolve(&of_attempt(R::Approved), at(9));
    assert_eq!(refused, Err(Refusal::WentOn { status: S::Succeeded }), "money is taken once");
    let settled = paid.resolve(&of_attempt(R::NotDone), at(9)).expect("it was given back at the gateway");
    assert_eq!((settled.intent.status, settled.events), (S::Succeeded, vec![]), "what was told stays");
    assert_eq!(settled.intent.attempts[0].status, AttemptStatus::Declined);
    assert!(!settled.intent.is_queued());
}

#[test]
fn what_is_known_or_not_there_cannot_be_resolved() {
    for intent in [started(CaptureMode::Auto), in_status(S::RequiresCapture), created(CaptureMode::Auto)] {
        for outcome in R::ALL {
            assert_eq!(intent.resolve(&of_attempt(*outcome), at(9)), Err(Refusal::NothingToResolve));
            assert_eq!(intent.resolve(&of_capture(*outcome, None), at(9)), Err(Refusal::NothingToResolve));
        }
    }
}

fn unknown_capture() -> Intent {
    let begun = capturing(&in_status(S::RequiresCapture), 1, 4_000, false);
    begun.record_capture_unknown(cap(1), "silence", UnknownOutcome::Lookup, at(4)).expect("pending").intent
}

#[test]
fn an_unknown_capture_becomes_what_a_person_found() {
    let step = unknown_capture().resolve(&of_capture(R::Approved, None), at(9)).expect("it is unknown");
    assert_eq!(step.events, [IntentEvent::Captured { capture: cap(1) }]);
    assert_eq!((step.intent.amount_captured(), step.intent.amount_capturable()), (eur(4_000), eur(6_000)));
    let step = unknown_capture().resolve(&of_capture(R::NotDone, None), at(9)).expect("it is unknown");
    assert_eq!((step.events, step.intent.amount_capturable()), (vec![], eur(10_000)));
    assert_eq!(step.intent.captures[0].status, CaptureStatus::Failed);
    assert!(step.intent.captures[0].resolution.is_some());
}

#[test]
fn a_capture_in_conflict_takes_what_is_stated_and_never_more_than_was_asked() {
    let begun = capturing(&in_status(S::RequiresCapture), 1, 4_000, false);
    let conflict = begun.record_capture(cap(1), approved(eur(4_500), true), at(4)).expect("pending").intent;
    let step = conflict.resolve(&of_capture(R::Approved, Some(3_500)), at(9)).expect("in conflict");
    assert_eq!(step.intent.amount_captured(), eur(3_500));
    let refused = conflict.resolve(&of_capture(R::Approved, Some(4_001)), at(9));
    assert!(matches!(refused, Err(Refusal::ExceedsAsked { .. })), "{refused:?}");
}

#[test]
fn a_late_capture_counts_only_as_far_as_the_authorization_has_room() {
    let begun = capturing(&in_status(S::RequiresCapture), 1, 4_000, false);
    let failed = begun.record_capture_not_done(cap(1), "never received", at(4)).expect("pending").intent;
    let late = failed.record_capture(cap(1), approved(eur(4_000), true), at(5)).expect("a fact").intent;
    let step = late.resolve(&of_capture(R::Approved, None), at(9)).expect("in conflict");
    assert_eq!((step.intent.amount_captured(), step.events.len()), (eur(4_000), 1));

    let second = capturing(&late, 2, 8_000, false);
    let refused = second.resolve(&of_capture(R::Approved, None), at(9));
    let expected = Refusal::ExceedsAsked { stated: eur(4_000), at_most: eur(2_000) };
    assert_eq!(refused, Err(expected));

    let Ok(CancelStep::VoidStarted { intent: voiding, .. }) = late.cancel("no", at(6)) else {
        panic!("nothing is captured as far as we know");
    };
    let refused = voiding.resolve(&of_capture(R::Approved, None), at(9));
    assert_eq!(refused, Err(Refusal::WentOn { status: S::Processing }));
    let settled = voiding.resolve(&of_capture(R::Declined, None), at(9)).expect("in conflict").intent;
    assert!(!settled.is_queued() && settled.attempts[0].is_voiding());
}

fn refused_void() -> Intent {
    let Ok(CancelStep::VoidStarted { intent, .. }) = in_status(S::RequiresCapture).cancel("no", at(3)) else {
        panic!("what is held is voided");
    };
    intent.record_void_declined(att(1), "no", at(5)).expect("on its way").intent
}

#[test]
fn a_stuck_void_is_done_tried_again_or_given_up() {
    let done = refused_void().resolve(&of_attempt(R::Approved), at(9)).expect("stuck");
    assert_eq!((done.intent.status, done.events), (S::Canceled, vec![IntentEvent::Canceled]));
    assert!(!done.intent.is_queued());

    let again = refused_void().resolve(&of_attempt(R::NotDone), at(9)).expect("stuck").intent;
    assert_eq!((again.status, again.next_check_at(), again.is_queued()), (S::Processing, Some(at(9)), false));
    assert!(again.attempts[0].is_voiding(), "the worker sends it again");

    let held = refused_void().resolve(&of_attempt(R::Declined), at(9)).expect("stuck").intent;
    assert_eq!(
        (held.status, held.amount_capturable()),
        (S::RequiresCapture, eur(10_000)),
        "it is held still"
    );
    assert_eq!((held.cancellation_reason.as_deref(), held.is_queued()), (None, false));
    let void = held.attempts[0].authorization.as_ref().and_then(|authorization| authorization.void);
    assert_eq!(void, None::<VoidState>);
    assert!(matches!(held.cancel("again", at(10)), Ok(CancelStep::VoidStarted { .. })));
}
