use uuid::Uuid;

use crate::disputes::{
    Actor, CardNetwork, DisputeReason, DisputeRefusal, DisputeStatus, Disputed, Outcome, Settled, ToldDispute,
};
use crate::kernel::{
    CaptureId, ChargeId, Currency, DisputeId, IntentId, Metadata, Money, RefundId, TenantId, Timestamp,
};
use crate::refunds::{
    CapturedCharge, CapturedPart, LookupSchedule, Recorded, RefundFailure, RefundMethod, RefundOutcome,
    RefundPacing, RefundReason, RefundRefusal, RefundableCharge, StartRefund,
};

pub(super) fn at(secs: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + secs, 0).expect("test instants exist")
}

pub(super) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(super) fn dp(n: u128) -> DisputeId {
    DisputeId::from_uuid(Uuid::from_u128(0xD000 + n))
}

pub(super) fn rf(n: u128) -> RefundId {
    RefundId::from_uuid(Uuid::from_u128(0xF000 + n))
}

pub(super) fn charge(captured: i64) -> RefundableCharge {
    let told = CapturedCharge {
        charge_id: ChargeId::from_uuid(Uuid::from_u128(1)),
        intent_id: IntentId::from_uuid(Uuid::from_u128(2)),
        merchant_account_id: "ma_default".into(),
        connector: "simulator".into(),
        gateway_reference: "sim_ch_1".into(),
        customer_id: Some("cust_1".into()),
        order_id: None,
        livemode: false,
        authorized: eur(captured),
        captures: vec![CapturedPart { id: CaptureId::from_uuid(Uuid::from_u128(10)), amount: eur(captured) }],
    };
    RefundableCharge::open(&TenantId::sandbox(), &told, at(0)).expect("the capture is good")
}

pub(super) fn told(amount: Money) -> ToldDispute {
    ToldDispute {
        processor: "simulator".into(),
        processor_reference: Some("sim_dp_1".into()),
        amount,
        fee_minor: Some(1_500),
        network: Some(CardNetwork::Visa),
        network_reason_code: Some("10.4".into()),
        reason: DisputeReason::Fraud,
        received_at: at(1),
        respond_by: Some(at(7 * 86_400)),
    }
}

pub(super) fn opened(charge: &RefundableCharge, n: u128, amount: Money) -> Result<Disputed, DisputeRefusal> {
    charge.open_dispute(dp(n), told(amount), Actor::processor("simulator"), at(1))
}

pub(super) fn disputed(charge: &RefundableCharge, n: u128, amount: Money) -> RefundableCharge {
    opened(charge, n, amount).expect("a fact from outside lands").charge
}

pub(super) fn outcome(status: DisputeStatus, by: Actor, decided: i64) -> Outcome {
    Outcome { status, by, reason: Some("so it is".into()), decided_at: at(decided), overturns: false }
}

pub(super) fn told_by_processor(status: DisputeStatus, decided: i64) -> Outcome {
    outcome(status, Actor::processor("simulator"), decided)
}

pub(super) fn told_by_person(status: DisputeStatus, decided: i64) -> Outcome {
    outcome(status, Actor::person("alice"), decided)
}

pub(super) fn decide(
    charge: &RefundableCharge,
    n: u128,
    outcome: Outcome,
) -> Result<Settled, DisputeRefusal> {
    charge.decide_dispute(dp(n), outcome, at(100))
}

pub(super) fn changed(settled: Result<Settled, DisputeRefusal>) -> Disputed {
    match settled {
        Ok(Settled::Changed(disputed)) => *disputed,
        other => panic!("nothing changed: {other:?}"),
    }
}

pub(super) fn decided(charge: &RefundableCharge, n: u128, status: DisputeStatus) -> RefundableCharge {
    changed(decide(charge, n, told_by_processor(status, 50))).charge
}

pub(super) fn refund(
    charge: &RefundableCharge,
    n: u128,
    amount: Option<i64>,
) -> Result<RefundableCharge, RefundRefusal> {
    let wanted = StartRefund {
        id: rf(n),
        amount,
        currency: None,
        reason: RefundReason::CustomerRequest,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::default(),
    };
    charge.start_refund(wanted, at(2), &LookupSchedule::default())
}

pub(super) fn recorded(charge: &RefundableCharge, n: u128, outcome: RefundOutcome) -> RefundableCharge {
    match charge.record(rf(n), outcome, at(3), &RefundPacing::default()) {
        Ok(Recorded::Changed { charge, .. }) => (*charge).clone(),
        other => panic!("nothing changed: {other:?}"),
    }
}

pub(super) fn done(minor: i64) -> RefundOutcome {
    RefundOutcome::Done { gateway_reference: "gw_rf".into(), amount: eur(minor) }
}

pub(super) fn not_done() -> RefundOutcome {
    RefundOutcome::NotDone(RefundFailure {
        reason: "gateway_error".into(),
        message: "no".into(),
        network_code: None,
        actions: Vec::new(),
    })
}

/// Captured, refunded, disputed, left, missing: in euro cents.
pub(super) fn sums(charge: &RefundableCharge) -> [i64; 5] {
    [charge.captured(), charge.refunded(), charge.disputed(), charge.left(), charge.shortfall()]
        .map(Money::minor)
}
