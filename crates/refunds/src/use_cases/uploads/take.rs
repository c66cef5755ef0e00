//! Takes uploads as evidence: they are the tenant's, wait, and hold what was declared.

use tender_domain::disputes::{EvidenceFile, EvidenceKind};
use tender_domain::kernel::{Caller, DisputeId, Save, Timestamp, UploadId};
use tender_domain::refunds::RefundWrite;
use tender_domain::uploads::{FileType, Seal, Upload, UploadRefusal};

use super::super::RefundsError;
use crate::RefundsService;

/// A file that a person wants to be evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedFile {
    /// What it is about.
    pub kind: EvidenceKind,
    /// The upload that has its content.
    pub upload: UploadId,
    /// Of which type the person says that it is; none says nothing.
    pub file_type: Option<FileType>,
}

/// Files of evidence, with the uploads that they were.
#[derive(Debug, Default)]
pub(in crate::use_cases) struct TakenFiles {
    pub(in crate::use_cases) files: Vec<EvidenceFile>,
    uploads: Vec<Upload>,
}

impl TakenFiles {
    /// How many.
    pub(in crate::use_cases) fn count(&self) -> i64 {
        i64::try_from(self.uploads.len()).unwrap_or(i64::MAX)
    }

    /// What is written of the uploads, in the change that makes them evidence.
    pub(in crate::use_cases) fn used_by(
        self,
        dispute: DisputeId,
        now: Timestamp,
    ) -> Result<Vec<RefundWrite>, UploadRefusal> {
        let used = |upload: Upload| {
            let after = upload.used_by(dispute, now)?;
            Ok(Save::<Upload>::changed(upload, after).into())
        };
        self.uploads.into_iter().map(used).collect()
    }
}

impl RefundsService {
    /// These uploads as files of evidence. Asks the storage, outside of any transaction; asked again it says the same.
    pub(in crate::use_cases) async fn take_files(
        &self,
        caller: &Caller,
        wanted: &[WantedFile],
    ) -> Result<TakenFiles, RefundsError> {
        let mut taken = TakenFiles::default();
        if wanted.is_empty() {
            return Ok(taken);
        }
        let ids: Vec<UploadId> = wanted.iter().map(|file| file.upload).collect();
        let mut known = self.files.uploads.uploads(&caller.tenant, &ids).await?;
        for WantedFile { kind, upload: id, file_type } in wanted {
            let place = known.iter().position(|upload| upload.id == *id);
            let upload = known.swap_remove(place.ok_or(UploadRefusal::NoSuchUpload(*id))?);
            upload.usable()?;
            if file_type.is_some_and(|said| said != upload.file.file_type) {
                return Err(UploadRefusal::Differs(*id).into());
            }
            match self.files.storage.seal(&upload).await? {
                Seal::Whole => {}
                Seal::Missing => return Err(UploadRefusal::NotUploaded(*id).into()),
                Seal::Differs => return Err(UploadRefusal::Differs(*id).into()),
            }
            taken.files.push(EvidenceFile::of(*kind, &upload));
            taken.uploads.push(upload);
        }
        Ok(taken)
    }
}
