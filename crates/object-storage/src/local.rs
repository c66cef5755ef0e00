//! Contents in a folder: one file an upload, written beside and moved into its place when it is whole.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use tender_domain::uploads::{
    ContentReader, ContentSink, DeclaredFile, DirectContent, FileHash, ObjectStorage, Reach, ReceiveError,
    Seal, StorageError, Upload,
};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How much is read at a time, in bytes.
const PIECE: usize = 64 * 1024;
/// Where contents are while they come in. No tenant's name begins so.
const INCOMING: &str = ".incoming";

/// How old what comes in is when it comes in no more: its process has ended.
const LEFT_AFTER: Duration = Duration::from_secs(3600);

/// A folder of contents. Processes may share it. It is made when the first content comes.
pub struct LocalFolder {
    root: PathBuf,
    /// Makes the names of what comes in different.
    incoming: AtomicU64,
}

fn failed(what: &str) -> impl FnOnce(std::io::Error) -> StorageError + '_ {
    move |error| StorageError(format!("{what}: {error}"))
}

impl LocalFolder {
    /// The folder. What came in half before, and comes in no more, is deleted.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub fn open(root: &Path) -> std::io::Result<Self> {
        let incoming = root.join(INCOMING);
        match std::fs::read_dir(&incoming) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(left) => {
                for one in left {
                    let one = one?;
                    let age = one.metadata().and_then(|data| data.modified()).map(|at| at.elapsed());
                    if matches!(age, Ok(Ok(age)) if age > LEFT_AFTER) {
                        std::fs::remove_file(one.path())?;
                    }
                }
            }
        }
        Ok(Self { root: root.to_owned(), incoming: AtomicU64::new(0) })
    }

    /// The tenant's folder. A tenant's name has no character that means something in a path.
    fn folder(&self, upload: &Upload) -> PathBuf {
        self.root.join(upload.tenant.as_str())
    }

    fn place(&self, upload: &Upload) -> PathBuf {
        self.folder(upload).join(upload.id.to_string())
    }
}

async fn opened(place: &Path) -> Result<Option<File>, StorageError> {
    match File::open(place).await {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("a content cannot be opened")(error)),
    }
}

#[async_trait]
impl ObjectStorage for LocalFolder {
    fn reach(&self) -> Reach<'_> {
        Reach::Direct(self)
    }

    async fn seal(&self, upload: &Upload) -> Result<Seal, StorageError> {
        // What is in its place was whole when it was moved there, and only the same can be moved there again. It is read once
        // more all the same: a disk may have lost it.
        let Some(mut reader) = self.read(upload).await? else { return Ok(Seal::Missing) };
        let mut seen = Seen::default();
        while let Some(piece) = reader.next().await? {
            seen.take(&piece);
        }
        Ok(if seen.is(&upload.file) { Seal::Whole } else { Seal::Differs })
    }

    async fn content(&self, upload: &Upload) -> Result<Option<Vec<u8>>, StorageError> {
        let Some(mut reader) = self.read(upload).await? else { return Ok(None) };
        let mut content = Vec::new();
        while let Some(piece) = reader.next().await? {
            content.extend(piece);
            if content.len() as u64 > upload.file.size {
                return Ok(None);
            }
        }
        Ok(is_declared(&content, upload).then_some(content))
    }

    async fn delete(&self, upload: &Upload) -> Result<(), StorageError> {
        match fs::remove_file(self.place(upload)).await {
            Ok(()) => durable(&self.folder(upload)).await,
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed("a content cannot be deleted")(error)),
        }
    }
}

#[async_trait]
impl DirectContent for LocalFolder {
    async fn receive(&self, upload: &Upload) -> Result<Box<dyn ContentSink>, StorageError> {
        let number = self.incoming.fetch_add(1, Ordering::Relaxed);
        let incoming = self.root.join(INCOMING);
        private_folder(&incoming).await.map_err(failed("the folder of files cannot be made"))?;
        let beside = incoming.join(format!("{}.{}.{number}", upload.id, std::process::id()));
        let open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).await;
        let file = open.map_err(failed("a content cannot be written"))?;
        Ok(Box::new(Incoming {
            file: Some(file),
            beside,
            place: self.place(upload),
            folder: self.folder(upload),
            declared: upload.file.clone(),
            seen: Seen::default(),
        }))
    }

    async fn read(&self, upload: &Upload) -> Result<Option<Box<dyn ContentReader>>, StorageError> {
        let file = opened(&self.place(upload)).await?;
        Ok(file.map(|file| Box::new(Pieces(file)) as Box<dyn ContentReader>))
    }
}

/// What was seen of a content so far.
#[derive(Default)]
struct Seen {
    size: u64,
    hash: Sha256,
}

impl Seen {
    fn take(&mut self, piece: &[u8]) {
        self.size = self.size.saturating_add(piece.len() as u64);
        self.hash.update(piece);
    }

    fn is(self, declared: &DeclaredFile) -> bool {
        self.size == declared.size && FileHash(self.hash.finalize().into()) == declared.sha256
    }
}

/// Whether a content is what was declared.
pub(crate) fn is_declared(content: &[u8], upload: &Upload) -> bool {
    let mut seen = Seen::default();
    seen.take(content);
    seen.is(&upload.file)
}

/// A content that comes in. Dropped before it is finished, it is deleted.
struct Incoming {
    file: Option<File>,
    beside: PathBuf,
    place: PathBuf,
    folder: PathBuf,
    declared: DeclaredFile,
    seen: Seen,
}

#[async_trait]
impl ContentSink for Incoming {
    async fn write(&mut self, piece: &[u8]) -> Result<(), ReceiveError> {
        self.seen.take(piece);
        if self.seen.size > self.declared.size {
            return Err(ReceiveError::TooLong);
        }
        let Some(file) = &mut self.file else { return Err(ReceiveError::Differs) };
        file.write_all(piece).await.map_err(failed("a content cannot be written"))?;
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), ReceiveError> {
        let Some(mut file) = self.file.take() else { return Err(ReceiveError::Differs) };
        if !std::mem::take(&mut self.seen).is(&self.declared) {
            return Err(ReceiveError::Differs);
        }
        let written = failed("a content cannot be written");
        file.flush().await.map_err(written)?;
        file.sync_all().await.map_err(failed("a content cannot be written"))?;
        private_folder(&self.folder).await.map_err(failed("a tenant's folder cannot be made"))?;
        fs::rename(&self.beside, &self.place).await.map_err(failed("a content cannot be kept"))?;
        durable(&self.folder).await?;
        if let Some(root) = self.folder.parent() {
            durable(root).await?;
        }
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Moved away when it was finished.
        let _ = std::fs::remove_file(&self.beside);
    }
}

/// Makes a folder, and those above it, that nobody else on the machine can look into.
async fn private_folder(folder: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).await
}

/// Names in a folder last only when the folder itself was written.
async fn durable(folder: &Path) -> Result<(), StorageError> {
    let unwritten = "a folder cannot be written";
    let opened = File::open(folder).await.map_err(failed(unwritten))?;
    opened.sync_all().await.map_err(failed(unwritten))
}

/// A content that goes out.
struct Pieces(File);

#[async_trait]
impl ContentReader for Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StorageError> {
        let mut piece = vec![0; PIECE];
        let read = self.0.read(&mut piece).await.map_err(failed("a content cannot be read"))?;
        piece.truncate(read);
        Ok((read > 0).then_some(piece))
    }
}
