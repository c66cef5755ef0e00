use std::sync::Arc;

use tender_domain::disputes::{Actor, ChargebackIntake, DisputeStore, Settled};
use tender_domain::kernel::{Change, CommitError, Guard, Money, Save};
use tender_domain::refunds::{ChargeRef, RefundStore, RefundWrite};

use super::fixtures::{at, change, commit, disputed, dp, eur, intake, open, tenant, told};
use crate::refunds::opened;

pub(super) async fn what_was_told_of_a_dispute_stays<S: RefundStore + DisputeStore>(store: &S) {
    let tenant = tenant("told-stays");
    let charge = opened(store, &tenant, 31).await;
    let charge = disputed(store, &charge, 310, 5_000).await;
    // What a defect in the law would let through.
    let mut broken = (*charge).clone();
    broken.version = broken.version.next();
    broken.disputes[0].version = broken.disputes[0].version.next();
    broken.disputes[0].told.amount = Money::new(1, broken.currency());
    let refused =
        store.commit(Change::of(tenant.clone()).save(Save::changed(Arc::clone(&charge), broken))).await;
    assert!(matches!(refused, Err(CommitError::Refused { .. })), "{refused:?}");
    let stored = store.charge(&tenant, ChargeRef::Charge(charge.id)).await.expect("read");
    assert_eq!(stored.as_ref(), Some(&*charge), "nothing of it is written");
}

pub(super) async fn a_fee_that_was_not_told_becomes_known_once<S: RefundStore + DisputeStore>(store: &S) {
    let tenant = tenant("told-fees");
    let by = Actor::processor("simulator");
    for (number, told_first) in [(350, None), (351, Some(0)), (352, Some(1_500))] {
        let charge = opened(store, &tenant, number).await;
        let mut first = told(number, eur(5_000));
        first.fee_minor = told_first;
        let opened = open(&charge, number, first, 1);
        let charge = commit(store, &charge, opened).await;
        let stored = store.charge(&tenant, ChargeRef::Charge(charge.id)).await.expect("read");
        assert_eq!(stored.as_ref(), Some(&*charge), "a fee of nothing is not one that nobody told");
        let charge = match charge.tell_fee(dp(number), Some(told_first.unwrap_or(1_500)), &by, at(2)) {
            Ok(Settled::Changed(learned)) => commit(store, &charge, *learned).await,
            _ => charge,
        };
        let stored = store.charge(&tenant, ChargeRef::Charge(charge.id)).await.expect("read");
        assert_eq!(stored.as_ref(), Some(&*charge));
        // What a defect in the law would let through: another fee, and none any more.
        for forged in [Some(1_501), None] {
            let mut broken = (*charge).clone();
            broken.version = broken.version.next();
            broken.disputes[0].version = broken.disputes[0].version.next();
            broken.disputes[0].told.fee_minor = forged;
            let save = Save::changed(Arc::clone(&charge), broken);
            let refused = store.commit(Change::of(tenant.clone()).save(save)).await;
            assert!(
                matches!(refused, Err(CommitError::Refused { .. })),
                "{told_first:?} {forged:?} {refused:?}"
            );
        }
    }
    let mut waiting = intake(&tenant, 353, 0);
    waiting.told.fee_minor = None;
    let id = waiting.id;
    assert!(store.commit(Change::of(tenant.clone()).save(Save::new(waiting.clone()))).await.is_ok());
    assert_eq!(store.intake(&tenant, id).await.expect("read"), Some(waiting.clone()));
    let knows =
        waiting.told_again(waiting.standing, Some(1_500), at(3)).expect("news").matched(dp(350), at(3));
    let save = Save::<ChargebackIntake>::changed(waiting, knows.clone());
    assert!(store.commit(Change::of(tenant.clone()).save(save)).await.is_ok());
    assert_eq!(store.intake(&tenant, id).await.expect("read"), Some(knows));
}

pub(super) async fn a_processors_dispute_is_there_once<S: RefundStore + DisputeStore>(store: &S) {
    let tenant = tenant("once");
    let charge = opened(store, &tenant, 32).await;
    let charge = disputed(store, &charge, 320, 5_000).await;
    let twice = open(&charge, 321, told(320, eur(5_000)), 2);
    let refused = store.commit(change(&charge, &twice)).await;
    assert!(matches!(refused, Err(CommitError::Refused { .. })), "{refused:?}");
    assert_eq!(store.charge_of_dispute(&tenant, dp(321)).await.expect("read"), None);
    // Without a reference nobody can say that it is the same.
    for number in [322, 323] {
        let mut nameless = told(number, eur(10));
        nameless.processor_reference = None;
        let loaded = store.charge(&tenant, ChargeRef::Charge(charge.id)).await.expect("read");
        let loaded = Arc::new(loaded.expect("it is there"));
        let next = open(&loaded, number, nameless, 3);
        commit(store, &loaded, next).await;
    }
}

pub(super) async fn a_stale_dispute_loses_whole<S: RefundStore + DisputeStore>(store: &S) {
    let tenant = tenant("stale");
    let loaded = opened(store, &tenant, 33).await;
    let _first = disputed(store, &loaded, 330, 100).await;
    let lost = store.commit(change(&loaded, &open(&loaded, 331, told(331, eur(100)), 2))).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    assert_eq!(store.charge_of_dispute(&tenant, dp(331)).await.expect("read"), None);
    assert_eq!(store.dispute_history(&tenant, dp(331), 9).await.expect("read"), []);
}

pub(super) async fn a_claim_is_handed_from_the_waiting_chargeback_to_its_dispute<
    S: RefundStore + DisputeStore,
>(
    store: &S,
) {
    let tenant = tenant("handed-over");
    let waiting = intake(&tenant, 340, 0);
    let kind = RefundWrite::DISPUTE_CLAIM;
    let key = "simulator/sim_dp_340".to_owned();
    let claim = |owner: String| Guard::Claim { kind, key: key.clone(), owner };
    let kept = Change::of(tenant.clone()).save(Save::new(waiting.clone()));
    assert!(store.commit(kept.guarded(claim(waiting.id.to_string()))).await.is_ok());
    let charge = opened(store, &tenant, 34).await;
    let opened = open(&charge, 340, told(340, eur(100)), 2);
    let taken = store.commit(change(&charge, &opened).guarded(claim(dp(340).to_string()))).await;
    assert!(
        matches!(&taken, Err(CommitError::ClaimTaken { owner, .. }) if *owner == waiting.id.to_string()),
        "{taken:?}"
    );
    let matched = change(&charge, &opened)
        .save(Save::changed(waiting.clone(), waiting.matched(dp(340), opened.charge.updated_at)))
        .guarded(Guard::Release { kind, key: key.clone(), owner: waiting.id.to_string() })
        .guarded(claim(dp(340).to_string()));
    assert!(store.commit(matched).await.is_ok());
    let again = store.commit(Change::of(tenant.clone()).guarded(claim("somebody else".to_owned()))).await;
    assert!(
        matches!(&again, Err(CommitError::ClaimTaken { owner, .. }) if *owner == dp(340).to_string()),
        "{again:?}"
    );
}
