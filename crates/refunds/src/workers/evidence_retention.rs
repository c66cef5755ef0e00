//! Removes evidence that was kept long enough, and files that nobody has used.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::StoreError;
use tender_domain::uploads::Upload;
use tokio::sync::watch;

use super::rounds::rounds;
use crate::RefundsService;

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Replies whose evidence lost its contents.
    pub replies: usize,
    /// Uploads whose contents are deleted.
    pub uploads: usize,
}

/// Removes what was kept long enough. Two of them at once do no harm: what one removes the other loses to.
pub struct EvidenceRetention {
    service: Arc<RefundsService>,
    interval: Duration,
    batch_max: u32,
}

impl EvidenceRetention {
    /// The worker of a service: looks every `interval`, at most at `batch_max` replies and uploads at a time.
    #[must_use]
    pub const fn new(service: Arc<RefundsService>, interval: Duration, batch_max: u32) -> Self {
        Self { service, interval, batch_max }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, "what is to be removed", || self.run_once()).await;
    }

    /// One round. What cannot be removed now is tried in the next one.
    ///
    /// # Errors
    /// When what is to be removed cannot be read.
    pub async fn run_once(&self) -> Result<Removed, StoreError> {
        let mut removed = Removed::default();
        let now = self.service.clock.now();
        for expired in self.service.disputes.evidence_to_remove(now, self.batch_max).await? {
            let (dispute, tenant) = (expired.reply.dispute, &expired.reply.tenant);
            match self.service.remove_evidence(&expired).await {
                Ok(is_removed) => removed.replies += usize::from(is_removed),
                Err(error) => tracing::warn!(%dispute, %tenant, %error, "evidence could not be removed"),
            }
        }
        let unused_since = now - Upload::UNUSED_FOR;
        for upload in self.service.files.uploads.uploads_to_remove(unused_since, self.batch_max).await? {
            let (id, tenant) = (upload.id, upload.tenant.clone());
            match self.service.remove_upload(upload).await {
                Ok(is_removed) => removed.uploads += usize::from(is_removed),
                Err(error) => tracing::warn!(upload = %id, %tenant, %error, "an upload could not be removed"),
            }
        }
        Ok(removed)
    }
}
