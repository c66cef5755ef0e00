//! An intent's client secret: what a browser may use to pay that one intent.
//!
//! It is derived, not stored: an HMAC over the tenant, the intent and the moment of its issue, with the platform's
//! pepper. Nobody without the pepper can make one, and there is nothing to steal from the database.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::DateTime;
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use tender_domain::kernel::{Caller, Credential, IntentId, ScopeSet, StoreError, TenantId, Timestamp};
use tender_http::ClientSecretVerifier;

use crate::IntentsService;

/// How long a secret counts at most.
const LIFE: Duration = Duration::from_secs(24 * 3_600);
/// Clocks of our own processes may differ by this much.
const LEEWAY: Duration = Duration::from_secs(30);
/// Keeps these apart from everything else that is keyed with the pepper.
const PURPOSE: &[u8] = b"tender client secret v1";
const INFIX: &str = "_secret_";
const TIME_BYTES: usize = 8;
const MAC_BYTES: usize = 32;

/// Makes and reads client secrets.
#[derive(Debug)]
pub(crate) struct ClientSecrets {
    key: SecretSlice<u8>,
}

/// What a secret that is ours says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) tenant: TenantId,
    pub(crate) intent: IntentId,
    pub(crate) issued_at: Timestamp,
}

impl ClientSecrets {
    pub(crate) const fn new(key: SecretSlice<u8>) -> Self {
        Self { key }
    }

    /// A secret of an intent, issued now.
    pub(crate) fn issue(&self, tenant: &TenantId, intent: IntentId, now: Timestamp) -> String {
        let seconds = now.timestamp().to_be_bytes();
        let mac = self.mac(tenant.as_str(), intent, seconds).finalize().into_bytes();
        let payload = [&seconds[..], &mac[..], tenant.as_str().as_bytes()].concat();
        format!("{intent}{INFIX}{}", BASE64URL_NOPAD.encode(&payload))
    }

    /// What a secret says; none when it is not one of ours.
    pub(crate) fn read(&self, secret: &str) -> Option<Claim> {
        let (intent, rest) = secret.split_once(INFIX)?;
        let intent: IntentId = intent.parse().ok()?;
        let payload = BASE64URL_NOPAD.decode(rest.as_bytes()).ok()?;
        let (seconds, rest) = payload.split_first_chunk::<TIME_BYTES>()?;
        let (mac, tenant) = rest.split_first_chunk::<MAC_BYTES>()?;
        let tenant = std::str::from_utf8(tenant).ok()?;
        self.mac(tenant, intent, *seconds).verify_slice(mac).ok()?;
        let issued_at = DateTime::from_timestamp(i64::from_be_bytes(*seconds), 0)?;
        Some(Claim { tenant: tenant.parse().ok()?, intent, issued_at })
    }

    fn mac(&self, tenant: &str, intent: IntentId, seconds: [u8; TIME_BYTES]) -> Hmac<Sha256> {
        let key = self.key.expose_secret();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        // The parts before the tenant have one length each, so that no two texts are the same.
        for part in [PURPOSE, intent.uuid().as_bytes(), &seconds, tenant.as_bytes()] {
            mac.update(part);
        }
        mac
    }
}

impl Claim {
    /// Whether it is young enough.
    fn counts(&self, now: Timestamp) -> bool {
        now < self.issued_at + LIFE && self.issued_at <= now + LEEWAY
    }
}

#[async_trait]
impl ClientSecretVerifier for IntentsService {
    /// While the intent is open, and for a day at most. The caller has no scopes: only the routes of its own intent are
    /// open to it.
    async fn verify(&self, client_secret: &str) -> Result<Option<Caller>, StoreError> {
        let Some(claim) = self.client_secrets.read(client_secret) else { return Ok(None) };
        if !claim.counts(self.clock.now()) {
            return Ok(None);
        }
        let intent = self.store.intent(&claim.tenant, claim.intent).await?;
        Ok(intent.filter(|intent| !intent.status.is_final()).map(|intent| Caller {
            tenant: claim.tenant,
            subject: claim.intent.to_string().into(),
            credential: Credential::ClientSecret(claim.intent),
            scopes: ScopeSet::EMPTY,
            roles: Arc::from([]),
            actor: None,
            livemode: intent.livemode,
        }))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + second, 0).expect("test instants exist")
    }

    fn secrets(pepper: &str) -> ClientSecrets {
        ClientSecrets::new(pepper.as_bytes().to_vec().into())
    }

    fn intent(number: u128) -> IntentId {
        IntentId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_secret_says_what_it_was_issued_for() {
        let tenant = TenantId::sandbox();
        let secret = secrets("pepper").issue(&tenant, intent(7), at(0));
        assert!(secret.starts_with(&format!("{}_secret_", intent(7))), "{secret}");
        let claim = secrets("pepper").read(&secret).expect("it is ours");
        assert_eq!(claim, Claim { tenant, intent: intent(7), issued_at: at(0) });
    }

    #[test]
    fn no_part_of_a_secret_can_be_changed() {
        let tenant = TenantId::sandbox();
        let secret = secrets("pepper").issue(&tenant, intent(7), at(0));
        let (_, rest) = secret.split_once(INFIX).expect("it has its form");
        assert_eq!(secrets("salt").read(&secret), None, "another pepper");
        assert_eq!(secrets("pepper").read(&format!("{}{INFIX}{rest}", intent(8))), None, "another intent");
        let payload = BASE64URL_NOPAD.decode(rest.as_bytes()).expect("it has its form");
        for place in 0..payload.len() {
            let mut changed = payload.clone();
            changed[place] ^= 1;
            let forged = format!("{}{INFIX}{}", intent(7), BASE64URL_NOPAD.encode(&changed));
            assert_eq!(secrets("pepper").read(&forged), None, "byte {place}");
        }
        for text in ["", "pi_", INFIX, &format!("{}{INFIX}", intent(7)), &format!("{}{INFIX}AAAA", intent(7))]
        {
            assert_eq!(secrets("pepper").read(text), None, "{text}");
        }
    }

    #[test]
    fn a_secret_counts_for_a_day() {
        let claim = Claim { tenant: TenantId::sandbox(), intent: intent(7), issued_at: at(0) };
        for (second, counts) in [(-31, false), (-30, true), (0, true), (86_399, true), (86_400, false)] {
            assert_eq!(claim.counts(at(second)), counts, "{second}");
        }
    }
}
