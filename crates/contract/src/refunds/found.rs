use std::sync::Arc;

use tender_domain::kernel::{Change, CommitError, Currency, Money, Save};
use tender_domain::refunds::{
    Recorded, RefundConflict, RefundOutcome, RefundRefusal, RefundState, RefundStatus, RefundStore,
    RefundableCharge, ResolveRefund, ResolvedRefund,
};

use super::charges::{at, failure, opened, recorded, rf, save, started, tenant};

fn was_done(minor: i64) -> ResolveRefund {
    let amount = Some(Money::new(minor, Currency::EUR));
    let found = ResolvedRefund::Succeeded { gateway_reference: "gw_found".into(), amount };
    ResolveRefund { found, by: "ada (by root)".into(), reason: "ticket \"4711\" ü".into() }
}

async fn kept(
    store: &dyn RefundStore,
    before: &Arc<RefundableCharge>,
    recorded: Recorded,
) -> Arc<RefundableCharge> {
    let Recorded::Changed { charge: after, .. } = recorded else { panic!("it is news") };
    save(store, Some(before), &after).await;
    let read = store.charge_of_refund(&after.tenant, before.refunds[0].id).await;
    assert_eq!(read.expect("it can be read").as_ref(), Some(&*after));
    after
}

/// A refund that was taken for failed and was done after all is read as it was saved, with what was found and who settled
/// it; what the gateway takes back then never counts again.
pub(super) async fn a_refund_that_was_done_after_all_counts_once_and_never_again(store: &dyn RefundStore) {
    let tenant = tenant("found");
    let charge = opened(store, &tenant, 64).await;
    let charge = started(store, &charge, rf(6_401), 8_000, at(1)).await;
    let failed = recorded(store, &charge, rf(6_401), RefundOutcome::NotDone(failure())).await;
    let spent = started(store, &failed, rf(6_402), 9_000, at(10)).await;
    let wanted = was_done(7_500);
    let refused = spent.resolve_refund(rf(6_401), &wanted, at(11));
    assert!(matches!(refused, Err(RefundRefusal::NotCovered { .. })), "{refused:?}");
    // The law behind the aggregate: what is not covered is refused, also where the code is wrong.
    let mut wrong = (*spent).clone();
    let name = Some("gw_found".to_owned());
    wrong.refunds[0].state = RefundState::Succeeded { gateway_reference: name.clone(), at: at(11) };
    wrong.version = wrong.version.next();
    refuses(store, &spent, wrong, "refundable_charges_within_").await;

    let found = spent.keep_what_was_found(rf(6_401), &wanted.found, at(11)).expect("it is new");
    let queued = kept(store, &spent, found).await;
    let said =
        RefundConflict { amount: Money::new(7_500, Currency::EUR), gateway_reference: "gw_found".into() };
    assert_eq!(queued.refund(rf(6_401)).and_then(|refund| refund.conflict()), Some(&said));
    let free = recorded(store, &queued, rf(6_402), RefundOutcome::NotDone(failure())).await;
    let settled = free.resolve_refund(rf(6_401), &wanted, at(12)).expect("it is covered");
    let counts = kept(store, &free, settled).await;
    assert_eq!((counts.refunded_by_us().minor(), counts.left().minor()), (7_500, 2_500));

    let (back, _) = counts.reverse(rf(6_401), failure(), at(13)).expect("it had succeeded");
    let back = Arc::new(back);
    save(store, Some(&counts), &back).await;
    let mut again = (*back).clone();
    again.refunds[0].state = RefundState::Succeeded { gateway_reference: name, at: at(14) };
    again.version = again.version.next();
    refuses(store, &back, again, "refunds_taken_back_stays").await;
}

/// One that was called off keeps what was found as well, and may be settled as not done.
pub(super) async fn a_refund_that_was_called_off_keeps_what_was_found(store: &dyn RefundStore) {
    let tenant = tenant("found-canceled");
    let charge = opened(store, &tenant, 66).await;
    let charge = started(store, &charge, rf(6_601), 8_000, at(1)).await;
    let waits = recorded(store, &charge, rf(6_601), RefundOutcome::NotNow(failure())).await;
    let canceled = Arc::new(waits.cancel(rf(6_601), at(10)).expect("no call is open"));
    save(store, Some(&waits), &canceled).await;
    let spent = started(store, &canceled, rf(6_602), 9_000, at(11)).await;
    let found = spent.keep_what_was_found(rf(6_601), &was_done(7_500).found, at(12)).expect("it is new");
    let queued = kept(store, &spent, found).await;
    assert!(queued.refunds[0].waits_for_a_person(), "{:?}", queued.refunds[0]);
    let not_done = ResolveRefund { found: ResolvedRefund::Failed, ..was_done(7_500) };
    let settled = queued.resolve_refund(rf(6_601), &not_done, at(13)).expect("it waits");
    let settled = kept(store, &queued, settled).await;
    assert_eq!(settled.refunds[0].status(), RefundStatus::Canceled);
    assert!(!settled.refunds[0].waits_for_a_person());
}

async fn refuses(
    store: &dyn RefundStore,
    before: &Arc<RefundableCharge>,
    wrong: RefundableCharge,
    law: &str,
) {
    let save = Save { before: Some(Arc::clone(before)), after: Arc::new(wrong) };
    let refused = store.commit(Change::of(before.tenant.clone()).save(save)).await;
    assert!(
        matches!(&refused, Err(CommitError::Refused { constraint }) if constraint.starts_with(law)),
        "{refused:?}"
    );
}
