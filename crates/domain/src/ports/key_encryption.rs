//! Who wraps the vault's data keys.

use std::fmt;

use async_trait::async_trait;
use secrecy::SecretSlice;

/// How many bytes a data key has: AES-256.
pub const DATA_KEY_BYTES: usize = 32;

/// A data key as it may be stored: encrypted by a key-encryption key.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Which version of which key-encryption key wrapped it (`local:1`, `transit:transit/tender:v3`).
    pub by: String,
    /// The ciphertext.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey({} bytes by {})", self.bytes.len(), self.by)
    }
}

/// Why a key-encryption key did not do what was asked. Nothing secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyEncryptionError {
    /// Who holds it cannot be reached, or did not answer in time: the same may be asked again.
    #[error("the key-encryption key cannot be reached: {0}")]
    Unavailable(String),
    /// There is no such key-encryption key here.
    #[error("there is no key-encryption key `{0}`; put it back into the vault's settings")]
    UnknownKey(String),
    /// It refused: the wrapped key was changed, or wrapped for something else, or the platform lacks the right.
    #[error("the key-encryption key refused: {0}")]
    Refused(String),
}

/// The holder of the key-encryption keys. `context` says what a data key is for; a key wrapped for one context does not
/// unwrap for another.
#[async_trait]
pub trait KeyEncryption: Send + Sync {
    /// Whether a key with this [`WrappedKey::by`] was wrapped here.
    fn knows(&self, by: &str) -> bool;

    /// What [`WrappedKey::by`] of a key wrapped now would be.
    ///
    /// # Errors
    /// `Unavailable`, `UnknownKey`, `Refused`.
    async fn current(&self) -> Result<String, KeyEncryptionError>;

    /// A new random data key of [`DATA_KEY_BYTES`], in the clear and wrapped.
    ///
    /// # Errors
    /// `Unavailable`, `UnknownKey`, `Refused`.
    async fn generate(&self, context: &[u8]) -> Result<(SecretSlice<u8>, WrappedKey), KeyEncryptionError>;

    /// Wraps a data key that another key-encryption key had wrapped.
    ///
    /// # Errors
    /// `Unavailable`, `UnknownKey`, `Refused`.
    async fn wrap(&self, context: &[u8], key: &SecretSlice<u8>) -> Result<WrappedKey, KeyEncryptionError>;

    /// The data key in the clear.
    ///
    /// # Errors
    /// `Unavailable`, `UnknownKey`, `Refused`.
    async fn unwrap(
        &self,
        context: &[u8],
        wrapped: &WrappedKey,
    ) -> Result<SecretSlice<u8>, KeyEncryptionError>;

    /// The same data key, wrapped by the current version.
    ///
    /// # Errors
    /// `Unavailable`, `UnknownKey`, `Refused`.
    async fn rewrap(&self, context: &[u8], wrapped: &WrappedKey) -> Result<WrappedKey, KeyEncryptionError>;
}
