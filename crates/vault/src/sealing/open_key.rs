//! A key in the clear. In memory only.

use std::fmt;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use secrecy::{ExposeSecret, SecretSlice};
use tender_domain::kernel::DataKeyId;
use tender_domain::vault::SealingKey;

/// A data key that was unwrapped. Prints its id, never itself; wiped when dropped.
pub(crate) struct OpenKey {
    pub(super) key: SealingKey,
    pub(super) cipher: Aes256Gcm,
}

impl OpenKey {
    /// None when the bytes are no key.
    pub(super) fn new(id: DataKeyId, bytes: &SecretSlice<u8>) -> Option<Self> {
        let cipher = Aes256Gcm::new_from_slice(bytes.expose_secret()).ok()?;
        Some(Self { key: SealingKey::Data(id), cipher })
    }
}

impl fmt::Debug for OpenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenKey({:?})", self.key)
    }
}
