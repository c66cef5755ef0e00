//! The keys that seal what the vault holds.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::{SettingsError, secret};

/// Sealing keys and the key of fingerprints. In the sandbox the all-in-one makes its own in its data folder
/// when none are set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// File with every key version, `<version>:<base64 of 32 bytes>` a line. Not together with `key`.
    pub keys_file: Option<PathBuf>,
    /// The only key, base64 of 32 bytes. Not together with `keys_file`.
    pub key: Option<SecretString>,
    /// The version new secrets are sealed with, from 1; the only version when `key` is used.
    pub key_version: u32,
    /// Keys the HMAC by which a card is recognised again, base64 of 32 bytes. Or `fingerprint_key_file`.
    pub fingerprint_key: Option<SecretString>,
    /// File with the fingerprint key.
    pub fingerprint_key_file: Option<PathBuf>,
}

impl Vault {
    /// All sealing keys as lines `<version>:<base64>`, from `keys_file`, or the one line `key` and
    /// `key_version` make. What the lines hold is checked by the vault.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn key_lines(&self) -> Result<Option<SecretString>, SettingsError> {
        use secrecy::ExposeSecret;
        if let Some(key) = &self.key {
            return Ok(Some(SecretString::from(format!("{}:{}", self.key_version, key.expose_secret()))));
        }
        secret::resolve(None, "vault.keys_file", self.keys_file.as_deref())
    }

    /// The key of fingerprints, from the setting or its file, in base64.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn fingerprint_key(&self) -> Result<Option<SecretString>, SettingsError> {
        secret::resolve(
            self.fingerprint_key.as_ref(),
            "vault.fingerprint_key_file",
            self.fingerprint_key_file.as_deref(),
        )
    }
}
