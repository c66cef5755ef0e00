//! What is read of cases. They are written through the refunds store's unit of work.

use async_trait::async_trait;

use crate::kernel::{DisputeId, IntentId, Page, PageRequest, StoreError, TenantId, Timestamp};
use crate::refunds::CreatedRange;

use super::{CaseFile, CaseSource, CaseStatus, DisputeTiers, DueDispute, Tier};

/// Which cases a list has; what is none is not asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Those that stand so, as [`CaseFile::status`] has it.
    pub status: Option<CaseStatus>,
    /// Those of a tier.
    pub tier: Option<Tier>,
    /// Those that somebody has taken up.
    pub assigned_to: Option<String>,
    /// Those of a guest.
    pub guest_id: Option<String>,
    /// Those of a payment.
    pub intent_id: Option<IntentId>,
    /// Those of a source.
    pub source: Option<CaseSource>,
    /// Those opened then.
    pub created: CreatedRange,
}

/// Reads cases.
///
/// # Errors
/// Every method fails with [`StoreError`] when the store cannot be read or holds what breaks a law.
#[async_trait]
pub trait DisputeCaseStore: Send + Sync {
    /// The limits of a tenant's tiers; none when it has set none.
    async fn dispute_tiers(&self, tenant: &TenantId) -> Result<Option<DisputeTiers>, StoreError>;

    /// A case with what belongs to it.
    async fn case_file(&self, tenant: &TenantId, id: DisputeId) -> Result<Option<CaseFile>, StoreError>;

    /// Open disputes of all tenants that must be answered within
    /// [`DisputeReminder::AHEAD`](super::DisputeReminder::AHEAD) of `now`, and of which nobody was reminded at the
    /// distance that they have reached; the most urgent first, at most `limit`.
    async fn disputes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<DueDispute>, StoreError>;

    /// A page of cases, newest first.
    async fn case_files(
        &self,
        tenant: &TenantId,
        filter: &CaseFilter,
        page: &PageRequest,
    ) -> Result<Page<CaseFile>, StoreError>;
}
