//! The built-in orders directory.

use std::sync::Arc;

use futures_util::future::join_all;
use tender_domain::intents::{IntentStore, SaveOrder, StoredOrder};
use tender_domain::kernel::{Change, CommitError, Currency, Money, Save, TenantId};
use tender_domain::ports::{Order, OrderStatus, Reservation};

use super::builders::{at, tenant};

fn order(reference: &str) -> Order {
    Order {
        reference: reference.to_owned(),
        kind: "booking".into(),
        customer_id: "O'Neil".into(),
        amount: Money::new(1_500, Currency::BHD),
        status: OrderStatus::Pending,
        starts_at: None,
        product_type: None,
        rate_plan: None,
        reservation: None,
        details: serde_json::Map::new(),
    }
}

fn details() -> serde_json::Map<String, serde_json::Value> {
    let details = serde_json::json!({ "vehicle": "O'Neil \"x\"", "vehicle_id": 789, "doors": [1, 2.50] });
    details.as_object().cloned().unwrap_or_default()
}

fn stored(tenant: &TenantId, order: Order) -> Arc<StoredOrder> {
    Arc::new(StoredOrder::create(SaveOrder { tenant: tenant.clone(), order }, at(0)))
}

/// New, replaced, and with a stale replacement refused; for its tenant only.
///
/// # Panics
/// When the promise is broken.
pub async fn an_order_is_read_as_it_was_put(store: &dyn IntentStore) {
    let tenant_one = tenant("orders");
    let read = async |tenant: &TenantId, reference: &str| {
        store.order(tenant, reference).await.expect("it can be read")
    };
    let commit = |save: Save<StoredOrder>| store.commit(Change::of(tenant_one.clone()).save(save));
    assert_eq!(read(&tenant_one, "a \"b\"").await, None);
    let new = stored(&tenant_one, order("a \"b\""));
    assert!(commit(Save::new(Arc::clone(&new))).await.is_ok());
    assert_eq!(read(&tenant_one, "a \"b\"").await.as_ref(), Some(&*new));
    assert_eq!(read(&tenant("orders-2"), "a \"b\"").await, None);

    let mut last = Arc::clone(&new);
    for status in [OrderStatus::Confirmed, OrderStatus::Canceled] {
        let full = Order {
            status,
            starts_at: Some(at(86_400)),
            product_type: Some("guided 'trip'".into()),
            rate_plan: Some("FLEX".into()),
            reservation: Some(Reservation { id: "r".into(), holder: "h".into(), expires_at: at(600) }),
            details: details(),
            ..order("a \"b\"")
        };
        let replaced = Arc::new(last.replace(full, at(1)));
        assert!(commit(Save::changed(Arc::clone(&last), Arc::clone(&replaced))).await.is_ok());
        assert_eq!(read(&tenant_one, "a \"b\"").await.as_ref(), Some(&*replaced));
        last = replaced;
    }
    let stale = new.replace(order("a \"b\""), at(2));
    let lost = commit(Save::changed(new, stale)).await;
    assert!(matches!(lost, Err(CommitError::Conflict)), "{lost:?}");
    assert_eq!(read(&tenant_one, "a \"b\"").await.as_ref(), Some(&*last));

    let other = stored(&tenant_one, order("c"));
    assert!(commit(Save::new(Arc::clone(&other))).await.is_ok());
    let named = ["c".to_owned(), "none".to_owned(), "a \"b\"".to_owned()];
    let mut all = store.orders(&tenant_one, &named).await.expect("they can be read");
    all.sort_by(|one, other| one.order.reference.cmp(&other.order.reference));
    assert_eq!(all, [StoredOrder::clone(&last), StoredOrder::clone(&other)], "each that there is, once");
    assert_eq!(store.orders(&tenant("orders-2"), &named).await.expect("they can be read"), []);
}

/// The others are told, and find it.
///
/// # Panics
/// When the promise is broken.
pub async fn of_two_who_put_a_new_order_at_once_one_gets_in(store: &dyn IntentStore) {
    let tenant = tenant("orders-at-once");
    let put = || {
        let save: Save<StoredOrder> = Save::new(stored(&tenant, order("o")));
        store.commit(Change::of(tenant.clone()).save(save))
    };
    let results = join_all((0..10).map(|_| put())).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let told = |result: &&Result<_, CommitError>| {
        matches!(result, Err(CommitError::Refused { .. } | CommitError::Conflict))
    };
    assert_eq!(results.iter().filter(told).count(), 9, "{results:?}");
    assert!(store.order(&tenant, "o").await.expect("it can be read").is_some());
}
