//! The ports of the refunds service: its store, and where it asks for a charge it has not heard of.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::dispute_cases::{DisputeCase, DisputeReminder, DisputeTiers};
use crate::disputes::{ChargebackIntake, DisputeEntry, DisputeReply, DisputeRetention};
use crate::jobs::Job;
use crate::kernel::{
    ChargeId, IntentId, JobId, Page, PageRequest, RefundId, Save, StoreError, TenantId, Timestamp,
};
use crate::ports::UnitOfWork;
use crate::refund_policy::{PolicyEvaluation, RefundPolicies};
use crate::uploads::Upload;

use super::{CapturedCharge, Refund, RefundStatus, RefundableCharge};

/// How a charge is named: itself, or by the intent it paid (an intent has one charge at most).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargeRef {
    /// By its own id.
    Charge(ChargeId),
    /// By its intent's.
    Intent(IntentId),
}

/// What the refunds store can save.
#[derive(Debug, Clone)]
pub enum RefundWrite {
    /// A charge with its captures, refunds and disputes.
    Charge(Save<RefundableCharge>),
    /// An entry of a dispute's history. It is always new: `Save::before` is never looked at.
    History(Save<DisputeEntry>),
    /// What a dispute's processor is to be told.
    Reply(Save<DisputeReply>),
    /// A chargeback as it came in.
    Intake(Save<ChargebackIntake>),
    /// A tenant's refund policies.
    Policies(Save<RefundPolicies>),
    /// A new job of refunds with its items.
    Job(Arc<RefundJobWithItems>),
    /// An item of one that ended.
    JobItem(Save<RefundJobItem>),
    /// An evaluation of them. It is always new: `Save::before` is never looked at.
    Evaluation(Save<PolicyEvaluation>),
    /// A dispute as people work on it, with its notes.
    Case(Save<DisputeCase>),
    /// A tenant's limits of the tiers of disputes.
    Tiers(Save<DisputeTiers>),
    /// That people were reminded of a dispute. It is always new: `Save::before` is never looked at.
    Reminder(Save<DisputeReminder>),
    /// An upload.
    Upload(Save<Upload>),
    /// How long a tenant keeps evidence. Older settings than those that are known change nothing.
    Retention(DisputeRetention),
}

impl RefundWrite {
    /// By what a processor's dispute is claimed, so that it is taken in once: the processor and its reference. The
    /// owner of the claim is the dispute, or the chargeback that waits for its charge.
    pub const DISPUTE_CLAIM: &'static str = "processor_dispute";
}

impl From<Save<DisputeEntry>> for RefundWrite {
    fn from(save: Save<DisputeEntry>) -> Self {
        Self::History(save)
    }
}

impl From<Save<DisputeReply>> for RefundWrite {
    fn from(save: Save<DisputeReply>) -> Self {
        Self::Reply(save)
    }
}

impl From<Save<Upload>> for RefundWrite {
    fn from(save: Save<Upload>) -> Self {
        Self::Upload(save)
    }
}

impl From<DisputeRetention> for RefundWrite {
    fn from(retention: DisputeRetention) -> Self {
        Self::Retention(retention)
    }
}

impl From<Save<ChargebackIntake>> for RefundWrite {
    fn from(save: Save<ChargebackIntake>) -> Self {
        Self::Intake(save)
    }
}

impl From<Save<RefundPolicies>> for RefundWrite {
    fn from(save: Save<RefundPolicies>) -> Self {
        Self::Policies(save)
    }
}

impl From<Save<PolicyEvaluation>> for RefundWrite {
    fn from(save: Save<PolicyEvaluation>) -> Self {
        Self::Evaluation(save)
    }
}

impl From<Save<DisputeCase>> for RefundWrite {
    fn from(save: Save<DisputeCase>) -> Self {
        Self::Case(save)
    }
}

impl From<Save<DisputeReminder>> for RefundWrite {
    fn from(save: Save<DisputeReminder>) -> Self {
        Self::Reminder(save)
    }
}

impl From<Save<DisputeTiers>> for RefundWrite {
    fn from(save: Save<DisputeTiers>) -> Self {
        Self::Tiers(save)
    }
}

impl From<Save<RefundableCharge>> for RefundWrite {
    fn from(save: Save<RefundableCharge>) -> Self {
        Self::Charge(save)
    }
}

impl From<Arc<RefundJobWithItems>> for RefundWrite {
    fn from(job: Arc<RefundJobWithItems>) -> Self {
        Self::Job(job)
    }
}

impl From<Save<RefundJobItem>> for RefundWrite {
    fn from(save: Save<RefundJobItem>) -> Self {
        Self::JobItem(save)
    }
}

/// What became of a refund that a job is to make.
pub type RefundJobItemState = crate::jobs::JobItemState<RefundId>;
/// A refund that a job is to make.
pub type RefundJobItem = crate::jobs::JobItem<RefundId>;
/// A job that makes refunds.
pub type RefundJobWithItems = crate::jobs::JobWithItems<RefundId>;

/// Instants from (inclusive) to (exclusive).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CreatedRange {
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
}

/// Which refunds a list has; what is none is not asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundFilter {
    /// Those that stand so.
    pub status: Option<RefundStatus>,
    /// Those of an intent.
    pub intent_id: Option<IntentId>,
    /// Those of a charge.
    pub charge_id: Option<ChargeId>,
    /// Those of a customer's charges.
    pub customer_id: Option<String>,
    /// Those created then.
    pub created: CreatedRange,
    /// Those that have all of these metadata entries.
    pub metadata: BTreeMap<String, String>,
}

/// A refund whose outcome is to be asked for, or whose next call is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRefund {
    /// Whose.
    pub tenant: TenantId,
    /// Which refund.
    pub refund: RefundId,
}

/// Refunds that wait for the same, over all tenants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RefundQueue {
    /// How many.
    pub count: u64,
    /// When the oldest of them was created.
    pub oldest_at: Option<Timestamp>,
}

/// Refunds that wait for something else than their gateway's answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitingRefunds {
    /// For their next call.
    pub for_attempt: RefundQueue,
    /// For a person: what became of them could not be found out in time, or is in conflict.
    pub for_person: RefundQueue,
}

/// The store of the refunds service.
#[async_trait]
pub trait RefundStore: UnitOfWork<Write = RefundWrite> {
    /// The charge so named; none when it is not known here.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn charge(
        &self,
        tenant: &TenantId,
        named: ChargeRef,
    ) -> Result<Option<RefundableCharge>, StoreError>;

    /// The charge that has this refund.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn charge_of_refund(
        &self,
        tenant: &TenantId,
        id: RefundId,
    ) -> Result<Option<RefundableCharge>, StoreError>;

    /// A page of refunds, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn refunds(
        &self,
        tenant: &TenantId,
        filter: &RefundFilter,
        page: &PageRequest,
    ) -> Result<Page<Refund>, StoreError>;

    /// Refunds of all tenants whose next question is due at `now`, the longest overdue first; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn due_checks(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRefund>, StoreError>;

    /// Refunds of all tenants whose next call is due at `now`, the longest overdue first; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn due_retries(&self, now: Timestamp, limit: u32) -> Result<Vec<DueRefund>, StoreError>;

    /// What waits, over all tenants.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn waiting_refunds(&self) -> Result<WaitingRefunds, StoreError>;

    /// A job with its items.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn job(&self, tenant: &TenantId, id: JobId) -> Result<Option<RefundJobWithItems>, StoreError>;

    /// Items of all tenants' jobs that are to be done, with their jobs: the first of each job before the second of any.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn pending_items(&self, limit: usize) -> Result<Vec<(Job, RefundJobItem)>, StoreError>;
}

/// Why the source of charges gave none.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChargeSourceError {
    /// There is such an intent, and nothing of it was captured.
    #[error("nothing was captured of the intent")]
    NotCaptured,
    /// It cannot be asked now; nothing is known.
    #[error("intents is unavailable: {0}")]
    Unavailable(String),
}

/// Where a charge is asked for that the events have not told of yet: the intents service.
#[async_trait]
pub trait ChargeSource: Send + Sync {
    /// The charge so named with all its captures; none when there is no such intent or charge of this tenant.
    ///
    /// # Errors
    /// See [`ChargeSourceError`].
    async fn charge_of(
        &self,
        tenant: &TenantId,
        named: ChargeRef,
    ) -> Result<Option<CapturedCharge>, ChargeSourceError>;
}
