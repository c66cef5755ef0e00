//! What was taken is taken back.

use super::fixtures::{AMOUNT, approved, at, att, cap, capturing, eur, in_status, with_attempt};
use crate::intents::{
    AttemptStatus, CaptureMode, CaptureStatus, Intent, IntentEvent, IntentStatus, Refusal, Told,
};
use crate::ports::{CallEnd, Decline, DeclineCode};

use IntentStatus as S;

fn taken(intent: &Intent, number: u128, amount: i64, is_final: bool) -> Intent {
    let begun = capturing(intent, number, amount, is_final);
    begun.record_capture(cap(number), approved(eur(amount), true), at(4)).expect("it is pending").intent
}

#[test]
fn a_payment_whose_only_capture_is_taken_back_has_failed_and_says_why() {
    let paid = taken(&in_status(S::RequiresCapture), 1, AMOUNT, true);
    assert_eq!((paid.status, paid.amount_captured()), (S::Succeeded, eur(AMOUNT)));
    let step = paid.record_capture_reversed(cap(1), "CAPTURE_FAILED: no funds", at(9)).expect("it succeeded");
    assert_eq!(step.events, [IntentEvent::CaptureReversed { capture: cap(1) }]);
    let after = step.intent;
    assert_eq!(
        (after.status, after.amount_captured(), after.amount_capturable()),
        (S::Failed, eur(0), eur(0))
    );
    assert_eq!(after.captures[0].status, CaptureStatus::Failed);
    let why = after.last_payment_error.as_ref().expect("a reason").message.as_str();
    assert!(why.ends_with("CAPTURE_FAILED: no funds"), "{why}");
    assert!(after.version > paid.version);
    assert_eq!((after.next_check_at(), after.is_queued()), (None, false), "nobody has to ask any more");
}

#[test]
fn what_other_captures_took_stays_and_so_does_the_payment() {
    let part = taken(&in_status(S::RequiresCapture), 1, 4_000, false);
    let paid = taken(&part, 2, 6_000, true);
    for (gone, left) in [(1, 6_000), (2, 4_000)] {
        let after = paid.record_capture_reversed(cap(gone), "", at(9)).expect("it succeeded").intent;
        assert_eq!((after.status, after.amount_captured()), (S::Succeeded, eur(left)));
        assert!(after.last_payment_error.is_none());
        let last = after.record_capture_reversed(cap(3 - gone), "", at(10)).expect("it succeeded").intent;
        assert_eq!((last.status, last.amount_captured()), (S::Failed, eur(0)));
    }
}

#[test]
fn while_the_rest_is_held_what_was_taken_back_can_be_captured_again() {
    let part = taken(&in_status(S::RequiresCapture), 1, 4_000, false);
    let after = part.record_capture_reversed(cap(1), "", at(9)).expect("it succeeded").intent;
    assert_eq!((after.status, after.amount_captured()), (S::RequiresCapture, eur(0)));
    assert_eq!(after.amount_capturable(), eur(AMOUNT));
}

#[test]
fn only_what_had_succeeded_is_taken_back_and_only_once() {
    let pending = capturing(&in_status(S::RequiresCapture), 1, AMOUNT, true);
    assert_eq!(pending.record_capture_reversed(cap(1), "", at(9)), Err(Refusal::NotOpen));
    let paid = taken(&in_status(S::RequiresCapture), 1, AMOUNT, true);
    assert_eq!(paid.record_capture_reversed(cap(7), "", at(9)), Err(Refusal::NotOpen));
    let after = paid.record_capture_reversed(cap(1), "", at(9)).expect("it succeeded").intent;
    assert_eq!(after.record_capture_reversed(cap(1), "", at(10)), Err(Refusal::NotOpen));
}

#[test]
fn a_callback_takes_back_what_was_captured_apart_or_with_its_authorization_and_is_known_afterwards() {
    let end = CallEnd::TakenBack {
        gateway_reference: "gw_2".to_owned(),
        why: Decline {
            code: DeclineCode::CardDeclined,
            network_code: None,
            message: "no funds".to_owned(),
            sca: None,
        },
    };
    let paid = taken(&in_status(S::RequiresCapture), 1, AMOUNT, true);
    let Ok(Told::News(step)) = paid.told_capture(cap(1), &end, at(9)) else { panic!("news") };
    assert_eq!(
        (step.intent.status, &*step.events),
        (S::Failed, &[IntentEvent::CaptureReversed { capture: cap(1) }][..])
    );
    assert_eq!(step.intent.told_capture(cap(1), &end, at(10)), Ok(Told::Known));

    let sold = in_status(S::Succeeded);
    let attempt = sold.approved_attempt().expect("it was taken").id;
    let Ok(Told::News(step)) = sold.told_authorization(attempt, &end, cap(7), at(9)) else { panic!("news") };
    assert_eq!((step.intent.status, step.intent.amount_captured()), (S::Failed, eur(0)));
    assert_eq!(step.intent.told_authorization(attempt, &end, cap(7), at(10)), Ok(Told::Known));
}

#[test]
fn what_is_told_to_be_taken_back_before_it_is_told_to_be_taken_ends_the_same() {
    let why = Decline {
        code: DeclineCode::CardDeclined,
        network_code: None,
        message: "no funds".to_owned(),
        sca: None,
    };
    let end = CallEnd::TakenBack { gateway_reference: "gw_2".to_owned(), why };
    let approval = CallEnd::Answered(approved(eur(AMOUNT), true));
    for status in [AttemptStatus::Started, AttemptStatus::Unknown, AttemptStatus::Challenge] {
        let open = with_attempt(status, CaptureMode::Auto);
        let tell = |intent: &Intent, end| intent.told_authorization(att(1), end, cap(1), at(9));
        assert!(matches!(tell(&open, &end), Ok(Told::NotYet(_))), "{}", status.as_str());
        let Ok(Told::News(paid)) = tell(&open, &approval) else { panic!("news") };
        let Ok(Told::News(gone)) = tell(&paid.intent, &end) else { panic!("news") };
        assert_eq!((gone.intent.status, gone.intent.amount_captured()), (S::Failed, eur(0)));
        assert_eq!(gone.events, [IntentEvent::CaptureReversed { capture: cap(1) }]);
        assert_eq!(tell(&gone.intent, &approval), Ok(Told::Known), "an older word");
    }
}
