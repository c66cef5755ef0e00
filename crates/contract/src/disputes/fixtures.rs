use std::sync::Arc;

use tender_domain::disputes::{
    Actor, CardNetwork, ChargebackIntake, DisputeReason, DisputeStatus, Disputed, Outcome, Settled,
    ToldDispute,
};
use tender_domain::kernel::{Change, Currency, DisputeId, IntakeId, Money, Save, TenantId};
use tender_domain::refunds::{LookupSchedule, RefundStore, RefundWrite, RefundableCharge};
use uuid::Uuid;

pub(super) use crate::refunds::at;

pub(super) fn tenant(name: &str) -> TenantId {
    format!("disputes-{name}").parse().expect("test tenants are named well")
}

pub(super) fn dp(number: u128) -> DisputeId {
    DisputeId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0001_0000_0000 + number))
}

pub(super) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(super) fn told(number: u128, amount: Money) -> ToldDispute {
    ToldDispute {
        processor: "simulator".into(),
        processor_reference: Some(format!("sim_dp_{number}")),
        amount,
        fee_minor: Some(1_500),
        network: Some(CardNetwork::Visa),
        network_reason_code: Some("13.1".into()),
        reason: DisputeReason::ProductNotReceived,
        received_at: at(-60),
        respond_by: Some(at(7 * 86_400)),
    }
}

pub(super) fn open(charge: &RefundableCharge, number: u128, told: ToldDispute, now: i64) -> Disputed {
    let by = Actor::processor("simulator");
    charge.open_dispute(dp(number), told, by, at(now)).expect("a fact from outside lands")
}

/// The one change of a dispute and its charge.
pub(super) fn change(before: &Arc<RefundableCharge>, disputed: &Disputed) -> Change<RefundWrite> {
    let save = Save::changed(Arc::clone(before), disputed.charge.clone());
    let change = Change::of(before.tenant.clone()).save(save);
    disputed.entries.iter().fold(change, |change, entry| change.save(Save::new(entry.clone())))
}

pub(super) async fn commit(
    store: &dyn RefundStore,
    before: &Arc<RefundableCharge>,
    disputed: Disputed,
) -> Arc<RefundableCharge> {
    let committed = store.commit(change(before, &disputed)).await;
    assert!(committed.is_ok(), "{committed:?}");
    Arc::new(disputed.charge)
}

/// Saves one more dispute of a charge, of so many euro cents.
///
/// # Panics
/// When the law or the store refuses.
pub async fn disputed(
    store: &dyn RefundStore,
    charge: &Arc<RefundableCharge>,
    number: u128,
    minor: i64,
) -> Arc<RefundableCharge> {
    commit(store, charge, open(charge, number, told(number, eur(minor)), 1)).await
}

/// Saves that a dispute is decided, as its processor says.
///
/// # Panics
/// When the law or the store refuses.
pub async fn decided(
    store: &dyn RefundStore,
    charge: &Arc<RefundableCharge>,
    number: u128,
    status: DisputeStatus,
) -> Arc<RefundableCharge> {
    let outcome = Outcome {
        status,
        by: Actor::processor("simulator"),
        reason: Some("the bank says so".into()),
        decided_at: at(5),
        overturns: false,
    };
    match charge.decide_dispute(dp(number), outcome, at(6)) {
        Ok(Settled::Changed(disputed)) => commit(store, charge, *disputed).await,
        other => panic!("it was not decided: {other:?}"),
    }
}

pub(super) fn intake(tenant: &TenantId, number: u128, now: i64) -> ChargebackIntake {
    let id = IntakeId::from_uuid(dp(number).uuid());
    let schedule = LookupSchedule::default();
    let standing = DisputeStatus::NeedsResponse;
    let told = told(number, eur(100));
    let reference = format!("sim_ch_{number}");
    ChargebackIntake::unmatched((tenant, id), &reference, told, standing, (at(now), &schedule))
}
