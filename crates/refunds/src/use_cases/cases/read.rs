//! Reads cases.

use tender_domain::dispute_cases::{CaseFile, CaseFilter, CaseRefusal};
use tender_domain::disputes::ToldChargeback;
use tender_domain::kernel::{Answer, Caller, DisputeId, Page, PageRequest, Version};
use tender_http::RequestKey;

use super::super::read_refunds::may_see;
use super::super::{DisputeAnswered, RefundsError, Taken};
use super::CaseShown;
use crate::RefundsService;

impl RefundsService {
    /// A dispute as people work on it.
    ///
    /// # Errors
    /// `NoSuchDispute` when it is not there, another tenant's or, for a customer, another customer's.
    pub async fn case_file(&self, caller: &Caller, id: DisputeId) -> Result<CaseFile, RefundsError> {
        let file = self.cases.case_file(&caller.tenant, id).await?.ok_or(RefundsError::NoSuchDispute)?;
        if !may_see(caller, file.case.guest_id.as_deref()) {
            return Err(RefundsError::NoSuchDispute);
        }
        Ok(file)
    }

    /// A page of them; a customer sees its own.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn case_files(
        &self,
        caller: &Caller,
        filter: CaseFilter,
        page: &PageRequest,
    ) -> Result<Page<CaseFile>, RefundsError> {
        let filter = match caller.only_customer() {
            None => filter,
            Some(own) if filter.guest_id.as_deref().is_some_and(|asked| asked != own) => {
                return Ok(Page { data: Vec::new(), has_more: false });
            }
            Some(own) => CaseFilter { guest_id: Some(own.to_owned()), ..filter },
        };
        Ok(self.cases.case_files(&caller.tenant, &filter, page).await?)
    }

    /// Takes in what a client tells for a processor, and shows its case: 201 when it is new, 200 when it was known. One
    /// whose charge is not known waits, and no answer is kept of it.
    ///
    /// # Errors
    /// As [`RefundsService::take_chargeback`].
    pub async fn receive_chargeback_case(
        &self,
        caller: &Caller,
        told: &ToldChargeback,
        key: Option<RequestKey>,
        (show, waiting): (CaseShown, fn(&tender_domain::kernel::IntakeId) -> Answer),
    ) -> Result<DisputeAnswered, RefundsError> {
        if let Some(kept) = self.kept_dispute_answer(&caller.tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        let (dispute, is_new) = match self.take_from_person(caller, told).await? {
            Taken::Waiting(id) => return Ok(DisputeAnswered::plain(waiting(&id))),
            Taken::Dispute { dispute, is_new } => (dispute, is_new),
        };
        let file = self.case_file(caller, dispute.id).await?;
        let answer = show(if is_new { 201 } else { 200 }, &file);
        self.keep_dispute_answer(&caller.tenant, (answer, dispute.id.to_string()), key.as_ref()).await
    }
}

/// Whether the version that a client has seen is the current one.
pub(super) fn check_seen(file: &CaseFile, seen: Version) -> Result<(), RefundsError> {
    match file.case.version == seen {
        true => Ok(()),
        false => Err(CaseRefusal::VersionConflict(file.case.version).into()),
    }
}
