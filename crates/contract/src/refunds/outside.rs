use std::sync::Arc;

use tender_domain::kernel::{Change, CommitError, Currency, Money, Save, TenantId};
use tender_domain::ports::{Decline, DeclineCode, OutsideRefund};
use tender_domain::refunds::{ChargeRef, RefundOrigin, RefundStore, RefundTold, RefundableCharge};

use super::charges::{at, captured_charge, opened, rf, save, start, started, tenant};

fn told(name: &str, minor: i64) -> OutsideRefund {
    OutsideRefund {
        charge_reference: "sim_ch_1".into(),
        gateway_reference: name.into(),
        amount: Money::new(minor, Currency::EUR),
        taken_back: None,
    }
}

fn adopted(charge: &RefundableCharge, number: u128, told: &OutsideRefund) -> Arc<RefundableCharge> {
    match charge.told_outside(rf(number), told, at(3)).expect("an amount") {
        RefundTold::Changed { charge, .. } => charge,
        other => panic!("{other:?}"),
    }
}

async fn stored(store: &dyn RefundStore, tenant: &TenantId, charge: &RefundableCharge) -> RefundableCharge {
    let named = ChargeRef::Charge(charge.id);
    store.charge(tenant, named).await.expect("it can be read").expect("it is there")
}

/// A refund made in the gateway's dashboard lands whatever is left, is read back as it was, and counts against ours.
pub(super) async fn a_refund_made_outside_lands_and_ours_cannot_grow_then(store: &dyn RefundStore) {
    let tenant = tenant("outside");
    let charge = opened(store, &tenant, 60).await;
    let ours = started(store, &charge, rf(6_001), 8_000, at(1)).await;
    let beyond = adopted(&ours, 6_002, &told("gw_out_1", 5_000));
    save(store, Some(&ours), &beyond).await;
    let read = stored(store, &tenant, &charge).await;
    assert_eq!(read, *beyond);
    assert_eq!((read.refunded_by_us().minor(), read.refunded_outside().minor()), (8_000, 5_000));
    // The law behind the aggregate: what would be more of ours is refused, also where the code is wrong.
    let mut wrong = (*beyond).clone();
    let more = start(&charge, rf(6_003), 1, at(4)).refunds.remove(0);
    wrong.refunds.push(more);
    wrong.version = wrong.version.next();
    let save = Save { before: Some(Arc::clone(&beyond)), after: Arc::new(wrong) };
    let refused = store.commit(Change::of(tenant.clone()).save(save)).await;
    let law = "refundable_charges_within_left";
    assert!(matches!(&refused, Err(CommitError::Refused { constraint }) if constraint == law), "{refused:?}");
}

/// It is one refund by the gateway's name of it; one that failed is kept, and takes nothing.
pub(super) async fn a_refund_made_outside_is_there_once(store: &dyn RefundStore) {
    let tenant = tenant("outside-once");
    let charge = opened(store, &tenant, 61).await;
    let first = adopted(&charge, 6_101, &told("gw_out_1", 5_000));
    save(store, Some(&charge), &first).await;
    let failed =
        Decline { code: DeclineCode::CardDeclined, network_code: None, message: "no".into(), sca: None };
    let back = OutsideRefund { taken_back: Some(failed), ..told("gw_out_2", 700) };
    let second = adopted(&first, 6_102, &back);
    save(store, Some(&first), &second).await;
    assert_eq!(stored(store, &tenant, &charge).await, *second);
    assert_eq!(second.refunded_outside().minor(), 5_000);
    // The law behind the aggregate.
    let mut twice = (*second).clone();
    let mut again = second.refunds[0].clone();
    assert_eq!(again.origin, RefundOrigin::Gateway);
    again.id = rf(6_103);
    twice.refunds.push(again);
    twice.version = twice.version.next();
    let save = Save { before: Some(Arc::clone(&second)), after: Arc::new(twice) };
    let refused = store.commit(Change::of(tenant.clone()).save(save)).await;
    let law = "refunds_made_outside_key";
    assert!(matches!(&refused, Err(CommitError::Refused { constraint }) if constraint == law), "{refused:?}");
}

/// A capture that did not last lands whatever was refunded, is read back as it was, and ours cannot grow then.
pub(super) async fn a_capture_that_is_taken_back_lands_and_ours_cannot_grow_then(store: &dyn RefundStore) {
    let tenant = tenant("taken-back");
    let charge = opened(store, &tenant, 62).await;
    let ours = started(store, &charge, rf(6_201), 8_000, at(1)).await;
    let told = captured_charge(62, &[4_000]);
    let (after, _) = ours.capture_reversed(&told, at(2)).expect("no contradiction").expect("it is news");
    let after = Arc::new(after);
    save(store, Some(&ours), &after).await;
    let read = stored(store, &tenant, &charge).await;
    assert_eq!(read, *after);
    assert_eq!((read.captured().minor(), read.shortfall().minor()), (6_000, 2_000));
    let mut wrong = (*after).clone();
    wrong.refunds.push(start(&charge, rf(6_202), 1, at(4)).refunds.remove(0));
    wrong.version = wrong.version.next();
    let save = Save { before: Some(Arc::clone(&after)), after: Arc::new(wrong) };
    let refused = store.commit(Change::of(tenant.clone()).save(save)).await;
    let law = "refundable_charges_within_left";
    assert!(matches!(&refused, Err(CommitError::Refused { constraint }) if constraint == law), "{refused:?}");
    // One that is told of first by its end.
    let told = captured_charge(63, &[5_000]);
    let opened = RefundableCharge::open(&tenant, &told, at(0)).expect("the capture is good");
    let (mut ended, _) =
        opened.capture_reversed(&told, at(0)).expect("no contradiction").expect("it is news");
    ended.version = opened.version;
    let ended = Arc::new(ended);
    super::charges::save(store, None, &ended).await;
    assert_eq!(stored(store, &tenant, &ended).await, *ended);
}
