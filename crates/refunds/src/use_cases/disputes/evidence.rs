//! Answers a dispute with evidence.

use std::collections::BTreeMap;

use tender_domain::disputes::{Actor, DisputeReply, DisputeUpdate, Evidence, EvidenceText, Replied, Settled};
use tender_domain::kernel::{Caller, CommitError, DisputeId, Save, UploadId};
use tender_domain::uploads::UploadStatus;
use tender_http::RequestKey;

use super::super::retry::{DECISIONS_MAX, pause};
use super::super::uploads::{FileLink, WantedFile};
use super::super::{RefundsError, Seen, uploads};
use super::audit::Deed;
use super::commit::{Beside, DisputeAnswered, DisputePresenter};
use super::take::dispute_of;
use crate::RefundsService;

/// How many replies of a dispute are shown. One that is being told is among the last two.
pub(super) const REPLIES_SHOWN: u32 = 20;

/// What was replied to a dispute.
pub struct RepliesShown {
    /// The replies, newest first.
    pub replies: Vec<DisputeReply>,
    /// Where the files of their evidence can be read, as far as they are there.
    pub links: BTreeMap<UploadId, FileLink>,
}

/// What a person answers with.
#[derive(Debug, Clone)]
pub struct SubmitEvidence {
    /// The texts.
    pub texts: Vec<EvidenceText>,
    /// The files.
    pub files: Vec<WantedFile>,
    /// Something to write into the dispute's history beside it.
    pub note: Option<String>,
    /// Which version the person has seen.
    pub seen: Seen,
}

impl RefundsService {
    /// Answers a dispute with evidence. The processor is told afterwards, where it can be.
    ///
    /// # Errors
    /// `BadEvidence`, `NoSuchDispute`, `Case` for a tier that is not the caller's, `StaleVersion`; `Dispute` for what its
    /// status, or an answer before, does not allow; `Upload` for files that are not the tenant's, were used or do not hold
    /// what was declared; `Storage`.
    pub async fn submit_evidence(
        &self,
        caller: &Caller,
        id: DisputeId,
        wanted: &SubmitEvidence,
        key: Option<RequestKey>,
        present: DisputePresenter,
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        Evidence::admit(&wanted.texts, wanted.files.iter().map(|file| file.upload))?;
        for tries in 0..DECISIONS_MAX {
            // Looked for each time: who lost to the same request is given its answer.
            if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
                return Ok(kept);
            }
            let (charge, dispute) = self.dispute_to_work_on(caller, id).await?;
            wanted.seen.check(dispute.version)?;
            let mut taken = self.take_files(caller, &wanted.files).await?;
            let evidence = Evidence::new(wanted.texts.clone(), std::mem::take(&mut taken.files))?;
            let path = self.evidence_path(tenant, &dispute, &evidence).await;
            let by = Actor::person(&caller.subject);
            let now = self.clock.now();
            let Replied { mut disputed, reply } = charge.submit_evidence(id, (evidence, path), &by, now)?;
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
            let files = taken.count();
            let mut writes = taken.used_by(id, now)?;
            writes.push(Save::new(reply).into());
            let beside = Beside {
                guards: (files > 0).then(|| uploads::waiting(-files)).into_iter().collect(),
                audit: Some(self.audited(caller, &deed, charge.intent_id, &dispute)),
                traceparent: tender_http::current_traceparent(),
                key: self.key_record(key.as_ref(), &answer, id.to_string()),
                writes,
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

    /// What was replied to a dispute, newest first: the last twenty, with links to the files that are there; `base` is where
    /// clients reach this service.
    ///
    /// # Errors
    /// `NoSuchDispute` when it is not there, another tenant's or, for a customer, another customer's; `Storage` when no link
    /// can be signed.
    pub async fn dispute_replies(
        &self,
        caller: &Caller,
        id: DisputeId,
        base: &str,
    ) -> Result<RepliesShown, RefundsError> {
        self.dispute_for(caller, id).await?;
        let replies = self.disputes.dispute_replies(&caller.tenant, id, REPLIES_SHOWN).await?;
        let ids: Vec<UploadId> = replies.iter().flat_map(DisputeReply::uploads).collect();
        let mut links = BTreeMap::new();
        if !ids.is_empty() {
            for upload in self.files.uploads.uploads(&caller.tenant, &ids).await? {
                if upload.status == UploadStatus::Used {
                    links.insert(upload.id, self.link_to_get(&upload, base).await?);
                }
            }
        }
        Ok(RepliesShown { replies, links })
    }
}
