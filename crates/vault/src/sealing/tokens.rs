//! Sealing the tokens of a method with AES-256-GCM.

use std::collections::BTreeMap;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Generate, Nonce, Payload};
use secrecy::{ExposeSecret, SecretString};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use tender_domain::kernel::{MethodId, TenantId};
use tender_domain::vault::{SealedTokens, SealingKey};
use zeroize::Zeroizing;

const NONCE_BYTES: usize = 12;

/// A method's tokens in the clear, by connector. In memory only; prints connectors, never tokens.
#[derive(Debug, Default)]
pub(crate) struct ConnectorTokens(pub(crate) BTreeMap<String, SecretString>);

/// Why tokens were not sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    #[error("the tokens could not be sealed")]
    NotSealed,
    #[error("there is no key `{0}`; put it back into the vault's keys")]
    NoKey(String),
    #[error("the key was retired: nothing was sealed under it any more")]
    Retired,
    #[error("the key-encryption key refused: {0}")]
    Refused(String),
    #[error("the key cannot be had now: {0}")]
    Unavailable(String),
    #[error("the sealed tokens were changed, or sealed for another tenant or method")]
    NotOpened,
}

/// The plaintext is written straight into a buffer that is wiped: no map of copies is made.
struct Plain<'a>(&'a ConnectorTokens);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.0.len()))?;
        for (connector, token) in &self.0.0 {
            map.serialize_entry(connector, token.expose_secret())?;
        }
        map.end()
    }
}

/// Seals the tokens with this key, for this tenant and method only.
pub(super) fn seal(
    (key, cipher): (SealingKey, &Aes256Gcm),
    tenant: &TenantId,
    method: MethodId,
    tokens: &ConnectorTokens,
) -> Result<SealedTokens, SealError> {
    // Large enough never to grow (a character takes six bytes at most): growing would leave a copy behind.
    let length: usize =
        tokens.0.iter().map(|(name, token)| 8 + 6 * (name.len() + token.expose_secret().len())).sum();
    let mut plain = Zeroizing::new(Vec::with_capacity(length + 2));
    serde_json::to_writer(&mut *plain, &Plain(tokens)).map_err(|_| SealError::NotSealed)?;
    encrypt((key, cipher), &associated_data(tenant, method, key), &plain)
}

/// Nonce and ciphertext of a plaintext, bound to `aad`.
pub(super) fn encrypt(
    (key, cipher): (SealingKey, &Aes256Gcm),
    aad: &[u8],
    plain: &[u8],
) -> Result<SealedTokens, SealError> {
    let nonce = Nonce::<Aes256Gcm>::try_generate().map_err(|_| SealError::NoRandomness)?;
    let sealed = cipher.encrypt(&nonce, Payload { msg: plain, aad }).map_err(|_| SealError::NotSealed)?;
    let mut bytes = nonce.to_vec();
    bytes.extend_from_slice(&sealed);
    Ok(SealedTokens { key, bytes })
}

/// The plaintext of what [`encrypt`] gave, in a buffer that is wiped.
pub(super) fn decrypt(
    cipher: &Aes256Gcm,
    aad: &[u8],
    sealed: &SealedTokens,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, ciphertext) = sealed.bytes.split_at_checked(NONCE_BYTES).ok_or(SealError::NotOpened)?;
    let nonce = Nonce::<Aes256Gcm>::try_from(nonce).map_err(|_| SealError::NotOpened)?;
    let plain = cipher.decrypt(&nonce, Payload { msg: ciphertext, aad }).map_err(|_| SealError::NotOpened)?;
    Ok(Zeroizing::new(plain))
}

/// Opens what [`seal`] sealed; `cipher` is the key that the tokens name.
pub(super) fn open(
    cipher: &Aes256Gcm,
    tenant: &TenantId,
    method: MethodId,
    sealed: &SealedTokens,
) -> Result<ConnectorTokens, SealError> {
    let plain = decrypt(cipher, &associated_data(tenant, method, sealed.key), sealed)?;
    let tokens = serde_json::from_slice(&plain).map_err(|_| SealError::NotOpened)?;
    Ok(ConnectorTokens(tokens))
}

/// What the ciphertext is bound to. The tenant comes last, so the parts cannot run together.
fn associated_data(tenant: &TenantId, method: MethodId, key: SealingKey) -> Vec<u8> {
    let mut aad = Vec::with_capacity(96);
    match key {
        SealingKey::Installation(version) => {
            aad.extend_from_slice(b"tender.vault.tokens.1");
            aad.extend_from_slice(&version.to_be_bytes());
        }
        SealingKey::Data(id) => {
            aad.extend_from_slice(b"tender.vault.tokens.2");
            aad.extend_from_slice(id.uuid().as_bytes());
        }
    }
    aad.extend_from_slice(method.uuid().as_bytes());
    aad.extend_from_slice(tenant.as_str().as_bytes());
    aad
}

#[cfg(test)]
mod tests {
    use aes_gcm::aead::KeyInit;
    use tender_domain::kernel::DataKeyId;
    use uuid::Uuid;

    use super::*;

    fn cipher(byte: u8) -> Aes256Gcm {
        Aes256Gcm::new_from_slice(&[byte; 32]).unwrap()
    }

    fn data_key(number: u128) -> SealingKey {
        SealingKey::Data(DataKeyId::from_uuid(Uuid::from_u128(number)))
    }

    fn method(number: u128) -> MethodId {
        MethodId::from_uuid(Uuid::from_u128(number))
    }

    fn tokens() -> ConnectorTokens {
        ConnectorTokens(BTreeMap::from([
            ("simulator".to_owned(), SecretString::from("tok_\"visa\"\u{1}")),
            ("stripe".to_owned(), SecretString::from("pm_123")),
        ]))
    }

    fn sealed_by(key: SealingKey) -> SealedTokens {
        seal((key, &cipher(1)), &TenantId::sandbox(), method(1), &tokens()).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_with_the_same_tenant_method_and_key() {
        for key in [data_key(1), SealingKey::Installation(1)] {
            let opened = open(&cipher(1), &TenantId::sandbox(), method(1), &sealed_by(key)).unwrap();
            let shown = |tokens: &ConnectorTokens| -> Vec<(String, String)> {
                let plain = tokens.0.iter();
                plain.map(|(name, token)| (name.clone(), token.expose_secret().to_owned())).collect()
            };
            assert_eq!(shown(&opened), shown(&tokens()));
            assert!(!format!("{opened:?}").contains("visa"));
        }
    }

    #[test]
    fn a_ciphertext_moved_to_another_tenant_method_or_key_does_not_open() {
        let (sealed, sandbox) = (sealed_by(data_key(1)), TenantId::sandbox());
        let other = "other".parse().unwrap();
        assert_eq!(open(&cipher(1), &other, method(1), &sealed).unwrap_err(), SealError::NotOpened);
        assert_eq!(open(&cipher(1), &sandbox, method(2), &sealed).unwrap_err(), SealError::NotOpened);
        assert_eq!(open(&cipher(2), &sandbox, method(1), &sealed).unwrap_err(), SealError::NotOpened);
        for key in [data_key(2), SealingKey::Installation(1)] {
            let relabelled = SealedTokens { key, ..sealed.clone() };
            assert_eq!(open(&cipher(1), &sandbox, method(1), &relabelled).unwrap_err(), SealError::NotOpened);
        }
    }

    #[test]
    fn no_changed_bit_and_no_cut_ciphertext_opens() {
        let (tenant, sealed) = (TenantId::sandbox(), sealed_by(data_key(1)));
        for place in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[place] ^= 1;
            let opened = open(&cipher(1), &tenant, method(1), &changed);
            assert_eq!(opened.unwrap_err(), SealError::NotOpened, "byte {place}");
            let cut = SealedTokens { bytes: sealed.bytes[..place].to_vec(), ..sealed.clone() };
            let opened = open(&cipher(1), &tenant, method(1), &cut);
            assert_eq!(opened.unwrap_err(), SealError::NotOpened, "cut at {place}");
        }
    }

    #[test]
    fn the_same_tokens_never_give_the_same_ciphertext() {
        assert_ne!(sealed_by(data_key(1)), sealed_by(data_key(1)));
    }
}
