//! Refunds whose outcome is open.

use tender_domain::kernel::Currency;
use tender_domain::refunds::{
    OpenRefund, OpenRefunds, OpenRefundsOf, RefundOutcome, RefundStatus, RefundStore,
};

use super::charges::{at, done, failure, opened, recorded, rf, started, tenant};

/// What is open of a customer, of an intent, and in the queue; each as its connector has it, with what was asked.
///
/// # Panics
/// When the promise is broken.
pub async fn open_refunds_are_told_by_customer_intent_and_queue<S: RefundStore + OpenRefunds>(store: &S) {
    let tenant = tenant("open");
    let one = opened(store, &tenant, 40).await;
    let two = opened(store, &tenant, 41).await;
    let one = started(store, &one, rf(401), 100, at(1)).await;
    let one = started(store, &one, rf(402), 200, at(2)).await;
    let two = started(store, &two, rf(411), 300, at(3)).await;
    let told = async |of: OpenRefundsOf, limit| {
        store.open_refunds(&tenant, &of, None, limit).await.expect("they can be read")
    };
    let ids = |open: Vec<OpenRefund>| open.iter().map(|open| open.id).collect::<Vec<_>>();
    let customer = OpenRefundsOf::Customer("cust_40".to_owned());
    assert_eq!(ids(told(customer.clone(), 10).await), [rf(402), rf(401)]);
    assert_eq!(ids(told(customer, 1).await), [rf(402)], "the newest");
    assert_eq!(ids(told(OpenRefundsOf::Customer("cust_4".to_owned()), 10).await), []);
    let of_two = told(OpenRefundsOf::Intent(two.intent_id), 10).await;
    let refund = two.refund(rf(411)).expect("it was begun");
    assert_eq!(of_two, [OpenRefund::of(refund, &two.connector)]);
    assert_eq!(of_two[0].status, RefundStatus::Processing);
    assert_eq!(ids(told(OpenRefundsOf::Queue, 10).await), [], "all are asked about again");
    let queued = recorded(store, &one, rf(401), done(99, Currency::EUR)).await;
    assert_eq!(ids(told(OpenRefundsOf::Queue, 10).await), [rf(401)]);
    let _ended = recorded(store, &queued, rf(402), done(200, Currency::EUR)).await;
    // One that failed and was done after all, for another amount, is a person's too.
    let failed = recorded(store, &two, rf(411), RefundOutcome::NotDone(failure())).await;
    let _found = recorded(store, &failed, rf(411), done(299, Currency::EUR)).await;
    assert_eq!(ids(told(OpenRefundsOf::Queue, 10).await), [rf(401), rf(411)]);
    let of_one = OpenRefundsOf::Intent(queued.intent_id);
    assert_eq!(ids(told(of_one.clone(), 10).await), [rf(401)]);
    for (since, expected) in [(at(9), &[rf(402), rf(401)][..]), (at(10), &[rf(401)])] {
        let lately = store.open_refunds(&tenant, &of_one, Some(since), 10).await;
        assert_eq!(ids(lately.expect("they can be read")), expected, "those that ended at second 9");
    }
}
