//! What holds the contents of uploads.

use async_trait::async_trait;

use crate::kernel::Timestamp;

use super::Upload;

/// Why the storage did nothing, or nobody knows whether it did. Every call of it may be made again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the object storage is unavailable: {0}")]
pub struct StorageError(pub String);

/// A request that whoever has it may make, without a credential.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// Where; its signature is in it.
    pub url: String,
    /// Headers that must be sent with it, as they are here.
    pub headers: Vec<(String, String)>,
}

/// What is seen of an upload's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// It is there and is what was declared; from now on no signed request changes it.
    Whole,
    /// Nothing was put.
    Missing,
    /// What was put is something else.
    Differs,
}

/// How clients reach the contents.
pub enum Reach<'a> {
    /// By requests to the storage itself, signed by its own rules.
    Signed(&'a dyn SignedContent),
    /// Through this service, which signs and serves.
    Direct(&'a dyn DirectContent),
}

/// Holds the contents of uploads, each under its tenant and id.
#[async_trait]
pub trait ObjectStorage: Send + Sync {
    /// How clients reach the contents.
    fn reach(&self) -> Reach<'_>;

    /// Sees whether what was declared is there, and keeps it from being changed.
    ///
    /// # Errors
    /// When the storage cannot be asked.
    async fn seal(&self, upload: &Upload) -> Result<Seal, StorageError>;

    /// A sealed content, whole; none when it is not there, or is not what was declared any more. It is held in memory: to be
    /// asked of what is known to be small.
    ///
    /// # Errors
    /// When the storage cannot be asked.
    async fn content(&self, upload: &Upload) -> Result<Option<Vec<u8>>, StorageError>;

    /// Deletes all that was put to an upload. What is not there is deleted.
    ///
    /// # Errors
    /// When the storage cannot be asked.
    async fn delete(&self, upload: &Upload) -> Result<(), StorageError>;
}

/// A storage that clients reach by themselves.
#[async_trait]
pub trait SignedContent: Send + Sync {
    /// What puts an upload's content, from `now` until `until`.
    ///
    /// # Errors
    /// When it cannot be signed.
    async fn put(
        &self,
        upload: &Upload,
        times: (Timestamp, Timestamp),
    ) -> Result<SignedRequest, StorageError>;

    /// What reads a sealed content, from `now` until `until`.
    ///
    /// # Errors
    /// When it cannot be signed.
    async fn get(
        &self,
        upload: &Upload,
        times: (Timestamp, Timestamp),
    ) -> Result<SignedRequest, StorageError>;
}

/// A storage that clients reach through this service.
#[async_trait]
pub trait DirectContent: Send + Sync {
    /// Begins to take in an upload's content.
    ///
    /// # Errors
    /// When nothing can be written.
    async fn receive(&self, upload: &Upload) -> Result<Box<dyn ContentSink>, StorageError>;

    /// Begins to read an upload's content; none when it is not there.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn read(&self, upload: &Upload) -> Result<Option<Box<dyn ContentReader>>, StorageError>;
}

/// Why a content was not taken in; nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveError {
    /// It is longer than was declared.
    #[error("the content is longer than was declared")]
    TooLong,
    /// It is shorter than was declared, or has another hash.
    #[error("the content has another size or SHA-256 than was declared")]
    Differs,
    /// It could not be written.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Takes a content in, piece by piece. One that is not finished leaves nothing.
#[async_trait]
pub trait ContentSink: Send {
    /// Takes the next piece.
    ///
    /// # Errors
    /// `TooLong` as soon as it is; `Storage`.
    async fn write(&mut self, piece: &[u8]) -> Result<(), ReceiveError>;

    /// Keeps the content, whole or not at all.
    ///
    /// # Errors
    /// `Differs` when it is not what was declared; `Storage`.
    async fn finish(self: Box<Self>) -> Result<(), ReceiveError>;
}

/// Gives a content out, piece by piece.
#[async_trait]
pub trait ContentReader: Send {
    /// The next piece; none after the last.
    ///
    /// # Errors
    /// When it cannot be read.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StorageError>;
}
