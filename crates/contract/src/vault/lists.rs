//! Lists.

use std::sync::Arc;

use tender_domain::kernel::{Cursor, Direction, PageRequest};
use tender_domain::vault::{
    Card, CreateMethod, CreatedRange, MethodDetails, MethodFilter, MethodFingerprint, MethodStore,
    MethodType, MonthRange, PaymentMethod,
};

use super::types::of_every_type;
use super::{at, card, metadata, new_method, saved, tenant};

/// Pages of two, to the oldest and back to the newest.
///
/// # Panics
/// When the promise is broken.
pub async fn lists_are_paged_newest_first_both_ways(store: &dyn MethodStore) {
    let tenant = tenant("paged");
    let mut methods = Vec::new();
    for number in 1..=5 {
        methods.push(saved(store, new_method(&tenant, number, None)).await);
    }
    let page = async |from: Option<usize>, direction| {
        let cursor = from.map(|index| Cursor(methods[index].id.uuid()));
        let request = PageRequest::new(2, cursor, direction).expect("within limits");
        let page = store.methods(&tenant, &MethodFilter::default(), &request).await.expect("readable");
        let place = |row: &Arc<PaymentMethod>| methods.iter().position(|known| known == row).expect("known");
        (page.data.iter().map(place).collect::<Vec<_>>(), page.has_more)
    };
    assert_eq!(page(None, Direction::Older).await, (vec![4, 3], true));
    assert_eq!(page(Some(3), Direction::Older).await, (vec![2, 1], true));
    assert_eq!(page(Some(1), Direction::Older).await, (vec![0], false));
    assert_eq!(page(Some(0), Direction::Older).await, (vec![], false));
    assert_eq!(page(Some(0), Direction::Newer).await, (vec![2, 1], true));
    assert_eq!(page(Some(2), Direction::Newer).await, (vec![4, 3], false));
}

/// By customer, time and metadata, and all of them together.
///
/// # Panics
/// When the promise is broken.
pub async fn lists_are_filtered(store: &dyn MethodStore) {
    let tenant = tenant("filtered");
    let shop = |number: u32, customer| CreateMethod {
        metadata: metadata(&[("shop", "a'b"), ("n", &number.to_string())]),
        ..new_method(&tenant, number, customer)
    };
    let one = saved(store, shop(1, Some("cust_1"))).await;
    let of_merchant = CreateMethod { merchant_account_id: Some("ma_1".into()), ..shop(2, Some("cust_2")) };
    let two = saved(store, of_merchant).await;
    let three = saved(store, new_method(&tenant, 3, Some("cust_1"))).await;
    let list = async |filter: MethodFilter| {
        store.methods(&tenant, &filter, &PageRequest::default()).await.expect("readable").data
    };
    let by_customer = MethodFilter { customer_id: Some("cust_1".into()), ..MethodFilter::default() };
    let by_shop = MethodFilter { metadata: vec![("shop".into(), "a'b".into())], ..MethodFilter::default() };
    let by_two = MethodFilter {
        metadata: vec![("shop".into(), "a'b".into()), ("n".into(), "2".into())],
        ..MethodFilter::default()
    };
    let by_time = |from, until| MethodFilter {
        created: CreatedRange { from: Some(at(from)), until: Some(at(until)) },
        ..MethodFilter::default()
    };
    let together = MethodFilter { customer_id: Some("cust_1".into()), ..by_shop.clone() };
    assert_eq!(list(by_customer).await, [Arc::clone(&three), Arc::clone(&one)]);
    assert_eq!(list(by_shop).await, [Arc::clone(&two), Arc::clone(&one)]);
    assert_eq!(list(by_two).await, [Arc::clone(&two)]);
    let by_merchant = MethodFilter { merchant_account_id: Some("ma_1".into()), ..MethodFilter::default() };
    assert_eq!(list(by_merchant).await, [Arc::clone(&two)]);
    assert_eq!(list(by_time(2, 3)).await, [Arc::clone(&two)], "from is within, until is not");
    assert_eq!(list(by_time(1, 4)).await, [three, two, Arc::clone(&one)]);
    assert_eq!(list(together).await, [one]);
}

/// By type, by fingerprint, and by the month in which a card ends; what is no card has none.
///
/// # Panics
/// When the promise is broken.
pub async fn lists_are_filtered_by_type_instrument_and_expiry(store: &dyn MethodStore) {
    let tenant = tenant("instruments");
    let mut methods = Vec::new();
    for new in of_every_type(&tenant) {
        methods.push(saved(store, new).await);
    }
    let old = CreateMethod {
        details: MethodDetails::Card(card(2, 2027)),
        fingerprint: MethodFingerprint([9; 32]),
        ..new_method(&tenant, 20, None)
    };
    let old = saved(store, old).await;
    let list = async |filter: MethodFilter| {
        store.methods(&tenant, &filter, &PageRequest::default()).await.expect("readable").data
    };
    for method_type in MethodType::ALL {
        let of_type = list(MethodFilter { method_type: Some(*method_type), ..MethodFilter::default() }).await;
        assert!(!of_type.is_empty() && of_type.iter().all(|one| one.details.method_type() == *method_type));
    }
    let same = MethodFilter { fingerprint: Some(old.fingerprint), ..MethodFilter::default() };
    assert_eq!(list(same).await, [Arc::clone(&old)]);
    let months = async |from: Option<i32>, until: Option<i32>, or_none| {
        list(MethodFilter { last_month: MonthRange { from, until, or_none }, ..MethodFilter::default() })
            .await
    };
    let (february, march) = (Card::months(2027, 2), Card::months(2027, 3));
    assert_eq!(months(None, Some(march), false).await, [Arc::clone(&old)], "ends before March");
    assert_eq!(months(None, Some(february), false).await, [], "February is not before February");
    let later = months(Some(march), None, false).await;
    assert_eq!(later.len(), 3, "the cards, also in wallets, that end later");
    assert_eq!(months(Some(march), None, true).await.len(), methods.len(), "and what never ends");
    assert_eq!(months(Some(february), Some(march), false).await, [old]);
}
