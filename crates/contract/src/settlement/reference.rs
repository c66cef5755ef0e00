//! A ledger in plain maps, to compare with.

use std::collections::{BTreeMap, BTreeSet};

use tender_domain::kernel::{CommitError, Currency, PageRequest, TenantId};
use tender_domain::ledger::{
    AccountFilter, AccountPage, EntryFilter, LedgerStore, LedgerTransaction, Side, check,
};

use super::postings::{RandomPosting, commit, instant, random};

#[derive(Default)]
struct Reference {
    effects: BTreeSet<String>,
    lines: Vec<(String, Side, i64, Currency)>,
    balances: BTreeMap<(String, Currency), (i128, i128)>,
}

impl Reference {
    /// Whether the effect is new; then it is posted. Written without the domain's own sums.
    fn post(&mut self, transaction: &LedgerTransaction) -> bool {
        let posting = transaction.posting();
        if !self.effects.insert(posting.effect.to_string()) {
            return false;
        }
        for transfer in &posting.transfers {
            let (minor, currency) = (transfer.amount.minor(), transfer.amount.currency());
            let (debit, credit) = (transfer.debit.to_string(), transfer.credit.to_string());
            self.balances.entry((debit.clone(), currency)).or_default().0 += i128::from(minor);
            self.balances.entry((credit.clone(), currency)).or_default().1 += i128::from(minor);
            self.lines.push((debit, Side::Debit, minor, currency));
            self.lines.push((credit, Side::Credit, minor, currency));
        }
        true
    }
}

/// Whatever is posted, in whatever order and however often, replies, balances and entries are those of plain maps.
///
/// # Panics
/// When they are not.
pub async fn random_postings_are_what_plain_maps_say(
    store: &dyn LedgerStore,
    tenant: &TenantId,
    drawn: &[RandomPosting],
) {
    let mut reference = Reference::default();
    for (n, posting) in (0..).zip(drawn) {
        let transaction = random(tenant, n, *posting);
        match commit(store, &transaction).await {
            Ok(_) => assert!(reference.post(&transaction), "posting {n} was taken twice"),
            Err(CommitError::AlreadyHandled) => {
                assert!(!reference.post(&transaction), "posting {n} was lost")
            }
            Err(error) => panic!("posting {n}: {error}"),
        }
    }
    same_balances(store, tenant, &reference).await;
    same_lines(store, tenant, &reference).await;
    let replay = store.replay(tenant).await.expect("the store can be read");
    assert_eq!(replay.transactions, reference.effects.len() as u64);
    let found = check(replay, instant(0));
    assert!(found.balanced(), "{found:?}");
}

async fn same_balances(store: &dyn LedgerStore, tenant: &TenantId, reference: &Reference) {
    let page = AccountPage { limit: 100, after: None };
    let accounts =
        store.accounts(tenant, &AccountFilter::default(), &page).await.expect("the store can be read");
    assert!(!accounts.has_more);
    let balances = accounts.data.into_iter().map(|balance| {
        ((balance.account.to_string(), balance.currency), (balance.totals.debits, balance.totals.credits))
    });
    assert_eq!(balances.collect::<BTreeMap<_, _>>(), reference.balances);
}

async fn same_lines(store: &dyn LedgerStore, tenant: &TenantId, reference: &Reference) {
    let request =
        PageRequest::new(100, None, tender_domain::kernel::Direction::Older).expect("a limit of 100");
    let page = store.entries(tenant, &EntryFilter::default(), &request).await.expect("the store can be read");
    let lines = page
        .data
        .into_iter()
        .map(|line| (line.account.to_string(), line.side, line.amount.minor(), line.amount.currency()));
    let expected = reference.lines.iter().rev().take(100).cloned().collect::<Vec<_>>();
    assert_eq!(lines.collect::<Vec<_>>(), expected);
    assert_eq!(page.has_more, reference.lines.len() > 100);
}
