//! What the ledger asks of its store.

use async_trait::async_trait;

use super::{
    AccountBalance, AccountName, CreditAdjustment, EffectId, LedgerEntry, LedgerReplay, LedgerTransaction,
};
use crate::kernel::{
    CreditAdjustmentId, Currency, IntentId, Page, PageRequest, Save, StoreError, TenantId, Timestamp,
};
use crate::ports::UnitOfWork;

/// What a change of settlement can save.
#[derive(Debug, Clone)]
pub enum LedgerWrite {
    /// A transaction is posted. It is always new: `Save::before` is never looked at. Its accounts' balances grow in
    /// the same commit. A second transaction of one effect is refused by the constraint
    /// [`LedgerWrite::ONE_TRANSACTION_AN_EFFECT`].
    Post(Save<LedgerTransaction>),
    /// A change of store credit is written down; it is posted beside, in the same change. It is always new:
    /// `Save::before` is never looked at.
    Adjust(Save<CreditAdjustment>),
}

impl LedgerWrite {
    /// The constraint by which an effect is posted at most once, for ever.
    pub const ONE_TRANSACTION_AN_EFFECT: &'static str = "ledger_transfers_effect_key";
    /// The constraint by which no customer's store credit becomes less than nothing, however many spend it at once.
    pub const STORE_CREDIT_COVERED: &'static str = "account_balances_store_credit_covered";
}

impl From<Save<LedgerTransaction>> for LedgerWrite {
    fn from(save: Save<LedgerTransaction>) -> Self {
        Self::Post(save)
    }
}

impl From<Save<CreditAdjustment>> for LedgerWrite {
    fn from(save: Save<CreditAdjustment>) -> Self {
        Self::Adjust(save)
    }
}

/// Which accounts to list. What is none is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// This account, in every currency it has.
    pub account: Option<AccountName>,
    /// In this currency.
    pub currency: Option<Currency>,
}

/// An account's place in the list of accounts, which is in the order of names (by bytes), then currencies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCursor {
    /// The account.
    pub account: AccountName,
    /// The currency.
    pub currency: Currency,
}

/// A page of accounts. They are listed by name: they have no ids, and their order in time says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountPage {
    /// How many at most, 1 to 100.
    pub limit: u32,
    /// After which; none is from the first.
    pub after: Option<AccountCursor>,
}

/// Which entries to list. What is none is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Of this account.
    pub account: Option<AccountName>,
    /// Of this effect.
    pub effect: Option<EffectId>,
    /// Concerning this intent.
    pub intent: Option<IntentId>,
    /// Posted at this instant or later.
    pub posted_from: Option<Timestamp>,
    /// Posted before this instant.
    pub posted_before: Option<Timestamp>,
}

/// Keeps the ledger. Transactions are only ever added.
#[async_trait]
pub trait LedgerStore: UnitOfWork<Write = LedgerWrite> {
    /// The transaction of an effect.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn transaction(
        &self,
        tenant: &TenantId,
        effect: &EffectId,
    ) -> Result<Option<LedgerTransaction>, StoreError>;

    /// Accounts with their balances, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn accounts(
        &self,
        tenant: &TenantId,
        filter: &AccountFilter,
        page: &AccountPage,
    ) -> Result<Page<AccountBalance>, StoreError>;

    /// Entries, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn entries(
        &self,
        tenant: &TenantId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<LedgerEntry>, StoreError>;

    /// Those of these changes of store credit that are there, in no order; at most 100 are asked for.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn credit_adjustments(
        &self,
        tenant: &TenantId,
        ids: &[CreditAdjustmentId],
    ) -> Result<Vec<CreditAdjustment>, StoreError>;

    /// Adds up every entry of the tenant and puts the kept balances beside, all as of one instant.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn replay(&self, tenant: &TenantId) -> Result<LedgerReplay, StoreError>;
}
