//! Uploads and how long evidence is kept, in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::disputes::{DisputeReply, DisputeRetention, DisputeStatus, ExpiredEvidence, ReplyStatus};
use tender_domain::kernel::{CommitError, Save, StoreError, TenantId, Timestamp, UploadId};
use tender_domain::uploads::{Upload, UploadStatus, UploadStore};

use crate::MemoryRefundStore;
use crate::intents::check_version;
use crate::refunds::Charges;

#[derive(Debug, Default)]
pub(crate) struct Uploads {
    uploads: BTreeMap<(TenantId, UploadId), Arc<Upload>>,
    retention: BTreeMap<TenantId, DisputeRetention>,
}

impl Uploads {
    pub(crate) fn check(&self, save: &Save<Upload>) -> Result<(), CommitError> {
        let stored = self.uploads.get(&place(&save.after));
        check_version(save, stored.map(|stored| stored.version), |upload| upload.version, "uploads_pkey")?;
        let after = &save.after;
        let is_reused = |stored: &Arc<Upload>| {
            stored.status != UploadStatus::Waiting
                && (stored.dispute != after.dispute || after.status == UploadStatus::Waiting)
        };
        if stored.is_some_and(is_reused) {
            return Err(CommitError::Refused { constraint: "uploads_used_once".to_owned() });
        }
        Ok(())
    }

    pub(crate) fn apply(&mut self, upload: Arc<Upload>) {
        self.uploads.insert(place(&upload), upload);
    }

    pub(crate) fn hear(&mut self, heard: DisputeRetention) {
        let known = self.retention.get(&heard.tenant);
        if known.is_none_or(|known| known.version < heard.version) {
            self.retention.insert(heard.tenant.clone(), heard);
        }
    }
}

fn place(upload: &Upload) -> (TenantId, UploadId) {
    (upload.tenant.clone(), upload.id)
}

impl Charges {
    /// What was kept long enough, the oldest first.
    pub(crate) fn expired(&self, now: Timestamp, limit: u32) -> Vec<ExpiredEvidence> {
        let mut expired: Vec<(Timestamp, ExpiredEvidence)> = Vec::new();
        for reply in self.replies.with_contents() {
            let Some(retention) = self.uploads.retention.get(&reply.tenant) else { continue };
            let kept = std::time::Duration::from_secs(u64::from(retention.days) * 24 * 3600);
            if let Some(ended) = self.ended(&reply).filter(|ended| *ended + kept < now) {
                expired.push((ended, ExpiredEvidence { reply, days: retention.days }));
            }
        }
        expired.sort_by_key(|(ended, one)| (*ended, one.reply.dispute, one.reply.number));
        expired.into_iter().take(limit as usize).map(|(_, one)| one).collect()
    }

    /// Since when nothing happened to a reply and its dispute; none while something may.
    fn ended(&self, reply: &DisputeReply) -> Option<Timestamp> {
        let charge = self.of(&reply.tenant).find(|charge| charge.dispute(reply.dispute).is_some())?;
        let dispute = charge.dispute(reply.dispute).filter(|one| !DisputeStatus::is_open(one.status))?;
        let decided = dispute.resolution.as_ref()?.decided_at;
        (reply.status != ReplyStatus::Telling).then(|| decided.max(reply.updated_at))
    }
}

#[async_trait]
impl UploadStore for MemoryRefundStore {
    async fn upload(&self, tenant: &TenantId, id: UploadId) -> Result<Option<Upload>, StoreError> {
        Ok(self.0.read(|stored| stored.uploads.uploads.get(&(tenant.clone(), id)).map(|one| (**one).clone())))
    }

    async fn uploads(&self, tenant: &TenantId, ids: &[UploadId]) -> Result<Vec<Upload>, StoreError> {
        Ok(self.0.read(|stored| {
            let all = stored.uploads.uploads.values();
            let wanted = |one: &&Arc<Upload>| one.tenant == *tenant && ids.contains(&one.id);
            all.filter(wanted).map(|one| (**one).clone()).collect()
        }))
    }

    async fn uploads_to_remove(
        &self,
        unused_since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Upload>, StoreError> {
        let mut due: Vec<Upload> = self.0.read(|stored| {
            let is_due = |one: &&Arc<Upload>| match one.status {
                UploadStatus::Removing => true,
                UploadStatus::Waiting => one.created_at < unused_since,
                UploadStatus::Used | UploadStatus::Removed => false,
            };
            stored.uploads.uploads.values().filter(is_due).map(|one| (**one).clone()).collect()
        });
        due.sort_by_key(|one| (one.updated_at, one.id));
        due.truncate(limit as usize);
        Ok(due)
    }
}
