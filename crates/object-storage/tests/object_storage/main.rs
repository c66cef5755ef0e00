//! Contents of uploads: kept as they were declared or not at all, and gone when they are deleted.

mod bucket;
mod folder;
mod s3;

use chrono::DateTime;
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::uploads::{DeclaredFile, FileHash, FileType, Upload, UploadPurpose};
use uuid::Uuid;

/// An upload of this content.
fn upload(number: u128, content: &[u8]) -> Upload {
    use sha2::Digest as _;
    let sha256 = FileHash(sha2::Sha256::digest(content).into());
    let size = content.len() as u64;
    let file = DeclaredFile::new("a.pdf".into(), FileType::Pdf, (size, 10_000_000), sha256).expect("a file");
    let now = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
    let what = (UploadPurpose::DisputeEvidence, file);
    let id = UploadId::from_uuid(Uuid::from_u128(number));
    Upload::declared(
        (&TenantId::sandbox(), id),
        what,
        "ada",
        (now, now + std::time::Duration::from_secs(900)),
    )
}
