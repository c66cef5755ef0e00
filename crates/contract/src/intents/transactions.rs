//! A customer's transactions, page by page.

use tender_domain::intents::{
    Channel, Intent, IntentStore, NewIntent, RefundOfIntent, Transaction, TransactionFilter, TransactionKind,
    TransactionPage, TransactionStanding,
};
use tender_domain::kernel::{Change, RefundId, TenantId, Timestamp, Version};
use tender_domain::refunds::{OpenRefund, RefundStatus};
use uuid::Uuid;

use super::builders::{at, att, cap, eur, new_intent, pi, save, start, tenant, yes};

const CUSTOMER: &str = "O'Neil 1";

fn rf(number: u128) -> RefundId {
    RefundId::from_uuid(Uuid::from_u128(number))
}

fn told(tenant: &TenantId, number: u128, status: RefundStatus, created_at: Timestamp) -> RefundOfIntent {
    RefundOfIntent {
        tenant: tenant.clone(),
        id: rf(number),
        intent_id: pi(1),
        attempt: att(1),
        version: Version::new(2),
        amount: eur(500),
        reason: "rain".to_owned(),
        gateway_reference: (status == RefundStatus::Succeeded).then(|| "ref_1".to_owned()),
        status,
        failed_after_success: false,
        created_at,
        ended_at: at(99),
    }
}

fn open(number: u128, intent: u128, created_at: Timestamp) -> OpenRefund {
    OpenRefund {
        id: rf(number),
        intent_id: pi(intent),
        connector: "simulator".to_owned(),
        amount: eur(100),
        reason: "rain".to_owned(),
        status: RefundStatus::Processing,
        gateway_reference: None,
        created_at,
        asked_at: Some(created_at),
        checks: 1,
    }
}

/// One payment that succeeded at second 1 and one that is open at second 2, both of [`CUSTOMER`] and of rentals; one each
/// of another customer and of another door; refunds of the first that ended at seconds 3 and 4.
async fn stage(store: &dyn IntentStore, own: &TenantId) {
    let new = |number: u128, customer: &str, channel| NewIntent {
        customer_id: Some(customer.to_owned()),
        order_ref: Some(number.to_string()),
        channel,
        ..new_intent(own, number)
    };
    let paid = save(store, None, Intent::create(new(1, CUSTOMER, Channel::Rentals), at(1))).await;
    let started = paid.start_attempt(start(1, &paid), at(1)).expect("it may be confirmed");
    let paid = save(store, Some(&paid), started).await;
    let step = paid.record_answer(att(1), yes(eur(10_000), true), cap(1), at(1));
    let _paid = save(store, Some(&paid), step.expect("the attempt is open").intent).await;
    for (number, customer, channel) in
        [(2, CUSTOMER, Channel::Rentals), (3, "another", Channel::Rentals), (4, CUSTOMER, Channel::Core)]
    {
        let _open = save(store, None, Intent::create(new(number, customer, channel), at(2))).await;
    }
    for refund in [told(own, 21, RefundStatus::Succeeded, at(3)), told(own, 22, RefundStatus::Failed, at(4))]
    {
        assert!(store.commit(Change::of(own.clone()).save(refund)).await.is_ok());
    }
}

fn all() -> TransactionFilter {
    TransactionFilter {
        customer_id: CUSTOMER.to_owned(),
        channel: Channel::Rentals,
        kind: None,
        standing: None,
        from: None,
        to: None,
        // One that is open, one whose end was told meanwhile, one of another customer's payment, one of another door's.
        open: vec![open(23, 2, at(5)), open(21, 1, at(3)), open(24, 3, at(6)), open(25, 4, at(6))],
    }
}

/// Each as a letter with the number of its id: `p` a payment, `r` a refund, `o` an open refund.
fn named(page: &TransactionPage) -> (u64, Vec<String>) {
    let payment = |intent: &Intent| intent.id.uuid().as_u128() - pi(0).uuid().as_u128();
    let name = |transaction: &Transaction| match transaction {
        Transaction::Payment(intent) => format!("p{}", payment(intent)),
        Transaction::Refund(intent, refund) => format!("r{}/{}", refund.id.uuid().as_u128(), payment(intent)),
        Transaction::OpenRefund(intent, refund) => {
            format!("o{}/{}", refund.id.uuid().as_u128(), payment(intent))
        }
    };
    (page.total, page.rows.iter().map(name).collect())
}

/// Newest first; what refunds told of counts more than what was open when it was asked.
///
/// # Panics
/// When the promise is broken.
pub async fn a_customers_transactions_are_counted_filtered_and_paged(store: &dyn IntentStore) {
    let own = tenant("transactions");
    stage(store, &own).await;
    let (payment, refund) = (Some(TransactionKind::Payment), Some(TransactionKind::Refund));
    let standing = |standing| TransactionFilter { standing: Some(standing), ..all() };
    for (filter, (skip, limit), total, rows) in [
        (all(), (0, 10), 5, &["o23/2", "r22/1", "r21/1", "p2", "p1"][..]),
        (all(), (0, 2), 5, &["o23/2", "r22/1"]),
        (all(), (2, 2), 5, &["r21/1", "p2"]),
        (all(), (4, 2), 5, &["p1"]),
        (all(), (5, 2), 5, &[]),
        (all(), (u64::MAX, 2), 5, &[]),
        (TransactionFilter { kind: payment, ..all() }, (0, 10), 2, &["p2", "p1"]),
        (TransactionFilter { kind: refund, ..all() }, (0, 10), 3, &["o23/2", "r22/1", "r21/1"]),
        (standing(TransactionStanding::Pending), (0, 10), 2, &["o23/2", "p2"]),
        (standing(TransactionStanding::Completed), (0, 10), 2, &["r21/1", "p1"]),
        (standing(TransactionStanding::Failed), (0, 10), 1, &["r22/1"]),
        (TransactionFilter { from: Some(at(3)), ..all() }, (0, 10), 3, &["o23/2", "r22/1", "r21/1"]),
        (TransactionFilter { to: Some(at(3)), ..all() }, (0, 10), 3, &["r21/1", "p2", "p1"]),
        (TransactionFilter { open: Vec::new(), ..all() }, (0, 10), 4, &["r22/1", "r21/1", "p2", "p1"]),
        (TransactionFilter { customer_id: "nobody".into(), ..all() }, (0, 10), 0, &[]),
    ] {
        let page = store.transactions(&own, &filter, skip, limit).await.expect("they can be read");
        let expected = (total, rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>());
        assert_eq!(named(&page), expected, "{filter:?} {skip} {limit}");
    }
    let elsewhere = store.transactions(&tenant("transactions-2"), &all(), 0, 10).await;
    assert_eq!(elsewhere.expect("they can be read"), TransactionPage::default());
}
