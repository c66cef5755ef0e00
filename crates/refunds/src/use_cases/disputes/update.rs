//! Changes what people may change of a dispute.

use tender_domain::disputes::{Actor, DisputeUpdate, Settled};
use tender_domain::kernel::{Caller, CommitError, DisputeId};
use tender_http::RequestKey;

use super::super::retry::{DECISIONS_MAX, pause};
use super::super::{RefundsError, Seen};
use super::audit::Deed;
use super::commit::{Beside, DisputeAnswered, DisputePresenter};
use super::take::dispute_of;
use crate::RefundsService;

/// What a person changes.
#[derive(Debug, Clone)]
pub struct UpdateDispute {
    /// The change.
    pub update: DisputeUpdate,
    /// Which version the person has seen; one must be named.
    pub seen: Seen,
}

impl RefundsService {
    /// Puts a dispute under review, notes something, or sets the day until which evidence must be handed in.
    ///
    /// # Errors
    /// `NoSuchDispute`, `Case` for a tier that is not the caller's, `StaleVersion`, and `Dispute` for what its status does not allow.
    pub async fn update_dispute(
        &self,
        caller: &Caller,
        id: DisputeId,
        wanted: &UpdateDispute,
        key: Option<RequestKey>,
        present: DisputePresenter,
    ) -> Result<DisputeAnswered, RefundsError> {
        if let Some(kept) = self.kept_dispute_answer(&caller.tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        for tries in 0..DECISIONS_MAX {
            let (charge, dispute) = self.dispute_to_work_on(caller, id).await?;
            wanted.seen.require(dispute.version)?;
            let by = Actor::person(&caller.subject);
            let from = Some(dispute.status);
            let settled = charge.update_dispute(id, &wanted.update, &by, self.clock.now())?;
            let Settled::Changed(changed) = settled else {
                let shown = ((present.shown)(&dispute), id.to_string());
                let kept = self.keep_dispute_answer(&caller.tenant, shown, key.as_ref()).await?;
                return Ok(DisputeAnswered { dispute: Some((id, dispute.version)), ..kept });
            };
            let dispute = dispute_of(&changed)?;
            let answer = (present.shown)(&dispute);
            let deed = Deed { action: "dispute.updated", from, reason: None };
            let beside = Beside {
                audit: Some(self.audited(caller, &deed, charge.intent_id, &dispute)),
                traceparent: tender_http::current_traceparent(),
                key: self.key_record(key.as_ref(), &answer, id.to_string()),
                ..Beside::default()
            };
            match (self.save_dispute(&charge, &changed, beside).await, &key) {
                (Ok(()), _) => return Ok(DisputeAnswered::of(answer, &dispute)),
                (Err(CommitError::Conflict), _) => pause(tries).await,
                (Err(CommitError::KeyTaken(record)), Some(key)) => {
                    return DisputeAnswered::replay(*record, key.fingerprint);
                }
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}
