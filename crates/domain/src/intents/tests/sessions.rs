//! Sessions of alternative payment methods.

use super::fixtures::{approved, at, att, cap, eur, new};
use crate::intents::{
    AttemptStatus, CALL_DEADLINE, CancelStep, CaptureMode, Instrument, Intent, IntentStatus, NewIntent,
    StartSession, Told,
};
use crate::ports::{CallEnd, Decline, DeclineCode, GatewayAnswer, SessionFlow, SessionRequest};

const AMOUNT: i64 = super::fixtures::AMOUNT;

fn start() -> StartSession {
    let session = SessionRequest {
        method: "ideal".into(),
        flow: SessionFlow::Redirect,
        return_url: None,
        expires_at: at(100),
        page: None,
    };
    StartSession { id: att(1), connector: "simulator".into(), rule: None, session }
}

fn page() -> GatewayAnswer {
    GatewayAnswer::Challenge { url: "https://bank".into(), challenge_reference: "s".into(), creq: None }
}

/// An intent whose customer may be paying.
fn open() -> Intent {
    let new = NewIntent { instrument: None, expires_at: Some(at(50)), ..new(CaptureMode::Auto) };
    let begun = Intent::create(new, at(0)).start_session(start(), at(1)).expect("it is ready");
    begun.record_answer(att(1), page(), cap(1), at(2)).expect("it is open").intent
}

#[test]
fn a_session_is_an_attempt_without_a_method_of_ours() {
    let open = open();
    assert_eq!((open.status, open.instrument.clone()), (IntentStatus::RequiresAction, None));
    let attempt = open.open_session().expect("the customer may pay");
    assert_eq!(attempt.instrument, Instrument::Alternative("ideal".into()));
    assert_eq!((open.method.method_type.as_str(), attempt.status), ("ideal", AttemptStatus::Challenge));
}

#[test]
fn its_end_is_recorded_once_by_the_return_or_the_callback() {
    let paid = approved(eur(AMOUNT), true);
    let (returned, _) = open().start_challenge_completion(at(3)).expect("it is open");
    let returned = returned.record_answer(att(1), paid.clone(), cap(1), at(4)).expect("it is open").intent;
    assert_eq!(returned.status, IntentStatus::Succeeded);
    let end = CallEnd::Answered(paid);
    assert_eq!(returned.told_authorization(att(1), &end, cap(2), at(5)), Ok(Told::Known));
    let Ok(Told::News(told)) = open().told_authorization(att(1), &end, cap(1), at(3)) else { panic!("news") };
    assert_eq!(told.intent.status, IntentStatus::Succeeded);
    assert_eq!(told.intent.told_authorization(att(1), &end, cap(2), at(4)), Ok(Told::Known));
    assert!(told.intent.start_challenge_completion(at(5)).is_err());
}

#[test]
fn one_that_is_canceled_while_the_customer_may_pay_waits_for_its_end() {
    let Ok(CancelStep::ChallengeOpen { intent: asked, .. }) = open().cancel("user_cancel", at(3)) else {
        panic!("it waits")
    };
    assert_eq!((asked.status, asked.attempts[0].status), (IntentStatus::Processing, AttemptStatus::Unknown));
    assert_eq!(asked.next_check_at(), Some(at(3) + CALL_DEADLINE));
    // Still on its page: asked again when its time is over.
    let waits = asked.record_answer(att(1), page(), cap(1), at(4)).expect("it is open").intent;
    assert_eq!((waits.status, waits.next_check_at()), (IntentStatus::Processing, Some(at(100))));
    let over = waits.abandon_challenge(att(1), at(100)).expect("its time is over").intent;
    assert_eq!((over.status, over.attempts[0].status), (IntentStatus::Canceled, AttemptStatus::Error));
    // Paid after all: too late to cancel, and no conflict.
    let paid =
        waits.record_answer(att(1), approved(eur(AMOUNT), true), cap(1), at(5)).expect("it is open").intent;
    assert_eq!((paid.status, paid.cancellation_reason.clone()), (IntentStatus::Succeeded, None));
}

#[test]
fn an_intent_does_not_expire_while_the_customer_may_be_paying() {
    assert_eq!(open().closes_at(), None);
    let ended = open().abandon_challenge(att(1), at(101)).expect("it is open").intent;
    assert_eq!(ended.status, IntentStatus::Failed, "its time was over too");
}

#[test]
fn a_try_that_failed_ends_a_session_only_when_its_time_is_over_or_the_customer_went_back() {
    let declined = |code| {
        let message = "no".to_owned();
        CallEnd::Answered(GatewayAnswer::Declined(Decline { code, network_code: None, message, sca: None }))
    };
    let refused = declined(DeclineCode::CardDeclined);
    let is_only_a_try = |end: &CallEnd, second| open().attempts[0].is_only_a_try(end, at(second));
    assert!(is_only_a_try(&refused, 99) && is_only_a_try(&CallEnd::NotDone("an error".into()), 99));
    assert!(!is_only_a_try(&refused, 100), "its time is over");
    assert!(!is_only_a_try(&declined(DeclineCode::CustomerCanceled), 3));
    assert!(!is_only_a_try(&CallEnd::Answered(approved(eur(AMOUNT), true)), 3));
    // Neither of a charge, nor of what has ended.
    let charge = super::fixtures::after(CaptureMode::Auto, super::fixtures::Outcome::Challenge);
    assert!(!charge.attempts[0].is_only_a_try(&refused, at(3)));
    let ended = open().abandon_challenge(att(1), at(50)).expect("it is open").intent;
    assert!(!ended.attempts[0].is_only_a_try(&refused, at(51)));
}
