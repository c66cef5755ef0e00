use chrono::NaiveDate;
use uuid::Uuid;

use crate::deposits::{EvaluatedDeposit, PolicyType};
use crate::kernel::{Currency, IntentId, Money, TenantId, Timestamp, Version};
use crate::payment_links::Guest;

use super::{Booking, BookingChannel, HotelReservation, ReservationStatus};

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + second, 0).expect("it exists")
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn pi(number: u128) -> IntentId {
    IntentId::from_uuid(Uuid::from_u128(number))
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 5, day).expect("a day of May")
}

fn deposit(policy_type: PolicyType, minor: i64) -> EvaluatedDeposit {
    EvaluatedDeposit { policy_type, amount: eur(minor), policy_version: Version::FIRST }
}

fn booking() -> Booking {
    Booking {
        hotel_id: "h".to_owned(),
        rate_plan: Some("flex".to_owned()),
        guest: Guest::default(),
        total: eur(30_000),
        arrival: day(1),
        departure: day(4),
        channel: BookingChannel::GuestBooking,
    }
}

fn reservation(deposit: EvaluatedDeposit) -> HotelReservation {
    HotelReservation::create((TenantId::sandbox(), "R-1".to_owned()), booking(), deposit, at(0))
}

#[test]
fn a_payment_that_covers_the_deposit_confirms_and_one_that_does_not_is_only_recorded() {
    let asked = reservation(deposit(PolicyType::Percentage, 9_000));
    assert_eq!(asked.booking.nights(), Some(3));
    let part = asked.record_paid(pi(1), eur(8_999), at(1)).expect("it is new");
    assert_eq!((part.status, &*part.paid), (ReservationStatus::Pending, &[pi(1)][..]));
    let paid = part.record_paid(pi(2), eur(9_000), at(2)).expect("it is new");
    assert_eq!((paid.status, paid.version.number()), (ReservationStatus::Confirmed, 3));
    assert_eq!(paid.record_paid(pi(2), eur(9_000), at(3)), None, "twice is once");
    let other = asked.record_paid(pi(3), Money::new(9_000, Currency::USD), at(1)).expect("it is new");
    assert_eq!(other.status, ReservationStatus::Pending, "another currency covers nothing");
}

#[test]
fn what_was_given_up_gives_back_all_that_was_paid_also_later_unless_it_is_not_refundable() {
    for (policy, gives_back) in [(PolicyType::FirstNight, true), (PolicyType::NonRefundable, false)] {
        let paid = reservation(deposit(policy, 9_000)).record_paid(pi(1), eur(9_000), at(1)).expect("new");
        assert!(paid.refunded().is_empty(), "it still holds");
        let canceled = paid.cancel(at(2)).expect("it holds");
        let expected = if gives_back { vec![pi(1)] } else { Vec::new() };
        assert_eq!(canceled.refunded(), expected, "{policy:?}");
        assert_eq!(canceled.cancel(at(3)), None, "once");
        let late = canceled.record_paid(pi(2), eur(9_000), at(3)).expect("new");
        assert_eq!(late.status, ReservationStatus::Cancelled, "money does not bring it back");
        assert_eq!(late.refunded().contains(&pi(2)), gives_back);
    }
}

#[test]
fn a_change_asks_anew_until_it_is_paid_and_never_brings_back_what_was_given_up() {
    let asked = reservation(deposit(PolicyType::Percentage, 9_000));
    let longer = Booking { total: eur(60_000), departure: day(7), ..booking() };
    let dearer = deposit(PolicyType::Percentage, 18_000);
    let modified = asked.modify(longer.clone(), dearer, at(1)).expect("it holds");
    assert_eq!((modified.deposit, &modified.booking), (dearer, &longer));
    let open = asked.asked_by(Some(pi(1)), None, at(1));
    let same = open.modify(longer.clone(), asked.deposit, at(2)).expect("it holds");
    assert_eq!((same.payment, open.is_asked_otherwise(&same)), (Some(pi(1)), false), "it can be paid still");
    for other in [dearer, deposit(PolicyType::None, 0)] {
        let modified = open.modify(longer.clone(), other, at(2)).expect("it holds");
        assert_eq!((modified.payment, open.is_asked_otherwise(&modified)), (None, true));
    }
    let paid = asked.record_paid(pi(1), eur(9_000), at(1)).expect("new");
    let modified = paid.modify(longer.clone(), dearer, at(2)).expect("it holds");
    assert_eq!((modified.deposit, modified.status), (paid.deposit, ReservationStatus::Confirmed));
    assert_eq!(asked.cancel(at(1)).expect("it holds").modify(longer, dearer, at(2)), None);
}

#[test]
fn where_nothing_is_asked_nothing_is_awaited_and_a_payment_confirms_nothing() {
    let free = reservation(deposit(PolicyType::None, 0));
    assert!(!free.awaits_deposit());
    let paid = free.record_paid(pi(1), eur(1), at(1)).expect("it is new");
    assert_eq!(paid.status, ReservationStatus::Pending, "whether it holds is the booking system's");
}

#[test]
fn a_payment_that_was_taken_back_leaves_confirmed_only_what_another_one_covers() {
    let asked = reservation(deposit(PolicyType::Percentage, 9_000)).asked_by(Some(pi(1)), None, at(1));
    let paid = asked.record_paid(pi(1), eur(9_000), at(2)).expect("it is new");
    let back = paid.record_taken_back(pi(1), eur(0), &[], at(3)).expect("it was paid by it");
    assert_eq!((back.status, back.paid.len(), back.payment), (ReservationStatus::Pending, 0, None));
    assert!(back.awaits_deposit(), "it can be asked for again");
    assert_eq!(back.record_taken_back(pi(1), eur(0), &[], at(4)), None, "twice is once");
    let again = back.record_paid(pi(2), eur(9_000), at(5)).expect("it is new");
    assert_eq!(again.status, ReservationStatus::Confirmed);

    let twice = paid.record_paid(pi(2), eur(9_000), at(3)).expect("it is new");
    let covered = twice.record_taken_back(pi(1), eur(0), &[eur(9_000)], at(4)).expect("it was paid by it");
    assert_eq!((covered.status, &*covered.paid), (ReservationStatus::Confirmed, &[pi(2)][..]));
    let part = paid.record_taken_back(pi(1), eur(8_999), &[eur(8_999)], at(3)).expect("it was paid by it");
    assert_eq!((part.status, part.paid.len()), (ReservationStatus::Pending, 1), "the rest can be given back");
    assert_eq!(paid.record_taken_back(pi(1), eur(9_000), &[], at(3)), None, "it is covered still");
    assert_eq!(paid.record_taken_back(pi(9), eur(0), &[], at(3)), None, "no payment of its");
}

#[test]
fn what_was_given_up_stays_so_and_gives_back_nothing_that_was_taken_back() {
    let paid = reservation(deposit(PolicyType::FirstNight, 9_000)).record_paid(pi(1), eur(9_000), at(1));
    let canceled = paid.and_then(|paid| paid.cancel(at(2))).expect("it holds");
    let back = canceled.record_taken_back(pi(1), eur(0), &[], at(3)).expect("it was paid by it");
    assert_eq!((back.status, back.refunded()), (ReservationStatus::Cancelled, &[][..]));
}
