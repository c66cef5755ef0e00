use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use tempfile::tempdir;
use tender_domain::uploads::{DirectContent, ObjectStorage, ReceiveError, Seal, Upload};
use tender_object_storage::LocalFolder;

use crate::upload;

async fn put(folder: &LocalFolder, upload: &Upload, content: &[u8]) -> Result<(), ReceiveError> {
    let mut sink = folder.receive(upload).await.expect("it can be written");
    for piece in content.chunks(1_000) {
        sink.write(piece).await?;
    }
    sink.finish().await
}

async fn read(folder: &LocalFolder, upload: &Upload) -> Option<Vec<u8>> {
    let mut reader = folder.read(upload).await.expect("it can be read")?;
    let mut content = Vec::new();
    while let Some(piece) = reader.next().await.expect("it can be read") {
        content.extend(piece);
    }
    Some(content)
}

fn files(root: &Path) -> usize {
    let inside = |folder: fs::DirEntry| fs::read_dir(folder.path()).expect("a folder").count();
    fs::read_dir(root).expect("a folder").map(|folder| inside(folder.expect("a folder"))).sum()
}

#[tokio::test]
async fn a_content_is_read_as_it_was_put_and_is_gone_when_it_is_deleted() {
    let root = tempdir().expect("a folder");
    let folder = LocalFolder::open(root.path()).expect("it opens");
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_be_bytes).collect();
    let one = upload(1, &content);
    assert_eq!(folder.seal(&one).await, Ok(Seal::Missing));
    for _ in 0..2 {
        assert_eq!(put(&folder, &one, &content).await, Ok(()));
        assert_eq!(folder.seal(&one).await, Ok(Seal::Whole));
        assert_eq!(read(&folder, &one).await.as_deref(), Some(&*content), "put again, it is the same");
        assert_eq!(folder.content(&one).await.expect("it can be read").as_deref(), Some(&*content));
    }
    assert_eq!(files(root.path()), 1);
    for (place, rights) in [("sandbox".to_owned(), 0o700), (format!("sandbox/{}", one.id), 0o600)] {
        let mode = fs::metadata(root.path().join(&place)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, rights, "{place} is nobody else's");
    }
    let opened_again = LocalFolder::open(root.path()).expect("it opens");
    assert_eq!(opened_again.seal(&one).await, Ok(Seal::Whole), "it outlives the process");
    for _ in 0..2 {
        assert_eq!(folder.delete(&one).await, Ok(()));
        assert_eq!(read(&folder, &one).await, None);
        assert_eq!(folder.content(&one).await, Ok(None));
    }
    assert_eq!(files(root.path()), 0);
}

#[tokio::test]
async fn what_is_not_as_declared_or_breaks_off_leaves_nothing() {
    let root = tempdir().expect("a folder");
    let folder = LocalFolder::open(root.path()).expect("it opens");
    let one = upload(2, b"as it was declared");
    assert_eq!(put(&folder, &one, b"as it was declared, and more").await, Err(ReceiveError::TooLong));
    assert_eq!(put(&folder, &one, b"as it was declare").await, Err(ReceiveError::Differs));
    assert_eq!(put(&folder, &one, b"as it was declareD").await, Err(ReceiveError::Differs));
    let mut broken_off = folder.receive(&one).await.expect("it can be written");
    broken_off.write(b"as it").await.expect("it is written");
    drop(broken_off);
    assert_eq!((files(root.path()), folder.seal(&one).await), (0, Ok(Seal::Missing)));
}

#[tokio::test]
async fn what_a_crash_left_half_is_deleted_and_what_a_disk_lost_is_seen() {
    let root = tempdir().expect("a folder");
    let one = upload(3, b"content");
    {
        let folder = LocalFolder::open(root.path()).expect("it opens");
        let mut half = folder.receive(&one).await.expect("it can be written");
        half.write(b"con").await.expect("it is written");
        // As the end of the process would.
        std::mem::forget(half);
    }
    let _shared = LocalFolder::open(root.path()).expect("it opens");
    assert_eq!(files(root.path()), 1, "another process may be writing it");
    for half in fs::read_dir(root.path().join(".incoming")).expect("a folder") {
        let half = fs::File::options().write(true).open(half.expect("a file").path()).expect("it opens");
        half.set_modified(SystemTime::UNIX_EPOCH).expect("it is older");
    }
    let folder = LocalFolder::open(root.path()).expect("it opens");
    assert_eq!(files(root.path()), 0);
    assert_eq!(put(&folder, &one, b"content").await, Ok(()));
    let place = root.path().join("sandbox").join(one.id.to_string());
    fs::write(place, b"contend").expect("it is written");
    assert_eq!(folder.seal(&one).await, Ok(Seal::Differs));
}
