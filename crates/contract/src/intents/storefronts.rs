//! What storefronts and refunds tell of intents.

use std::sync::Arc;

use tender_domain::dispute_cases::{CaseSource, CaseStatus};
use tender_domain::intents::{
    Channel, DisputeOfIntent, Intent, IntentFilter, IntentStatus, IntentStore, NewIntent, RefundOfIntent,
    RefundedPart, StorefrontPayment,
};
use tender_domain::kernel::{
    Change, CommitError, DisputeId, IntentId, PageRequest, RefundId, Save, TenantId, Version,
};
use tender_domain::refunds::RefundStatus;
use uuid::Uuid;

use super::builders::{at, att, cap, eur, new_intent, pi, save, start, tenant, yes};

fn kept(tenant: &TenantId, number: u128, client_key: Option<&str>) -> StorefrontPayment {
    StorefrontPayment {
        tenant: tenant.clone(),
        intent_id: pi(number),
        client_key: client_key.map(str::to_owned),
        ip_address: Some("2001:db8::1".to_owned()),
        user_agent: Some("Mozilla/5.0 \"x\"".to_owned()),
    }
}

/// Saves a payment of the adventures dialect, 100.00 EUR taken, of this guest for this reservation.
///
/// # Panics
/// When the store refuses.
pub async fn of_storefront(
    store: &dyn IntentStore,
    tenant: &TenantId,
    number: u128,
    [guest, reservation]: [Uuid; 2],
) -> Arc<Intent> {
    let new = NewIntent {
        customer_id: Some(guest.to_string()),
        order_ref: Some(reservation.to_string()),
        channel: Channel::Adventures,
        ..new_intent(tenant, number)
    };
    let intent = Arc::new(Intent::create(new, at(0)));
    let create = Change::of(tenant.clone()).save(Save::<Intent>::new(Arc::clone(&intent))).save(kept(
        tenant,
        number,
        Some("the client's key"),
    ));
    assert!(store.commit(create).await.is_ok());
    let started = intent.start_attempt(start(number, &intent), at(1)).expect("it may be confirmed");
    let intent = save(store, Some(&intent), started).await;
    let step = intent.record_answer(att(number), yes(eur(10_000), true), cap(number), at(2));
    save(store, Some(&intent), step.expect("the attempt is open").intent).await
}

/// In the change that makes the intent; a second one of the same intent refuses the change.
///
/// # Panics
/// When the promise is broken.
pub async fn what_a_storefront_wants_kept_is_written_once_with_the_intent(store: &dyn IntentStore) {
    let own = tenant("storefronts");
    let create = |number: u128, payment: StorefrontPayment| {
        let intent = Intent::create(new_intent(&own, number), at(0));
        Change::of(own.clone()).save(Save::<Intent>::new(intent)).save(payment)
    };
    for (number, key) in [(50, Some("a key")), (51, None)] {
        assert!(store.commit(create(number, kept(&own, number, key))).await.is_ok());
    }
    let read = async |tenant: &TenantId, ids: &[IntentId]| {
        let mut found = store.storefront_payments(tenant, ids).await.expect("they can be read");
        found.sort_by_key(|payment| payment.intent_id);
        found
    };
    let both = vec![kept(&own, 50, Some("a key")), kept(&own, 51, None)];
    assert_eq!(read(&own, &[pi(51), pi(50), pi(59)]).await, both);
    assert_eq!(read(&own, &[]).await, vec![]);
    assert_eq!(read(&tenant("storefronts-2"), &[pi(50)]).await, vec![]);
    let again = store.commit(create(52, kept(&own, 50, Some("another")))).await;
    assert!(matches!(again, Err(CommitError::Refused { .. })), "{again:?}");
    assert_eq!(store.intent(&own, pi(52)).await.expect("it can be read"), None, "all or nothing");
    assert_eq!(read(&own, &[pi(50), pi(51)]).await, both);
}

fn refund(tenant: &TenantId, number: u128, version: i64, status: RefundStatus) -> RefundOfIntent {
    RefundOfIntent {
        tenant: tenant.clone(),
        id: RefundId::from_uuid(Uuid::from_u128(number)),
        intent_id: pi(60),
        attempt: att(60),
        version: Version::new(version),
        amount: eur(500),
        reason: "wet \"feet\"".to_owned(),
        gateway_reference: (status == RefundStatus::Succeeded).then(|| "ref_1".to_owned()),
        status,
        failed_after_success: false,
        created_at: at(1),
        ended_at: at(version),
    }
}

/// Whatever the order in which it is told; of its own tenant and intent, oldest first.
///
/// # Panics
/// When the promise is broken.
pub async fn what_disputes_told_is_kept_as_of_its_latest_version(store: &dyn IntentStore) {
    let own = tenant("told-disputes");
    let dispute = |number: u128, version: i64, status| DisputeOfIntent {
        tenant: own.clone(),
        id: DisputeId::from_uuid(Uuid::from_u128(number)),
        intent_id: pi(60),
        version: Version::new(version),
        source: if number == 7 { CaseSource::Guest } else { CaseSource::Chargeback },
        amount: eur(500),
        reason: "WEATHER".to_owned(),
        status,
        created_at: at(1),
        updated_at: at(version),
    };
    let (opened, ended) = (dispute(7, 1, CaseStatus::Open), dispute(7, 2, CaseStatus::Resolved));
    let other = dispute(8, 1, CaseStatus::Open);
    for told in [&ended, &opened, &other, &ended] {
        assert!(store.commit(Change::of(own.clone()).save(told.clone())).await.is_ok());
    }
    let read = async |tenant: &TenantId, id| {
        store.disputes_of_intents(tenant, &[id, pi(69)]).await.expect("they can be read")
    };
    assert_eq!(read(&own, pi(60)).await, vec![ended, other]);
    assert_eq!(read(&own, pi(61)).await, vec![]);
    assert_eq!(read(&tenant("told-disputes-2"), pi(60)).await, vec![]);
}

/// Whatever the order in which it is told; of its own tenant and intent, oldest first.
///
/// # Panics
/// When the promise is broken.
pub async fn what_refunds_told_is_kept_as_of_its_latest_version(store: &dyn IntentStore) {
    let own = tenant("told");
    let succeeded = refund(&own, 7, 2, RefundStatus::Succeeded);
    let failed = RefundOfIntent { failed_after_success: true, ..refund(&own, 7, 3, RefundStatus::Failed) };
    let other = refund(&own, 8, 2, RefundStatus::Failed);
    for told in [&failed, &succeeded, &other, &failed] {
        assert!(store.commit(Change::of(own.clone()).save(told.clone())).await.is_ok());
    }
    let read = async |tenant: &TenantId, id| {
        store.refunds_of_intents(tenant, &[id, pi(69)]).await.expect("they can be read")
    };
    assert_eq!(read(&own, pi(60)).await, vec![failed, other]);
    assert_eq!(read(&own, pi(61)).await, vec![]);
    assert_eq!(read(&tenant("told-2"), pi(60)).await, vec![]);
}

/// # Panics
/// When the promise is broken.
pub async fn lists_are_filtered_by_door_and_by_what_was_given_back(store: &dyn IntentStore) {
    let own = tenant("doors");
    let taken = async |number: u128, channel: Channel, refunded: i64| {
        let order_ref = Some(format!("order {number}"));
        let new = NewIntent { channel, order_ref, ..new_intent(&own, number) };
        let intent = save(store, None, Intent::create(new, at(0))).await;
        let started = intent.start_attempt(start(number, &intent), at(1)).expect("it may be confirmed");
        let intent = save(store, Some(&intent), started).await;
        let step = intent.record_answer(att(number), yes(eur(10_000), true), cap(number), at(2));
        let intent = save(store, Some(&intent), step.expect("the attempt is open").intent).await;
        save(store, Some(&intent), intent.with_refunded(eur(refunded), at(3))).await
    };
    for (number, channel, refunded) in [
        (70, Channel::Adventures, 0),
        (71, Channel::Rentals, 0),
        (72, Channel::Adventures, 1),
        (73, Channel::Adventures, 10_000),
        (74, Channel::Hotels, 0),
    ] {
        let _taken: Arc<Intent> = taken(number, channel, refunded).await;
    }
    let open = NewIntent { channel: Channel::Adventures, ..new_intent(&own, 75) };
    let _open = save(store, None, Intent::create(open, at(0))).await;
    let found = async |filter: IntentFilter| {
        let page = store.intents(&own, &filter, &PageRequest::default()).await.expect("it can be read");
        page.data.iter().map(|intent| intent.id).collect::<Vec<_>>()
    };
    let adventures = || IntentFilter { channel: Some(Channel::Adventures), ..IntentFilter::default() };
    let ids = |numbers: &[u128]| numbers.iter().map(|number| pi(*number)).collect::<Vec<_>>();
    assert_eq!(found(adventures()).await, ids(&[75, 73, 72, 70]));
    let rentals = IntentFilter { channel: Some(Channel::Rentals), ..IntentFilter::default() };
    assert_eq!(found(rentals).await, ids(&[71]));
    let succeeded = || IntentFilter { statuses: vec![IntentStatus::Succeeded], ..adventures() };
    assert_eq!(found(succeeded()).await, ids(&[73, 72, 70]));
    let either = vec![IntentStatus::Succeeded, IntentStatus::RequiresConfirmation];
    assert_eq!(found(IntentFilter { statuses: either, ..adventures() }).await, ids(&[75, 73, 72, 70]));
    for (part, numbers) in
        [(RefundedPart::Nothing, [70]), (RefundedPart::Part, [72]), (RefundedPart::All, [73])]
    {
        let filter = IntentFilter { refunded: Some(part), ..succeeded() };
        assert_eq!(found(filter).await, ids(&numbers), "{part:?}");
    }
}
