//! Answers a dispute with evidence.

use tender_domain::disputes::{Actor, DisputeReply, DisputeUpdate, Evidence, Replied, Settled};
use tender_domain::kernel::{Caller, CommitError, DisputeId, Save};
use tender_http::RequestKey;

use super::super::retry::{DECISIONS_MAX, pause};
use super::super::{RefundsError, Seen};
use super::audit::Deed;
use super::commit::{Beside, DisputeAnswered, DisputePresenter};
use super::take::dispute_of;
use crate::RefundsService;

/// How many replies of a dispute are shown. One that is being told is among the last two.
pub(super) const REPLIES_SHOWN: u32 = 20;

/// What a person answers with.
#[derive(Debug, Clone)]
pub struct SubmitEvidence {
    /// The texts.
    pub evidence: Evidence,
    /// Something to write into the dispute's history beside it.
    pub note: Option<String>,
    /// Which version the person has seen.
    pub seen: Seen,
}

impl RefundsService {
    /// Answers a dispute with evidence. The processor is told afterwards, where it can be.
    ///
    /// # Errors
    /// `NoSuchDispute`, `Case` for a tier that is not the caller's, `StaleVersion`, and `Dispute` for what its status, or an answer before, does not allow.
    pub async fn submit_evidence(
        &self,
        caller: &Caller,
        id: DisputeId,
        wanted: &SubmitEvidence,
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
            let path = self.reply_path(tenant, &dispute).await;
            let by = Actor::person(&caller.subject);
            let answer_with = (wanted.evidence.clone(), path);
            let now = self.clock.now();
            let Replied { mut disputed, reply } = charge.submit_evidence(id, answer_with, &by, now)?;
            let note = DisputeUpdate { note: wanted.note.clone(), ..DisputeUpdate::default() };
            if let Settled::Changed(mut noted) = disputed.charge.update_dispute(id, &note, &by, now)? {
                // Of one change others are told once.
                noted.events.clear();
                disputed.then(*noted);
            }
            let from = Some(dispute.status);
            let dispute = dispute_of(&disputed)?;
            let answer = (present.shown)(&dispute);
            let deed = Deed { action: "dispute.evidence_submitted", from, reason: None };
            let beside = Beside {
                audit: Some(self.audited(caller, &deed, charge.intent_id, &dispute)),
                traceparent: tender_http::current_traceparent(),
                key: self.key_record(key.as_ref(), &answer, id.to_string()),
                writes: vec![Save::new(reply).into()],
                ..Beside::default()
            };
            match (self.save_dispute(&charge, &disputed, beside).await, &key) {
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

    /// What was replied to a dispute, newest first: the last twenty.
    ///
    /// # Errors
    /// `NoSuchDispute` when it is not there, another tenant's or, for a customer, another customer's.
    pub async fn dispute_replies(
        &self,
        caller: &Caller,
        id: DisputeId,
    ) -> Result<Vec<DisputeReply>, RefundsError> {
        self.dispute_for(caller, id).await?;
        Ok(self.disputes.dispute_replies(&caller.tenant, id, REPLIES_SHOWN).await?)
    }
}
