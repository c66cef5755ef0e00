//! Key-encryption keys of a file or of the environment: for development, and for installations that have no key service.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Generate, Nonce, Payload};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretSlice};
use tender_domain::ports::{DATA_KEY_BYTES, KeyEncryption, KeyEncryptionError, WrappedKey};
use zeroize::Zeroizing;

use super::Keyring;

const SCHEME: &str = "local:";
const NONCE_BYTES: usize = 12;

fn refused(why: &str) -> KeyEncryptionError {
    KeyEncryptionError::Refused(why.to_owned())
}

impl Keyring {
    fn wrapped(&self, context: &[u8], key: &[u8]) -> Result<WrappedKey, KeyEncryptionError> {
        let (version, cipher) =
            self.current().ok_or_else(|| KeyEncryptionError::UnknownKey(SCHEME.into()))?;
        let nonce = Nonce::<Aes256Gcm>::try_generate()
            .map_err(|_| refused("the operating system gave no random bytes"))?;
        let payload = Payload { msg: key, aad: context };
        let sealed = cipher.encrypt(&nonce, payload).map_err(|_| refused("the key was not wrapped"))?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(WrappedKey { by: format!("{SCHEME}{version}"), bytes })
    }
}

#[async_trait]
impl KeyEncryption for Keyring {
    fn knows(&self, by: &str) -> bool {
        by.starts_with(SCHEME)
    }

    async fn current(&self) -> Result<String, KeyEncryptionError> {
        let current = Self::current(self).ok_or_else(|| KeyEncryptionError::UnknownKey(SCHEME.into()))?;
        Ok(format!("{SCHEME}{}", current.0))
    }

    async fn generate(&self, context: &[u8]) -> Result<(SecretSlice<u8>, WrappedKey), KeyEncryptionError> {
        let key = aes_gcm::Key::<Aes256Gcm>::try_generate()
            .map_err(|_| refused("the operating system gave no random bytes"))?;
        let key = Zeroizing::new(key.to_vec());
        let wrapped = self.wrapped(context, &key)?;
        Ok((key.to_vec().into(), wrapped))
    }

    async fn wrap(&self, context: &[u8], key: &SecretSlice<u8>) -> Result<WrappedKey, KeyEncryptionError> {
        self.wrapped(context, key.expose_secret())
    }

    async fn unwrap(
        &self,
        context: &[u8],
        wrapped: &WrappedKey,
    ) -> Result<SecretSlice<u8>, KeyEncryptionError> {
        let unknown = || KeyEncryptionError::UnknownKey(wrapped.by.clone());
        let version = wrapped.by.strip_prefix(SCHEME).and_then(|version| version.parse().ok());
        let cipher = version.and_then(|version| self.key(version)).ok_or_else(unknown)?;
        let changed = || refused("the wrapped key was changed, or wrapped for something else");
        let (nonce, ciphertext) = wrapped.bytes.split_at_checked(NONCE_BYTES).ok_or_else(changed)?;
        let nonce = Nonce::<Aes256Gcm>::try_from(nonce).map_err(|_| changed())?;
        let payload = Payload { msg: ciphertext, aad: context };
        let key = Zeroizing::new(cipher.decrypt(&nonce, payload).map_err(|_| changed())?);
        // A copy of the right size, which the secret takes over as it is.
        if key.len() == DATA_KEY_BYTES { Ok(key.to_vec().into()) } else { Err(changed()) }
    }

    async fn rewrap(&self, context: &[u8], wrapped: &WrappedKey) -> Result<WrappedKey, KeyEncryptionError> {
        let key = self.unwrap(context, wrapped).await?;
        self.wrapped(context, key.expose_secret())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use secrecy::SecretString;

    use super::*;

    fn ring(versions: &[u32], current: u32) -> Keyring {
        let line =
            |version: &u32| format!("{version}:{}\n", STANDARD.encode([u8::try_from(*version).unwrap(); 32]));
        Keyring::from_lines(&SecretString::from(versions.iter().map(line).collect::<String>()), current)
            .unwrap()
    }

    #[tokio::test]
    async fn a_data_key_unwraps_for_its_context_only_also_after_it_was_rewrapped() {
        let (old, both) = (ring(&[1], 1), ring(&[1, 2], 2));
        let (key, wrapped) = old.generate(b"a").await.unwrap();
        assert_eq!((wrapped.by.as_str(), key.expose_secret().len()), ("local:1", DATA_KEY_BYTES));
        let again = both.rewrap(b"a", &wrapped).await.unwrap();
        assert_eq!(
            (again.by.as_str(), KeyEncryption::current(&both).await.unwrap()),
            ("local:2", "local:2".into())
        );
        for wrapped in [&wrapped, &again] {
            let opened = both.unwrap(b"a", wrapped).await.unwrap();
            assert_eq!(opened.expose_secret(), key.expose_secret());
            let elsewhere = both.unwrap(b"b", wrapped).await;
            assert!(matches!(elsewhere, Err(KeyEncryptionError::Refused(_))), "{elsewhere:?}");
        }
        let without = ring(&[2], 2).unwrap(b"a", &wrapped).await;
        assert_eq!(without.map(|_| ()), Err(KeyEncryptionError::UnknownKey("local:1".into())));
        let relabelled = WrappedKey { by: "local:1".into(), ..again };
        assert!(both.unwrap(b"a", &relabelled).await.is_err());
        assert!(old.generate(b"a").await.unwrap().1 != old.generate(b"a").await.unwrap().1);
    }
}
