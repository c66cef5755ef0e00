//! The outcomes that `docs/disputes.md` states, in the order it states them.

use super::fixtures::*;
use crate::disputes::{Actor, EntryKind};
use crate::disputes::{DisputeEvent, DisputeRefusal, DisputeStatus as S, DisputeUpdate, Outcome, Settled};
use crate::kernel::{Currency, Money};
use crate::refunds::{RefundRefusal, RefundableCharge};

#[test]
fn what_is_disputed_cannot_be_refunded_and_the_rest_can() {
    let whole = disputed(&charge(10_000), 1, eur(10_000));
    let refused = refund(&whole, 1, None);
    assert_eq!(refused, Err(RefundRefusal::ExceedsCharge { asked: None, left: eur(0) }));
    let part = disputed(&charge(10_000), 1, eur(6_000));
    assert_eq!(sums(&part), [10_000, 0, 6_000, 4_000, 0]);
    assert!(refund(&part, 1, Some(4_001)).is_err());
    assert_eq!(sums(&refund(&part, 1, None).unwrap()), [10_000, 4_000, 6_000, 0, 0]);
}

#[test]
fn a_chargeback_on_a_refunded_charge_lands_and_what_is_missing_is_told() {
    let refunded = recorded(&refund(&charge(10_000), 1, Some(7_000)).unwrap(), 1, done(7_000));
    let landed = opened(&refunded, 1, eur(10_000)).unwrap();
    assert_eq!(sums(&landed.charge), [10_000, 7_000, 10_000, 0, 7_000]);
    let missing = DisputeEvent::Shortfall { dispute: dp(1), missing: eur(7_000) };
    assert_eq!(landed.events, [DisputeEvent::Opened(dp(1)), missing]);
    let won = changed(decide(&landed.charge, 1, told_by_processor(S::Won, 50)));
    assert_eq!(won.events, [DisputeEvent::Resolved { dispute: dp(1), from: S::NeedsResponse }]);
    assert_eq!(sums(&won.charge), [10_000, 7_000, 0, 3_000, 0]);
}

#[test]
fn a_refund_on_its_way_when_the_chargeback_comes_ends_as_its_gateway_says() {
    let on_its_way = refund(&charge(10_000), 1, Some(8_000)).unwrap();
    let landed = opened(&on_its_way, 1, eur(10_000)).unwrap();
    assert_eq!(sums(&landed.charge), [10_000, 8_000, 10_000, 0, 8_000]);
    assert!(landed.events.contains(&DisputeEvent::Shortfall { dispute: dp(1), missing: eur(8_000) }));
    let done = recorded(&landed.charge, 1, done(8_000));
    assert_eq!(sums(&done), [10_000, 8_000, 10_000, 0, 8_000]);
    let failed = recorded(&landed.charge, 1, not_done());
    assert_eq!(sums(&failed), [10_000, 0, 10_000, 0, 0]);
}

#[test]
fn a_lost_dispute_after_a_partial_refund_leaves_what_neither_took() {
    let refunded = recorded(&refund(&charge(10_000), 1, Some(2_500)).unwrap(), 1, done(2_500));
    let lost = decided(&disputed(&refunded, 1, eur(5_000)), 1, S::Lost);
    assert_eq!(sums(&lost), [10_000, 2_500, 5_000, 2_500, 0]);
    assert!(refund(&lost, 2, Some(2_501)).is_err());
    assert!(refund(&lost, 2, Some(2_500)).is_ok());
}

#[test]
fn a_won_dispute_gives_its_amount_back_to_what_can_be_refunded() {
    let won = decided(&disputed(&charge(10_000), 1, eur(10_000)), 1, S::Won);
    assert_eq!(sums(&won), [10_000, 0, 0, 10_000, 0]);
    assert!(refund(&won, 1, None).is_ok());
}

#[test]
fn an_accepted_dispute_takes_as_a_lost_one_and_the_processors_lost_tells_nothing_new() {
    let open = disputed(&charge(10_000), 1, eur(10_000));
    let accepted = changed(decide(&open, 1, told_by_person(S::Accepted, 50))).charge;
    assert_eq!(sums(&accepted), [10_000, 0, 10_000, 0, 0]);
    assert_eq!(decide(&accepted, 1, told_by_processor(S::Lost, 60)), Ok(Settled::AlreadyApplied));
    assert_eq!(decide(&accepted, 1, told_by_person(S::Accepted, 60)), Ok(Settled::AlreadyApplied));
}

#[test]
fn won_after_lost_is_adopted_from_the_processor_and_of_a_person_only_when_it_says_so() {
    let lost = decided(&disputed(&charge(10_000), 1, eur(10_000)), 1, S::Lost);
    let adopted = changed(decide(&lost, 1, told_by_processor(S::Won, 60)));
    assert_eq!(adopted.events, [DisputeEvent::Resolved { dispute: dp(1), from: S::Lost }]);
    let dispute = adopted.charge.dispute(dp(1)).unwrap();
    assert_eq!((dispute.status, dispute.decided_times()), (S::Won, 2));
    assert_eq!(sums(&adopted.charge), [10_000, 0, 0, 10_000, 0]);
    assert_eq!(decide(&lost, 1, told_by_person(S::Won, 60)), Err(DisputeRefusal::Decided(S::Lost)));
    let said = Outcome { overturns: true, ..told_by_person(S::Won, 60) };
    assert_eq!(sums(&changed(decide(&lost, 1, said)).charge), [10_000, 0, 0, 10_000, 0]);
}

#[test]
fn lost_after_won_is_adopted_also_when_the_amount_was_refunded_in_between() {
    let won = decided(&disputed(&charge(10_000), 1, eur(10_000)), 1, S::Won);
    let refunded = recorded(&refund(&won, 1, None).unwrap(), 1, done(10_000));
    let lost = changed(decide(&refunded, 1, told_by_processor(S::Lost, 60)));
    assert_eq!(sums(&lost.charge), [10_000, 10_000, 10_000, 0, 10_000]);
    let missing = DisputeEvent::Shortfall { dispute: dp(1), missing: eur(10_000) };
    assert_eq!(lost.events, [DisputeEvent::Resolved { dispute: dp(1), from: S::Won }, missing]);
}

#[test]
fn a_processors_word_that_is_older_than_what_is_known_changes_nothing() {
    let won = decided(&disputed(&charge(10_000), 1, eur(10_000)), 1, S::Won);
    assert_eq!(decide(&won, 1, told_by_processor(S::Lost, 49)), Ok(Settled::AlreadyApplied));
    assert_eq!(decide(&won, 1, told_by_processor(S::Won, 70)), Ok(Settled::AlreadyApplied));
}

#[test]
fn a_second_chargeback_on_the_same_charge_is_another_dispute_and_takes_again() {
    let one = disputed(&charge(10_000), 1, eur(6_000));
    let two = opened(&one, 2, eur(6_000)).unwrap();
    assert_eq!(sums(&two.charge), [10_000, 0, 12_000, 0, 2_000]);
    assert!(two.events.contains(&DisputeEvent::Shortfall { dispute: dp(2), missing: eur(2_000) }));
    let won = decided(&two.charge, 1, S::Won);
    assert_eq!(sums(&won), [10_000, 0, 6_000, 4_000, 0]);
}

#[test]
fn a_chargeback_of_more_than_was_captured_lands_whole() {
    let landed = opened(&charge(10_000), 1, eur(12_500)).unwrap();
    assert_eq!(sums(&landed.charge), [10_000, 0, 12_500, 0, 2_500]);
    assert!(landed.events.contains(&DisputeEvent::Shortfall { dispute: dp(1), missing: eur(2_500) }));
}

#[test]
fn a_chargeback_in_another_currency_lands_and_lets_nothing_be_refunded_beside_it() {
    let landed = opened(&charge(10_000), 1, Money::new(1, Currency::USD)).unwrap();
    assert_eq!(landed.events, [DisputeEvent::Opened(dp(1)), DisputeEvent::OtherCurrency(dp(1))]);
    assert_eq!(sums(&landed.charge), [10_000, 0, 10_000, 0, 0]);
    assert!(refund(&landed.charge, 1, Some(1)).is_err());
    assert_eq!(sums(&decided(&landed.charge, 1, S::Won)), [10_000, 0, 0, 10_000, 0]);
}

#[test]
fn what_is_no_amount_is_refused_and_one_charge_has_a_bounded_number_of_disputes() {
    assert!(matches!(opened(&charge(1), 1, eur(0)), Err(DisputeRefusal::BadAmount(_))));
    assert!(matches!(opened(&charge(1), 1, eur(i64::MAX)), Err(DisputeRefusal::BadAmount(_))));
    let mut bad_fee = told(eur(1));
    bad_fee.fee_minor = Some(-1);
    let refused = charge(1).open_dispute(dp(1), bad_fee, Actor::processor("simulator"), at(1));
    assert_eq!(refused, Err(DisputeRefusal::BadFee(-1)));
    let mut full = disputed(&charge(1), 1, eur(1));
    full.disputes = vec![full.disputes[0].clone(); RefundableCharge::DISPUTES_MAX];
    assert!(matches!(opened(&full, 2, eur(1)), Err(DisputeRefusal::TooManyDisputes(_))));
}

#[test]
fn people_note_put_under_review_and_set_days_and_no_money_moves() {
    let open = disputed(&charge(10_000), 1, eur(10_000));
    let alice = Actor::person("alice");
    let all = DisputeUpdate {
        under_review: true,
        note: Some("receipt sent".into()),
        evidence_due_by: Some(at(5 * 86_400)),
    };
    let after = changed(open.update_dispute(dp(1), &all, &alice, at(3)));
    let dispute = after.charge.dispute(dp(1)).unwrap();
    assert_eq!((dispute.status, dispute.evidence_due_by), (S::UnderReview, Some(at(5 * 86_400))));
    assert_eq!((dispute.version.number(), after.charge.version), (2, open.version.next()));
    let kinds: Vec<EntryKind> = after.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EntryKind::UnderReview, EntryKind::EvidenceDue, EntryKind::Note]);
    assert_eq!(sums(&after.charge), sums(&open));
    let same = DisputeUpdate { note: None, ..all };
    assert_eq!(after.charge.update_dispute(dp(1), &same, &alice, at(4)), Ok(Settled::AlreadyApplied));
    let lost = decided(&after.charge, 1, S::Lost);
    for late in [
        DisputeUpdate { under_review: true, ..DisputeUpdate::default() },
        DisputeUpdate { evidence_due_by: Some(at(9)), ..DisputeUpdate::default() },
    ] {
        let refused = lost.update_dispute(dp(1), &late, &alice, at(200));
        assert!(matches!(refused, Err(DisputeRefusal::WrongStatus { .. })), "{refused:?}");
    }
    let note = DisputeUpdate { note: Some("why".into()), ..DisputeUpdate::default() };
    assert!(matches!(lost.update_dispute(dp(1), &note, &alice, at(200)), Ok(Settled::Changed(_))));
}

#[test]
fn people_cannot_make_a_history_without_end_and_what_happens_outside_still_lands() {
    let mut long = disputed(&charge(10_000), 1, eur(10_000));
    long.disputes[0].history.number = RefundableCharge::NOTES_MAX;
    let note = DisputeUpdate { note: Some("once more".into()), ..DisputeUpdate::default() };
    let full = Err(DisputeRefusal::TooManyNotes(RefundableCharge::NOTES_MAX));
    assert_eq!(long.update_dispute(dp(1), &note, &Actor::person("alice"), at(3)), full);
    assert_eq!(decide(&long, 1, told_by_person(S::Lost, 50)), full);
    assert_eq!(sums(&decided(&long, 1, S::Won)), [10_000, 0, 0, 10_000, 0]);
}
