//! Only what is known to have moved no money is tried at another connector, and never beside it.

use crate::intents::{
    AttemptStatus, CaptureMode, Intent, IntentStatus, NewIntent, NoEffect, Refusal, StartSession,
};
use crate::ports::{Decline, DeclineCode, GatewayAnswer, SessionFlow, SessionRequest, UnknownOutcome};

use super::fixtures::{AMOUNT, approved, at, att, cap, eur, new, started};

fn decline() -> Decline {
    Decline { code: DeclineCode::DoNotHonor, network_code: None, message: "no".into(), sca: None }
}

fn over(intent: &Intent, ended: NoEffect) -> Result<Intent, Refusal> {
    let next = intent.attempts[0].at_another(att(2), "second".into());
    intent.record_and_try_again(att(1), ended, next, at(5)).map(|step| step.intent)
}

#[test]
fn the_end_of_the_one_and_the_start_of_the_next_are_one_step() {
    for (ended, status) in [
        (NoEffect::Declined(decline()), AttemptStatus::Declined),
        (NoEffect::NotDone("refused".into()), AttemptStatus::Error),
    ] {
        let before = started(CaptureMode::Auto);
        let after = over(&before, ended).expect("it was open");
        assert_eq!(after.version, before.version.next(), "one commit");
        assert_eq!((after.status, after.attempts.len()), (IntentStatus::Processing, 2));
        assert_eq!(after.attempts[0].status, status);
        let next = &after.attempts[1];
        assert_eq!((next.status, &*next.connector, next.number), (AttemptStatus::Started, "second", 2));
        assert_eq!((next.amount, next.capture), (eur(AMOUNT), true));
        let open = after.attempts.iter().filter(|attempt| attempt.is_open()).count();
        assert_eq!(open, 1, "never two that may both have moved money");
    }
}

#[test]
fn nothing_is_begun_where_the_first_ended_otherwise() {
    let intent = started(CaptureMode::Auto);
    let known =
        intent.record_answer(att(1), approved(eur(AMOUNT), true), cap(1), at(2)).expect("open").intent;
    assert_eq!(over(&known, NoEffect::NotDone("late".into())), Err(Refusal::NotOpen));
    assert_eq!(known.attempts.len(), 1);
}

#[test]
fn an_outcome_that_was_unknown_and_is_known_later_begins_nothing_by_itself() {
    let intent = started(CaptureMode::Auto);
    let unknown =
        intent.record_unknown(att(1), "silence", UnknownOutcome::Lookup, at(2)).expect("open").intent;
    assert_eq!(unknown.attempts[0].status, AttemptStatus::Unknown);
    let found = unknown.record_not_done(att(1), "never came", at(60)).expect("open").intent;
    assert_eq!((found.status, found.attempts.len()), (IntentStatus::RequiresPaymentMethod, 1));
}

#[test]
fn there_is_no_next_where_no_attempt_is_left_or_a_cancellation_was_asked_for() {
    let mut last = started(CaptureMode::Auto);
    last.max_attempts = 1;
    let ended = over(&last, NoEffect::Declined(decline())).expect("open");
    assert_eq!((ended.status, ended.attempts.len()), (IntentStatus::Failed, 1));
    let mut canceled = started(CaptureMode::Auto);
    canceled.cancellation_reason = Some("user_cancel".into());
    let ended = over(&canceled, NoEffect::NotDone("refused".into())).expect("open");
    assert_eq!((ended.status, ended.attempts.len()), (IntentStatus::Canceled, 1));
}

#[test]
fn a_session_that_was_not_begun_is_begun_elsewhere_and_one_that_its_customer_was_sent_to_is_not() {
    let session = SessionRequest {
        method: "ideal".into(),
        flow: SessionFlow::Redirect,
        return_url: Some("https://shop.example".into()),
        expires_at: at(100),
        page: None,
    };
    let start = StartSession { id: att(1), connector: "first".into(), rule: None, session: session.clone() };
    let new = NewIntent { instrument: None, ..new(CaptureMode::Auto) };
    let begun = Intent::create(new, at(0)).start_session(start, at(1)).expect("it is ready");
    assert!(begun.attempts[0].can_fail_over());
    let after = over(&begun, NoEffect::NotDone("away".into())).expect("it was open");
    let next = &after.attempts[1];
    assert_eq!((next.session.as_ref(), &*next.connector), (Some(&session), "second"), "the same session");
    assert_eq!(
        (&next.instrument, after.method.method_type.as_str()),
        (&begun.attempts[0].instrument, "ideal")
    );
    let page =
        GatewayAnswer::Challenge { url: "https://bank".into(), challenge_reference: "s".into(), creq: None };
    let open = begun.record_answer(att(1), page, cap(1), at(2)).expect("it is open").intent;
    assert!(!open.attempts[0].can_fail_over(), "the customer may be paying there");
}
