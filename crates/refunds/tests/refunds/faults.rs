//! Commits that take long, fail, or whose answer is lost.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use tender_domain::jobs::Job;
use tender_domain::kernel::{
    Change, CommitError, Committed, JobId, KeyRecord, KeyScope, Page, PageRequest, RefundId, StoreError,
    TenantId, Timestamp,
};
use tender_domain::ports::UnitOfWork;
use tender_domain::refunds::{
    ChargeRef, DueRefund, Refund, RefundFilter, RefundJobItem, RefundJobWithItems, RefundStore, RefundWrite,
    RefundableCharge, WaitingRefunds,
};
use tender_memory::MemoryRefundStore;
use tender_refunds::RefundsError;
use tender_testkit::ManualClock;

use crate::support::{Stage, body};

/// What happens to one commit.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// It is written, and that took so long.
    Slow(Duration),
    /// It is not written.
    Away,
    /// It is written, and nobody learns of it.
    AnswerLost,
}

/// A store in memory with a fault at the commits that carry an idempotency key.
struct FaultyStore {
    store: Arc<MemoryRefundStore>,
    faults: Mutex<Vec<Option<Fault>>>,
    clock: OnceLock<Arc<ManualClock>>,
}

/// A stage whose keyed commits meet these faults, in order.
fn stage(faults: &[Option<Fault>]) -> Stage {
    let store = Arc::new(MemoryRefundStore::default());
    let faults = Mutex::new(faults.iter().rev().copied().collect());
    let front = Arc::new(FaultyStore { store: Arc::clone(&store), faults, clock: OnceLock::new() });
    let stage = Stage::over(Arc::clone(&front) as Arc<dyn RefundStore>, store);
    assert!(front.clock.set(Arc::clone(&stage.clock)).is_ok());
    stage
}

#[async_trait]
impl UnitOfWork for FaultyStore {
    type Write = RefundWrite;

    async fn commit(&self, change: Change<RefundWrite>) -> Result<Committed, CommitError> {
        let fault = change.key.as_ref().and_then(|_| self.faults.lock().unwrap().pop().flatten());
        if matches!(fault, Some(Fault::Away)) {
            return Err(CommitError::Unavailable("gone".into()));
        }
        let committed = self.store.commit(change).await?;
        match fault {
            Some(Fault::AnswerLost) => return Err(CommitError::Unresolved),
            Some(Fault::Slow(time)) => self.clock.get().unwrap().advance(time),
            _ => {}
        }
        Ok(committed)
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        self.store.key(tenant, scope).await
    }
}

#[async_trait]
impl RefundStore for FaultyStore {
    async fn charge(
        &self,
        tenant: &TenantId,
        named: ChargeRef,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        self.store.charge(tenant, named).await
    }

    async fn charge_of_refund(
        &self,
        tenant: &TenantId,
        id: RefundId,
    ) -> Result<Option<RefundableCharge>, StoreError> {
        self.store.charge_of_refund(tenant, id).await
    }

    async fn refunds(
        &self,
        tenant: &TenantId,
        filter: &RefundFilter,
        page: &PageRequest,
    ) -> Result<Page<Refund>, StoreError> {
        self.store.refunds(tenant, filter, page).await
    }

    async fn job(&self, tenant: &TenantId, id: JobId) -> Result<Option<RefundJobWithItems>, StoreError> {
        self.store.job(tenant, id).await
    }

    async fn pending_items(&self, limit: usize) -> Result<Vec<(Job, RefundJobItem)>, StoreError> {
        self.store.pending_items(limit).await
    }

    async fn due_checks(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRefund>, StoreError> {
        self.store.due_checks(now, limit).await
    }

    async fn due_retries(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRefund>, StoreError> {
        self.store.due_retries(now, limit).await
    }

    async fn waiting_refunds(&self) -> Result<WaitingRefunds, StoreError> {
        self.store.waiting_refunds().await
    }
}

#[tokio::test]
async fn a_call_that_could_not_be_sent_in_time_is_not_sent_any_more_and_another_is_made_later() {
    let stage = stage(&[Some(Fault::Slow(Duration::from_secs(6)))]);
    let charge = stage.charge(&[10_000]);
    let answered = stage.refund(&charge, None, "k").await.unwrap();
    assert_eq!((answered.answer.status, body(&answered)["status"].as_str()), (202, Some("pending")));
    assert!(stage.gateway.calls.lock().unwrap().is_empty());
    stage.clock.advance(Duration::from_secs(7));
    assert_eq!((stage.retries().run_once().await.unwrap(), stage.gateway.given_back()), (1, 10_000));
}

#[tokio::test]
async fn a_first_commit_whose_answer_was_lost_is_found_by_the_same_key() {
    let stage = stage(&[Some(Fault::AnswerLost)]);
    let charge = stage.charge(&[10_000]);
    let lost = stage.refund(&charge, None, "k").await;
    assert!(matches!(lost, Err(RefundsError::Commit(CommitError::Unresolved))), "{lost:?}");
    stage.clock.advance(Duration::from_secs(28));
    let resumed = stage.refund(&charge, None, "k").await.unwrap();
    assert_eq!(body(&resumed)["status"], "pending", "it was never sent");
    assert_eq!((stage.gateway.given_back(), stage.gateway.calls.lock().unwrap().len()), (0, 0));
}

#[tokio::test]
async fn a_first_commit_that_failed_leaves_nothing_behind() {
    let stage = stage(&[Some(Fault::Away)]);
    let charge = stage.charge(&[10_000]);
    assert!(stage.refund(&charge, None, "k").await.is_err());
    assert!(stage.gateway.calls.lock().unwrap().is_empty());
    assert_eq!(body(&stage.refund(&charge, None, "k").await.unwrap())["status"], "succeeded");
}

#[tokio::test]
async fn an_outcome_that_could_not_be_recorded_is_asked_for_again_and_happens_once() {
    for fault in [Fault::Away, Fault::AnswerLost] {
        let stage = stage(&[None, Some(fault)]);
        let charge = stage.charge(&[10_000]);
        let failed = stage.refund(&charge, None, "k").await;
        assert!(matches!(failed, Err(RefundsError::Commit(_))), "{failed:?}");
        stage.clock.advance(Duration::from_secs(6));
        let _round = stage.recovery().run_once().await.unwrap();
        let resumed = stage.refund(&charge, None, "k").await.unwrap();
        assert_eq!((resumed.answer.status, body(&resumed)["status"].as_str()), (201, Some("succeeded")));
        assert_eq!((stage.gateway.given_back(), stage.gateway.calls.lock().unwrap().len()), (10_000, 1));
        assert_eq!(stage.topics(), ["refund.processed"], "{fault:?}");
    }
}
