//! Reads disputes.

use std::sync::Arc;

use tender_domain::dispute_cases::Tier;
use tender_domain::disputes::{Dispute, DisputeEntry, DisputeFilter, DisputeRefusal};
use tender_domain::kernel::{Caller, ChargeId, DisputeId, IntakeId, Page, PageRequest, TenantId};
use tender_domain::refunds::RefundableCharge;

use super::super::RefundsError;
use super::super::read_refunds::may_see;
use crate::RefundsService;

/// How many entries of a history are shown with its dispute.
const HISTORY_SHOWN: u32 = 100;

impl RefundsService {
    /// One dispute with the last entries of its history, oldest first.
    ///
    /// # Errors
    /// `NoSuchDispute` when it is not there, another tenant's or, for a customer, another customer's.
    pub async fn get_dispute(
        &self,
        caller: &Caller,
        id: DisputeId,
    ) -> Result<(Dispute, Vec<DisputeEntry>), RefundsError> {
        let (_, dispute) = self.dispute_for(caller, id).await?;
        let history = self.disputes.dispute_history(&caller.tenant, id, HISTORY_SHOWN).await?;
        Ok((dispute, history))
    }

    /// A page of disputes; a customer sees its own.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn list_disputes(
        &self,
        caller: &Caller,
        filter: DisputeFilter,
        page: &PageRequest,
    ) -> Result<Page<Dispute>, RefundsError> {
        let filter = match caller.only_customer() {
            None => filter,
            Some(own) if filter.customer_id.as_deref().is_some_and(|asked| asked != own) => {
                return Ok(Page { data: Vec::new(), has_more: false });
            }
            Some(own) => DisputeFilter { customer_id: Some(own.to_owned()), ..filter },
        };
        Ok(self.disputes.disputes(&caller.tenant, &filter, page).await?)
    }

    /// A dispute that the caller may see, with its charge.
    pub(super) async fn dispute_for(
        &self,
        caller: &Caller,
        id: DisputeId,
    ) -> Result<(Arc<RefundableCharge>, Dispute), RefundsError> {
        let charge = self.disputes.charge_of_dispute(&caller.tenant, id).await?;
        let charge = charge.ok_or(RefundsError::NoSuchDispute)?;
        let dispute = charge.dispute(id).cloned().ok_or(RefundsError::NoSuchDispute)?;
        if !may_see(caller, dispute.customer_id.as_deref()) {
            return Err(RefundsError::NoSuchDispute);
        }
        Ok((Arc::new(charge), dispute))
    }

    /// The same of one that the caller may work on as well: by the tier of its case, through whichever API.
    ///
    /// # Errors
    /// `NoSuchDispute`, and `Case(TierForbidden)` for a tier that is not the caller's.
    pub(super) async fn dispute_to_work_on(
        &self,
        caller: &Caller,
        id: DisputeId,
    ) -> Result<(Arc<RefundableCharge>, Dispute), RefundsError> {
        let found = self.dispute_for(caller, id).await?;
        // Every chargeback has its case, from the change that opened it.
        let file = self.case_file(caller, id).await?;
        file.case.may_be_worked_on(Tier::of_caller(caller))?;
        Ok(found)
    }

    /// Whether a processor's reference that is claimed is of this charge's; it was opened a moment ago then.
    pub(super) async fn claimed(
        &self,
        tenant: &TenantId,
        owner: &str,
        charge: ChargeId,
    ) -> Result<(), RefundsError> {
        if let Ok(waiting) = owner.parse::<IntakeId>() {
            return Err(RefundsError::WaitsOtherwise(waiting));
        }
        let id: DisputeId = owner.parse().map_err(|_| RefundsError::BadKeyRecord(owner.to_owned()))?;
        match self.disputes.charge_of_dispute(tenant, id).await? {
            Some(known) if known.id != charge => Err(DisputeRefusal::Differs { known: id }.into()),
            _ => Ok(()),
        }
    }
}
