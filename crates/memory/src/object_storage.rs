//! Contents of uploads in memory, reached through the service.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::uploads::{
    ContentReader, ContentSink, DirectContent, FileHash, ObjectStorage, Reach, ReceiveError, Seal,
    StorageError, Upload,
};

type Place = (TenantId, UploadId);
type Contents = Arc<Mutex<HashMap<Place, Vec<u8>>>>;

/// What holds contents as long as the process lives.
#[derive(Debug, Clone, Default)]
pub struct MemoryObjectStorage(Contents);

fn place(upload: &Upload) -> Place {
    (upload.tenant.clone(), upload.id)
}

fn is_declared(upload: &Upload, content: &[u8]) -> bool {
    content.len() as u64 == upload.file.size && FileHash(Sha256::digest(content).into()) == upload.file.sha256
}

impl MemoryObjectStorage {
    fn with<T>(&self, look: impl FnOnce(&mut HashMap<Place, Vec<u8>>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl ObjectStorage for MemoryObjectStorage {
    fn reach(&self) -> Reach<'_> {
        Reach::Direct(self)
    }

    async fn seal(&self, upload: &Upload) -> Result<Seal, StorageError> {
        Ok(self.with(|contents| match contents.get(&place(upload)) {
            None => Seal::Missing,
            Some(content) if is_declared(upload, content) => Seal::Whole,
            Some(_) => Seal::Differs,
        }))
    }

    async fn content(&self, upload: &Upload) -> Result<Option<Vec<u8>>, StorageError> {
        let content = self.with(|contents| contents.get(&place(upload)).cloned());
        Ok(content.filter(|content| is_declared(upload, content)))
    }

    async fn delete(&self, upload: &Upload) -> Result<(), StorageError> {
        self.with(|contents| contents.remove(&place(upload)));
        Ok(())
    }
}

#[async_trait]
impl DirectContent for MemoryObjectStorage {
    async fn receive(&self, upload: &Upload) -> Result<Box<dyn ContentSink>, StorageError> {
        Ok(Box::new(Incoming { storage: self.clone(), upload: upload.clone(), content: Vec::new() }))
    }

    async fn read(&self, upload: &Upload) -> Result<Option<Box<dyn ContentReader>>, StorageError> {
        let content = self.with(|contents| contents.get(&place(upload)).cloned());
        Ok(content.map(|content| Box::new(Whole(Some(content))) as Box<dyn ContentReader>))
    }
}

struct Incoming {
    storage: MemoryObjectStorage,
    upload: Upload,
    content: Vec<u8>,
}

#[async_trait]
impl ContentSink for Incoming {
    async fn write(&mut self, piece: &[u8]) -> Result<(), ReceiveError> {
        self.content.extend(piece);
        if self.content.len() as u64 > self.upload.file.size {
            return Err(ReceiveError::TooLong);
        }
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), ReceiveError> {
        if !is_declared(&self.upload, &self.content) {
            return Err(ReceiveError::Differs);
        }
        let Self { storage, upload, content } = *self;
        storage.with(|contents| contents.insert(place(&upload), content));
        Ok(())
    }
}

/// A content that goes out in one piece.
struct Whole(Option<Vec<u8>>);

#[async_trait]
impl ContentReader for Whole {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.0.take().filter(|content| !content.is_empty()))
    }
}
