//! What is read of disputes. They are written with their charge, through the refunds store's unit of work.

use async_trait::async_trait;

use crate::kernel::{
    ChargeId, DisputeId, IntakeId, IntentId, Page, PageRequest, StoreError, TenantId, Timestamp,
};
use crate::refunds::{CreatedRange, RefundableCharge};

use super::{
    ChargebackIntake, Dispute, DisputeEntry, DisputeReply, DisputeStatus, ExpiredEvidence, ToldChargeback,
};

/// Which disputes a list has; what is none is not asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisputeFilter {
    /// Those that stand so.
    pub status: Option<DisputeStatus>,
    /// Those of an intent.
    pub intent_id: Option<IntentId>,
    /// Those of a charge.
    pub charge_id: Option<ChargeId>,
    /// Those of a customer's charges.
    pub customer_id: Option<String>,
    /// Those of a merchant account.
    pub merchant_account_id: Option<String>,
    /// Those written down then.
    pub created: CreatedRange,
}

/// Reads disputes.
///
/// # Errors
/// Every method fails with [`StoreError`] when the store cannot be read or holds what breaks a law.
#[async_trait]
pub trait DisputeStore: Send + Sync {
    /// The charge that a gateway calls so; none when it is not known here.
    async fn charge_by_gateway(
        &self,
        tenant: &TenantId,
        connector: &str,
        reference: &str,
    ) -> Result<Option<RefundableCharge>, StoreError>;

    /// The charge that has this dispute.
    async fn charge_of_dispute(
        &self,
        tenant: &TenantId,
        id: DisputeId,
    ) -> Result<Option<RefundableCharge>, StoreError>;

    /// A page of disputes, newest first.
    async fn disputes(
        &self,
        tenant: &TenantId,
        filter: &DisputeFilter,
        page: &PageRequest,
    ) -> Result<Page<Dispute>, StoreError>;

    /// The last `limit` entries of a dispute's history, oldest first.
    async fn dispute_history(
        &self,
        tenant: &TenantId,
        id: DisputeId,
        limit: u32,
    ) -> Result<Vec<DisputeEntry>, StoreError>;

    /// The newest `limit` replies to a dispute, newest first.
    async fn dispute_replies(
        &self,
        tenant: &TenantId,
        id: DisputeId,
        limit: u32,
    ) -> Result<Vec<DisputeReply>, StoreError>;

    /// Replies of all tenants that are to be sent at `now`, the longest overdue first; at most `limit`.
    async fn replies_due(&self, now: Timestamp, limit: u32) -> Result<Vec<DisputeReply>, StoreError>;

    /// Evidence of all tenants that was kept long enough at `now`: of disputes that ended, and of replies that changed last,
    /// more days ago than the tenant's settings say. Nothing of a tenant whose settings are not known. The oldest first, at
    /// most `limit`.
    async fn evidence_to_remove(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ExpiredEvidence>, StoreError>;

    /// A chargeback as it came in.
    async fn intake(&self, tenant: &TenantId, id: IntakeId) -> Result<Option<ChargebackIntake>, StoreError>;

    /// Chargebacks of all tenants whose charge is to be looked for at `now`, the longest overdue first; at most `limit`. So
    /// are those whose charge was made known since they changed last, whatever their time.
    async fn intakes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<ChargebackIntake>, StoreError>;
}

/// What became of what a processor told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeTaken {
    /// It is a dispute.
    Known,
    /// Its charge is not known yet; it waits.
    Waiting,
    /// It only moves what is known, and no such dispute is.
    Unknown,
}

/// Why it was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisputeIntakeError {
    /// It contradicts what is known, or breaks a law: the same again will be refused again.
    #[error("refused: {0}")]
    Refused(String),
    /// It cannot be taken in now.
    #[error("the refunds service is unavailable: {0}")]
    Unavailable(String),
}

/// Where what processors tell of disputes is taken in: the refunds service. The same again changes nothing.
#[async_trait]
pub trait DisputeIntake: Send + Sync {
    /// Takes in what a processor tells.
    ///
    /// # Errors
    /// See [`DisputeIntakeError`].
    async fn take_dispute(
        &self,
        tenant: &TenantId,
        told: &ToldChargeback,
    ) -> Result<DisputeTaken, DisputeIntakeError>;
}
