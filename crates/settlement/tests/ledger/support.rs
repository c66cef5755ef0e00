//! The service over a store in memory, and the messages that it follows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tender_domain::kernel::{
    CaptureId, Change, ChargeId, CommitError, Committed, CreditAdjustmentId, Currency, EventId, IntentId,
    KeyRecord, KeyScope, Message, Metadata, Money, Page, PageRequest, RefundId, StoreError, TenantId,
    Version,
};
use tender_domain::ledger::{
    AccountBalance, AccountFilter, AccountPage, CreditAdjustment, EffectId, EntryFilter, LedgerEntry,
    LedgerReplay, LedgerStore, LedgerTransaction, LedgerWrite,
};
use tender_domain::ports::{Clock, UnitOfWork};
use tender_events::{
    Envelope, PaymentFailed, PaymentProcessed, PublicEvent, RefundFailed, RefundProcessed, ReversedCapture,
};
use tender_memory::MemoryLedgerStore;
use tender_settlement::{Deps, LedgerConsumer, SettlementService};
use tender_testkit::{ManualClock, RandomIds};
use uuid::Uuid;

/// A store in memory that can be away, or have rows that nobody can read.
#[derive(Default)]
pub(crate) struct FlakyStore {
    ledger: MemoryLedgerStore,
    away: AtomicBool,
    corrupt: AtomicBool,
}

impl FlakyStore {
    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    pub(crate) fn set_corrupt(&self, corrupt: bool) {
        self.corrupt.store(corrupt, Ordering::Relaxed);
    }
}

#[async_trait]
impl UnitOfWork for FlakyStore {
    type Write = LedgerWrite;

    async fn commit(&self, change: Change<LedgerWrite>) -> Result<Committed, CommitError> {
        if self.away.load(Ordering::Relaxed) {
            // The worst of it: the change is written, and nobody is told.
            let _ = self.ledger.commit(change).await;
            return Err(CommitError::Unresolved);
        }
        self.ledger.commit(change).await
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        self.ledger.key(tenant, scope).await
    }
}

#[async_trait]
impl LedgerStore for FlakyStore {
    async fn transaction(
        &self,
        t: &TenantId,
        effect: &EffectId,
    ) -> Result<Option<LedgerTransaction>, StoreError> {
        if self.corrupt.load(Ordering::Relaxed) {
            return Err(StoreError::corrupt("ledger_transfers", "currency", effect.as_str(), "is none"));
        }
        self.ledger.transaction(t, effect).await
    }

    async fn accounts(
        &self,
        tenant: &TenantId,
        filter: &AccountFilter,
        page: &AccountPage,
    ) -> Result<Page<AccountBalance>, StoreError> {
        self.ledger.accounts(tenant, filter, page).await
    }

    async fn entries(
        &self,
        tenant: &TenantId,
        filter: &EntryFilter,
        page: &PageRequest,
    ) -> Result<Page<LedgerEntry>, StoreError> {
        self.ledger.entries(tenant, filter, page).await
    }

    async fn credit_adjustments(
        &self,
        tenant: &TenantId,
        ids: &[CreditAdjustmentId],
    ) -> Result<Vec<CreditAdjustment>, StoreError> {
        self.ledger.credit_adjustments(tenant, ids).await
    }

    async fn replay(&self, tenant: &TenantId) -> Result<LedgerReplay, StoreError> {
        self.ledger.replay(tenant).await
    }
}

/// The service with everything around it in memory.
pub(crate) struct World {
    pub(crate) store: Arc<FlakyStore>,
    pub(crate) service: Arc<SettlementService>,
    pub(crate) consumer: LedgerConsumer,
}

impl World {
    pub(crate) fn new() -> Self {
        let store = Arc::new(FlakyStore::default());
        let clock = Arc::new(ManualClock::default());
        let deps = Deps { store: store.clone(), clock, ids: Arc::new(RandomIds) };
        let service = Arc::new(SettlementService::new(deps));
        let consumer = LedgerConsumer::new(Arc::clone(&service));
        Self { store, service, consumer }
    }

    /// `(account, currency, balance)` of every account of a tenant.
    pub(crate) async fn balances(&self, tenant: &TenantId) -> Vec<(String, String, i128)> {
        let page = AccountPage { limit: 100, after: None };
        let found = self.service.list_accounts(tenant, &AccountFilter::default(), &page).await;
        let shown =
            |found: &AccountBalance| (found.account.to_string(), found.currency.to_string(), found.balance());
        found.expect("the store can be read").data.iter().map(shown).collect()
    }
}

pub(crate) fn acme() -> TenantId {
    "acme".parse().expect("a tenant's name")
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(crate) fn uuid(kind: u128, n: u32) -> Uuid {
    Uuid::from_u128((kind << 96) | u128::from(n))
}

fn envelope(message: u32) -> Envelope {
    Envelope { id: EventId(uuid(9, message)), traceparent: None }
}

/// The message `message` that tells of the capture `n` of intent `n`.
pub(crate) fn captured(message: u32, n: u32, amount: Money) -> Message {
    let event = PaymentProcessed {
        payment_id: uuid(1, n),
        intent_id: IntentId::from_uuid(uuid(1, n)),
        charge_id: ChargeId::from_uuid(uuid(2, n)),
        capture_id: CaptureId::from_uuid(uuid(3, n)),
        tenant_id: acme(),
        order_id: None,
        customer_id: None,
        reservation_id: None,
        merchant_account_id: "ma_default".into(),
        connector: "simulator".into(),
        gateway_reference: format!("sim_{n}"),
        transaction_id: format!("sim_{n}"),
        amount: amount.to_decimal(),
        amount_minor: amount.minor(),
        currency: amount.currency(),
        captured_total_minor: amount.minor(),
        authorized_minor: amount.minor(),
        status: "succeeded".into(),
        payment_method: Some("card".into()),
        origin: "tender".into(),
        livemode: false,
        version: Version::FIRST,
        processed_at: ManualClock::default().now(),
        metadata: Metadata::default(),
    };
    event.into_message(envelope(message))
}

/// The message `message` that tells that the capture `n` of intent `n` was taken back.
pub(crate) fn taken_back(message: u32, n: u32, amount: Money) -> Message {
    let reversed = ReversedCapture {
        capture_id: CaptureId::from_uuid(uuid(3, n)),
        charge_id: ChargeId::from_uuid(uuid(2, n)),
        connector: "simulator".into(),
        gateway_reference: format!("sim_{n}"),
        amount_minor: amount.minor(),
        authorized_minor: amount.minor(),
    };
    failed(n, amount, Some(reversed)).into_message(envelope(message))
}

/// The message `message` that tells that intent `n` was declined.
pub(crate) fn declined(message: u32, n: u32, amount: Money) -> Message {
    failed(n, amount, None).into_message(envelope(message))
}

fn failed(n: u32, amount: Money, reversed_capture: Option<ReversedCapture>) -> PaymentFailed {
    PaymentFailed {
        payment_id: uuid(1, n),
        intent_id: IntentId::from_uuid(uuid(1, n)),
        tenant_id: acme(),
        order_id: None,
        customer_id: None,
        reservation_id: None,
        merchant_account_id: "ma_default".into(),
        amount: amount.to_decimal(),
        amount_minor: amount.minor(),
        currency: amount.currency(),
        payment_method: Some("card".into()),
        livemode: false,
        version: Version::FIRST.next(),
        error_code: "CAPTURE_REVERSED".into(),
        error_message: "taken back".into(),
        failure_reason: "no funds".into(),
        attempt: 1,
        is_final: true,
        status: "failed".into(),
        attempted_at: ManualClock::default().now(),
        reversed_capture,
    }
}

/// The message `message` that tells of the refund `n` of intent `intent`.
pub(crate) fn refunded(message: u32, n: u32, intent: u32, amount: Money) -> Message {
    refund_event(n, intent, amount).into_message(envelope(message))
}

/// The same of a refund that became the store credit of a customer.
pub(crate) fn credited(message: u32, n: u32, customer: Option<&str>, amount: Money) -> Message {
    let event = RefundProcessed {
        customer_id: customer.map(str::to_owned),
        refund_method: "store_credit".into(),
        gateway_reference: None,
        ..refund_event(n, n, amount)
    };
    event.into_message(envelope(message))
}

fn refund_event(n: u32, intent: u32, amount: Money) -> RefundProcessed {
    RefundProcessed {
        refund_id: RefundId::from_uuid(uuid(4, n)),
        charge_id: ChargeId::from_uuid(uuid(2, intent)),
        intent_id: IntentId::from_uuid(uuid(1, intent)),
        payment_id: uuid(1, intent),
        tenant_id: acme(),
        order_id: None,
        customer_id: None,
        merchant_account_id: "ma_default".into(),
        connector: "simulator".into(),
        gateway_reference: Some(format!("sim_rf_{n}")),
        amount: amount.to_decimal(),
        amount_minor: amount.minor(),
        currency: amount.currency(),
        status: "succeeded".into(),
        reason: "customer_request".into(),
        refund_method: "original_payment_method".into(),
        origin: "tender".into(),
        created_at: ManualClock::default().now(),
        livemode: false,
        version: Version::FIRST,
        processed_at: ManualClock::default().now(),
        metadata: Metadata::default(),
    }
}

/// The message `message` that tells that the refund `n` of intent `intent` failed, perhaps after it had succeeded.
pub(crate) fn refund_failed(
    message: u32,
    (n, intent): (u32, u32),
    amount: Money,
    after_success: bool,
) -> Message {
    let event = RefundFailed {
        refund_id: RefundId::from_uuid(uuid(4, n)),
        charge_id: ChargeId::from_uuid(uuid(2, intent)),
        intent_id: IntentId::from_uuid(uuid(1, intent)),
        payment_id: uuid(1, intent),
        tenant_id: acme(),
        order_id: None,
        customer_id: None,
        merchant_account_id: "ma_default".into(),
        connector: "simulator".into(),
        gateway_reference: after_success.then(|| format!("sim_rf_{n}")),
        amount: amount.to_decimal(),
        amount_minor: amount.minor(),
        currency: amount.currency(),
        status: "failed".into(),
        reason: "customer_request".into(),
        refund_method: "original_payment_method".into(),
        origin: "tender".into(),
        failure_reason: "account_closed".into(),
        failure_message: "the account is closed".into(),
        actions: Vec::new(),
        after_success,
        livemode: false,
        version: Version::FIRST.next(),
        created_at: ManualClock::default().now(),
        failed_at: ManualClock::default().now(),
        metadata: Metadata::default(),
    };
    event.into_message(envelope(message))
}
