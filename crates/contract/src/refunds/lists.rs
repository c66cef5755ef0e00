use std::collections::BTreeMap;

use tender_domain::kernel::{Currency, Cursor, Direction, Money, PageRequest, TenantId};
use tender_domain::refunds::{
    ChargeRef, CreatedRange, Recorded, RefundFilter, RefundOutcome, RefundPacing, RefundQueue, RefundStatus,
    RefundStore,
};

use super::charges::{at, failure, opened, rf, save, started, tenant};

fn page(limit: u32, from: Option<u128>, direction: Direction) -> PageRequest {
    PageRequest::new(limit, from.map(|number| Cursor(rf(number).uuid())), direction).expect("a good page")
}

async fn numbers(
    store: &dyn RefundStore,
    tenant: &TenantId,
    filter: &RefundFilter,
    page: &PageRequest,
) -> (Vec<u128>, bool) {
    let found = store.refunds(tenant, filter, page).await.expect("it can be read");
    let first = rf(0).uuid().as_u128();
    (found.data.iter().map(|refund| refund.id.uuid().as_u128() - first).collect(), found.has_more)
}

pub(super) async fn refunds_are_paged_newest_first_both_ways(store: &dyn RefundStore) {
    let tenant = tenant("paged");
    let mut charge = opened(store, &tenant, 20).await;
    for number in 201..=205 {
        charge = started(store, &charge, rf(number), 100, at(1)).await;
    }
    let all = RefundFilter::default();
    let (older, newer) = (Direction::Older, Direction::Newer);
    for (request, expected) in [
        (page(2, None, older), (vec![205, 204], true)),
        (page(2, Some(204), older), (vec![203, 202], true)),
        (page(2, Some(202), older), (vec![201], false)),
        (page(2, Some(201), newer), (vec![203, 202], true)),
        (page(9, Some(203), newer), (vec![205, 204], false)),
        (page(5, None, older), (vec![205, 204, 203, 202, 201], false)),
    ] {
        assert_eq!(numbers(store, &tenant, &all, &request).await, expected, "{request:?}");
    }
}

pub(super) async fn refunds_are_found_by_what_they_are(store: &dyn RefundStore) {
    let tenant = tenant("filtered");
    let one = opened(store, &tenant, 21).await;
    let two = opened(store, &tenant, 22).await;
    let one = started(store, &one, rf(211), 100, at(1)).await;
    let _two = started(store, &two, rf(212), 200, at(2)).await;
    let first = RefundFilter::default;
    let metadata = BTreeMap::from([("order_id".to_owned(), "ord_200".to_owned())]);
    let range =
        |from: Option<i64>, until: Option<i64>| CreatedRange { from: from.map(at), until: until.map(at) };
    for (filter, expected) in [
        (first(), vec![212, 211]),
        (RefundFilter { status: Some(RefundStatus::Processing), ..first() }, vec![212, 211]),
        (RefundFilter { status: Some(RefundStatus::Failed), ..first() }, vec![]),
        (RefundFilter { intent_id: Some(one.intent_id), ..first() }, vec![211]),
        (RefundFilter { charge_id: Some(two.id), ..first() }, vec![212]),
        (RefundFilter { customer_id: Some("cust_22".into()), ..first() }, vec![212]),
        (RefundFilter { customer_id: Some("cust_23".into()), ..first() }, vec![]),
        (RefundFilter { created: range(Some(2), None), ..first() }, vec![212]),
        (RefundFilter { created: range(None, Some(2)), ..first() }, vec![211]),
        (RefundFilter { created: range(Some(1), Some(2)), ..first() }, vec![211]),
        (RefundFilter { metadata, ..first() }, vec![212]),
    ] {
        let (found, _) = numbers(store, &tenant, &filter, &page(9, None, Direction::Older)).await;
        assert_eq!(found, expected, "{filter:?}");
    }
}

pub(super) async fn what_is_due_comes_longest_overdue_first(store: &dyn RefundStore) {
    // Long before what other promises leave open.
    let long_ago = |secs: i64| at(secs - 100_000_000);
    let (one, two) = (tenant("due-1"), tenant("due-2"));
    let first = opened(store, &one, 23).await;
    let second = opened(store, &two, 24).await;
    let first = started(store, &first, rf(231), 100, long_ago(2)).await;
    let _second = started(store, &second, rf(232), 100, long_ago(1)).await;
    let _third = started(store, &first, rf(233), 100, long_ago(3)).await;
    let due = async |secs: i64, limit: u32| {
        let found = store.due_checks(long_ago(secs), limit).await.expect("it can be read");
        found.into_iter().map(|due| (due.tenant, due.refund)).collect::<Vec<_>>()
    };
    assert_eq!(due(5, 9).await, []);
    let in_order = [(two.clone(), rf(232)), (one.clone(), rf(231)), (one.clone(), rf(233))];
    assert_eq!(due(8, 9).await, in_order);
    assert_eq!(due(8, 2).await, in_order[..2]);
    assert_eq!(due(7, 9).await, in_order[..2], "five seconds after the start");
}

pub(super) async fn what_is_tried_again_and_what_a_person_settles_is_counted_and_found_when_it_is_due(
    store: &dyn RefundStore,
) {
    // Long before what other promises leave open.
    let long_ago = |secs: i64| at(secs - 200_000_000);
    let before = store.waiting_refunds().await.expect("it can be read");
    let tenant = tenant("retried");
    let charge = opened(store, &tenant, 26).await;
    let pacing = RefundPacing::default();
    let mut charge = started(store, &charge, rf(261), 100, long_ago(1)).await;
    for (number, began, outcome) in [
        (261, 1, RefundOutcome::NotNow(failure())),
        (262, 2, RefundOutcome::NotNow(failure())),
        (263, 0, done_otherwise()),
        (264, 3, RefundOutcome::NotDone(failure())),
    ] {
        if number > 261 {
            charge = started(store, &charge, rf(number), 100, long_ago(began)).await;
        }
        let Ok(Recorded::Changed { charge: after, .. }) =
            charge.record(rf(number), outcome, long_ago(began + 1), &pacing)
        else {
            panic!("it is recorded");
        };
        save(store, Some(&charge), &after).await;
        charge = after;
    }
    // It was done after all, and not as it was asked for.
    let Ok(Recorded::Changed { charge: found, .. }) =
        charge.record(rf(264), done_otherwise(), long_ago(5), &pacing)
    else {
        panic!("it is kept");
    };
    save(store, Some(&charge), &found).await;
    let due = async |secs: i64, limit: u32| {
        let found = store.due_retries(long_ago(secs), limit).await.expect("it can be read");
        found.into_iter().map(|due| (due.tenant, due.refund)).collect::<Vec<_>>()
    };
    let in_order = [(tenant.clone(), rf(261)), (tenant.clone(), rf(262))];
    assert_eq!(due(6, 9).await, []);
    assert_eq!(due(7, 9).await, in_order[..1], "five seconds after the first call was refused");
    assert_eq!((due(8, 9).await, due(8, 1).await), (in_order.to_vec(), in_order[..1].to_vec()));
    let waiting = store.waiting_refunds().await.expect("it can be read");
    let more = |now: RefundQueue, then: RefundQueue| (now.count - then.count, now.oldest_at);
    assert_eq!(more(waiting.for_attempt, before.for_attempt), (2, Some(long_ago(1))));
    assert_eq!(more(waiting.for_person, before.for_person), (2, Some(long_ago(0))));
}

fn done_otherwise() -> RefundOutcome {
    let amount = Money::new(99, Currency::EUR);
    RefundOutcome::Done { gateway_reference: "sim_rf".into(), amount }
}

pub(super) async fn tenants_see_only_their_own(store: &dyn RefundStore) {
    let (owner, other) = (tenant("owner"), tenant("other"));
    let charge = opened(store, &owner, 25).await;
    let charge = started(store, &charge, rf(251), 100, at(1)).await;
    assert_eq!(store.charge(&other, ChargeRef::Charge(charge.id)).await.expect("read"), None);
    assert_eq!(store.charge(&other, ChargeRef::Intent(charge.intent_id)).await.expect("read"), None);
    assert_eq!(store.charge_of_refund(&other, rf(251)).await.expect("read"), None);
    let (seen, _) = numbers(store, &other, &RefundFilter::default(), &page(9, None, Direction::Older)).await;
    assert!(seen.is_empty());
    // The same ids are another thing for another tenant.
    let theirs = opened(store, &other, 25).await;
    let _theirs = started(store, &theirs, rf(251), 200, at(1)).await;
    let mine = store.charge_of_refund(&owner, rf(251)).await.expect("read");
    assert_eq!(mine.as_ref(), Some(&*charge));
}
