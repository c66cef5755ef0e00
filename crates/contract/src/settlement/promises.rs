//! The promises.

use futures_util::future::join_all;
use tender_domain::kernel::{
    Change, CommitError, Currency, Cursor, Direction, InboxEntry, LedgerEntryId, Money, PageRequest, Save,
    TenantId,
};
use tender_domain::ledger::{
    AccountCursor, AccountFilter, AccountPage, EffectId, EntryFilter, LedgerEntry, LedgerStore,
    LedgerTransaction, LedgerWrite, Posting, Totals, TransactionKind, Transfer, TransferId, check,
};

use super::postings::{capture_of, commit, instant, intent, uuid};

fn tenant(name: &str) -> TenantId {
    format!("ledger-{name}").parse().expect("a tenant's name")
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

async fn post(store: &dyn LedgerStore, transaction: &LedgerTransaction) {
    if let Err(error) = commit(store, transaction).await {
        panic!("{} was not posted: {error}", transaction.posting().effect);
    }
}

async fn entries(store: &dyn LedgerStore, tenant: &TenantId, filter: &EntryFilter) -> Vec<LedgerEntry> {
    let request = PageRequest::new(100, None, Direction::Older).expect("a limit of 100");
    store.entries(tenant, filter, &request).await.expect("the store can be read").data
}

/// A transaction of several transfers and currencies is read back as it was posted, and is not there before.
///
/// # Panics
/// When the promise is broken.
pub async fn transactions_are_read_as_they_were_posted(store: &dyn LedgerStore) {
    let tenant = tenant("reads");
    let transfer = |n, debit: &str, credit: &str, amount| Transfer {
        id: TransferId::new(uuid(3, n)),
        debit: debit.parse().expect("an account"),
        credit: credit.parse().expect("an account"),
        amount,
    };
    let receivable = "asset:gateway:simulator:receivable";
    let transaction = LedgerTransaction::new(Posting {
        tenant: tenant.clone(),
        effect: "st_row_1".parse().expect("an effect's id"),
        kind: TransactionKind::Capture,
        intent: None,
        occurred_at: instant(1),
        posted_at: instant(2),
        transfers: vec![
            transfer(1, "asset:bank:main", receivable, eur(970)),
            transfer(2, "expense:gateway_fees:simulator", receivable, eur(30)),
            transfer(3, "clearing:fx", "asset:bank:main", Money::new(5, Currency::JPY)),
        ],
    })
    .expect("a transaction in order");
    let effect = &transaction.posting().effect;
    let before = store.transaction(&tenant, effect).await.expect("the store can be read");
    assert_eq!(before, None);
    post(store, &transaction).await;
    let after = store.transaction(&tenant, effect).await.expect("the store can be read");
    assert_eq!(after.as_ref(), Some(&transaction));
    let lines: Vec<LedgerEntry> = transaction.entries().collect();
    let read: Vec<LedgerEntry> =
        entries(store, &tenant, &EntryFilter::default()).await.into_iter().rev().collect();
    assert_eq!(read, lines);
}

/// An effect is posted once: a duplicate is told so, one whose inbox entry is gone is refused by the constraint, and
/// neither changes a balance.
///
/// # Panics
/// When the promise is broken.
pub async fn an_effect_is_posted_once(store: &dyn LedgerStore) {
    let tenant = tenant("once");
    let transaction = capture_of(&tenant, 1, "ma_1", eur(500));
    post(store, &transaction).await;
    let again = commit(store, &transaction).await;
    assert!(matches!(again, Err(CommitError::AlreadyHandled)), "{again:?}");

    let mut posting = transaction.posting().clone();
    posting.transfers[0].id = TransferId::new(uuid(3, 2));
    let same_effect = LedgerTransaction::new(posting).expect("a transaction in order");
    let by_another_way = Change::<LedgerWrite>::of(tenant.clone())
        .save(Save::new(same_effect))
        .handled(InboxEntry { consumer: "another", key: "another".into() });
    let refused = store.commit(by_another_way).await;
    let constraint = LedgerWrite::ONE_TRANSACTION_AN_EFFECT;
    assert!(
        matches!(&refused, Err(CommitError::Refused { constraint: refused }) if refused == constraint),
        "{refused:?}"
    );
    assert_eq!(entries(store, &tenant, &EntryFilter::default()).await.len(), 2);
    balanced(store, &tenant, 1, 500).await;
}

/// Balances are what the entries add up to, by account and currency, and are there with the commit.
///
/// # Panics
/// When the promise is broken.
pub async fn balances_are_what_the_entries_add_up_to(store: &dyn LedgerStore) {
    let tenant = tenant("balances");
    post(store, &capture_of(&tenant, 1, "ma_1", eur(500))).await;
    post(store, &capture_of(&tenant, 2, "ma_2", eur(70))).await;
    post(store, &capture_of(&tenant, 3, "ma_1", Money::new(9, Currency::JPY))).await;
    let undone = capture_of(&tenant, 2, "ma_2", eur(70))
        .reversal(instant(4), || TransferId::new(uuid(3, 4)))
        .expect("a capture can be undone");
    post(store, &undone).await;
    let page = AccountPage { limit: 100, after: None };
    let accounts =
        store.accounts(&tenant, &AccountFilter::default(), &page).await.expect("the store can be read");
    let shown: Vec<_> = accounts
        .data
        .iter()
        .map(|a| (a.account.to_string(), a.currency.code(), a.totals.debits, a.totals.credits, a.balance()))
        .collect();
    let receivable = "asset:gateway:simulator:receivable";
    let expected = [
        (receivable, "EUR", 570, 70, 500),
        (receivable, "JPY", 9, 0, 9),
        ("liability:merchant:ma_1:payable", "EUR", 0, 500, 500),
        ("liability:merchant:ma_1:payable", "JPY", 0, 9, 9),
        ("liability:merchant:ma_2:payable", "EUR", 70, 70, 0),
    ];
    assert_eq!(shown, expected.map(|(name, code, d, c, b)| (name.to_owned(), code, d, c, b)));
    let found = check(store.replay(&tenant).await.expect("the store can be read"), instant(5));
    assert!(found.balanced(), "{found:?}");
    assert_eq!(found.transactions, 4);
}

/// Accounts are listed by name and currency, a page at a time, none twice and none left out.
///
/// # Panics
/// When the promise is broken.
pub async fn accounts_are_paged_by_name(store: &dyn LedgerStore) {
    let tenant = tenant("accounts");
    for (n, merchant) in (1..).zip(["B", "a", "a-b", "é", "a:b"]) {
        post(store, &capture_of(&tenant, n, merchant, eur(1))).await;
        post(store, &capture_of(&tenant, n + 10, merchant, Money::new(1, Currency::JPY))).await;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = AccountPage { limit: 5, after };
        let page =
            store.accounts(&tenant, &AccountFilter::default(), &page).await.expect("the store can be read");
        seen.extend(page.data.iter().map(|found| (found.account.to_string(), found.currency)));
        if !page.has_more {
            break;
        }
        let last = page.data.last().expect("a page with more after it has a row");
        after = Some(AccountCursor { account: last.account.clone(), currency: last.currency });
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(seen, sorted);
    assert_eq!(seen.len(), 12);
    let filter = AccountFilter { currency: Some(Currency::JPY), ..AccountFilter::default() };
    let page = AccountPage { limit: 100, after: None };
    let yen = store.accounts(&tenant, &filter, &page).await.expect("the store can be read");
    assert_eq!(yen.data.len(), 6);
    let account = seen[0].0.parse().expect("a listed account");
    let filter = AccountFilter { account: Some(account), ..AccountFilter::default() };
    assert_eq!(store.accounts(&tenant, &filter, &page).await.expect("the store can be read").data.len(), 2);
}

/// Entries are listed newest first, a page at a time, from every place in both directions.
///
/// # Panics
/// When the promise is broken.
pub async fn entries_are_paged_newest_first_both_ways(store: &dyn LedgerStore) {
    let tenant = tenant("pages");
    for n in 1..=5 {
        post(store, &capture_of(&tenant, n, "ma_1", eur(i64::from(n)))).await;
    }
    let ids = |lines: &[LedgerEntry]| lines.iter().map(|line| line.id).collect::<Vec<LedgerEntryId>>();
    let all = ids(&entries(store, &tenant, &EntryFilter::default()).await);
    assert_eq!(all.len(), 10);
    assert!(all.is_sorted_by(|newer, older| newer > older));
    for (place, from) in all.iter().enumerate() {
        for limit in [1, 3, 20] {
            for direction in [Direction::Older, Direction::Newer] {
                let request = PageRequest::new(limit, Some(Cursor(from.uuid())), direction).expect("a limit");
                let page = store.entries(&tenant, &EntryFilter::default(), &request).await;
                let page = page.expect("the store can be read");
                let beyond = match direction {
                    Direction::Older => &all[place + 1..],
                    Direction::Newer => &all[..place],
                };
                let count = beyond.len().min(limit as usize);
                let expected = match direction {
                    Direction::Older => &beyond[..count],
                    Direction::Newer => &beyond[beyond.len() - count..],
                };
                assert_eq!(ids(&page.data), expected, "{limit} {direction:?} from place {place}");
                assert_eq!(page.has_more, beyond.len() > count, "{limit} {direction:?} from place {place}");
            }
        }
    }
}

/// Entries are found by account, effect, intent and time of posting.
///
/// # Panics
/// When the promise is broken.
pub async fn entries_are_found_by_what_they_concern(store: &dyn LedgerStore) {
    let tenant = tenant("filters");
    for n in 1..=6 {
        let merchant = if n % 2 == 0 { "even" } else { "odd" };
        post(store, &capture_of(&tenant, n, merchant, eur(i64::from(n)))).await;
    }
    let nothing = EntryFilter::default();
    let account = |name: &str| Some(name.parse().expect("an account"));
    let effect: EffectId = capture_of(&tenant, 3, "odd", eur(3)).posting().effect.clone();
    for (filter, amounts) in [
        (
            EntryFilter { account: account("liability:merchant:even:payable"), ..nothing.clone() },
            vec![6, 4, 2],
        ),
        (EntryFilter { account: account("liability:merchant:nobody:payable"), ..nothing.clone() }, vec![]),
        (EntryFilter { effect: Some(effect), ..nothing.clone() }, vec![3, 3]),
        (EntryFilter { intent: Some(intent(2)), ..nothing.clone() }, vec![5, 5, 4, 4]),
        (
            EntryFilter {
                posted_from: Some(instant(2)),
                posted_before: Some(instant(4)),
                account: account("asset:gateway:simulator:receivable"),
                ..nothing.clone()
            },
            vec![3, 2],
        ),
    ] {
        let found = entries(store, &tenant, &filter).await;
        assert_eq!(found.iter().map(|line| line.amount.minor()).collect::<Vec<_>>(), amounts, "{filter:?}");
    }
}

/// A tenant's transactions, entries, accounts and check are its own, also when another uses the same ids.
///
/// # Panics
/// When the promise is broken.
pub async fn tenants_see_only_their_own(store: &dyn LedgerStore) {
    let (mine, theirs, nobody) = (tenant("mine"), tenant("theirs"), tenant("nobody"));
    post(store, &capture_of(&mine, 1, "ma_1", eur(100))).await;
    post(store, &capture_of(&theirs, 1, "ma_1", eur(7))).await;
    balanced(store, &mine, 1, 100).await;
    balanced(store, &theirs, 1, 7).await;
    balanced(store, &nobody, 0, 0).await;
    let effect = capture_of(&mine, 1, "ma_1", eur(100)).posting().effect.clone();
    assert_eq!(store.transaction(&nobody, &effect).await.expect("the store can be read"), None);
    assert!(entries(store, &nobody, &EntryFilter::default()).await.is_empty());
}

/// Many postings to one account at once are all in its balance, exactly.
///
/// # Panics
/// When the promise is broken.
pub async fn postings_to_one_account_at_once_are_all_in_its_balance(store: &dyn LedgerStore) {
    let tenant = tenant("hot");
    let transactions: Vec<_> =
        (1..=200).map(|n| capture_of(&tenant, n, "ma_hot", eur(i64::from(n)))).collect();
    // Each twice: the duplicates race with the originals.
    let commits = transactions.iter().chain(&transactions).map(|transaction| commit(store, transaction));
    let taken = join_all(commits).await.into_iter().filter(Result::is_ok).count();
    assert_eq!(taken, 200);
    balanced(store, &tenant, 200, 200 * 201 / 2).await;
}

/// The ledger balances, with so many transactions and such sums in EUR.
async fn balanced(store: &dyn LedgerStore, tenant: &TenantId, transactions: u64, minor: i128) {
    let found = check(store.replay(tenant).await.expect("the store can be read"), instant(0));
    assert!(found.balanced(), "{found:?}");
    assert_eq!(found.transactions, transactions);
    let sums = found.currencies.first().map(|sums| (sums.entries, sums.kept));
    let expected = Totals { debits: minor, credits: minor };
    assert_eq!(sums, (minor > 0).then_some((expected, expected)));
}
