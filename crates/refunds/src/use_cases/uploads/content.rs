//! Takes contents in and gives them out by signed links, where the storage is reached through this service.

use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::uploads::{ContentReader, ContentSink, DirectContent, Reach, Upload, UploadStatus};

use super::super::RefundsError;
use crate::RefundsService;
use crate::upload_links::LinkTo;

/// A link as it came in.
#[derive(Debug, Clone)]
pub(crate) struct GivenLink {
    /// Whose upload.
    pub(crate) tenant: TenantId,
    /// Which.
    pub(crate) upload: UploadId,
    /// Until when it is good, in seconds since 1970.
    pub(crate) expires: i64,
    /// Its signature.
    pub(crate) signature: String,
}

impl RefundsService {
    /// Begins to take in a content.
    ///
    /// # Errors
    /// `BadLink`; `Upload` when it does not wait any more; `Storage`.
    pub(crate) async fn receive_content(
        &self,
        link: &GivenLink,
    ) -> Result<(Upload, Box<dyn ContentSink>), RefundsError> {
        let (upload, content) = self.linked(LinkTo::Put, link).await?;
        upload.usable()?;
        let sink = content.receive(&upload).await?;
        Ok((upload, sink))
    }

    /// Begins to give out a content.
    ///
    /// # Errors
    /// `BadLink`; `NoSuchContent` when it was removed; `Storage`.
    pub(crate) async fn read_content(
        &self,
        link: &GivenLink,
    ) -> Result<(Upload, Box<dyn ContentReader>), RefundsError> {
        let (upload, content) = self.linked(LinkTo::Get, link).await?;
        if upload.status != UploadStatus::Used {
            return Err(RefundsError::NoSuchContent);
        }
        let reader = content.read(&upload).await?.ok_or(RefundsError::NoSuchContent)?;
        Ok((upload, reader))
    }

    /// What a link names. Who has no good link learns nothing, not even whether there is such an upload.
    async fn linked(
        &self,
        to: LinkTo,
        link: &GivenLink,
    ) -> Result<(Upload, &dyn DirectContent), RefundsError> {
        let Reach::Direct(content) = self.files.storage.reach() else { return Err(RefundsError::BadLink) };
        let upload = self.files.uploads.upload(&link.tenant, link.upload).await?;
        let upload = upload.ok_or(RefundsError::BadLink)?;
        if !self.files.links.is_good(to, &upload, (link.expires, &link.signature)) {
            return Err(RefundsError::BadLink);
        }
        if self.clock.now().timestamp() >= link.expires {
            return Err(RefundsError::BadLink);
        }
        Ok((upload, content))
    }
}
