use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::kernel::{
    CaptureId, Change, ChargeId, CommitError, Currency, IntentId, Metadata, Money, RefundId, Save, TenantId,
    Timestamp,
};
use tender_domain::refunds::{
    CapturedCharge, CapturedPart, ChargeRef, LookupSchedule, Recorded, RefundAction, RefundCall,
    RefundFailure, RefundMethod, RefundOutcome, RefundPacing, RefundReason, RefundStore, RefundableCharge,
    Retried, StartRefund,
};
use uuid::Uuid;

pub(super) fn tenant(name: &str) -> TenantId {
    name.parse().expect("test tenants are named well")
}

pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + secs, 123_456_000).expect("test instants exist")
}

pub(crate) fn rf(number: u128) -> RefundId {
    RefundId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number))
}

/// A charge as intents tells it, by a number, with captures of these amounts in euro cents.
#[must_use]
pub fn captured_charge(number: u128, captures: &[i64]) -> CapturedCharge {
    let eur = |minor| Money::new(minor, Currency::EUR);
    let captures = captures.iter().enumerate().map(|(nth, minor)| CapturedPart {
        id: CaptureId::from_uuid(Uuid::from_u128(number * 1_000 + nth as u128)),
        amount: eur(*minor),
    });
    let captures: Vec<CapturedPart> = captures.collect();
    CapturedCharge {
        charge_id: ChargeId::from_uuid(Uuid::from_u128(number)),
        intent_id: IntentId::from_uuid(Uuid::from_u128(number + 500)),
        merchant_account_id: "ma_default".into(),
        connector: "simulator".into(),
        gateway_reference: format!("sim_ch_{number}"),
        customer_id: Some(format!("cust_{number}")),
        order_id: Some(format!("ord_{number}")),
        livemode: false,
        authorized: eur(captures.iter().map(|part| part.amount.minor()).sum()),
        captures,
    }
}

/// Saves a charge of 100.00 EUR, captured in two parts.
///
/// # Panics
/// When the store refuses.
pub async fn opened(store: &dyn RefundStore, tenant: &TenantId, number: u128) -> Arc<RefundableCharge> {
    let charge = RefundableCharge::open(tenant, &captured_charge(number, &[4_000, 6_000]), at(0));
    let charge = Arc::new(charge.expect("the captures are good"));
    save(store, None, &charge).await;
    charge
}

/// Saves one more refund of a charge.
///
/// # Panics
/// When the law or the store refuses.
pub async fn started(
    store: &dyn RefundStore,
    charge: &Arc<RefundableCharge>,
    id: RefundId,
    minor: i64,
    now: Timestamp,
) -> Arc<RefundableCharge> {
    let after = Arc::new(start(charge, id, minor, now));
    save(store, Some(charge), &after).await;
    after
}

pub(super) fn start(charge: &RefundableCharge, id: RefundId, minor: i64, now: Timestamp) -> RefundableCharge {
    let entries = BTreeMap::from([
        ("order_id".to_owned(), format!("ord_{minor}")),
        ("note".to_owned(), "ü\"".to_owned()),
    ]);
    let wanted = StartRefund {
        id,
        amount: Some(minor),
        currency: None,
        reason: RefundReason::ProductReturn,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::new(entries).expect("the metadata is good"),
    };
    charge.start_refund(wanted, now, &LookupSchedule::default()).expect("enough is left")
}

pub(super) async fn save(
    store: &dyn RefundStore,
    before: Option<&Arc<RefundableCharge>>,
    after: &Arc<RefundableCharge>,
) {
    let save = Save { before: before.cloned(), after: Arc::clone(after) };
    let committed = store.commit(Change::of(after.tenant.clone()).save(save)).await;
    assert!(committed.is_ok(), "{committed:?}");
}

pub(super) async fn recorded(
    store: &dyn RefundStore,
    charge: &Arc<RefundableCharge>,
    call: impl Into<RefundCall>,
    outcome: RefundOutcome,
) -> Arc<RefundableCharge> {
    match charge.record(call, outcome, at(9), &RefundPacing::default()) {
        Ok(Recorded::Changed { charge: after, .. }) => {
            save(store, Some(charge), &after).await;
            after
        }
        other => panic!("the outcome was not recorded: {other:?}"),
    }
}

pub(super) fn failure() -> RefundFailure {
    RefundFailure {
        reason: "expired_card".into(),
        message: "the card is expired".into(),
        network_code: Some("54".into()),
        actions: vec![RefundAction::UseOtherMeans, RefundAction::ReconcileManually],
    }
}

pub(super) fn done(minor: i64, currency: Currency) -> RefundOutcome {
    RefundOutcome::Done { gateway_reference: "sim_rf".into(), amount: Money::new(minor, currency) }
}

pub(super) async fn a_charge_is_read_as_it_was_saved_in_every_state(store: &dyn RefundStore) {
    let tenant = tenant("read-as-saved");
    let mut charge = opened(store, &tenant, 1).await;
    for number in 1_u32..=7 {
        charge =
            started(store, &charge, rf(number.into()), i64::from(number) * 100, at(i64::from(number))).await;
    }
    charge = recorded(store, &charge, rf(2), RefundOutcome::UNKNOWN).await;
    charge =
        recorded(store, &charge, rf(3), RefundOutcome::ActionRequired { url: "https://gw/a".into() }).await;
    charge = recorded(store, &charge, rf(4), done(400, Currency::EUR)).await;
    charge = recorded(store, &charge, rf(5), RefundOutcome::NotDone(failure())).await;
    charge = recorded(store, &charge, rf(6), done(1, Currency::JPY)).await;
    charge = recorded(store, &charge, rf(7), done(700, Currency::EUR)).await;
    let (reversed, _) = charge.reverse(rf(7), failure(), at(10)).expect("it had succeeded");
    let reversed = Arc::new(reversed);
    save(store, Some(&charge), &reversed).await;
    let started = started(store, &reversed, rf(8), 800, at(8)).await;
    let pending = recorded(store, &started, rf(8), RefundOutcome::NotNow(failure())).await;
    let retried = match pending.retry_refund(rf(8), at(20), &LookupSchedule::default()) {
        Ok(Retried::Started(retried)) => retried,
        other => panic!("it is sent again: {other:?}"),
    };
    let canceled = Arc::new(pending.cancel(rf(8), at(11)).expect("it is pending"));

    let read = store.charge(&tenant, ChargeRef::Charge(charge.id)).await;
    assert_eq!(read.expect("it can be read").as_ref(), Some(&*pending));
    save(store, Some(&pending), &retried).await;
    let read = store.charge(&tenant, ChargeRef::Charge(charge.id)).await;
    assert_eq!(read.expect("it can be read").as_ref(), Some(&*retried));
    // Who calls it off meanwhile has seen it before, and loses.
    let lost = Save { before: Some(Arc::clone(&pending)), after: Arc::clone(&canceled) };
    let lost = store.commit(Change::of(tenant.clone()).save(lost)).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    let other = RefundCall { refund: rf(8), number: 2 };
    let again = recorded(store, &retried, other, RefundOutcome::NotNow(failure())).await;
    let canceled = Arc::new(again.cancel(rf(8), at(21)).expect("it is pending"));
    save(store, Some(&again), &canceled).await;
    let read = store.charge(&tenant, ChargeRef::Charge(charge.id)).await;
    assert_eq!(read.expect("it can be read").as_ref(), Some(&*canceled));
}

pub(super) async fn a_charge_is_found_by_itself_its_intent_and_its_refunds(store: &dyn RefundStore) {
    let tenant = tenant("found-by");
    let charge = opened(store, &tenant, 2).await;
    let other = opened(store, &tenant, 3).await;
    let charge = started(store, &charge, rf(20), 100, at(1)).await;
    let by_itself = store.charge(&tenant, ChargeRef::Charge(charge.id)).await.expect("read");
    let by_intent = store.charge(&tenant, ChargeRef::Intent(charge.intent_id)).await.expect("read");
    let by_refund = store.charge_of_refund(&tenant, rf(20)).await.expect("read");
    for found in [by_itself, by_intent, by_refund] {
        assert_eq!(found.as_ref(), Some(&*charge));
    }
    let without_refunds = store.charge(&tenant, ChargeRef::Charge(other.id)).await.expect("read");
    assert_eq!(without_refunds.as_ref(), Some(&*other));
    let unknown = ChargeRef::Charge(ChargeId::from_uuid(Uuid::from_u128(404)));
    assert_eq!(store.charge(&tenant, unknown).await.expect("read"), None);
    assert_eq!(store.charge_of_refund(&tenant, rf(404)).await.expect("read"), None);
}

pub(super) async fn a_new_charge_is_refused_when_it_is_there_already(store: &dyn RefundStore) {
    let tenant = tenant("twice-new");
    let charge = opened(store, &tenant, 4).await;
    let again = store.commit(Change::of(tenant).save(Save::<RefundableCharge>::new(charge))).await;
    assert!(matches!(again, Err(CommitError::Refused { .. } | CommitError::Conflict)), "{again:?}");
}
