//! Sealing the tokens of a method with AES-256-GCM.

use std::collections::BTreeMap;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Generate, Nonce, Payload};
use secrecy::{ExposeSecret, SecretString};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use tender_domain::kernel::{MethodId, TenantId};
use tender_domain::vault::SealedTokens;
use zeroize::Zeroizing;

use super::Keyring;

const NONCE_BYTES: usize = 12;

/// A method's tokens in the clear, by connector. In memory only; prints connectors, never tokens.
#[derive(Debug, Default)]
pub(crate) struct ConnectorTokens(pub(crate) BTreeMap<String, SecretString>);

/// Why tokens were not sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    #[error("the operating system gave no random bytes")]
    NoRandomness,
    #[error("the tokens could not be sealed")]
    NotSealed,
    #[error("there is no key of version {0}; put it back into the vault's keys")]
    NoKey(u32),
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

/// Seals the tokens with the current key, for this tenant and method only.
pub(crate) fn seal(
    keyring: &Keyring,
    tenant: &TenantId,
    method: MethodId,
    tokens: &ConnectorTokens,
) -> Result<SealedTokens, SealError> {
    let (key_version, cipher) = keyring.current();
    // Large enough never to grow (a character takes six bytes at most): growing would leave a copy behind.
    let length: usize =
        tokens.0.iter().map(|(name, token)| 8 + 6 * (name.len() + token.expose_secret().len())).sum();
    let mut plain = Zeroizing::new(Vec::with_capacity(length + 2));
    serde_json::to_writer(&mut *plain, &Plain(tokens)).map_err(|_| SealError::NotSealed)?;
    let nonce = Nonce::<Aes256Gcm>::try_generate().map_err(|_| SealError::NoRandomness)?;
    let aad = associated_data(tenant, method, key_version);
    let sealed =
        cipher.encrypt(&nonce, Payload { msg: &plain, aad: &aad }).map_err(|_| SealError::NotSealed)?;
    let mut bytes = nonce.to_vec();
    bytes.extend_from_slice(&sealed);
    Ok(SealedTokens { key_version, bytes })
}

/// Opens what [`seal`] sealed.
pub(crate) fn open(
    keyring: &Keyring,
    tenant: &TenantId,
    method: MethodId,
    sealed: &SealedTokens,
) -> Result<ConnectorTokens, SealError> {
    let cipher = keyring.key(sealed.key_version).ok_or(SealError::NoKey(sealed.key_version))?;
    let (nonce, ciphertext) = sealed.bytes.split_at_checked(NONCE_BYTES).ok_or(SealError::NotOpened)?;
    let nonce = Nonce::<Aes256Gcm>::try_from(nonce).map_err(|_| SealError::NotOpened)?;
    let aad = associated_data(tenant, method, sealed.key_version);
    let plain =
        cipher.decrypt(&nonce, Payload { msg: ciphertext, aad: &aad }).map_err(|_| SealError::NotOpened)?;
    let plain = Zeroizing::new(plain);
    let tokens = serde_json::from_slice(&plain).map_err(|_| SealError::NotOpened)?;
    Ok(ConnectorTokens(tokens))
}

/// What the ciphertext is bound to. The tenant comes last, so the parts cannot run together.
fn associated_data(tenant: &TenantId, method: MethodId, key_version: u32) -> Vec<u8> {
    let mut aad = Vec::with_capacity(64);
    aad.extend_from_slice(b"tender.vault.tokens.1");
    aad.extend_from_slice(&key_version.to_be_bytes());
    aad.extend_from_slice(method.uuid().as_bytes());
    aad.extend_from_slice(tenant.as_str().as_bytes());
    aad
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use uuid::Uuid;

    use super::*;

    fn ring(versions: &[u32], current: u32) -> Keyring {
        let line =
            |version: &u32| format!("{version}:{}\n", STANDARD.encode([u8::try_from(*version).unwrap(); 32]));
        Keyring::from_lines(&SecretString::from(versions.iter().map(line).collect::<String>()), current)
            .unwrap()
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

    #[test]
    fn what_was_sealed_opens_with_the_same_tenant_method_and_key() {
        let (tenant, ring) = (TenantId::sandbox(), ring(&[1], 1));
        let sealed = seal(&ring, &tenant, method(1), &tokens()).unwrap();
        let opened = open(&ring, &tenant, method(1), &sealed).unwrap();
        let shown = |tokens: &ConnectorTokens| -> Vec<(String, String)> {
            tokens.0.iter().map(|(name, token)| (name.clone(), token.expose_secret().to_owned())).collect()
        };
        assert_eq!(shown(&opened), shown(&tokens()));
        assert!(!format!("{opened:?}").contains("visa"));
    }

    #[test]
    fn a_ciphertext_moved_to_another_tenant_or_method_does_not_open() {
        let ring = ring(&[1], 1);
        let sealed = seal(&ring, &TenantId::sandbox(), method(1), &tokens()).unwrap();
        let other = "other".parse().unwrap();
        assert_eq!(open(&ring, &other, method(1), &sealed).unwrap_err(), SealError::NotOpened);
        assert_eq!(open(&ring, &TenantId::sandbox(), method(2), &sealed).unwrap_err(), SealError::NotOpened);
    }

    #[test]
    fn no_changed_bit_and_no_cut_ciphertext_opens() {
        let (tenant, ring) = (TenantId::sandbox(), ring(&[1], 1));
        let sealed = seal(&ring, &tenant, method(1), &tokens()).unwrap();
        for place in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[place] ^= 1;
            assert_eq!(
                open(&ring, &tenant, method(1), &changed).unwrap_err(),
                SealError::NotOpened,
                "byte {place}"
            );
            let cut = SealedTokens { bytes: sealed.bytes[..place].to_vec(), ..sealed.clone() };
            assert_eq!(
                open(&ring, &tenant, method(1), &cut).unwrap_err(),
                SealError::NotOpened,
                "cut at {place}"
            );
        }
    }

    #[test]
    fn an_old_key_opens_after_a_rotation_and_a_lost_one_is_named() {
        let tenant = TenantId::sandbox();
        let sealed = seal(&ring(&[1], 1), &tenant, method(1), &tokens()).unwrap();
        assert_eq!(sealed.key_version, 1);
        assert!(open(&ring(&[1, 2], 2), &tenant, method(1), &sealed).is_ok());
        assert_eq!(seal(&ring(&[1, 2], 2), &tenant, method(1), &tokens()).unwrap().key_version, 2);
        assert_eq!(open(&ring(&[2], 2), &tenant, method(1), &sealed).unwrap_err(), SealError::NoKey(1));
        let relabelled = SealedTokens { key_version: 2, ..sealed };
        assert_eq!(
            open(&ring(&[1, 2], 2), &tenant, method(1), &relabelled).unwrap_err(),
            SealError::NotOpened
        );
    }

    #[test]
    fn the_same_tokens_never_give_the_same_ciphertext() {
        let (tenant, ring) = (TenantId::sandbox(), ring(&[1], 1));
        let one = seal(&ring, &tenant, method(1), &tokens()).unwrap();
        assert_ne!(one, seal(&ring, &tenant, method(1), &tokens()).unwrap());
    }
}
