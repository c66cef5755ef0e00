use std::sync::Arc;

use tender_domain::kernel::{
    Answer, Change, CommitError, Currency, InboxEntry, KeyScope, KeyState, KeyWrite, Money,
    RequestFingerprint, Save,
};
use tender_domain::refunds::{ChargeRef, RefundStore, RefundableCharge};

use super::charges::{at, opened, rf, start, started, tenant};

fn changed(
    before: &Arc<RefundableCharge>,
    after: RefundableCharge,
) -> Change<tender_domain::refunds::RefundWrite> {
    Change::of(before.tenant.clone()).save(Save::changed(Arc::clone(before), after))
}

fn scope(key: &str) -> KeyScope {
    KeyScope { route: "POST /v1/payments/refunds", key: key.into() }
}

fn answer(body: &str) -> Answer {
    Answer { status: 201, body: body.into() }
}

pub(super) async fn a_stale_version_loses_whole(store: &dyn RefundStore) {
    let tenant = tenant("stale");
    let loaded = opened(store, &tenant, 10).await;
    let _first = started(store, &loaded, rf(100), 100, at(1)).await;
    let key = KeyWrite::Start {
        scope: scope("stale"),
        fingerprint: RequestFingerprint([1; 32]),
        resource: rf(101).to_string(),
        at: at(2),
    };
    let second = changed(&loaded, start(&loaded, rf(101), 100, at(2))).keyed(key);
    let lost = store.commit(second).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    assert_eq!(store.key(&tenant, &scope("stale")).await.expect("read"), None, "nothing of it is written");
    assert_eq!(store.charge_of_refund(&tenant, rf(101)).await.expect("read"), None);
}

pub(super) async fn the_first_answer_of_a_key_stays(store: &dyn RefundStore) {
    let tenant = tenant("first-answer");
    let charge = opened(store, &tenant, 11).await;
    let began = KeyWrite::Start {
        scope: scope("k"),
        fingerprint: RequestFingerprint([2; 32]),
        resource: rf(110).to_string(),
        at: at(1),
    };
    let first = changed(&charge, start(&charge, rf(110), 100, at(1))).keyed(began.clone());
    assert!(store.commit(first).await.is_ok());
    let again = store.commit(Change::of(tenant.clone()).keyed(began)).await;
    assert!(
        matches!(&again, Err(CommitError::KeyTaken(record)) if record.state == KeyState::Started
            && record.resource == rf(110).to_string()),
        "{again:?}"
    );
    for body in ["{\"n\":1}", "{\"n\":2}"] {
        let finish = KeyWrite::Finish { scope: scope("k"), answer: answer(body) };
        assert!(store.commit(Change::of(tenant.clone()).keyed(finish)).await.is_ok());
    }
    let record = store.key(&tenant, &scope("k")).await.expect("read").expect("it is there");
    assert_eq!(record.state, KeyState::Done(answer("{\"n\":1}")));
    assert_eq!(record.fingerprint, RequestFingerprint([2; 32]));
}

pub(super) async fn what_was_handled_is_not_handled_again(store: &dyn RefundStore) {
    let tenant = tenant("inbox");
    let charge = opened(store, &tenant, 12).await;
    let entry = InboxEntry { consumer: "refunds", key: "cap_1".into() };
    let first = changed(&charge, start(&charge, rf(120), 100, at(1))).handled(entry.clone()).in_background();
    assert!(store.commit(first).await.is_ok());
    let stored =
        store.charge(&tenant, ChargeRef::Charge(charge.id)).await.expect("read").expect("it is there");
    let stored = Arc::new(stored);
    let again = changed(&stored, start(&stored, rf(121), 100, at(2))).handled(entry).in_background();
    let refused = store.commit(again).await;
    assert!(matches!(refused, Err(CommitError::AlreadyHandled)), "{refused:?}");
    assert_eq!(store.charge_of_refund(&tenant, rf(121)).await.expect("read"), None);
}

pub(super) async fn the_schema_refuses_more_refunds_than_captures(store: &dyn RefundStore) {
    let tenant = tenant("over-refund");
    let charge = opened(store, &tenant, 13).await;
    // What a defect in the law would let through.
    let mut broken = start(&charge, rf(130), 10_000, at(1));
    broken.refunds[0].amount = Money::new(10_001, Currency::EUR);
    let refused = store.commit(changed(&charge, broken)).await;
    assert!(matches!(refused, Err(CommitError::Refused { .. })), "{refused:?}");
    let stored = store.charge(&tenant, ChargeRef::Charge(charge.id)).await.expect("read");
    assert_eq!(stored.as_ref(), Some(&*charge), "nothing of it is written");
}

pub(super) async fn a_dispute_lands_on_a_refunded_charge_and_then_refunds_cannot_grow(
    store: &dyn RefundStore,
) {
    let tenant = tenant("disputed");
    let charge = opened(store, &tenant, 14).await;
    let refunded = started(store, &charge, rf(140), 6_000, at(1)).await;
    let disputed = crate::disputes::disputed(store, &refunded, 1, 10_000).await;
    let mut broken = (*disputed).clone();
    broken.version = broken.version.next();
    broken.refunds.push(start(&refunded, rf(141), 1, at(2)).refunds.pop().expect("it was added"));
    let refused = store.commit(changed(&disputed, broken)).await;
    assert!(matches!(refused, Err(CommitError::Refused { .. })), "{refused:?}");
}
