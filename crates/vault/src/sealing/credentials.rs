//! Sealing the credentials of a connector with AES-256-GCM.

use std::collections::BTreeMap;

use aes_gcm::Aes256Gcm;
use secrecy::{ExposeSecret, SecretString};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use tender_domain::connectors::{ConnectorCredentials, Credentials};
use tender_domain::kernel::{ConnectorId, TenantId, Timestamp};
use tender_domain::vault::{SealedTokens, SealingKey};
use zeroize::Zeroizing;

use super::tokens::{SealError, decrypt, encrypt};

/// Fields in the clear, on their way into a buffer that is wiped.
struct Fields<'a>(&'a Credentials);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value.expose_secret())?;
        }
        map.end()
    }
}

#[derive(Serialize)]
struct PlainPrevious<'a> {
    fields: Fields<'a>,
    until: Timestamp,
}

#[derive(Serialize)]
struct Plain<'a> {
    generation: u32,
    fields: Fields<'a>,
    previous: Option<PlainPrevious<'a>>,
}

#[derive(Deserialize)]
struct OpenedPrevious {
    fields: BTreeMap<String, SecretString>,
    until: Timestamp,
}

#[derive(Deserialize)]
struct Opened {
    generation: u32,
    fields: BTreeMap<String, SecretString>,
    previous: Option<OpenedPrevious>,
}

/// How long the plaintext can be (a character takes six bytes at most), so that its buffer never grows.
fn longest(fields: &Credentials) -> usize {
    fields.iter().map(|(name, value)| 8 + 6 * (name.len() + value.expose_secret().len())).sum::<usize>()
}

/// Seals the credentials with this key, for this tenant and connector only.
pub(super) fn seal(
    (key, cipher): (SealingKey, &Aes256Gcm),
    tenant: &TenantId,
    connector: ConnectorId,
    credentials: &ConnectorCredentials,
) -> Result<SealedTokens, SealError> {
    let previous = credentials.previous.as_ref();
    let length = longest(&credentials.fields) + previous.map_or(0, |(fields, _)| longest(fields)) + 256;
    let plain = Plain {
        generation: credentials.generation,
        fields: Fields(&credentials.fields),
        previous: previous.map(|(fields, until)| PlainPrevious { fields: Fields(fields), until: *until }),
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    serde_json::to_writer(&mut *bytes, &plain).map_err(|_| SealError::NotSealed)?;
    encrypt((key, cipher), &associated_data(tenant, connector, key), &bytes)
}

/// Opens what [`seal`] sealed; `cipher` is the key that it names.
pub(super) fn open(
    cipher: &Aes256Gcm,
    tenant: &TenantId,
    connector: ConnectorId,
    sealed: &SealedTokens,
) -> Result<ConnectorCredentials, SealError> {
    let plain = decrypt(cipher, &associated_data(tenant, connector, sealed.key), sealed)?;
    let opened: Opened = serde_json::from_slice(&plain).map_err(|_| SealError::NotOpened)?;
    let previous = opened.previous.map(|previous| (previous.fields, previous.until));
    Ok(ConnectorCredentials { generation: opened.generation, fields: opened.fields, previous })
}

/// What the ciphertext is bound to. The tenant comes last, so the parts cannot run together.
fn associated_data(tenant: &TenantId, connector: ConnectorId, key: SealingKey) -> Vec<u8> {
    let mut aad = b"tender.vault.connector-secrets.1".to_vec();
    match key {
        SealingKey::Installation(version) => aad.extend_from_slice(&version.to_be_bytes()),
        SealingKey::Data(id) => aad.extend_from_slice(id.uuid().as_bytes()),
    }
    aad.extend_from_slice(connector.uuid().as_bytes());
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
        Aes256Gcm::new_from_slice(&[byte; 32]).expect("32 bytes")
    }

    fn connector(number: u128) -> ConnectorId {
        ConnectorId::from_uuid(Uuid::from_u128(number))
    }

    fn credentials() -> ConnectorCredentials {
        let fields = |value: &str| BTreeMap::from([("secret_key".to_owned(), SecretString::from(value))]);
        let until = Timestamp::from_timestamp(1_800_000_000, 0).expect("an instant");
        ConnectorCredentials {
            generation: 2,
            fields: fields("sk_now"),
            previous: Some((fields("sk_old"), until)),
        }
    }

    #[test]
    fn they_open_for_their_tenant_connector_and_key_and_for_no_other() {
        let (sandbox, other) = (TenantId::sandbox(), "other".parse().expect("a tenant"));
        let key = SealingKey::Data(DataKeyId::from_uuid(Uuid::from_u128(9)));
        let sealed = seal((key, &cipher(1)), &sandbox, connector(1), &credentials()).expect("sealed");
        let opened = open(&cipher(1), &sandbox, connector(1), &sealed).expect("opened");
        assert_eq!(opened.generation, 2);
        assert_eq!(opened.fields["secret_key"].expose_secret(), "sk_now");
        assert_eq!(opened.previous.expect("those before").0["secret_key"].expose_secret(), "sk_old");
        for (cipher, tenant, connector) in [
            (cipher(2), &sandbox, connector(1)),
            (cipher(1), &other, connector(1)),
            (cipher(1), &sandbox, connector(2)),
        ] {
            assert_eq!(open(&cipher, tenant, connector, &sealed).err(), Some(SealError::NotOpened));
        }
        assert!(!String::from_utf8_lossy(&sealed.bytes).contains("sk_now"));
        assert!(!format!("{:?}", credentials()).contains("sk_"), "secrets are printed");
    }
}
