//! Declares a file and gives a link to put it to; and links to read what was put.

use std::time::Duration;

use tender_domain::kernel::{Answer, Caller, Change, CommitError, Guard, Save, Timestamp};
use tender_domain::uploads::{DeclaredFile, FileHash, FileType, Reach, SignedRequest, Upload, UploadPurpose};
use tender_http::RequestKey;

use super::super::{DisputeAnswered, RefundsError};
use crate::RefundsService;
use crate::upload_links::LinkTo;

/// How long a link to put a file is good.
const PUT_FOR: Duration = Duration::from_secs(900);
/// How long a link to read a file is good.
const GET_FOR: Duration = Duration::from_secs(300);

/// What a client declares of a file.
#[derive(Debug, Clone)]
pub struct DeclareUpload {
    /// What it is for.
    pub purpose: UploadPurpose,
    /// Its name.
    pub file_name: String,
    /// Its type.
    pub file_type: FileType,
    /// Its size in bytes.
    pub size: u64,
    /// The hash of its content.
    pub sha256: FileHash,
}

/// A link that whoever has it can use.
#[derive(Clone, PartialEq, Eq)]
pub struct FileLink {
    /// `PUT` or `GET`.
    pub method: &'static str,
    /// Where, and what must be sent with it.
    pub request: SignedRequest,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// How an upload is shown to who declared it.
pub type UploadPresenter = fn(&Upload, &FileLink) -> Answer;

impl RefundsService {
    /// Declares a file; `base` is where clients reach this service.
    ///
    /// # Errors
    /// `BadFile` for a name, size or hash that no file may have; `TooManyUploads` when too many wait to be used; `Storage`
    /// when no link can be signed.
    pub async fn declare_upload(
        &self,
        caller: &Caller,
        (wanted, base): (DeclareUpload, &str),
        key: Option<RequestKey>,
        present: UploadPresenter,
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        let DeclareUpload { purpose, file_name, file_type, size, sha256 } = wanted;
        let file = DeclaredFile::new(file_name, file_type, (size, self.files.size_max_bytes), sha256)?;
        let now = self.clock.now();
        let (id, expires_at) = (self.ids.next(), now + PUT_FOR);
        let upload = Upload::declared((tenant, id), (purpose, file), &caller.subject, (now, expires_at));
        let link = self.link_to_put(&upload, base).await?;
        let answer = present(&upload, &link);
        let change = Change::of(tenant.clone())
            .keyed(self.key_record(key.as_ref(), &answer, id.to_string()))
            .guarded(waiting(1))
            .save(Save::<Upload>::new(upload));
        match (self.store.commit(change).await, &key) {
            (Ok(_), _) => Ok(DisputeAnswered::plain(answer)),
            (Err(CommitError::KeyTaken(record)), Some(key)) => {
                DisputeAnswered::replay(*record, key.fingerprint)
            }
            (Err(CommitError::LimitReached { .. }), _) => Err(RefundsError::TooManyUploads),
            (Err(error), _) => Err(error.into()),
        }
    }

    async fn link_to_put(&self, upload: &Upload, base: &str) -> Result<FileLink, RefundsError> {
        let expires_at = upload.expires_at;
        let request = match self.files.storage.reach() {
            Reach::Signed(content) => content.put(upload, (self.clock.now(), expires_at)).await?,
            Reach::Direct(_) => {
                let path = self.files.links.path(LinkTo::Put, upload, expires_at);
                let of_type = ("Content-Type".to_owned(), upload.file.file_type.as_str().to_owned());
                SignedRequest { url: format!("{base}{path}"), headers: vec![of_type] }
            }
        };
        Ok(FileLink { method: LinkTo::Put.method(), request, expires_at })
    }

    /// A link to read what was put.
    pub(in crate::use_cases) async fn link_to_get(
        &self,
        upload: &Upload,
        base: &str,
    ) -> Result<FileLink, RefundsError> {
        let now = self.clock.now();
        let expires_at = now + GET_FOR;
        let request = match self.files.storage.reach() {
            Reach::Signed(content) => content.get(upload, (now, expires_at)).await?,
            Reach::Direct(_) => {
                let path = self.files.links.path(LinkTo::Get, upload, expires_at);
                SignedRequest { url: format!("{base}{path}"), headers: Vec::new() }
            }
        };
        Ok(FileLink { method: LinkTo::Get.method(), request, expires_at })
    }
}

/// So many uploads of the tenant wait more, or fewer.
pub(in crate::use_cases) fn waiting(by: i64) -> Guard {
    Guard::Count { kind: Upload::WAITING_COUNT, key: "all".to_owned(), by, limit: Upload::WAITING_MAX }
}
