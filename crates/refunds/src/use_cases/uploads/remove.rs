//! Removes evidence that was kept long enough, and uploads that nobody has used.
//!
//! What is to be removed is committed first and deleted afterwards, and then noted as removed. A crash in between leaves it
//! to be removed, and deleting it again does no harm.

use std::sync::Arc;

use tender_domain::disputes::{DisputeReply, ExpiredEvidence, Replied};
use tender_domain::kernel::{Change, CommitError, Lane, Message, Save};
use tender_domain::refunds::RefundWrite;
use tender_domain::uploads::{Upload, UploadStatus};
use tender_events::{AuditRecorded, Envelope, PublicEvent};

use super::super::RefundsError;
use super::super::disputes::Beside;
use super::declare::waiting;
use crate::RefundsService;

/// Who the audit log says it was.
const BY_ITSELF: &str = "retention";

impl RefundsService {
    /// Removes the texts of evidence, and says of its files that they are to be removed. False when somebody else did, or
    /// something else happened to the dispute.
    pub(crate) async fn remove_evidence(&self, expired: &ExpiredEvidence) -> Result<bool, RefundsError> {
        let reply = &expired.reply;
        let tenant = &reply.tenant;
        let now = self.clock.now();
        let charge = self.disputes.charge_of_dispute(tenant, reply.dispute).await?;
        let charge = Arc::new(charge.ok_or(RefundsError::NoSuchDispute)?);
        let Replied { disputed, reply: after } = charge.remove_evidence(expired, now)?;
        let mut writes: Vec<RefundWrite> =
            vec![Save::<DisputeReply>::changed(reply.clone(), after.clone()).into()];
        let uploads = self.files.uploads.uploads(tenant, &reply.uploads()).await?;
        for upload in uploads.into_iter().filter(|upload| upload.status == UploadStatus::Used) {
            let given_up = upload.given_up(now);
            writes.push(Save::<Upload>::changed(upload, given_up).into());
        }
        let beside = Beside {
            lane: Lane::Background,
            writes,
            audit: Some(self.removal_audited(expired, &after)),
            ..Beside::default()
        };
        match self.save_dispute(&charge, &disputed, beside).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn removal_audited(&self, expired: &ExpiredEvidence, after: &DisputeReply) -> Message {
        let what = ("refunds", "dispute.evidence_removed");
        let whose = (after.tenant.clone(), BY_ITSELF);
        let event = AuditRecorded::by_service(
            whose,
            what,
            after.dispute.to_string(),
            after.version,
            after.updated_at,
        )
        .with("reply", after.number)
        .with("files", after.evidence.files().len())
        .with("dispute_retention_days", expired.days);
        event.into_message(Envelope { id: self.ids.event(), traceparent: None })
    }

    /// Removes the content of an upload that is to be removed, or that nobody has used. False when it has to be tried again.
    pub(crate) async fn remove_upload(&self, upload: Upload) -> Result<bool, RefundsError> {
        let upload = if upload.status == UploadStatus::Waiting {
            let given_up = upload.given_up(self.clock.now());
            let change = saved(&upload, &given_up).guarded(waiting(-1));
            match self.store.commit(change).await {
                Ok(_) => given_up,
                // Somebody used it a moment ago, or gave it up.
                Err(CommitError::Conflict) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        } else {
            upload
        };
        let deleted = self.files.storage.delete(&upload).await;
        if let Err(error) = &deleted {
            tracing::warn!(upload = %upload.id, tenant = %upload.tenant, %error,
                "the content of an upload could not be deleted; it is tried again");
        }
        let now = self.clock.now();
        let after = if deleted.is_ok() { upload.removed(now) } else { upload.kept_waiting(now) };
        match self.store.commit(saved(&upload, &after)).await {
            Ok(_) => Ok(deleted.is_ok()),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn saved(before: &Upload, after: &Upload) -> Change<RefundWrite> {
    let save = Save::<Upload>::changed(before.clone(), after.clone());
    Change::of(before.tenant.clone()).save(save).in_background()
}
