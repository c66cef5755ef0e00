//! Changing what is asked for.

use std::collections::BTreeMap;

use super::fixtures::{Outcome, after, at, authorized, created, eur, in_status, start, token};
use crate::intents::{
    CaptureMode, Command, DisputedSum, Intent, IntentPatch, IntentStatus, MethodSummary, Refusal,
};
use crate::kernel::{Currency, Metadata, Money, MoneyError, Version};

fn amount(minor: i64) -> IntentPatch {
    IntentPatch { amount: Some(eur(minor)), ..IntentPatch::default() }
}

#[test]
fn what_is_asked_for_changes_before_an_attempt_and_after_all_failed() {
    let changed = created(CaptureMode::Auto).update(amount(70), at(5)).expect("nothing was tried");
    assert_eq!((changed.amount, changed.updated_at), (eur(70), at(5)));
    let begun = changed.start_attempt(start(1), at(6)).expect("it is ready");
    assert_eq!(begun.attempts[0].amount, eur(70), "the next attempt asks for it");

    let declined = after(CaptureMode::Auto, Outcome::Declined);
    let changed = declined.update(amount(80), at(5)).expect("all failed");
    let again = changed.attach_method(token(), MethodSummary::default(), at(6)).expect("another method");
    let again = again.start_attempt(start(2), at(7)).expect("it is ready");
    let asked: Vec<_> = again.attempts.iter().map(|attempt| attempt.amount).collect();
    assert_eq!(asked, [eur(10_000), eur(80)], "what was asked before stays as it was");
}

#[test]
fn what_is_under_way_or_done_keeps_its_amount_and_mode() {
    let mode = IntentPatch { capture_mode: Some(CaptureMode::Manual), ..IntentPatch::default() };
    for status in IntentStatus::ALL {
        let may = matches!(status, IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation);
        let refused = Refusal::WrongStatus { status: *status, command: Command::Update };
        for patch in [amount(1), mode.clone()] {
            let changed = in_status(*status).update(patch, at(9));
            assert_eq!(changed.is_ok(), may, "{status:?}");
            assert!(may || changed == Err(refused.clone()), "{status:?}");
        }
    }
}

#[test]
fn words_change_at_any_time_and_nothing_else_with_them() {
    let metadata = Metadata::new(BTreeMap::from([("a".into(), "b".into())])).expect("within bounds");
    for status in IntentStatus::ALL {
        let before = in_status(*status);
        let patch = IntentPatch {
            description: Some(Some("new".into())),
            metadata: Some(metadata.clone()),
            ..IntentPatch::default()
        };
        let after = before.update(patch, at(9)).expect("words may always change");
        assert_eq!((after.description.as_deref(), &after.metadata), (Some("new"), &metadata));
        let expected = Intent {
            description: after.description.clone(),
            metadata: metadata.clone(),
            version: before.version.next(),
            updated_at: at(9),
            ..before.clone()
        };
        assert_eq!(after, expected);
        let gone = after.update(IntentPatch { description: Some(None), ..IntentPatch::default() }, at(10));
        assert_eq!(gone.expect("words may always change").description, None);
    }
}

#[test]
fn another_currency_would_be_another_payment() {
    let patch = IntentPatch { amount: Some(Money::new(1, Currency::USD)), ..IntentPatch::default() };
    let refused = created(CaptureMode::Auto).update(patch, at(9));
    assert!(matches!(refused, Err(Refusal::Money(MoneyError::CurrencyMismatch { .. }))), "{refused:?}");
}

#[test]
fn manual_drops_the_delay() {
    let delayed = Intent { attempts: vec![], status: IntentStatus::RequiresConfirmation, ..authorized() };
    let patch = IntentPatch { capture_mode: Some(CaptureMode::Manual), ..IntentPatch::default() };
    let manual = delayed.update(patch, at(9)).expect("nothing was tried");
    assert_eq!((manual.capture_mode, manual.capture_delay_seconds), (CaptureMode::Manual, None));
}

#[test]
fn what_disputes_take_is_shown_as_the_newest_word_of_the_charge_has_it() {
    let told = |version, minor| DisputedSum { minor, version: Version::new(version) };
    let intent = created(CaptureMode::Auto);
    assert_eq!(intent.amount_disputed(), eur(0));
    let opened = intent.with_disputed(told(4, 700), at(5)).expect("news");
    assert_eq!((opened.amount_disputed(), opened.updated_at), (eur(700), at(5)));
    for old in [told(4, 700), told(4, 0), told(3, 900)] {
        assert_eq!(opened.with_disputed(old, at(6)), None, "{old:?}");
    }
    let won = opened.with_disputed(told(6, 0), at(7)).expect("newer");
    assert_eq!((won.amount_disputed(), won.version), (eur(0), opened.version.next()));
}
