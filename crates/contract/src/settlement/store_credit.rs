//! What every ledger store promises of store credit.

use futures_util::future::join_all;
use tender_domain::kernel::{
    Change, CommitError, CreditAdjustmentId, Currency, Money, RefundId, Save, TenantId,
};
use tender_domain::ledger::{
    AccountFilter, AccountName, AccountPage, AccountPart, CreditAdjustment, CreditAdjustmentType,
    LedgerStore, LedgerTransaction, LedgerWrite, RefundEffect, RefundedTo, Side, TransferId, check,
    refund_posting,
};

use super::postings::{commit, instant, intent, uuid};

const SPENDERS: u32 = 20;

fn tenant(name: &str) -> TenantId {
    format!("credit-{name}").parse().expect("a tenant's name")
}

fn customer() -> AccountPart {
    "cust:1".parse().expect("a plain name")
}

/// The `n`th change of the customer's credit.
fn adjustment(tenant: &TenantId, n: u32, kind: CreditAdjustmentType, minor: i64) -> CreditAdjustment {
    CreditAdjustment {
        id: CreditAdjustmentId::from_uuid(uuid(6, n)),
        tenant: tenant.clone(),
        customer: customer(),
        kind,
        amount: Money::new(minor, Currency::BHD),
        merchant_account: "ma_1".parse().expect("a plain name"),
        reason: format!("the {n}th, ü\""),
        order_ref: n.is_multiple_of(2).then(|| format!("ord_{n}")),
        made_by: "admin".into(),
        made_at: instant(n),
    }
}

/// What the service commits: what was done and its posting, in one change.
fn change(adjustment: &CreditAdjustment, n: u32) -> Change<LedgerWrite> {
    let posted = adjustment.posting(TransferId::new(uuid(7, n))).expect("an amount above zero");
    Change::<LedgerWrite>::of(adjustment.tenant.clone())
        .save(Save::<CreditAdjustment>::new(adjustment.clone()))
        .save(Save::<LedgerTransaction>::new(posted))
}

async fn refund_as_credit(store: &dyn LedgerStore, tenant: &TenantId, minor: i64) {
    let effect = RefundEffect {
        tenant: tenant.clone(),
        refund: RefundId::from_uuid(uuid(2, 1)),
        intent: intent(1),
        to: RefundedTo::StoreCredit(customer()),
        merchant_account: "ma_1".parse().expect("a plain name"),
        amount: Money::new(minor, Currency::BHD),
        occurred_at: instant(1),
    };
    let posted = refund_posting(effect, TransferId::new(uuid(3, 1)), instant(1)).expect("an amount");
    assert!(commit(store, &posted).await.is_ok());
}

async fn balance(store: &dyn LedgerStore, tenant: &TenantId) -> i128 {
    let account = Some(AccountName::StoreCredit(customer()));
    let filter = AccountFilter { account, currency: Some(Currency::BHD) };
    let page = AccountPage { limit: 1, after: None };
    let found = store.accounts(tenant, &filter, &page).await.expect("the store can be read");
    found.data.first().map_or(0, |found| found.totals.balance(Side::Credit))
}

/// A change of store credit is read as it was made, by its tenant alone.
///
/// # Panics
/// When the promise is broken.
pub async fn changes_of_store_credit_are_read_as_they_were_made(store: &dyn LedgerStore) {
    let (mine, theirs) = (tenant("mine"), tenant("theirs"));
    let made = [1, 2].map(|n| adjustment(&mine, n, CreditAdjustmentType::Grant, i64::from(n)));
    for (n, one) in (1..).zip(&made) {
        assert!(store.commit(change(one, n)).await.is_ok());
    }
    let ids = [made[0].id, made[1].id, CreditAdjustmentId::from_uuid(uuid(6, 404))];
    let mut read = store.credit_adjustments(&mine, &ids).await.expect("the store can be read");
    read.sort_by_key(|one| one.made_at);
    assert_eq!(read, made);
    assert_eq!(balance(store, &mine).await, 3);
    assert_eq!(store.credit_adjustments(&theirs, &ids).await.expect("the store can be read"), []);
}

/// Twenty spend 60 % of a customer's credit at once: one has it, nobody more, and nothing of the others is kept.
///
/// # Panics
/// When the promise is broken.
pub async fn store_credit_is_spent_at_most_once_by_many_at_once(store: &dyn LedgerStore) {
    let tenant = tenant("spent");
    refund_as_credit(store, &tenant, 1_000).await;
    let wanted: Vec<_> =
        (1..=SPENDERS).map(|n| adjustment(&tenant, n, CreditAdjustmentType::Redemption, 600)).collect();
    let spending = (1..).zip(&wanted).map(|(n, one)| store.commit(change(one, n)));
    let mut spent = 0;
    for committed in join_all(spending).await {
        match committed {
            Ok(_) => spent += 1,
            Err(CommitError::Refused { constraint }) => {
                assert_eq!(constraint, LedgerWrite::STORE_CREDIT_COVERED);
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(spent, 1);
    assert_eq!(balance(store, &tenant).await, 400);
    let ids: Vec<_> = wanted.iter().map(|one| one.id).collect();
    assert_eq!(store.credit_adjustments(&tenant, &ids).await.expect("the store can be read").len(), 1);
    let found = check(store.replay(&tenant).await.expect("the store can be read"), instant(0));
    assert!(found.balanced() && found.transactions == 2, "{found:?}");
}
