//! A charge with one refund, and what happens to it.

use uuid::Uuid;

use super::*;
use crate::kernel::{CaptureId, ChargeId, Currency, IntentId, Metadata, TenantId};
use crate::refunds::{CapturedCharge, CapturedPart, RefundMethod, RefundReason, StartRefund};

pub(in crate::refunds) fn at(secs: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + secs, 0).unwrap()
}

pub(in crate::refunds) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(in crate::refunds) fn rf() -> RefundId {
    RefundId::from_uuid(Uuid::from_u128(0xF001))
}

pub(in crate::refunds) fn call(number: u32) -> RefundCall {
    RefundCall { refund: rf(), number }
}

/// A charge of 100.00 EUR with a refund of 60.00 EUR whose call was begun.
pub(in crate::refunds) fn started() -> RefundableCharge {
    let told = CapturedCharge {
        charge_id: ChargeId::from_uuid(Uuid::from_u128(1)),
        intent_id: IntentId::from_uuid(Uuid::from_u128(2)),
        merchant_account_id: "ma_default".into(),
        connector: "simulator".into(),
        gateway_reference: "sim_1".into(),
        customer_id: None,
        order_id: None,
        livemode: false,
        authorized: eur(10_000),
        captures: vec![CapturedPart { id: CaptureId::from_uuid(Uuid::from_u128(3)), amount: eur(10_000) }],
    };
    let wanted = StartRefund {
        id: rf(),
        amount: Some(6_000),
        currency: None,
        reason: RefundReason::CustomerRequest,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::default(),
    };
    let charge = RefundableCharge::open(&TenantId::sandbox(), &told, at(0)).unwrap();
    charge.start_refund(wanted, at(0), &LookupSchedule::default()).unwrap()
}

pub(in crate::refunds) fn failure() -> RefundFailure {
    RefundFailure {
        reason: "insufficient_funds".into(),
        message: "the balance does not suffice".into(),
        network_code: None,
        actions: vec![RefundAction::Retry],
    }
}

pub(in crate::refunds) fn done(minor: i64, name: &str) -> RefundOutcome {
    RefundOutcome::Done { gateway_reference: name.into(), amount: eur(minor) }
}

pub(in crate::refunds) fn record(
    charge: &RefundableCharge,
    number: u32,
    outcome: RefundOutcome,
    now: Timestamp,
) -> Recorded {
    charge.record(call(number), outcome, now, &RefundPacing::default()).unwrap()
}

pub(in crate::refunds) fn changed(recorded: Recorded) -> (RefundableCharge, Vec<RefundEvent>) {
    match recorded {
        Recorded::Changed { charge, events } => ((*charge).clone(), events),
        Recorded::AlreadyApplied => panic!("nothing changed"),
    }
}
