//! The keys that seal what the vault holds.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::validate::refused;
use crate::{SettingsError, secret};

/// Key-encryption keys, which wrap the tenants' data keys, and the key of fingerprints. In the sandbox the all-in-one makes its own in its data folder
/// when none are set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// File with every key version, `<version>:<base64 of 32 bytes>` a line. Not together with `key`.
    pub keys_file: Option<PathBuf>,
    /// The only key, base64 of 32 bytes. Not together with `keys_file`.
    pub key: Option<SecretString>,
    /// The version that wraps data keys, from 1; the only version when `key` is used.
    pub key_version: u32,
    /// For how many days lines of the log of secret reads are kept, 366 to 36500; PCI DSS 4.0 (10.5.1) asks for a year.
    pub access_log_retention_days: u32,
    /// A key of HashiCorp Vault's that wraps data keys instead.
    pub transit: Transit,
    /// Keys the HMAC by which a card is recognised again, base64 of 32 bytes. Or `fingerprint_key_file`.
    pub fingerprint_key: Option<SecretString>,
    /// File with the fingerprint key.
    pub fingerprint_key_file: Option<PathBuf>,
}

impl Vault {
    /// All keys as lines `<version>:<base64>`, from `keys_file`, or the one line `key` and
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

/// A key of HashiCorp Vault's secrets engine Transit; it wraps data keys when the address is set. `vault.keys_file` is then
/// needed only for what its keys have wrapped or sealed before.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transit {
    /// Vault's address; https, or http in the sandbox. Unset: `vault.keys_file` wraps.
    pub address: Option<String>,
    /// Where the engine is mounted.
    pub mount: String,
    /// The name of the key, made with `derived=true`; needed beside the address.
    pub key: Option<String>,
    /// The namespace, of Vault Enterprise.
    pub namespace: Option<String>,
    /// The token that Vault lets the platform in by. Or `token_file`.
    pub token: Option<SecretString>,
    /// File with the token, read at each call: Vault's agent renews it there.
    pub token_file: Option<PathBuf>,
    /// PEM file of the authority of Vault's certificate, trusted beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// Longest a call may take, 1 to 10 000. Data keys are kept in memory for five minutes; a payment waits for a call
    /// only when its tenant's key is not among them.
    pub call_timeout_millis: u64,
}

impl Transit {
    /// What is missing, or cannot be, beside the address.
    pub(crate) fn check(&self, is_production: bool) -> Result<(), SettingsError> {
        const ADDRESS: &str = "vault.transit.address";
        if self.token.is_some() && self.token_file.is_some() {
            return refused("vault.transit.token", "and vault.transit.token_file are both set; set only one");
        }
        if !(1..=10_000).contains(&self.call_timeout_millis) {
            return refused("vault.transit.call_timeout_millis", "must be 1 to 10000");
        }
        let Some(address) = &self.address else { return Ok(()) };
        if !address.starts_with("https://") && (is_production || !address.starts_with("http://")) {
            return refused(ADDRESS, "must begin with https:// (in the sandbox also http://)");
        }
        if self.key.is_none() {
            return refused("vault.transit.key", "is needed beside vault.transit.address");
        }
        if self.token.is_none() && self.token_file.is_none() {
            return refused("vault.transit.token_file", "is needed beside vault.transit.address");
        }
        Ok(())
    }
}
