use uuid::Uuid;

use super::*;
use crate::kernel::{CaptureId, ChargeId, Currency, IntentId};
use crate::ports::{Avs, DeclineCode};
use crate::refunds::{CapturedCharge, CapturedPart, LookupSchedule, RefundOutcome, Retried, StartRefund};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + secs, 0).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn rf(n: u128) -> RefundId {
    RefundId::from_uuid(Uuid::from_u128(0xF000 + n))
}

fn charge(captured: i64) -> RefundableCharge {
    let told = CapturedCharge {
        charge_id: ChargeId::from_uuid(Uuid::from_u128(1)),
        intent_id: IntentId::from_uuid(Uuid::from_u128(2)),
        merchant_account_id: "ma_default".into(),
        connector: "adyen".into(),
        gateway_reference: "PSP1".into(),
        customer_id: None,
        order_id: None,
        livemode: false,
        authorized: eur(10_000),
        captures: vec![CapturedPart { id: CaptureId::from_uuid(Uuid::from_u128(3)), amount: eur(captured) }],
    };
    RefundableCharge::open(&TenantId::sandbox(), &told, at(0)).unwrap()
}

fn started(captured: i64, minor: i64) -> RefundableCharge {
    let wanted = StartRefund {
        id: rf(1),
        amount: Some(minor),
        currency: None,
        reason: RefundReason::CustomerRequest,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::default(),
    };
    charge(captured).start_refund(wanted, at(1), &LookupSchedule::default()).unwrap()
}

fn no() -> Decline {
    Decline { code: DeclineCode::CardDeclined, network_code: None, message: "no".into(), sca: None }
}

fn done(amount: Money) -> CallEnd {
    CallEnd::Answered(GatewayAnswer::Approved {
        gateway_reference: "MOD1".into(),
        amount,
        captured: false,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
        sca: None,
    })
}

fn taken_back() -> CallEnd {
    CallEnd::TakenBack { gateway_reference: "MOD1".into(), why: no() }
}

fn outside(name: &str, minor: i64, taken_back: Option<Decline>) -> OutsideRefund {
    OutsideRefund {
        charge_reference: "PSP1".into(),
        gateway_reference: name.into(),
        amount: eur(minor),
        taken_back,
    }
}

/// A charge that hears, and the money that the ledger has for what it told.
struct Heard {
    charge: RefundableCharge,
    posted: i64,
    events: Vec<RefundEvent>,
    contradictions: usize,
}

impl Heard {
    fn of(charge: RefundableCharge) -> Self {
        Self { charge, posted: 0, events: Vec::new(), contradictions: 0 }
    }

    fn take(&mut self, told: RefundTold) {
        match told {
            RefundTold::Changed { charge, events } => {
                for event in &events {
                    let minor = |id| charge.refund(id).unwrap().amount.minor();
                    match event {
                        RefundEvent::Processed(id) => self.posted += minor(*id),
                        RefundEvent::Failed { refund, after_success: true } => self.posted -= minor(*refund),
                        _ => {}
                    }
                }
                self.events.extend(events);
                self.charge = (*charge).clone();
            }
            RefundTold::Known => {}
            RefundTold::Contradiction(_) => self.contradictions += 1,
        }
    }

    fn end(&mut self, end: &CallEnd) {
        self.end_of(1, end);
    }

    fn end_of(&mut self, number: u32, end: &CallEnd) {
        let call = RefundCall { refund: rf(1), number };
        let told = self.charge.told_end(call, end, at(9), &RefundPacing::default());
        self.take(told.unwrap());
    }

    fn outside(&mut self, n: u128, told: &OutsideRefund) {
        let told = self.charge.told_outside(rf(n), told, at(9)).unwrap();
        self.take(told);
    }

    fn status(&self) -> RefundStatus {
        self.charge.refunds[0].status()
    }
}

#[test]
fn an_accepted_refund_ends_by_callback_once() {
    let mut heard = Heard::of(started(10_000, 4_000));
    for _ in 0..3 {
        heard.end(&done(eur(4_000)));
    }
    assert_eq!((heard.status(), heard.posted, heard.contradictions), (RefundStatus::Succeeded, 4_000, 0));
    let mut heard = Heard::of(started(10_000, 4_000));
    for _ in 0..3 {
        heard.end(&CallEnd::Answered(GatewayAnswer::Declined(no())));
    }
    assert_eq!((heard.status(), heard.posted, heard.events.len()), (RefundStatus::Failed, 0, 1));
    assert_eq!(heard.charge.left(), eur(10_000), "what it reserved is free again");
}

#[test]
fn done_and_taken_back_come_to_the_same_in_any_order() {
    let orders: [&[bool]; 6] = [
        &[true, false],
        &[false, true],
        &[true, true, false, false],
        &[false, true, false, true],
        &[true, false, true, false],
        &[false, false, true],
    ];
    for order in orders {
        let mut heard = Heard::of(started(10_000, 4_000));
        for is_done in order {
            heard.end(&if *is_done { done(eur(4_000)) } else { taken_back() });
        }
        assert_eq!((heard.status(), heard.posted), (RefundStatus::Failed, 0), "{order:?}");
        assert_eq!(heard.contradictions, 0, "{order:?}");
        assert!(!heard.events.contains(&RefundEvent::Conflicted(rf(1))), "{order:?}");
        assert_eq!(heard.charge.left(), eur(10_000));
    }
}

#[test]
fn another_amount_or_currency_is_a_conflict_and_moves_nothing() {
    for other in [eur(3_999), Money::new(4_000, Currency::GBP)] {
        let mut heard = Heard::of(started(10_000, 4_000));
        heard.end(&done(other));
        heard.end(&done(other));
        assert_eq!((heard.status(), heard.posted), (RefundStatus::Processing, 0));
        assert_eq!(heard.events, [RefundEvent::Conflicted(rf(1))], "told once");
        let mut heard = Heard::of(started(10_000, 4_000));
        heard.end(&done(eur(4_000)));
        heard.end(&done(other));
        assert_eq!((heard.status(), heard.posted, heard.contradictions), (RefundStatus::Succeeded, 4_000, 1));
    }
}

#[test]
fn a_plain_refusal_does_not_undo_what_succeeded() {
    let mut heard = Heard::of(started(10_000, 4_000));
    heard.end(&done(eur(4_000)));
    heard.end(&CallEnd::Answered(GatewayAnswer::Declined(no())));
    heard.end(&CallEnd::NotDone("lost".into()));
    assert_eq!((heard.status(), heard.posted, heard.contradictions), (RefundStatus::Succeeded, 4_000, 2));
}

#[test]
fn one_that_was_taken_for_failed_and_is_done_counts_from_then_on_once() {
    let mut heard = Heard::of(started(10_000, 4_000));
    heard.end(&CallEnd::NotDone("lost".into()));
    heard.end(&done(eur(4_000)));
    heard.end(&done(eur(4_000)));
    assert_eq!((heard.status(), heard.posted, heard.contradictions), (RefundStatus::Succeeded, 4_000, 0));
    let told = [RefundEvent::Failed { refund: rf(1), after_success: false }, RefundEvent::Processed(rf(1))];
    assert_eq!((&*heard.events, heard.charge.left()), (&told[..], eur(6_000)));
    heard.end(&taken_back());
    heard.end(&done(eur(4_000)));
    assert_eq!((heard.status(), heard.posted, heard.charge.left()), (RefundStatus::Failed, 0, eur(10_000)));
}

#[test]
fn a_refund_of_the_dashboard_is_one_refund_however_often_it_is_told() {
    let mut heard = Heard::of(charge(10_000));
    for n in 10..13 {
        heard.outside(n, &outside("MOD7", 2_500, None));
    }
    assert_eq!((heard.charge.refunds.len(), heard.posted), (1, 2_500));
    assert_eq!(heard.charge.refunds[0].origin, RefundOrigin::Gateway);
    assert_eq!(heard.charge.left(), eur(7_500));
    heard.outside(14, &outside("MOD8", 2_500, None));
    assert_eq!((heard.charge.refunds.len(), heard.posted), (2, 5_000), "of the same amount, and another one");
    for told in [
        outside("MOD7", 2_499, None),
        OutsideRefund { amount: Money::new(1, Currency::GBP), ..outside("MOD9", 1, None) },
    ] {
        heard.outside(15, &told);
    }
    assert_eq!((heard.charge.refunds.len(), heard.posted, heard.contradictions), (2, 5_000, 2));
}

#[test]
fn a_refund_of_the_dashboard_that_fails_comes_to_nothing_in_any_order() {
    for order in [[None, Some(no())], [Some(no()), None]] {
        let mut heard = Heard::of(charge(10_000));
        for (n, taken_back) in order.into_iter().enumerate() {
            heard.outside(10 + n as u128, &outside("MOD7", 2_500, taken_back));
        }
        assert_eq!((heard.charge.refunds.len(), heard.posted), (1, 0));
        assert_eq!(heard.charge.left(), eur(10_000));
    }
}

#[test]
fn a_refund_of_the_dashboard_lands_beside_ours_and_what_is_missing_is_told() {
    let mut heard = Heard::of(started(10_000, 9_000));
    heard.outside(10, &outside("MOD7", 2_500, None));
    assert_eq!(heard.charge.shortfall(), eur(1_500));
    let shortfall = RefundEvent::Shortfall { refund: rf(10), missing: eur(1_500) };
    assert_eq!(heard.events, [RefundEvent::Processed(rf(10)), shortfall]);
    assert_eq!((heard.charge.refunded_by_us(), heard.charge.refunded_outside()), (eur(9_000), eur(2_500)));
    let more = StartRefund {
        id: rf(2),
        amount: None,
        currency: None,
        reason: RefundReason::Other,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::default(),
    };
    let refused = heard.charge.start_refund(more, at(10), &LookupSchedule::default());
    assert!(
        matches!(refused, Err(RefundRefusal::ExceedsCharge { left, .. }) if left.is_zero()),
        "{refused:?}"
    );
    // The gateway refuses ours, which came later there: nothing is missing any more.
    heard.end(&CallEnd::Answered(GatewayAnswer::Declined(no())));
    assert_eq!((heard.charge.shortfall(), heard.charge.left()), (eur(0), eur(7_500)));
}

/// Its first call was refused for a reason that passes; with the second one when it is wanted.
fn tried(second: bool) -> RefundableCharge {
    let passing = RefundOutcome::NotNow(declined(&no()));
    let Recorded::Changed { charge, .. } =
        started(10_000, 4_000).record(rf(1), passing, at(2), &RefundPacing::default()).unwrap()
    else {
        panic!("it is postponed");
    };
    if !second {
        return (*charge).clone();
    }
    match charge.retry_refund(rf(1), at(99), &LookupSchedule::default()).unwrap() {
        Retried::Started(charge) => (*charge).clone(),
        other => panic!("it is sent again: {other:?}"),
    }
}

#[test]
fn a_call_that_was_done_after_all_ends_a_refund_that_waits_for_another_and_none_follows() {
    let mut heard = Heard::of(tried(false));
    for _ in 0..2 {
        heard.end(&done(eur(4_000)));
    }
    assert_eq!((heard.status(), heard.posted, heard.contradictions), (RefundStatus::Succeeded, 4_000, 0));
    let next = heard.charge.retry_refund(rf(1), at(99), &LookupSchedule::default());
    assert!(matches!(next, Err(RefundRefusal::WrongStatus { .. })), "{next:?}");
}

#[test]
fn what_is_told_of_an_older_call_never_ends_the_newer_one() {
    let mut heard = Heard::of(tried(true));
    let older =
        [CallEnd::Answered(GatewayAnswer::Declined(no())), CallEnd::NotDone("no".into()), taken_back()];
    for end in &older {
        heard.end_of(1, end);
    }
    assert_eq!((heard.status(), heard.events.len(), heard.contradictions), (RefundStatus::Processing, 0, 0));
    heard.end_of(1, &done(eur(4_000)));
    assert_eq!((heard.status(), heard.contradictions), (RefundStatus::Processing, 1), "a person is told");
    heard.end_of(2, &done(eur(4_000)));
    assert_eq!((heard.status(), heard.posted), (RefundStatus::Succeeded, 4_000));
    heard.end_of(1, &CallEnd::TakenBack { gateway_reference: "MOD0".into(), why: no() });
    assert_eq!((heard.status(), heard.posted), (RefundStatus::Succeeded, 4_000));
}
