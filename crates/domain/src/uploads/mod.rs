//! Uploads: files of a tenant's that are put into object storage by a signed URL and used once afterwards.
//!
//! A client declares a file first: its name, its type, its size and its SHA-256. It is given a URL to put exactly that
//! content to. What uses the upload sees that the content is there and is what was declared.
//!
//! `file.rs` is what is declared, `upload.rs` an upload and where it stands, `storage.rs` the port of what holds the contents,
//! `ports.rs` the reads.

mod file;
mod ports;
mod storage;
mod upload;

pub use file::{BadFile, DeclaredFile, FileHash, FileType};
pub use ports::UploadStore;
pub use storage::{
    ContentReader, ContentSink, DirectContent, ObjectStorage, Reach, ReceiveError, Seal, SignedContent,
    SignedRequest, StorageError,
};
pub use upload::{Upload, UploadPurpose, UploadRefusal, UploadStatus};
