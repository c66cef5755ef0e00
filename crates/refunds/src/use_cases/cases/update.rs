//! Takes a dispute up, writes a note, escalates it.

use std::sync::Arc;

use tender_domain::dispute_cases::{CaseFile, CaseRefusal, CaseStatus, CaseUpdate, DisputeCase, Tier};
use tender_domain::kernel::{Caller, Change, CommitError, DisputeId, Save, TenantId, Version};
use tender_domain::refunds::{ChargeRef, RefundableCharge};
use tender_http::RequestKey;

use super::super::retry::{DECISIONS_MAX, pause};
use super::super::{DisputeAnswered, RefundsError};
use super::read::check_seen;
use super::shared::CaseShown;
use crate::RefundsService;

/// What a person changes.
#[derive(Debug, Clone)]
pub struct UpdateGuestDispute {
    /// The change.
    pub update: CaseUpdate,
    /// Which version the person has seen.
    pub seen: Version,
}

impl RefundsService {
    /// Changes what people may change of a dispute, of either source.
    ///
    /// # Errors
    /// `NoSuchDispute`, and `Case` for a tier that is not the caller's, another version, or one that is resolved.
    pub async fn update_case(
        &self,
        caller: &Caller,
        id: DisputeId,
        wanted: &UpdateGuestDispute,
        key: Option<RequestKey>,
        show: CaseShown,
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        for tries in 0..DECISIONS_MAX {
            let file = self.case_file(caller, id).await?;
            file.case.may_be_worked_on(Tier::of_caller(caller))?;
            if file.status() == CaseStatus::Resolved {
                return Err(CaseRefusal::Resolved.into());
            }
            check_seen(&file, wanted.seen)?;
            let updated = file.case.update(&wanted.update, &caller.subject, self.clock.now())?;
            let Some((case, event)) = updated else {
                let shown = (show(200, &file), id.to_string());
                return self.keep_dispute_answer(tenant, shown, key.as_ref()).await;
            };
            let charge = self.charge_of_case(tenant, &file.case).await?;
            let told = self.told_of_case(caller, (&charge, &case), event);
            let before = file.case.clone();
            let file = CaseFile { case, ..file };
            let answer = show(200, &file);
            let change = Change::of(tenant.clone())
                .save(Save::<DisputeCase>::changed(before, file.case))
                .tell(told)
                .keyed(self.key_record(key.as_ref(), &answer, id.to_string()));
            match (self.store.commit(change).await, &key) {
                (Ok(_), _) => return Ok(DisputeAnswered::plain(answer)),
                // Read again, it has another version than the person has seen.
                (Err(CommitError::Conflict), _) => pause(tries).await,
                (Err(CommitError::KeyTaken(record)), Some(key)) => {
                    return DisputeAnswered::replay(*record, key.fingerprint);
                }
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    pub(super) async fn charge_of_case(
        &self,
        tenant: &TenantId,
        case: &DisputeCase,
    ) -> Result<Arc<RefundableCharge>, RefundsError> {
        let charge = self.store.charge(tenant, ChargeRef::Charge(case.charge_id)).await?;
        charge.map(Arc::new).ok_or(RefundsError::NoSuchCharge)
    }
}
