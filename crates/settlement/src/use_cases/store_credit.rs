//! A customer's store credit: how much, how it came about, and what changes it beside refunds.

use std::collections::BTreeMap;

use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, CreditAdjustmentId, KeyWrite, Message, Money, Page, PageRequest,
    Save, StoreError, TenantId, Version, to_micros,
};
use tender_domain::ledger::{
    AccountBalance, AccountCursor, AccountFilter, AccountName, AccountPage, AccountPart, CreditAdjustment,
    CreditAdjustmentType, EntryFilter, LedgerEntry, LedgerRefusal, LedgerTransaction, LedgerWrite, Side,
    StoreCreditRefusal,
};
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::{Replay, RequestKey, current_traceparent, replay_or_conflict};

use crate::SettlementService;

/// The most rows that are read at once of a customer's currencies.
const CURRENCIES_AT_ONCE: u32 = 100;

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct AdjustStoreCredit {
    /// Whose credit.
    pub customer: AccountPart,
    /// Spent or given.
    pub kind: CreditAdjustmentType,
    /// How much; more than zero.
    pub amount: Money,
    /// The merchant account that gets it, or bears it.
    pub merchant_account: AccountPart,
    /// Why; 1 to 500 characters, without card numbers.
    pub reason: String,
    /// The order that was paid with it, if there is one.
    pub order_ref: Option<String>,
}

/// How outcomes become answers that can be kept.
#[derive(Debug, Clone, Copy)]
pub struct StoreCreditPresenter {
    /// The answer that shows what was done.
    pub adjusted: fn(&CreditAdjustment) -> Answer,
    /// The answer that shows a refusal.
    pub refusal: fn(&StoreCreditRefusal) -> Answer,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreCreditAnswered {
    /// The answer, as it is kept.
    pub answer: Answer,
    /// Whether it was kept from an earlier request with the same key.
    pub replayed: bool,
}

/// Why there is no answer to keep. Nothing was done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreCreditError {
    /// The customer never had store credit in this currency.
    #[error("the customer has no store credit in this currency")]
    NoCredit,
    /// The key belongs to another request.
    #[error("the key belongs to another request")]
    OtherRequest,
    /// The first request with the key still runs.
    #[error("the first request with this key is still being worked on")]
    InFlight,
    /// It cannot be posted.
    #[error(transparent)]
    NotPostable(#[from] LedgerRefusal),
    /// A read failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// One line of a customer's store credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreCreditMovement {
    /// The line.
    pub entry: LedgerEntry,
    /// Why it is there, where no refund says so.
    pub adjustment: Option<CreditAdjustment>,
}

impl SettlementService {
    /// A customer's store credit, one balance a currency.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn store_credit(
        &self,
        tenant: &TenantId,
        customer: &AccountPart,
    ) -> Result<Vec<AccountBalance>, StoreError> {
        let account = AccountName::StoreCredit(customer.clone());
        let filter = AccountFilter { account: Some(account), currency: None };
        let mut page = AccountPage { limit: CURRENCIES_AT_ONCE, after: None };
        let mut balances = Vec::new();
        loop {
            let found = self.store.accounts(tenant, &filter, &page).await?;
            balances.extend(found.data);
            let Some(last) = balances.last().filter(|_| found.has_more) else { return Ok(balances) };
            page.after = Some(AccountCursor { account: last.account.clone(), currency: last.currency });
        }
    }

    /// What changed a customer's store credit, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn store_credit_history(
        &self,
        tenant: &TenantId,
        customer: &AccountPart,
        page: &PageRequest,
    ) -> Result<Page<StoreCreditMovement>, StoreError> {
        let account = Some(AccountName::StoreCredit(customer.clone()));
        let filter = EntryFilter { account, ..EntryFilter::default() };
        let lines = self.store.entries(tenant, &filter, page).await?;
        let ids: Vec<CreditAdjustmentId> = lines.data.iter().filter_map(adjustment_of).collect();
        let found =
            if ids.is_empty() { Vec::new() } else { self.store.credit_adjustments(tenant, &ids).await? };
        let mut found: BTreeMap<CreditAdjustmentId, CreditAdjustment> =
            found.into_iter().map(|adjustment| (adjustment.id, adjustment)).collect();
        Ok(lines.map(|entry| {
            let adjustment = adjustment_of(&entry).and_then(|id| found.remove(&id));
            StoreCreditMovement { entry, adjustment }
        }))
    }

    /// Spends a customer's store credit or gives some, once by the key; it is in the ledger with the answer.
    ///
    /// # Errors
    /// See [`StoreCreditError`].
    pub async fn adjust_store_credit(
        &self,
        caller: &Caller,
        wanted: AdjustStoreCredit,
        key: &RequestKey,
        present: StoreCreditPresenter,
    ) -> Result<StoreCreditAnswered, StoreCreditError> {
        let tenant = &caller.tenant;
        if let Some(record) = self.store.key(tenant, &key.scope).await? {
            return replayed(replay_or_conflict(record, key.fingerprint));
        }
        let AdjustStoreCredit { customer, kind, amount, merchant_account, reason, order_ref } = wanted;
        let adjustment = CreditAdjustment {
            id: self.ids.next(),
            tenant: tenant.clone(),
            customer,
            kind,
            amount,
            merchant_account,
            reason,
            order_ref,
            made_by: caller.subject.to_string(),
            made_at: to_micros(self.clock.now()),
        };
        let transaction = adjustment.posting(self.transfer_id())?;
        if let Some(refusal) = self.uncovered(&adjustment).await? {
            return self.keep(tenant, (present.refusal)(&refusal), &adjustment, key).await;
        }
        let answer = (present.adjusted)(&adjustment);
        let change = Change::<LedgerWrite>::of(tenant.clone())
            .save(Save::<CreditAdjustment>::new(adjustment.clone()))
            .save(Save::<LedgerTransaction>::new(transaction))
            .tell(Some(self.audited(caller, &adjustment)))
            .keyed(Some(kept(&answer, &adjustment, key)));
        match self.store.commit(change).await {
            Ok(_) => Ok(StoreCreditAnswered { answer, replayed: false }),
            Err(CommitError::KeyTaken(record)) => replayed(replay_or_conflict(*record, key.fingerprint)),
            // Somebody else spent it in between.
            Err(CommitError::Refused { constraint }) if constraint == LedgerWrite::STORE_CREDIT_COVERED => {
                let refusal = self.uncovered(&adjustment).await?.ok_or(CommitError::Conflict)?;
                self.keep(tenant, (present.refusal)(&refusal), &adjustment, key).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Why it cannot be spent, as the balance is now; none when it can, or is given.
    async fn uncovered(
        &self,
        adjustment: &CreditAdjustment,
    ) -> Result<Option<StoreCreditRefusal>, StoreCreditError> {
        if adjustment.kind == CreditAdjustmentType::Grant {
            return Ok(None);
        }
        let currency = adjustment.amount.currency();
        let account = Some(AccountName::StoreCredit(adjustment.customer.clone()));
        let filter = AccountFilter { account, currency: Some(currency) };
        let page = AccountPage { limit: 1, after: None };
        let found = self.store.accounts(&adjustment.tenant, &filter, &page).await?;
        let balance = found.data.first().ok_or(StoreCreditError::NoCredit)?.totals.balance(Side::Credit);
        if balance >= i128::from(adjustment.amount.minor()) {
            return Ok(None);
        }
        let available = Money::new(i64::try_from(balance).unwrap_or(0), currency);
        Ok(Some(StoreCreditRefusal::NotEnough { asked: adjustment.amount, available }))
    }

    async fn keep(
        &self,
        tenant: &TenantId,
        answer: Answer,
        adjustment: &CreditAdjustment,
        key: &RequestKey,
    ) -> Result<StoreCreditAnswered, StoreCreditError> {
        let change = Change::<LedgerWrite>::of(tenant.clone()).keyed(Some(kept(&answer, adjustment, key)));
        match self.store.commit(change).await {
            Ok(_) => Ok(StoreCreditAnswered { answer, replayed: false }),
            Err(CommitError::KeyTaken(record)) => replayed(replay_or_conflict(*record, key.fingerprint)),
            Err(error) => Err(error.into()),
        }
    }

    /// What the audit log is told: who changed what is owed to a customer, and why.
    fn audited(&self, caller: &Caller, adjustment: &CreditAdjustment) -> Message {
        let details = [
            ("customer", adjustment.customer.to_string()),
            ("amount", adjustment.amount.to_string()),
            ("merchantAccount", adjustment.merchant_account.to_string()),
        ];
        let event = AuditRecorded {
            action: match adjustment.kind {
                CreditAdjustmentType::Redemption => "store_credit.redeemed".to_owned(),
                CreditAdjustmentType::Grant => "store_credit.granted".to_owned(),
            },
            service: "settlement".to_owned(),
            tenant_id: adjustment.tenant.clone(),
            subject: adjustment.made_by.clone(),
            actor: caller.actor.as_deref().map(str::to_owned),
            resource_id: adjustment.id.to_string(),
            intent_id: None,
            reason: Some(adjustment.reason.clone()),
            details: details.map(|(name, value)| (name.to_owned(), value)).into(),
            version: Version::FIRST,
            recorded_at: adjustment.made_at,
        };
        event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }
}

/// The adjustment that a line posts; none of a refund.
fn adjustment_of(entry: &LedgerEntry) -> Option<CreditAdjustmentId> {
    entry.effect.as_str().parse().ok()
}

fn kept(answer: &Answer, adjustment: &CreditAdjustment, key: &RequestKey) -> KeyWrite {
    KeyWrite::Record {
        scope: key.scope.clone(),
        fingerprint: key.fingerprint,
        resource: adjustment.id.to_string(),
        answer: answer.clone(),
        at: adjustment.made_at,
    }
}

fn replayed(found: Replay) -> Result<StoreCreditAnswered, StoreCreditError> {
    match found {
        Replay::Replay(answer) => Ok(StoreCreditAnswered { answer, replayed: true }),
        Replay::Resume(_) | Replay::InFlight => Err(StoreCreditError::InFlight),
        Replay::OtherRequest => Err(StoreCreditError::OtherRequest),
    }
}
