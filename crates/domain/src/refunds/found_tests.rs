use uuid::Uuid;

use crate::kernel::{Currency, Metadata, RefundId};
use crate::ports::{Avs, CallEnd, Decline, DeclineCode, GatewayAnswer};
use crate::refunds::recorded::fixtures::{at, call, changed, done, eur, failure, record, rf, started};
use crate::refunds::{
    LookupSchedule, RefundOutcome, RefundPacing, RefundReason, RefundStatus, ResolveRefund, ResolvedRefund,
    Retried, StartRefund,
};

use super::*;

/// A charge of 100.00 EUR with a refund of 60.00 EUR that is known to have failed.
fn failed() -> RefundableCharge {
    changed(record(&started(), 1, RefundOutcome::NotDone(failure()), at(1))).0
}

fn other() -> RefundId {
    RefundId::from_uuid(Uuid::from_u128(0xF002))
}

/// With another refund of so much whose call was begun.
fn with_other(charge: &RefundableCharge, minor: i64) -> RefundableCharge {
    let wanted = StartRefund {
        id: other(),
        amount: Some(minor),
        currency: None,
        reason: RefundReason::CustomerRequest,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::default(),
    };
    charge.start_refund(wanted, at(2), &LookupSchedule::default()).expect("enough is left")
}

fn said(found: ResolvedRefund) -> ResolveRefund {
    ResolveRefund { found, by: "ada".into(), reason: "ticket 4711".into() }
}

fn was_done(name: &str, minor: Option<i64>) -> ResolveRefund {
    said(ResolvedRefund::Succeeded { gateway_reference: name.into(), amount: minor.map(eur) })
}

fn approved(name: &str, minor: i64) -> CallEnd {
    CallEnd::Answered(GatewayAnswer::Approved {
        gateway_reference: name.into(),
        amount: eur(minor),
        captured: false,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
        sca: None,
    })
}

fn taken_back(name: &str) -> CallEnd {
    let why =
        Decline { code: DeclineCode::CardDeclined, network_code: None, message: "no".into(), sca: None };
    CallEnd::TakenBack { gateway_reference: name.into(), why }
}

fn told(charge: &RefundableCharge, number: u32, end: &CallEnd) -> RefundTold {
    charge.told_end(call(number), end, at(9), &RefundPacing::default()).expect("there is such a refund")
}

fn news(told: RefundTold) -> (RefundableCharge, Vec<RefundEvent>) {
    match told {
        RefundTold::Changed { charge, events } => ((*charge).clone(), events),
        other => panic!("it is news: {other:?}"),
    }
}

#[test]
fn what_a_person_sees_in_the_dashboard_counts_from_then_on_once() {
    let (counts, events) = changed(failed().resolve_refund(rf(), &was_done("gw_p", None), at(9)).unwrap());
    assert_eq!(events, [RefundEvent::Processed(rf())]);
    let refund = counts.refund(rf()).unwrap();
    assert_eq!((refund.status(), refund.gateway_reference()), (RefundStatus::Succeeded, Some("gw_p")));
    assert_eq!((counts.left(), counts.refunded_by_us()), (eur(4_000), eur(6_000)));
    let resolution = refund.resolution.as_ref().expect("it is kept");
    assert_eq!((resolution.was, resolution.outcome), (RefundStatus::Failed, RefundStatus::Succeeded));
    let again = counts.resolve_refund(rf(), &was_done("gw_p", None), at(10));
    assert_eq!(again, Err(RefundRefusal::NothingToResolve(RefundStatus::Succeeded)));
    assert_eq!(told(&counts, 1, &approved("gw_p", 6_000)), RefundTold::Known, "the callback comes late");
    let (back, events) = news(told(&counts, 1, &taken_back("gw_p")));
    assert_eq!(events, [RefundEvent::Failed { refund: rf(), after_success: true }]);
    let dead = back.resolve_refund(rf(), &was_done("gw_p", None), at(11));
    assert_eq!(dead, Err(RefundRefusal::NothingToResolve(RefundStatus::Failed)), "what was posted twice");
}

#[test]
fn less_than_was_asked_for_is_what_counts_and_never_more() {
    let (counts, _) = changed(failed().resolve_refund(rf(), &was_done("gw_p", Some(2_500)), at(9)).unwrap());
    assert_eq!((counts.refunds[0].amount, counts.left()), (eur(2_500), eur(7_500)));
    let more = failed().resolve_refund(rf(), &was_done("gw_p", Some(6_001)), at(9));
    assert!(matches!(more, Err(RefundRefusal::ExceedsAsked { .. })), "{more:?}");
}

#[test]
fn what_others_have_taken_meanwhile_does_not_count_and_waits_for_a_person() {
    let spent = with_other(&failed(), 5_000);
    let wanted = was_done("gw_p", None);
    let refused = spent.resolve_refund(rf(), &wanted, at(9));
    assert_eq!(refused, Err(RefundRefusal::NotCovered { found: eur(6_000), left: eur(5_000) }));
    let by_person = spent.keep_what_was_found(rf(), &wanted.found, at(9)).expect("it is new");
    let by_callback = told(&spent, 1, &approved("gw_p", 6_000));
    for (kept, events) in [changed(by_person), news(by_callback)] {
        assert_eq!(events, [RefundEvent::Conflicted(rf())], "told once");
        let refund = kept.refund(rf()).unwrap();
        assert!(refund.waits_for_a_person() && refund.status() == RefundStatus::Failed);
        assert_eq!(kept.left(), eur(0), "what the gateway gave back is not given back again");
        assert_eq!(kept.keep_what_was_found(rf(), &wanted.found, at(10)), None);
        assert_eq!(told(&kept, 1, &approved("gw_p", 6_000)), RefundTold::Known);
        let another = told(&kept, 1, &approved("gw_q", 6_000));
        assert!(matches!(another, RefundTold::Contradiction(_)), "two may have been done: {another:?}");
        // The other one fails: now it is covered.
        let not_done = RefundOutcome::NotDone(failure());
        let (free, _) = changed(kept.record(other(), not_done, at(11), &RefundPacing::default()).unwrap());
        let (counts, events) = changed(free.resolve_refund(rf(), &wanted, at(12)).unwrap());
        assert_eq!((events, counts.left()), (vec![RefundEvent::Processed(rf())], eur(4_000)));
        assert!(!counts.refunds[0].waits_for_a_person());
        // Or it was not done after all: nobody has to look any more, and nothing moves.
        let (gone, events) =
            changed(kept.resolve_refund(rf(), &said(ResolvedRefund::Failed), at(12)).unwrap());
        assert_eq!((events, gone.left()), (vec![], eur(5_000)));
        assert!(!gone.refunds[0].waits_for_a_person());
        // Or the gateway took it back.
        let (back, events) = news(told(&kept, 1, &taken_back("gw_p")));
        assert_eq!((events, back.left(), back.refunds[0].conflict()), (vec![], eur(5_000), None));
    }
}

#[test]
fn another_amount_than_was_asked_for_waits_for_a_person_who_says_what_counts() {
    let (kept, events) = news(told(&failed(), 1, &approved("gw_1", 5_900)));
    assert_eq!((events, kept.left()), (vec![RefundEvent::Conflicted(rf())], eur(4_100)));
    let (counts, _) = changed(kept.resolve_refund(rf(), &was_done("gw_1", Some(5_900)), at(10)).unwrap());
    assert_eq!((counts.refunds[0].amount, counts.left()), (eur(5_900), eur(4_100)));
    let strange = RefundConflict { amount: Money::new(1, Currency::USD), gateway_reference: "gw_2".into() };
    let kept = failed().found_done(&failed().refunds[0], strange, at(9));
    assert_eq!(changed(kept).0.left(), eur(0), "nobody here knows the rate");
}

#[test]
fn one_name_of_the_gateway_is_one_refund() {
    let (named, _) = changed(
        with_other(&failed(), 1_000)
            .record(other(), done(1_000, "gw_o"), at(3), &RefundPacing::default())
            .unwrap(),
    );
    let refused = named.resolve_refund(rf(), &was_done("gw_o", None), at(9));
    assert_eq!(refused, Err(RefundRefusal::NamedAlready(other())));
    let (unknown, _) = changed(record(&with_other(&started(), 1_000), 1, RefundOutcome::UNKNOWN, at(3)));
    let (unknown, _) =
        changed(unknown.record(other(), done(1_000, "gw_o"), at(4), &RefundPacing::default()).unwrap());
    let refused = unknown.resolve_refund(rf(), &was_done("gw_o", None), at(9));
    assert_eq!(refused, Err(RefundRefusal::NamedAlready(other())), "also of one whose outcome is open");
}

#[test]
fn one_that_was_called_off_and_is_done_after_all_counts_too() {
    let (waits, _) = changed(record(&started(), 1, RefundOutcome::NotNow(failure()), at(1)));
    let canceled = waits.cancel(rf(), at(2)).unwrap();
    let (counts, events) = news(told(&canceled, 1, &approved("gw_1", 6_000)));
    assert_eq!((events, counts.left()), (vec![RefundEvent::Processed(rf())], eur(4_000)));
}

#[test]
fn one_that_was_called_off_and_is_not_covered_waits_for_a_person_too() {
    let (waits, _) = changed(record(&started(), 1, RefundOutcome::NotNow(failure()), at(1)));
    let spent = with_other(&waits.cancel(rf(), at(2)).unwrap(), 5_000);
    let wanted = was_done("gw_1", None);
    let refused = spent.resolve_refund(rf(), &wanted, at(9));
    assert_eq!(refused, Err(RefundRefusal::NotCovered { found: eur(6_000), left: eur(5_000) }));
    let by_person = spent.keep_what_was_found(rf(), &wanted.found, at(9)).expect("it is new");
    let late = record(&spent, 1, done(6_000, "gw_1"), at(9));
    let by_callback = told(&spent, 1, &approved("gw_1", 6_000));
    for (kept, events) in [changed(by_person), changed(late), news(by_callback)] {
        assert_eq!(events, [RefundEvent::Conflicted(rf())], "told once");
        let refund = kept.refund(rf()).unwrap();
        assert!(refund.waits_for_a_person() && refund.status() == RefundStatus::Canceled);
        assert_eq!(kept.left(), eur(0), "what the gateway gave back is not given back again");
        assert_eq!(told(&kept, 1, &approved("gw_1", 6_000)), RefundTold::Known);
        assert!(matches!(told(&kept, 1, &approved("gw_2", 6_000)), RefundTold::Contradiction(_)));
        // The other one fails: now it is covered.
        let not_done = RefundOutcome::NotDone(failure());
        let (free, _) = changed(kept.record(other(), not_done, at(11), &RefundPacing::default()).unwrap());
        let (counts, events) = changed(free.resolve_refund(rf(), &wanted, at(12)).unwrap());
        assert_eq!((events, counts.left()), (vec![RefundEvent::Processed(rf())], eur(4_000)));
        // Or it was not done after all: it is called off, as before.
        let (gone, events) =
            changed(kept.resolve_refund(rf(), &said(ResolvedRefund::Failed), at(12)).unwrap());
        // Or the gateway took it back.
        let (back, no_news) = news(told(&kept, 1, &taken_back("gw_1")));
        for (after, events) in [(gone, events), (back, no_news)] {
            let refund = after.refund(rf()).unwrap();
            assert_eq!((events, after.left()), (vec![], eur(5_000)));
            assert_eq!((refund.status(), refund.conflict()), (RefundStatus::Canceled, None));
        }
    }
}

#[test]
fn what_an_older_call_gave_back_is_taken_back_by_its_own_name() {
    let (waits, _) = changed(record(&started(), 1, RefundOutcome::NotNow(failure()), at(1)));
    let Ok(Retried::Started(second)) = waits.retry_refund(rf(), at(99), &LookupSchedule::default()) else {
        panic!("it is sent again");
    };
    let (failed, _) = changed(record(&second, 2, RefundOutcome::NotDone(failure()), at(100)));
    let (counts, _) = news(told(&failed, 1, &approved("gw_1", 6_000)));
    assert_eq!(told(&counts, 1, &taken_back("gw_x")), RefundTold::Known, "that is not the one that counts");
    let of_the_last = told(&counts, 2, &taken_back("gw_2"));
    assert!(matches!(of_the_last, RefundTold::Contradiction(_)), "nor is that: {of_the_last:?}");
    let (back, events) = news(told(&counts, 1, &taken_back("gw_1")));
    assert_eq!(events, [RefundEvent::Failed { refund: rf(), after_success: true }]);
    assert_eq!(back.left(), eur(10_000));
}

#[test]
fn no_other_call_is_made_while_its_money_may_have_been_given_back_already() {
    let waiting = with_other(&failed(), 5_000);
    let not_now = RefundOutcome::NotNow(failure());
    let (waiting, _) = changed(waiting.record(other(), not_now, at(3), &RefundPacing::default()).unwrap());
    let (kept, _) = news(told(&waiting, 1, &approved("gw_1", 6_000)));
    let retried = kept.retry_refund(other(), at(99), &LookupSchedule::default()).unwrap();
    assert!(matches!(retried, Retried::Failed { .. }), "{retried:?}");
}

#[test]
fn store_credit_and_what_was_made_outside_are_never_found() {
    let mut credit = failed();
    credit.refunds[0].method = RefundMethod::StoreCredit;
    let mut outside = failed();
    outside.refunds[0].origin = RefundOrigin::Gateway;
    for charge in [credit, outside] {
        let refused = charge.resolve_refund(rf(), &was_done("gw_p", None), at(9));
        assert_eq!(refused, Err(RefundRefusal::NothingToResolve(RefundStatus::Failed)));
    }
}
