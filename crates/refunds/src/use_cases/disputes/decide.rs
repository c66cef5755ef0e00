//! Decides a dispute on a person's word: won, lost, or given in.

use tender_domain::disputes::{Actor, DisputeStatus, Outcome, Settled};
use tender_domain::kernel::{Caller, CommitError, DisputeId, Timestamp};
use tender_http::RequestKey;

use super::super::retry::{DECISIONS_MAX, pause};
use super::super::{RefundsError, Seen};
use super::audit::Deed;
use super::commit::{Beside, DisputeAnswered, DisputePresenter};
use super::take::dispute_of;
use crate::RefundsService;

/// What a person decides.
#[derive(Debug, Clone)]
pub struct DecideDispute {
    /// `Won`, `Lost` or `Accepted`.
    pub status: DisputeStatus,
    /// Why.
    pub reason: Option<String>,
    /// When it was decided; none is now.
    pub decided_at: Option<Timestamp>,
    /// Whether it overturns what was decided the other way.
    pub overturns: bool,
    /// Which version the person has seen.
    pub seen: Seen,
}

impl RefundsService {
    /// Decides a dispute. Deciding it as it is decided already changes nothing and shows it.
    ///
    /// # Errors
    /// `NoSuchDispute`, `Case` for a tier that is not the caller's, `StaleVersion`, and `Dispute` for what its status does not allow.
    pub async fn decide_dispute(
        &self,
        caller: &Caller,
        id: DisputeId,
        wanted: &DecideDispute,
        key: Option<RequestKey>,
        present: DisputePresenter,
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        for tries in 0..DECISIONS_MAX {
            let (charge, dispute) = self.dispute_to_work_on(caller, id).await?;
            wanted.seen.check(dispute.version)?;
            let now = self.clock.now();
            let outcome = Outcome {
                status: wanted.status,
                by: Actor::person(&caller.subject),
                reason: wanted.reason.clone(),
                decided_at: wanted.decided_at.unwrap_or(now),
                overturns: wanted.overturns,
            };
            let from = Some(dispute.status);
            let Settled::Changed(decided) = charge.decide_dispute(id, outcome, now)? else {
                let shown = ((present.shown)(&dispute), id.to_string());
                let kept = self.keep_dispute_answer(tenant, shown, key.as_ref()).await?;
                return Ok(DisputeAnswered { dispute: Some((id, dispute.version)), ..kept });
            };
            let (decided, writes) = match wanted.status {
                DisputeStatus::Accepted => self.told_of_acceptance(tenant, *decided).await?,
                _ => (*decided, Vec::new()),
            };
            let dispute = dispute_of(&decided)?;
            let answer = (present.shown)(&dispute);
            let deed = Deed { action: "dispute.decided", from, reason: wanted.reason.as_deref() };
            let beside = Beside {
                audit: Some(self.audited(caller, &deed, charge.intent_id, &dispute)),
                traceparent: tender_http::current_traceparent(),
                key: self.key_record(key.as_ref(), &answer, id.to_string()),
                writes,
                ..Beside::default()
            };
            match (self.save_dispute(&charge, &decided, beside).await, &key) {
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
