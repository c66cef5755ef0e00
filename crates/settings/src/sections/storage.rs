//! What holds uploaded files.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::text::choice;
use crate::validate::refused;
use crate::{SettingsError, secret};

/// The largest file that may be uploaded, whatever is set.
const UPLOAD_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// Where uploaded files are: the evidence of disputes. Only refunds has any.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// `local`: a folder; clients send and fetch files through this service. `s3`: a bucket, to which they do by themselves.
    #[serde(deserialize_with = "choice")]
    pub kind: StorageKind,
    /// The folder of `local`. Several processes of refunds need one that they share. Unset: `files` in the data folder of
    /// `tender run`, else `data/files` where the process runs.
    pub folder: Option<PathBuf>,
    /// The bucket of `s3`.
    pub bucket: Option<String>,
    /// The bucket's region.
    pub region: Option<String>,
    /// Where the bucket is when it is not at AWS: https in production; the bucket's name follows in the path.
    pub endpoint: Option<String>,
    /// The id of the key that may read, write and delete in the bucket.
    pub key_id: Option<String>,
    /// The secret of that key. Or `secret_key_file`.
    pub secret_key: Option<SecretString>,
    /// File with the secret.
    pub secret_key_file: Option<PathBuf>,
    /// Where clients reach this service with files of `local`, without a slash at its end. Unset: by the address by which
    /// the request came in that asked for a link.
    pub public_url: Option<String>,
    /// The largest file, in bytes, 1 to 20 971 520.
    pub upload_max_bytes: u64,
    /// Longest a call of the bucket may take, 1 to 20 000.
    pub call_timeout_millis: u64,
    /// How often is looked for what is to be removed, 1 to 86 400.
    pub removal_interval_seconds: u64,
}

/// What kind of storage it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageKind {
    /// A folder.
    Local,
    /// A bucket.
    S3,
}

impl Storage {
    /// The secret of the bucket's key, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn secret_key(&self) -> Result<Option<SecretString>, SettingsError> {
        secret::resolve(self.secret_key.as_ref(), "storage.secret_key_file", self.secret_key_file.as_deref())
    }

    /// That a bucket has all it needs, and numbers are in their ranges.
    pub(crate) fn check(&self, is_production: bool) -> Result<(), SettingsError> {
        if self.secret_key.is_some() && self.secret_key_file.is_some() {
            return refused("storage.secret_key", "and storage.secret_key_file are both set; set only one");
        }
        let has_secret = self.secret_key.is_some() || self.secret_key_file.is_some();
        for (key, is_set) in [
            ("storage.bucket", self.bucket.is_some()),
            ("storage.region", self.region.is_some()),
            ("storage.key_id", self.key_id.is_some()),
            ("storage.secret_key_file", has_secret),
        ] {
            if self.kind == StorageKind::S3 && !is_set {
                return refused(key, "is needed for storage.kind = \"s3\"");
            }
        }
        for (key, url) in [("storage.endpoint", &self.endpoint), ("storage.public_url", &self.public_url)] {
            let Some(url) = url else { continue };
            let is_safe = url.starts_with("https://");
            if !is_safe && (is_production || !url.starts_with("http://")) {
                return refused(key, format!("is {url:?}; it must begin with https://"));
            }
        }
        for (key, value, most) in [
            ("storage.upload_max_bytes", self.upload_max_bytes, UPLOAD_BYTES_MAX),
            ("storage.call_timeout_millis", self.call_timeout_millis, 20_000),
            ("storage.removal_interval_seconds", self.removal_interval_seconds, 86_400),
        ] {
            if !(1..=most).contains(&value) {
                return refused(key, format!("is {value}; it must be from 1 to {most}"));
            }
        }
        Ok(())
    }
}
