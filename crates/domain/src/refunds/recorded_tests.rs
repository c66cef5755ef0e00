use super::fixtures::*;
use super::*;
use crate::refunds::RefundStatus;

fn refused(charge: &RefundableCharge, number: u32, now: Timestamp) -> (RefundableCharge, Vec<RefundEvent>) {
    changed(record(charge, number, RefundOutcome::NotNow(failure()), now))
}

fn again(charge: &RefundableCharge, now: Timestamp) -> RefundableCharge {
    match charge.retry_refund(rf(), now, &LookupSchedule::default()).unwrap() {
        Retried::Started(charge) => (*charge).clone(),
        other @ Retried::Failed { .. } => panic!("it is sent again: {other:?}"),
    }
}

#[test]
fn what_passes_is_tried_again_under_a_new_name_until_it_is_taken_and_holds_its_amount_meanwhile() {
    let (waits, events) = refused(&started(), 1, at(1));
    let refund = waits.refund(rf()).unwrap();
    assert_eq!((refund.status(), refund.attempts, &*events), (RefundStatus::Pending, 1, &[][..]));
    assert_eq!((refund.next_attempt_at(), refund.failure()), (Some(at(6)), Some(&failure())));
    assert_eq!(waits.left(), eur(4_000), "its amount stays reserved");
    let early = waits.retry_refund(rf(), at(5), &LookupSchedule::default());
    assert!(matches!(early, Err(RefundRefusal::WrongStatus { .. })), "{early:?}");
    let second = again(&waits, at(6));
    let refund = second.refund(rf()).unwrap();
    assert_eq!(
        (refund.status(), refund.call().to_string()),
        (RefundStatus::Processing, format!("{}/2", rf()))
    );
    let (taken, events) = changed(record(&second, 2, done(6_000, "gw_2"), at(7)));
    assert_eq!(events, [RefundEvent::Processed(rf())]);
    assert_eq!((taken.refunds[0].status(), taken.refunds[0].attempts), (RefundStatus::Succeeded, 2));
}

#[test]
fn after_the_last_pause_it_has_failed_once_and_gives_its_amount_back() {
    let (mut charge, mut now, mut told) = (started(), at(0), Vec::new());
    loop {
        let number = charge.refunds[0].attempts;
        let events;
        (charge, events) = refused(&charge, number, now);
        told.extend(events);
        let Some(next) = charge.refunds[0].next_attempt_at() else { break };
        now = next;
        charge = again(&charge, now);
    }
    assert_eq!(told, [RefundEvent::Failed { refund: rf(), after_success: false }]);
    let refund = charge.refund(rf()).unwrap();
    assert_eq!((refund.status(), refund.attempts), (RefundStatus::Failed, 8));
    assert_eq!((refund.failure(), charge.left()), (Some(&failure()), eur(10_000)));
}

#[test]
fn one_that_waits_can_be_called_off_and_is_not_sent_again_then() {
    let (waits, _) = refused(&started(), 1, at(1));
    let canceled = waits.cancel(rf(), at(2)).unwrap();
    assert_eq!((canceled.refunds[0].status(), canceled.left()), (RefundStatus::Canceled, eur(10_000)));
    assert!(canceled.retry_refund(rf(), at(99), &LookupSchedule::default()).is_err());
    assert!(again(&waits, at(6)).cancel(rf(), at(7)).is_err(), "the gateway is being asked");
}

#[test]
fn the_end_of_an_older_call_does_not_end_the_newer_one() {
    let second = again(&refused(&started(), 1, at(1)).0, at(6));
    for older in [RefundOutcome::NotDone(failure()), RefundOutcome::NotNow(failure()), RefundOutcome::UNKNOWN]
    {
        assert_eq!(record(&second, 1, older, at(7)), Recorded::AlreadyApplied);
    }
    let (flagged, events) = changed(record(&second, 1, done(6_000, "gw_1"), at(7)));
    assert_eq!(events, [RefundEvent::Conflicted(rf())], "both may have been done: a person has to look");
    let conflict = flagged.refunds[0].attempt().and_then(|attempt| attempt.conflict.clone());
    assert_eq!(conflict.map(|conflict| conflict.gateway_reference).as_deref(), Some("gw_1"));
}

#[test]
fn a_chargeback_that_came_while_it_waited_keeps_it_from_being_paid_twice() {
    let (mut waits, _) = refused(&started(), 1, at(1));
    // All of it did not last.
    waits.reversed = waits.captures.keys().copied().collect();
    let Ok(Retried::Failed { charge, event }) = waits.retry_refund(rf(), at(6), &LookupSchedule::default())
    else {
        panic!("nothing is left of the charge");
    };
    assert_eq!(event, RefundEvent::Failed { refund: rf(), after_success: false });
    let refund = charge.refund(rf()).unwrap();
    assert_eq!((refund.status(), refund.attempts), (RefundStatus::Failed, 1));
    assert_eq!(refund.failure().map(|failure| &*failure.reason), Some(RefundFailure::EXCEEDS_CHARGE));
}

#[test]
fn a_customer_who_never_acts_is_told_of_once_when_nobody_asks_any_more() {
    let asked = || RefundOutcome::ActionRequired { url: String::new() };
    let (waits, events) = changed(record(&started(), 1, asked(), at(1)));
    assert_eq!((waits.refunds[0].status(), &*events), (RefundStatus::RequiresAction, &[][..]));
    let late = at(8 * 24 * 3_600);
    let (given_up, events) = changed(record(&waits, 1, asked(), late));
    assert_eq!(events, [RefundEvent::GivenUp(rf())]);
    assert!(given_up.refunds[0].waits_for_a_person());
    assert_eq!(changed(record(&given_up, 1, asked(), late)).1, []);
    let (done, _) = changed(record(&given_up, 1, done(6_000, "gw_1"), late));
    assert_eq!(done.refunds[0].status(), RefundStatus::Succeeded, "the customer may act still");
}
