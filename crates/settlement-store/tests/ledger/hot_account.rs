use futures_util::StreamExt;
use futures_util::stream;
use tender_contract::settlement::{capture_of, commit};
use tender_domain::kernel::{CommitError, Currency, Money, TenantId};
use tender_domain::ledger::{AccountFilter, AccountPage, LedgerStore, check};
use tender_domain::ports::Clock;
use tender_testkit::SystemClock;

/// 10,000 captures into one merchant account, 500 at a time, each told twice: the balance is exact.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_captures_into_one_account_at_once_add_up_exactly() {
    const CAPTURES: u32 = 10_000;
    let (store, _database) = crate::store().await;
    let tenant = TenantId::sandbox();
    let minor = |n: u32| i64::from(n % 997) + 1;
    let taken = stream::iter((0..CAPTURES).chain(0..CAPTURES))
        .map(|n| {
            let capture = capture_of(&tenant, n, "ma_hot", Money::new(minor(n), Currency::EUR));
            let store = &store;
            async move { commit(store, &capture).await }
        })
        .buffer_unordered(500)
        .fold(0, |taken, result| async move {
            match result {
                Ok(_) => taken + 1,
                Err(CommitError::AlreadyHandled) => taken,
                Err(error) => panic!("a capture was not posted: {error}"),
            }
        })
        .await;
    assert_eq!(taken, CAPTURES);
    let account = "liability:merchant:ma_hot:payable".parse().expect("an account");
    let filter = AccountFilter { account: Some(account), currency: None };
    let page = AccountPage { limit: 10, after: None };
    let accounts = store.accounts(&tenant, &filter, &page).await.expect("the store can be read");
    assert_eq!(accounts.data.len(), 1);
    assert_eq!(accounts.data[0].balance(), (0..CAPTURES).map(|n| i128::from(minor(n))).sum::<i128>());
    let found = check(store.replay(&tenant).await.expect("the store can be read"), SystemClock.now());
    assert!(found.balanced(), "{found:?}");
    assert_eq!(found.transactions, u64::from(CAPTURES));
}
