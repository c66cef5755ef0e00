//! Lists, and what is to be looked up.

use std::collections::BTreeMap;

use tender_domain::intents::{CancelStep, IntentFilter, IntentStatus, IntentStore, NewIntent, StartCapture};
use tender_domain::kernel::{Cursor, Direction, Metadata, PageRequest, TenantId};

use super::builders::{
    LOOKUP, approved, at, att, cap, new_intent, no, pi, save, saved, saved_new, start, started, tenant,
};

fn page(limit: u32, from: Option<u128>, direction: Direction) -> PageRequest {
    PageRequest::new(limit, from.map(|number| Cursor(pi(number).uuid())), direction).expect("a good page")
}

async fn numbers(
    store: &dyn IntentStore,
    tenant: &TenantId,
    filter: &IntentFilter,
    page: &PageRequest,
) -> (Vec<u128>, bool) {
    let found = store.intents(tenant, filter, page).await.expect("it can be read");
    let first = pi(0).uuid().as_u128();
    (found.data.iter().map(|intent| intent.id.uuid().as_u128() - first).collect(), found.has_more)
}

/// Pages of two, to the oldest and back to the newest, each intent whole.
///
/// # Panics
/// When the promise is broken.
pub async fn lists_are_paged_newest_first_both_ways(store: &dyn IntentStore) {
    let tenant = tenant("paged");
    // Saved in another order than their ids have.
    for number in [3, 1, 5, 2] {
        let _saved = saved(store, &tenant, number).await;
    }
    let whole = approved(store, &tenant, 4).await;
    let all = IntentFilter::default();
    let (older, newer) = (Direction::Older, Direction::Newer);
    for (request, expected) in [
        (page(2, None, older), (vec![5, 4], true)),
        (page(2, Some(4), older), (vec![3, 2], true)),
        (page(2, Some(2), older), (vec![1], false)),
        (page(2, Some(1), older), (vec![], false)),
        (page(2, Some(1), newer), (vec![3, 2], true)),
        (page(9, Some(3), newer), (vec![5, 4], false)),
        (page(5, None, older), (vec![5, 4, 3, 2, 1], false)),
    ] {
        assert_eq!(numbers(store, &tenant, &all, &request).await, expected, "{request:?}");
    }
    let listed = store.intents(&tenant, &all, &page(2, None, older)).await.expect("it can be read");
    assert_eq!(listed.data[1], *whole, "with its attempts");
}

/// By each thing, and by all of them together.
///
/// # Panics
/// When the promise is broken.
pub async fn lists_are_filtered(store: &dyn IntentStore) {
    let tenant = tenant("filtered");
    let of = |number: u128, customer: &str, order: &str| NewIntent {
        customer_id: Some(customer.to_owned()),
        order_ref: Some(order.to_owned()),
        ..new_intent(&tenant, number)
    };
    for (number, customer, order) in [(1_u32, "cust_1", "o'1"), (2, "cust_2", "o'1"), (3, "cust_1", "o'2")] {
        let new = of(number.into(), customer, order);
        let _saved = save(store, None, tender_domain::intents::Intent::create(new, at(number.into()))).await;
    }
    let entries = |entries: &[(&str, &str)]| -> BTreeMap<String, String> {
        entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let noted = |number, notes: &[(&str, &str)]| NewIntent {
        metadata: Metadata::new(entries(notes)).expect("within bounds"),
        ..new_intent(&tenant, number)
    };
    let _one = saved_new(store, noted(5, &[("shop", "o'1"), ("desk", "7")])).await;
    let _two = saved_new(store, noted(6, &[("shop", "o'1")])).await;
    let with_metadata =
        |wanted: &[(&str, &str)]| IntentFilter { metadata: entries(wanted), ..IntentFilter::default() };
    for (wanted, expected) in [
        (&[("shop", "o'1")][..], vec![6, 5]),
        (&[("shop", "o'1"), ("desk", "7")], vec![5]),
        (&[("shop", "o'")], vec![]),
        (&[("desk", "")], vec![]),
    ] {
        let filter = with_metadata(wanted);
        let (found, _) = numbers(store, &tenant, &filter, &page(9, None, Direction::Older)).await;
        assert_eq!(found, expected, "{filter:?}");
    }
    let _bare = saved_new(store, NewIntent { instrument: None, ..new_intent(&tenant, 4) }).await;
    let any = IntentFilter::default;
    let customer = |id: &str| Some(id.to_owned());
    for (filter, expected) in [
        (any(), vec![6, 5, 4, 3, 2, 1]),
        (IntentFilter { customer_id: customer("cust_1"), ..any() }, vec![3, 1]),
        (IntentFilter { customer_id: customer("cust_9"), ..any() }, vec![]),
        (IntentFilter { order_ref: Some("o'1".into()), ..any() }, vec![2, 1]),
        (IntentFilter { status: Some(IntentStatus::RequiresPaymentMethod), ..any() }, vec![4]),
        (IntentFilter { status: Some(IntentStatus::Succeeded), ..any() }, vec![]),
        (IntentFilter { created_from: Some(at(2)), ..any() }, vec![3, 2]),
        (IntentFilter { created_to: Some(at(2)), ..any() }, vec![6, 5, 4, 1]),
        (IntentFilter { created_from: Some(at(1)), created_to: Some(at(3)), ..any() }, vec![2, 1]),
        (
            IntentFilter {
                customer_id: customer("cust_1"),
                order_ref: Some("o'1".into()),
                status: Some(IntentStatus::RequiresConfirmation),
                created_from: Some(at(1)),
                created_to: Some(at(2)),
                ..any()
            },
            vec![1],
        ),
    ] {
        let (found, _) = numbers(store, &tenant, &filter, &page(9, None, Direction::Older)).await;
        assert_eq!(found, expected, "{filter:?}");
    }
}

/// Open attempts, open captures and voids on their way, over all tenants; each intent once; what is known is not due.
///
/// # Panics
/// When the promise is broken.
pub async fn what_is_due_comes_longest_waiting_first(store: &dyn IntentStore) {
    let (one, two) = (tenant("due-1"), tenant("due-2"));
    let due = async |second, limit| store.due(at(second), limit).await.expect("it can be read");
    let _waits = saved(store, &one, 1).await;
    // Due 15 s after second 1, then what is begun later.
    let begun = started(store, &one, 2).await;
    let held = approved(store, &two, 3).await;
    assert_eq!(due(15, 9).await, []);
    assert_eq!(due(16, 9).await, [(one.clone(), pi(2))]);

    let capture = |number, minor| StartCapture {
        id: cap(number),
        amount: Some(super::builders::eur(minor)),
        is_final: false,
    };
    let pending = save(store, Some(&held), held.start_capture(&capture(30, 10), at(5)).expect("held")).await;
    let pending =
        save(store, Some(&pending), pending.start_capture(&capture(31, 10), at(6)).expect("held")).await;
    let voided = approved(store, &one, 4).await;
    let Ok(CancelStep::VoidStarted { intent: voiding, .. }) = voided.cancel("no", at(4)) else {
        panic!("what is held is voided");
    };
    let voiding = save(store, Some(&voided), voiding).await;
    let in_order = [(one.clone(), pi(2)), (one.clone(), pi(4)), (two.clone(), pi(3))];
    assert_eq!(due(60, 9).await, in_order);
    assert_eq!(due(60, 2).await, in_order[..2]);
    assert_eq!(due(19, 9).await, in_order[..2], "the captures are due a second later");

    // A look-up in vain comes later again; an answer ends it.
    let asked = begun.record_unknown(att(2), "silence", LOOKUP, at(20)).expect("open").intent;
    let asked = save(store, Some(&begun), asked).await;
    assert_eq!(due(24, 9).await, [(one.clone(), pi(4)), (two.clone(), pi(3))]);
    assert_eq!(due(26, 9).await.last(), Some(&(one.clone(), pi(2))));
    let step = asked.record_answer(att(2), no(), cap(2), at(26)).expect("open");
    let _declined = save(store, Some(&asked), step.intent).await;
    let step = voiding.record_voided(att(4), at(26)).expect("on its way");
    let _canceled = save(store, Some(&voiding), step.intent).await;
    let step = pending.record_capture_not_done(cap(30), "no", at(26)).expect("pending");
    let pending = save(store, Some(&pending), step.intent).await;
    assert_eq!(due(60, 9).await, [(two.clone(), pi(3))], "its other capture is still open");
    let step = pending.record_capture_not_done(cap(31), "no", at(26)).expect("pending");
    let _ended = save(store, Some(&pending), step.intent).await;
    assert_eq!(due(1_000_000, 9).await, []);
    let fresh = saved(store, &two, 5).await;
    let again = fresh.start_attempt(start(50, &fresh), at(30)).expect("ready");
    let _again = save(store, Some(&fresh), again).await;
    assert_eq!(due(1_000_000, 9).await, [(two, pi(5))]);
}
