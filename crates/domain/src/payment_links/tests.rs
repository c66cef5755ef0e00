//! The laws of payment links.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{Guest, LinkRefusal, LinkState, LinkUsage, NewPaymentLink, PaymentLink};
use crate::kernel::{Currency, IntentId, Money, PaymentLinkId, TenantId, Timestamp};

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn pi(number: u128) -> IntentId {
    IntentId::from_uuid(Uuid::from_u128(number))
}

fn new(usage: LinkUsage) -> NewPaymentLink {
    NewPaymentLink {
        id: PaymentLinkId::from_uuid(Uuid::from_u128(1)),
        tenant: TenantId::sandbox(),
        livemode: false,
        amount: Money::new(100, Currency::EUR),
        customer_id: None,
        merchant_account_id: "ma".to_owned(),
        description: None,
        order_ref: None,
        hotel_id: None,
        details: Vec::new(),
        guest: Guest::default(),
        usage,
        expires_at: at(100),
        token_hash: [7; 32],
    }
}

fn link(usage: LinkUsage) -> PaymentLink {
    PaymentLink::create(new(usage), at(0)).expect("a good link")
}

#[test]
fn a_link_for_one_payment_is_begun_once_and_completed_by_its_own_intent_only() {
    let open = link(LinkUsage::Single);
    let begun = open.begin_payment(pi(1), at(1)).expect("it is open").expect("it changes");
    assert_eq!((begun.intent, begun.version), (Some(pi(1)), open.version.next()));
    assert_eq!(begun.begin_payment(pi(2), at(2)), Err(LinkRefusal::BeingPaid));
    assert_eq!(begun.record_paid(pi(2), at(3)), None);
    let paid = begun.record_paid(pi(1), at(200)).expect("a fact, also after it expired");
    assert_eq!(paid.state(at(200)), LinkState::Completed);
    assert_eq!(paid.record_paid(pi(1), at(201)), None, "once");
    assert_eq!(paid.cancel(false, at(4)), Err(LinkRefusal::NotOpen(LinkState::Completed)));
}

#[test]
fn a_link_for_many_payments_is_begun_by_each_and_never_changes() {
    let open = link(LinkUsage::Multiple);
    assert_eq!(open.begin_payment(pi(1), at(1)), Ok(None));
    assert_eq!(open.begin_payment(pi(2), at(1)), Ok(None));
    assert_eq!(open.record_paid(pi(1), at(2)), None);
}

#[test]
fn what_is_expired_or_taken_back_cannot_be_begun() {
    for usage in LinkUsage::ALL {
        let open = link(*usage);
        assert_eq!(open.begin_payment(pi(1), at(100)), Err(LinkRefusal::NotOpen(LinkState::Expired)));
        let canceled = open.cancel(false, at(1)).expect("it is open");
        assert_eq!(canceled.begin_payment(pi(1), at(2)), Err(LinkRefusal::NotOpen(LinkState::Canceled)));
        assert_eq!(canceled.cancel(false, at(2)).as_ref(), Ok(&canceled), "twice is once");
        assert_eq!(canceled.prolong(at(500), at(2)), Err(LinkRefusal::NotOpen(LinkState::Canceled)));
        let later = open.prolong(at(500), at(100)).expect("it may be prolonged, also after it expired");
        assert!(later.begin_payment(pi(1), at(101)).is_ok());
    }
    assert_eq!(link(LinkUsage::Single).cancel(true, at(1)), Err(LinkRefusal::BeingPaid));
}

#[test]
fn a_link_ends_within_a_year() {
    for (end, good) in [(at(0), false), (at(1), true), (at(0) + TimeDelta::days(367), false)] {
        let created =
            PaymentLink::create(NewPaymentLink { expires_at: end, ..new(LinkUsage::Single) }, at(0));
        assert_eq!(created.is_ok(), good, "{end}");
    }
}
