use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::refunds::{
    CapturedPart, Recorded, RefundAction, RefundOutcome, RefundPacing, RefundRetry, RefundStatus, Retried,
};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + secs, 0).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn told(captures: &[(u128, i64)]) -> CapturedCharge {
    CapturedCharge {
        charge_id: ChargeId::from_uuid(Uuid::from_u128(1)),
        intent_id: IntentId::from_uuid(Uuid::from_u128(2)),
        merchant_account_id: "ma_default".into(),
        connector: "simulator".into(),
        gateway_reference: "sim_ch_1".into(),
        customer_id: Some("cust_1".into()),
        order_id: None,
        livemode: false,
        authorized: eur(10_000),
        captures: captures.iter().map(|(id, minor)| part(*id, eur(*minor))).collect(),
    }
}

fn part(id: u128, amount: Money) -> CapturedPart {
    CapturedPart { id: CaptureId::from_uuid(Uuid::from_u128(id)), amount }
}

fn charge(captured: i64) -> RefundableCharge {
    RefundableCharge::open(&TenantId::sandbox(), &told(&[(10, captured)]), at(0)).unwrap()
}

fn rf(n: u128) -> RefundId {
    RefundId::from_uuid(Uuid::from_u128(0xF000 + n))
}

fn wanted(n: u128, amount: Option<i64>) -> StartRefund {
    StartRefund {
        id: rf(n),
        amount,
        currency: None,
        reason: RefundReason::CustomerRequest,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::default(),
    }
}

fn start(charge: &RefundableCharge, n: u128, amount: Option<i64>) -> Result<RefundableCharge, RefundRefusal> {
    charge.start_refund(wanted(n, amount), at(1), &LookupSchedule::default())
}

fn record(charge: &RefundableCharge, n: u128, outcome: RefundOutcome) -> Recorded {
    charge.record(rf(n), outcome, at(2), &RefundPacing::default()).unwrap()
}

fn changed(recorded: Recorded) -> (RefundableCharge, Vec<RefundEvent>) {
    match recorded {
        Recorded::Changed { charge, events } => ((*charge).clone(), events),
        Recorded::AlreadyApplied => panic!("nothing changed"),
    }
}

fn done(minor: i64) -> RefundOutcome {
    RefundOutcome::Done { gateway_reference: "gw_rf".into(), amount: eur(minor) }
}

fn failure() -> RefundFailure {
    RefundFailure {
        reason: "gateway_error".into(),
        message: "no".into(),
        network_code: None,
        actions: vec![RefundAction::Retry],
    }
}

#[test]
fn the_same_capture_counts_once_however_often_and_in_whatever_order_it_is_told() {
    let first = RefundableCharge::open(&TenantId::sandbox(), &told(&[(11, 3_000)]), at(0)).unwrap();
    let both = first.adopt(&told(&[(10, 2_000), (11, 3_000)]), at(1)).unwrap().expect("one is new");
    assert_eq!((both.captured(), both.version), (eur(5_000), Version::new(2)));
    assert_eq!(both.adopt(&told(&[(10, 2_000)]), at(2)), Ok(None));
}

#[test]
fn what_contradicts_what_is_known_is_not_taken_over() {
    let known = charge(3_000);
    let cases = [
        known.adopt(&told(&[(10, 3_001)]), at(1)),
        known.adopt(&told(&[(12, 0)]), at(1)),
        known.adopt(&told(&[(12, -5)]), at(1)),
        known.adopt(&told(&[(12, i64::MAX)]), at(1)),
        known.adopt(
            &CapturedCharge { captures: vec![part(12, Money::new(1, Currency::USD))], ..told(&[]) },
            at(1),
        ),
        known.adopt(
            &CapturedCharge { intent_id: IntentId::from_uuid(Uuid::from_u128(99)), ..told(&[(12, 5)]) },
            at(1),
        ),
    ];
    for case in cases {
        assert!(case.is_err(), "{case:?}");
    }
    assert!(RefundableCharge::open(&TenantId::sandbox(), &told(&[]), at(0)).is_err());
}

#[test]
fn a_refund_without_an_amount_is_the_rest() {
    let part = start(&charge(10_000), 1, Some(6_000)).unwrap();
    let all = start(&part, 2, None).unwrap();
    assert_eq!(all.refund(rf(2)).map(|refund| refund.amount), Some(eur(4_000)));
    assert_eq!(all.left(), eur(0));
    let refused = start(&all, 3, None);
    assert_eq!(refused, Err(RefundRefusal::ExceedsCharge { asked: None, left: eur(0) }));
}

#[test]
fn a_refund_reserves_its_amount_while_its_outcome_is_open_and_gives_it_back_when_it_failed() {
    let started = start(&charge(10_000), 1, Some(6_000)).unwrap();
    let refused = start(&started, 2, Some(6_000));
    assert_eq!(refused, Err(RefundRefusal::ExceedsCharge { asked: Some(eur(6_000)), left: eur(4_000) }));
    let (failed, events) = changed(record(&started, 1, RefundOutcome::NotDone(failure())));
    assert_eq!(events, [RefundEvent::Failed { refund: rf(1), after_success: false }]);
    assert_eq!(failed.left(), eur(10_000));
    assert!(start(&failed, 2, Some(6_000)).is_ok());
}

#[test]
fn a_refund_that_was_done_for_another_amount_after_it_was_taken_for_failed_is_told_once_and_never_dropped() {
    let started = start(&charge(10_000), 1, Some(6_000)).unwrap();
    let (failed, _) = changed(record(&started, 1, RefundOutcome::NotDone(failure())));
    let (told, events) = changed(record(&failed, 1, done(5_900)));
    assert_eq!(events, [RefundEvent::Conflicted(rf(1))]);
    let refund = told.refund(rf(1)).expect("it is there");
    assert_eq!((refund.status(), refund.gateway_reference()), (RefundStatus::Failed, None));
    let failure = refund.failure().expect("it failed");
    assert_eq!(failure.actions, [RefundAction::ReconcileManually]);
    assert!(failure.message.contains("59.00 EUR (gw_rf)"), "{}", failure.message);
    assert_eq!(record(&told, 1, done(5_900)), Recorded::AlreadyApplied);
}

#[test]
fn what_cannot_be_refunded_is_refused_with_the_reason() {
    let charge = charge(10_000);
    assert!(matches!(start(&charge, 1, Some(0)), Err(RefundRefusal::BadAmount(_))));
    assert!(matches!(start(&charge, 1, Some(-1)), Err(RefundRefusal::BadAmount(_))));
    assert!(matches!(start(&charge, 1, Some(i64::MAX)), Err(RefundRefusal::BadAmount(_))));
    let schedule = LookupSchedule::default();
    let credit = StartRefund { method: RefundMethod::StoreCredit, ..wanted(1, None) };
    let nobodys = RefundableCharge { customer_id: None, ..charge.clone() };
    assert!(matches!(nobodys.start_refund(credit, at(1), &schedule), Err(RefundRefusal::NoCustomer(_))));
    let dollars = StartRefund { currency: Some(Currency::USD), ..wanted(1, None) };
    assert!(matches!(
        charge.start_refund(dollars, at(1), &schedule),
        Err(RefundRefusal::OtherCurrency { .. })
    ));
}

#[test]
fn a_charge_has_a_bounded_number_of_refunds() {
    let mut full = charge(10_000);
    let refund = start(&full, 1, Some(1)).unwrap().refunds.remove(0);
    full.refunds = vec![refund; RefundableCharge::REFUNDS_MAX];
    assert!(matches!(start(&full, 2, Some(1)), Err(RefundRefusal::TooManyRefunds(_))));
}

/// A charge with one refund in each status.
fn with_refund_in(status: RefundStatus) -> RefundableCharge {
    let mut charge = start(&charge(10_000), 1, Some(6_000)).unwrap();
    let attempt = charge.refunds[0].attempt().cloned().unwrap();
    charge.refunds[0].state = match status {
        RefundStatus::Pending => {
            RefundState::Pending(RefundRetry { failure: failure(), next_attempt_at: at(6) })
        }
        RefundStatus::Processing => RefundState::Processing(attempt),
        RefundStatus::RequiresAction => RefundState::RequiresAction { attempt, url: "https://gw/1".into() },
        RefundStatus::Succeeded => {
            RefundState::Succeeded { gateway_reference: Some("gw_rf".into()), at: at(1) }
        }
        RefundStatus::Failed => {
            RefundState::Failed { failure: failure(), gateway_reference: None, found: None, at: at(1) }
        }
        RefundStatus::Canceled => RefundState::Canceled { found: None, at: at(1) },
    };
    charge
}

#[test]
fn every_command_on_every_status_does_what_the_table_says() {
    use RefundStatus as S;
    // Columns: done, not done, not now, action required, unknown, another amount, reverse, cancel.
    // A status is what the refund becomes, `-` is "already applied", `x` a refusal.
    let table = [
        // Its last call was done after all.
        (S::Pending, ["succeeded", "-", "-", "-", "-", "processing", "x", "canceled"]),
        (
            S::Processing,
            ["succeeded", "failed", "pending", "requires_action", "processing", "processing", "x", "x"],
        ),
        (
            S::RequiresAction,
            [
                "succeeded",
                "failed",
                "pending",
                "requires_action",
                "requires_action",
                "requires_action",
                "x",
                "x",
            ],
        ),
        (S::Succeeded, ["-", "-", "-", "-", "-", "-", "failed", "x"]),
        // Done after all, it counts; for another amount a person is told, and it stays as it was.
        (S::Failed, ["succeeded", "-", "-", "-", "-", "failed", "x", "x"]),
        (S::Canceled, ["succeeded", "-", "-", "-", "-", "canceled", "x", "x"]),
    ];
    assert_eq!(table.map(|(status, _)| status).as_slice(), S::ALL);
    for (status, row) in table {
        let charge = with_refund_in(status);
        let outcomes = [
            done(6_000),
            RefundOutcome::NotDone(failure()),
            RefundOutcome::NotNow(failure()),
            RefundOutcome::ActionRequired { url: "https://gw/2".into() },
            RefundOutcome::UNKNOWN,
            done(5_999),
        ];
        let told = |after: &RefundableCharge| {
            assert_eq!(after.version, charge.version.next(), "{status:?}: exactly one version step");
            assert_eq!(after.refunds[0].version, charge.refunds[0].version.next());
            after.refunds[0].status().as_str()
        };
        let mut seen: Vec<&str> = outcomes
            .map(|outcome| match charge.record(rf(1), outcome, at(2), &RefundPacing::default()) {
                Ok(Recorded::Changed { charge: after, .. }) => told(&after),
                Ok(Recorded::AlreadyApplied) => "-",
                Err(_) => "x",
            })
            .to_vec();
        seen.push(charge.reverse(rf(1), failure(), at(2)).map_or("x", |(after, _)| told(&after)));
        seen.push(charge.cancel(rf(1), at(2)).map_or("x", |after| told(&after)));
        assert_eq!(seen, row, "{status:?}");
    }
}

#[test]
fn an_answer_for_another_amount_is_flagged_told_once_and_never_accepted() {
    let started = start(&charge(10_000), 1, Some(6_000)).unwrap();
    let (flagged, events) = changed(record(&started, 1, done(7_000)));
    assert_eq!(events, [RefundEvent::Conflicted(rf(1))]);
    let attempt = flagged.refund(rf(1)).and_then(Refund::attempt).cloned().unwrap();
    assert_eq!(attempt.conflict.map(|conflict| conflict.amount), Some(eur(7_000)));
    assert_eq!(attempt.next_check_at, None, "a person has to look");
    assert_eq!(flagged.left(), eur(4_000), "the reservation stays");
    assert_eq!(record(&flagged, 1, done(6_000)), Recorded::AlreadyApplied);
}

#[test]
fn asking_ends_with_one_event_when_it_is_given_up() {
    let started = start(&charge(10_000), 1, Some(6_000)).unwrap();
    let pacing = RefundPacing::default();
    let late = at(1 + 8 * 24 * 3_600);
    let (given_up, events) = changed(started.record(rf(1), RefundOutcome::UNKNOWN, late, &pacing).unwrap());
    assert_eq!(events, [RefundEvent::GivenUp(rf(1))]);
    let (_, again) = changed(given_up.record(rf(1), RefundOutcome::UNKNOWN, late, &pacing).unwrap());
    assert_eq!(again, []);
    let (found, _) = changed(given_up.record(rf(1), done(6_000), late, &pacing).unwrap());
    assert_eq!(found.refunds[0].status(), RefundStatus::Succeeded, "a late answer still counts");
}

#[test]
fn the_next_question_comes_no_later_than_when_not_found_becomes_final() {
    let started = start(&charge(10_000), 1, Some(6_000)).unwrap();
    let hint = RefundOutcome::Unknown { ask_again_at: Some(at(4)) };
    let (unknown, _) = changed(record(&started, 1, hint));
    assert_eq!(unknown.refunds[0].attempt().and_then(|attempt| attempt.next_check_at), Some(at(4)));
}

proptest! {
    #[test]
    fn no_sequence_of_commands_refunds_more_than_was_captured(
        captured in 1_i64..20_000,
        steps in prop::collection::vec((0_u8..8, 0_u128..8, prop::option::of(-5_i64..12_000)), 1..60),
    ) {
        let mut charge = charge(captured);
        for (nth, (what, which, amount)) in steps.into_iter().enumerate() {
            let before = charge.version;
            let next = match what {
                0 | 1 => start(&charge, 100 + nth as u128, amount).ok(),
                2 => charge.cancel(rf(100 + which), at(3)).ok(),
                3 => charge.reverse(rf(100 + which), failure(), at(3)).map(|(next, _)| next).ok(),
                4 => match charge.retry_refund(rf(100 + which), at(99), &LookupSchedule::default()) {
                    Ok(Retried::Started(charge) | Retried::Failed { charge, .. }) => Some((*charge).clone()),
                    Err(_) => None,
                },
                _ => {
                    let own = charge.refund(rf(100 + which)).map_or(0, |refund| refund.amount.minor());
                    let outcome = match what {
                        5 => done(own),
                        6 => RefundOutcome::NotNow(failure()),
                        _ => RefundOutcome::NotDone(failure()),
                    };
                    match charge.record(rf(100 + which), outcome, at(3), &RefundPacing::default()) {
                        Ok(Recorded::Changed { charge, .. }) => Some((*charge).clone()),
                        _ => None,
                    }
                }
            };
            if let Some(next) = next {
                prop_assert_eq!(next.version, before.next());
                charge = next;
            }
            prop_assert!(charge.refunded().minor() <= captured);
            let found = charge.refunds.iter().filter(|refund| !refund.status().is_live());
            let found: i64 = found.filter_map(Refund::conflict).map(|found| found.amount.minor()).sum();
            prop_assert_eq!(charge.left().minor(), (captured - charge.refunded().minor() - found).max(0));
        }
    }
}

#[test]
fn a_capture_that_is_taken_back_leaves_less_to_refund_and_counts_once_in_whatever_order() {
    let (both, second) = (told(&[(10, 6_000), (11, 4_000)]), told(&[(11, 4_000)]));
    let charge = RefundableCharge::open(&TenantId::sandbox(), &both, at(0)).unwrap();
    let (after, events) = charge.capture_reversed(&second, at(1)).unwrap().expect("it is news");
    assert_eq!(
        (after.captured(), after.ever_captured(), after.left()),
        (eur(6_000), eur(10_000), eur(6_000))
    );
    assert_eq!((events, after.capture_reversed(&second, at(2))), (vec![], Ok(None)));
    assert_eq!(after.adopt(&both, at(2)), Ok(None), "its success is known, and does not count again");
    assert!(matches!(start(&after, 1, Some(6_001)), Err(RefundRefusal::ExceedsCharge { .. })));
    // Its success is told after it was taken back.
    let first = RefundableCharge::open(&TenantId::sandbox(), &told(&[(10, 6_000)]), at(0)).unwrap();
    let (early, _) = first.capture_reversed(&second, at(1)).unwrap().expect("it is news");
    assert_eq!((early.captured(), early.adopt(&both, at(2))), (eur(6_000), Ok(None)));
    let other = told(&[(11, 4_001)]);
    assert!(matches!(after.capture_reversed(&other, at(3)), Err(BadCapture::Contradiction(..))));
}

#[test]
fn what_was_refunded_of_a_capture_that_is_taken_back_is_missing_and_told() {
    let refunded = start(&charge(10_000), 1, Some(7_000)).unwrap();
    let (after, events) =
        refunded.capture_reversed(&told(&[(10, 10_000)]), at(2)).unwrap().expect("it is news");
    assert_eq!((after.captured(), after.left(), after.shortfall()), (eur(0), eur(0), eur(7_000)));
    assert_eq!(events, [RefundEvent::Uncovered { missing: eur(7_000) }]);
    assert!(matches!(start(&after, 2, None), Err(RefundRefusal::ExceedsCharge { .. })));
}

#[test]
fn store_credit_is_given_at_once_counts_as_any_refund_and_no_gateway_takes_it_back() {
    let charge = charge(10_000);
    let schedule = LookupSchedule::default();
    let credit = |amount| StartRefund { method: RefundMethod::StoreCredit, ..wanted(1, Some(amount)) };
    let credit_of = |amount| charge.start_refund(credit(amount), at(1), &schedule);
    assert!(matches!(credit_of(10_001), Err(RefundRefusal::ExceedsCharge { .. })));
    let given = credit_of(6_000).expect("enough is left");
    let refund = given.refund(rf(1)).expect("it is there");
    assert_eq!((refund.status(), refund.gateway_reference()), (RefundStatus::Succeeded, None));
    assert_eq!(given.left().minor(), 4_000);
    let failure = RefundFailure {
        reason: "account_closed".into(),
        message: "closed".into(),
        network_code: None,
        actions: Vec::new(),
    };
    assert!(matches!(given.reverse(rf(1), failure, at(2)), Err(RefundRefusal::WrongStatus { .. })));
}
