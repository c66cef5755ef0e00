//! The ledger in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{
    Change, CommitError, Committed, CreditAdjustmentId, Currency, Cursor, Direction, KeyRecord, KeyScope,
    LedgerEntryId, Page, PageRequest, StoreError, TenantId,
};
use tender_domain::ledger::{
    AccountBalance, AccountFilter, AccountName, AccountPage, CreditAdjustment, EffectId, EntryFilter,
    LedgerEntry, LedgerReplay, LedgerStore, LedgerTransaction, LedgerWrite, ReplayedAccount, Side, Totals,
    net_deltas,
};
use tender_domain::ports::UnitOfWork;

use crate::core::{Aggregates, CommitHook, Memory};

/// An account's place in the list: by the bytes of its name, then by currency.
type Place = (String, Currency);

/// The ledgers of all tenants, and what is kept beside each: balances.
#[derive(Debug, Default)]
struct Ledgers(BTreeMap<TenantId, Ledger>);

#[derive(Debug, Default)]
struct Ledger {
    transactions: BTreeMap<EffectId, LedgerTransaction>,
    entries: BTreeMap<LedgerEntryId, LedgerEntry>,
    balances: BTreeMap<Place, (AccountName, Totals)>,
    adjustments: BTreeMap<CreditAdjustmentId, CreditAdjustment>,
}

impl Aggregates for Ledgers {
    type Write = LedgerWrite;

    fn check(&self, write: &LedgerWrite) -> Result<(), CommitError> {
        let LedgerWrite::Post(save) = write else { return Ok(()) };
        let posting = save.after.posting();
        let ledger = self.0.get(&posting.tenant);
        if ledger.is_some_and(|ledger| ledger.transactions.contains_key(&posting.effect)) {
            let constraint = LedgerWrite::ONE_TRANSACTION_AN_EFFECT.to_owned();
            return Err(CommitError::Refused { constraint });
        }
        for delta in net_deltas([&*save.after]) {
            let AccountName::StoreCredit(_) = delta.account else { continue };
            let place = (delta.account.to_string(), delta.currency);
            let kept = ledger.and_then(|ledger| ledger.balances.get(&place));
            let totals = kept.map_or(Totals::default(), |(_, totals)| *totals).plus(delta.totals);
            if totals.balance(Side::Credit) < 0 {
                let constraint = LedgerWrite::STORE_CREDIT_COVERED.to_owned();
                return Err(CommitError::Refused { constraint });
            }
        }
        Ok(())
    }

    fn apply(&mut self, write: LedgerWrite) {
        let save = match write {
            LedgerWrite::Post(save) => save,
            LedgerWrite::Adjust(save) => {
                let adjustment = (*save.after).clone();
                let ledger = self.0.entry(adjustment.tenant.clone()).or_default();
                ledger.adjustments.insert(adjustment.id, adjustment);
                return;
            }
        };
        let transaction = &*save.after;
        let ledger = self.0.entry(transaction.posting().tenant.clone()).or_default();
        for delta in net_deltas([transaction]) {
            let place = (delta.account.to_string(), delta.currency);
            let (_, totals) = ledger.balances.entry(place).or_insert((delta.account, Totals::default()));
            *totals = totals.plus(delta.totals);
        }
        ledger.entries.extend(transaction.entries().map(|entry| (entry.id, entry)));
        ledger.transactions.insert(transaction.posting().effect.clone(), transaction.clone());
    }
}

/// The ledger in memory.
#[derive(Debug, Default)]
pub struct MemoryLedgerStore(Memory<Ledgers>);

impl MemoryLedgerStore {
    /// An empty ledger with this around each commit.
    #[must_use]
    pub fn hooked(hook: Arc<dyn CommitHook>) -> Self {
        Self(Memory::hooked(hook))
    }

    fn read<T: Default>(&self, tenant: &TenantId, look: impl FnOnce(&Ledger) -> T) -> T {
        self.0.read(|ledgers| ledgers.0.get(tenant).map(look).unwrap_or_default())
    }
}

#[async_trait]
impl UnitOfWork for MemoryLedgerStore {
    type Write = LedgerWrite;

    async fn commit(&self, change: Change<LedgerWrite>) -> Result<Committed, CommitError> {
        self.0.commit(change).await
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        self.0.key(tenant, scope).await
    }
}

#[async_trait]
impl LedgerStore for MemoryLedgerStore {
    async fn transaction(
        &self,
        tenant: &TenantId,
        effect: &EffectId,
    ) -> Result<Option<LedgerTransaction>, StoreError> {
        Ok(self.read(tenant, |ledger| ledger.transactions.get(effect).cloned()))
    }

    async fn accounts(
        &self,
        tenant: &TenantId,
        filter: &AccountFilter,
        page: &AccountPage,
    ) -> Result<Page<AccountBalance>, StoreError> {
        let after = page.after.as_ref().map(|after| (after.account.to_string(), after.currency));
        let limit = page.limit as usize;
        let mut data = self.read(tenant, |ledger| {
            let beyond =
                ledger.balances.iter().filter(|(place, _)| after.as_ref().is_none_or(|after| *place > after));
            let wanted = beyond.filter(|((_, currency), (account, _))| {
                filter.account.as_ref().is_none_or(|wanted| wanted == account)
                    && filter.currency.is_none_or(|wanted| wanted == *currency)
            });
            let balance = |((_, currency), (account, totals)): (&Place, &(AccountName, Totals))| {
                AccountBalance { account: account.clone(), currency: *currency, totals: *totals }
            };
            wanted.take(limit + 1).map(balance).collect::<Vec<_>>()
        });
        let has_more = data.len() > limit;
        data.truncate(limit);
        Ok(Page { data, has_more })
    }

    async fn entries(
        &self,
        tenant: &TenantId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<LedgerEntry>, StoreError> {
        let from = page.cursor.map(|Cursor(id)| LedgerEntryId::from_uuid(id));
        let rows = self.read(tenant, |ledger| {
            let wanted = ledger.entries.values().filter(|entry| matches(filter, entry));
            let take = page.limit() + 1;
            match page.direction {
                Direction::Older => {
                    let older = wanted.rev().filter(|entry| from.is_none_or(|from| entry.id < from));
                    older.take(take).cloned().collect::<Vec<_>>()
                }
                Direction::Newer => wanted
                    .filter(|entry| from.is_none_or(|from| entry.id > from))
                    .take(take)
                    .cloned()
                    .collect(),
            }
        });
        Ok(Page::from_fetched(page, rows))
    }

    async fn credit_adjustments(
        &self,
        tenant: &TenantId,
        ids: &[CreditAdjustmentId],
    ) -> Result<Vec<CreditAdjustment>, StoreError> {
        Ok(self
            .read(tenant, |ledger| ids.iter().filter_map(|id| ledger.adjustments.get(id)).cloned().collect()))
    }

    async fn replay(&self, tenant: &TenantId) -> Result<LedgerReplay, StoreError> {
        Ok(self.read(tenant, |ledger| {
            let mut replayed: BTreeMap<Place, (AccountName, Totals)> = BTreeMap::new();
            for entry in ledger.entries.values() {
                let place = (entry.account.to_string(), entry.amount.currency());
                let (_, totals) = replayed.entry(place).or_insert((entry.account.clone(), Totals::default()));
                *totals = totals.with(entry.side, entry.amount.minor());
            }
            let places: BTreeSet<&Place> = replayed.keys().chain(ledger.balances.keys()).collect();
            let accounts = places.into_iter().filter_map(|place| {
                let (added_up, kept) = (replayed.get(place), ledger.balances.get(place));
                let (account, _) = added_up.or(kept)?;
                let totals = |found: Option<&(AccountName, Totals)>| {
                    found.map_or(Totals::default(), |(_, sums)| *sums)
                };
                Some(ReplayedAccount {
                    account: account.clone(),
                    currency: place.1,
                    replayed: totals(added_up),
                    kept: totals(kept),
                })
            });
            LedgerReplay { transactions: ledger.transactions.len() as u64, accounts: accounts.collect() }
        }))
    }
}

fn matches(filter: &EntryFilter, entry: &LedgerEntry) -> bool {
    filter.account.as_ref().is_none_or(|account| *account == entry.account)
        && filter.effect.as_ref().is_none_or(|effect| *effect == entry.effect)
        && filter.intent.is_none_or(|intent| entry.intent == Some(intent))
        && filter.posted_from.is_none_or(|from| entry.posted_at >= from)
        && filter.posted_before.is_none_or(|before| entry.posted_at < before)
}
