//! Every answer of a gateway in every status of an attempt.

use super::fixtures::{Outcome, answered, at, att, cap, with_attempt};
use crate::intents::{AttemptStatus, CaptureMode, Intent, IntentEvent, IntentStatus, Refusal, Step};
use crate::ports::{Avs, Decline, DeclineCode, DeclinedAt, GatewayAnswer, ScaAnswer};

use AttemptStatus as A;
use IntentStatus as S;

/// What an answer makes of an open attempt, of the intent, and what others are told.
fn expected(outcome: Outcome, mode: CaptureMode) -> (A, S, Vec<IntentEvent>) {
    let attempt = att(1);
    match (outcome, mode) {
        (Outcome::Approved, CaptureMode::Auto) => {
            (A::Approved, S::Succeeded, vec![IntentEvent::Captured { capture: cap(1) }])
        }
        (Outcome::Approved, CaptureMode::Manual) => {
            (A::Approved, S::RequiresCapture, vec![IntentEvent::Authorized { attempt }])
        }
        (Outcome::OtherAmount | Outcome::OtherCurrency | Outcome::OtherMode, _) => {
            (A::Conflict, S::Processing, vec![IntentEvent::AnswerConflicted { attempt }])
        }
        (Outcome::Declined, _) => {
            (A::Declined, S::RequiresPaymentMethod, vec![IntentEvent::AttemptFailed { attempt }])
        }
        (Outcome::NotDone, _) => {
            (A::Error, S::RequiresPaymentMethod, vec![IntentEvent::AttemptFailed { attempt }])
        }
        (Outcome::Challenge, _) => (A::Challenge, S::RequiresAction, vec![]),
        (Outcome::Unknown, _) => (A::Unknown, S::Processing, vec![]),
    }
}

#[test]
fn every_answer_in_every_attempt_status_does_what_the_table_says_or_is_refused() {
    for mode in CaptureMode::ALL {
        for status in AttemptStatus::ALL {
            let before = with_attempt(*status, *mode);
            for outcome in Outcome::ALL {
                let case = format!("{mode:?}, {status:?}, {outcome:?}");
                let reached = answered(&before, att(1), outcome, at(20));
                if matches!(status, A::Declined | A::Error) && approves(outcome) {
                    assert_late_approval(
                        &case,
                        &reached.unwrap_or_else(|refusal| panic!("{case}: {refusal}")),
                    );
                    continue;
                }
                // Met by a completion that was on its way when the challenge was found open.
                let was_met = *status == A::Challenge && approves(outcome);
                if !matches!(status, A::Started | A::Unknown) && !was_met {
                    assert_eq!(reached, Err(Refusal::NotOpen), "{case}");
                    continue;
                }
                let step = reached.unwrap_or_else(|refusal| panic!("{case}: {refusal}"));
                let attempt = &step.intent.attempts[0];
                let found = (attempt.status, step.intent.status, step.events.clone());
                assert_eq!(found, expected(outcome, *mode), "{case}");
                assert_eq!(step.intent.version, before.version.next(), "{case}");
                assert_eq!(attempt.next_check_at.is_some(), outcome == Outcome::Unknown, "{case}");
                assert_eq!(attempt.answered_at.is_some(), outcome != Outcome::Unknown, "{case}");
            }
        }
    }
}

fn approves(outcome: Outcome) -> bool {
    matches!(outcome.answer(super::fixtures::eur(1), true), Some(GatewayAnswer::Approved { .. }))
}

/// Money may have moved after we said that it had not: never accepted, never dropped.
fn assert_late_approval(case: &str, step: &Step) {
    let attempt = &step.intent.attempts[0];
    assert_eq!((attempt.status, attempt.next_check_at), (A::Conflict, None), "{case}");
    assert_eq!(step.events, [IntentEvent::AnswerConflicted { attempt: att(1) }], "{case}");
    assert!(attempt.problem.as_deref().is_some_and(|problem| problem.contains("(gw_1)")), "{case}");
    assert_eq!(step.intent.status, S::RequiresPaymentMethod, "{case}: what the customer was told stays");
    assert!(step.intent.amount_captured().is_zero() && step.intent.approved_attempt().is_none(), "{case}");
}

#[test]
fn an_answer_for_an_attempt_that_is_not_there_is_refused() {
    let before = with_attempt(A::Started, CaptureMode::Auto);
    for outcome in Outcome::ALL {
        assert_eq!(answered(&before, att(2), outcome, at(20)), Err(Refusal::NotOpen), "{outcome:?}");
    }
}

#[test]
fn a_card_number_in_what_a_gateway_says_is_kept_nowhere() {
    let said = "4242424242424242 is expired";
    let kept = |intent: &Intent| {
        let text = format!("{intent:?}");
        assert!(!text.contains("42424242424") && !text.contains("\\0"), "{text}");
    };
    let named = Some("4242424242424242\0".to_owned());
    let left = DeclinedAt { gateway_reference: named.clone(), acquirer: named, avs: Avs::default() };
    let before = with_attempt(A::Started, CaptureMode::Auto);
    let decline = Decline {
        code: DeclineCode::ExpiredCard,
        network_code: Some("54".into()),
        message: said.into(),
        sca: ScaAnswer::of_decline(left),
    };
    kept(
        &before.record_answer(att(1), GatewayAnswer::Declined(decline), cap(1), at(2)).expect("open").intent,
    );
    kept(&before.record_not_done(att(1), said, at(2)).expect("open").intent);
    let how = crate::ports::UnknownOutcome::Lookup;
    kept(&before.record_unknown(att(1), said, how, at(2)).expect("open").intent);
}

#[test]
fn an_approval_with_capture_is_one_capture_of_the_whole_amount() {
    let intent = with_attempt(A::Approved, CaptureMode::Auto);
    assert_eq!(intent.captures.len(), 1);
    let capture = &intent.captures[0];
    assert_eq!((capture.amount, capture.attempt, capture.is_final), (intent.amount, att(1), true));
    assert_eq!(capture.gateway_reference.as_deref(), Some("gw_1"));
    assert_eq!(intent.amount_captured(), intent.amount);
    assert!(intent.amount_capturable().is_zero());
}

#[test]
fn an_authorization_alone_takes_nothing_and_all_of_it_can_be_captured() {
    let intent = with_attempt(A::Approved, CaptureMode::Manual);
    assert!(intent.amount_captured().is_zero());
    assert_eq!(intent.amount_capturable(), intent.amount);
}

#[test]
fn an_answer_that_is_not_what_was_asked_is_kept_in_words_with_what_the_gateway_calls_it() {
    for (outcome, said) in [
        (
            Outcome::OtherAmount,
            "asked to take 100.00 EUR, the gateway says that it was to take 100.01 EUR (gw_1)",
        ),
        (
            Outcome::OtherCurrency,
            "asked to take 100.00 EUR, the gateway says that it was to take 100.00 USD (gw_1)",
        ),
        (
            Outcome::OtherMode,
            "asked to take 100.00 EUR, the gateway says that it was to hold 100.00 EUR (gw_1)",
        ),
    ] {
        let before = with_attempt(A::Started, CaptureMode::Auto);
        let step = answered(&before, att(1), outcome, at(2)).expect("the attempt is open");
        assert_eq!(step.intent.attempts[0].problem.as_deref(), Some(said));
        assert!(step.intent.amount_captured().is_zero() && step.intent.approved_attempt().is_none());
    }
}
