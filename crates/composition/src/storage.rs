//! What holds uploaded files, as the settings say.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tender_domain::uploads::ObjectStorage;
use tender_object_storage::{LocalFolder, S3Bucket, S3Options};
use tender_settings::{Storage, StorageKind};

use crate::required;

/// The folder of a process that names none.
const FOLDER: &str = "data/files";

/// The storage that the settings name.
///
/// # Errors
/// When the folder cannot be used, or a bucket lacks a setting.
pub fn object_storage(settings: &Storage) -> anyhow::Result<Arc<dyn ObjectStorage>> {
    match settings.kind {
        StorageKind::Local => {
            let folder = settings.folder.clone().unwrap_or_else(|| PathBuf::from(FOLDER));
            Ok(Arc::new(local(&folder)?))
        }
        StorageKind::S3 => Ok(Arc::new(bucket(settings)?)),
    }
}

fn local(folder: &Path) -> anyhow::Result<LocalFolder> {
    LocalFolder::open(folder).with_context(|| format!("storage.folder {} cannot be used", folder.display()))
}

fn bucket(settings: &Storage) -> anyhow::Result<S3Bucket> {
    let named =
        |value: &Option<String>, key: &str| value.clone().with_context(|| format!("{key} is not set"));
    let secret = required(settings.secret_key(), "storage.secret_key_file", "to reach the bucket")?;
    let options = S3Options {
        bucket: named(&settings.bucket, "storage.bucket")?,
        region: named(&settings.region, "storage.region")?,
        endpoint: settings.endpoint.clone(),
        key_id: named(&settings.key_id, "storage.key_id")?,
        secret,
        call_timeout: Duration::from_millis(settings.call_timeout_millis),
    };
    S3Bucket::new(options).context("no client of the bucket can be made")
}
