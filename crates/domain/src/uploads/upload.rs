//! An upload and where it stands.

use std::time::Duration;

use crate::kernel::{DisputeId, TenantId, Timestamp, UploadId, Version, words};

use super::DeclaredFile;

words! {
    /// What an upload is for; it decides which service has it.
    UploadPurpose {
        /// A file of the evidence that a dispute is answered with.
        DisputeEvidence = "dispute_evidence",
    }
}

words! {
    /// Where an upload stands.
    UploadStatus {
        /// It may be put, and used once.
        Waiting = "waiting",
        /// What it is for has it.
        Used = "used",
        /// Its content is to be removed, and may be gone already.
        Removing = "removing",
        /// Its content is removed.
        Removed = "removed",
    }
}

/// Why an upload cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefusal {
    /// There is no such upload of this tenant.
    #[error("there is no upload {0}")]
    NoSuchUpload(UploadId),
    /// It was used before, or it was removed because nobody had used it.
    #[error("the upload {id} is {}; an upload is used once", status.as_str())]
    NotWaiting {
        /// Which.
        id: UploadId,
        /// Where it stands.
        status: UploadStatus,
    },
    /// Its content was not put yet.
    #[error("nothing was put to the upload {0} yet")]
    NotUploaded(UploadId),
    /// What was put is not what was declared.
    #[error("what was put to the upload {0} has another size or SHA-256 than was declared")]
    Differs(UploadId),
}

/// An upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: UploadId,
    /// How many changes it has seen.
    pub version: Version,
    /// What it is for.
    pub purpose: UploadPurpose,
    /// What was declared of the file.
    pub file: DeclaredFile,
    /// Where it stands.
    pub status: UploadStatus,
    /// The dispute whose evidence it became.
    pub dispute: Option<DisputeId>,
    /// Who declared it.
    pub by: String,
    /// Until when its content may be put.
    pub expires_at: Timestamp,
    /// When it was declared.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl Upload {
    /// After so long what nobody has used is removed.
    pub const UNUSED_FOR: Duration = Duration::from_secs(24 * 3600);
    /// How many uploads of one tenant may wait to be used.
    pub const WAITING_MAX: i64 = 200;
    /// By what the uploads of a tenant that wait are counted.
    pub const WAITING_COUNT: &'static str = "waiting_uploads";

    /// An upload that waits for its content until `expires_at`.
    #[must_use]
    pub fn declared(
        (tenant, id): (&TenantId, UploadId),
        (purpose, file): (UploadPurpose, DeclaredFile),
        by: &str,
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            tenant: tenant.clone(),
            id,
            version: Version::FIRST,
            purpose,
            file,
            status: UploadStatus::Waiting,
            dispute: None,
            by: by.to_owned(),
            expires_at,
            created_at: now,
            updated_at: now,
        }
    }

    /// That it may be used: it waits.
    ///
    /// # Errors
    /// `NotWaiting`.
    pub const fn usable(&self) -> Result<(), UploadRefusal> {
        match self.status {
            UploadStatus::Waiting => Ok(()),
            status => Err(UploadRefusal::NotWaiting { id: self.id, status }),
        }
    }

    /// It became evidence of a dispute.
    ///
    /// # Errors
    /// `NotWaiting`.
    pub fn used_by(&self, dispute: DisputeId, now: Timestamp) -> Result<Self, UploadRefusal> {
        self.usable()?;
        Ok(Self { status: UploadStatus::Used, dispute: Some(dispute), ..self.changed(now) })
    }

    /// Its content is to be removed; its name is forgotten at once. What is so or gone already stays as it is.
    #[must_use]
    pub fn given_up(&self, now: Timestamp) -> Self {
        if matches!(self.status, UploadStatus::Removing | UploadStatus::Removed) {
            return self.clone();
        }
        let file = DeclaredFile { name: String::new(), ..self.file.clone() };
        Self { status: UploadStatus::Removing, file, ..self.changed(now) }
    }

    /// Its content is removed.
    #[must_use]
    pub fn removed(&self, now: Timestamp) -> Self {
        Self { status: UploadStatus::Removed, ..self.changed(now) }
    }

    /// Its content could not be removed now: others come first before it is tried again.
    #[must_use]
    pub fn kept_waiting(&self, now: Timestamp) -> Self {
        self.changed(now)
    }

    fn changed(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::super::{FileHash, FileType};
    use super::*;

    fn upload() -> Upload {
        let file =
            DeclaredFile::new("a.pdf".into(), FileType::Pdf, (3, 9), FileHash([1; 32])).expect("a file");
        let id = UploadId::from_uuid(Uuid::from_u128(1));
        let now = DateTime::UNIX_EPOCH;
        let what = (UploadPurpose::DisputeEvidence, file);
        Upload::declared((&TenantId::sandbox(), id), what, "ada", (now, now))
    }

    #[test]
    fn an_upload_is_used_once_and_never_after_it_was_given_up() {
        let dispute = DisputeId::from_uuid(Uuid::from_u128(2));
        let now = DateTime::UNIX_EPOCH;
        let used = upload().used_by(dispute, now).expect("it waits");
        assert_eq!((used.status, used.dispute), (UploadStatus::Used, Some(dispute)));
        let given_up = upload().given_up(now);
        for (one, status) in [
            (used.clone(), UploadStatus::Used),
            (given_up.clone(), UploadStatus::Removing),
            (given_up.removed(now), UploadStatus::Removed),
        ] {
            let refused = UploadRefusal::NotWaiting { id: one.id, status };
            assert_eq!(one.used_by(dispute, now), Err(refused));
        }
        assert_eq!(given_up.file.name, "", "its name is forgotten");
        assert_eq!(given_up.given_up(now), given_up, "it is given up once");
        assert_eq!(used.given_up(now).file.sha256, used.file.sha256, "its hash stays");
    }
}
