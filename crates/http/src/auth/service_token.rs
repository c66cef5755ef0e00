//! Tokens by which one service of the platform calls another: Ed25519, for one audience, for a minute at most.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header, Validation, decode, decode_header, encode};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Caller, Credential, Scope, TenantId, Timestamp};
use tender_domain::ports::{Clock, ServiceTokenError, ServiceTokens};

use super::jwks::{InvalidJwks, VerificationKeys};

/// `typ` of a service's token; a token of another type never counts as one, nor the other way round.
pub(super) const SERVICE_TOKEN_TYPE: &str = "tender-service+jwt";
/// The longest life of a service's token.
const LIFETIME_SECONDS: i64 = 60;
const LEEWAY_SECONDS: i64 = 5;

/// What comes before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The text is no Ed25519 private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an Ed25519 private key: wanted is PKCS #8 in PEM (openssl genpkey -algorithm ED25519), or 32 bytes in \
     unpadded URL-safe base64"
)]
pub struct InvalidServiceKey;

/// A service's private Ed25519 key. Does not print.
#[derive(Clone)]
pub struct ServiceKey(SecretSlice<u8>);

impl ServiceKey {
    /// The key made of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(seed.to_vec().into())
    }

    /// Reads the text form, as kept in a file: 32 bytes in unpadded URL-safe base64.
    ///
    /// # Errors
    /// When it has not that form.
    pub fn parse(text: &str) -> Result<Self, InvalidServiceKey> {
        let seed = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| InvalidServiceKey)?;
        let seed: [u8; 32] = seed.try_into().map_err(|_| InvalidServiceKey)?;
        Ok(Self::from_seed(seed))
    }

    /// Reads PKCS #8 in PEM, as `openssl genpkey -algorithm ED25519` writes it.
    ///
    /// # Errors
    /// When it has not that form.
    pub fn from_pkcs8_pem(pem: &SecretString) -> Result<Self, InvalidServiceKey> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.expose_secret().as_bytes());
        let key = key.map_err(|_| InvalidServiceKey)?;
        // A later version of the form may say the public key after the private one.
        let seed = key.secret_pkcs8_der().strip_prefix(&PKCS8_PREFIX[..]).and_then(|rest| rest.get(..32));
        let seed = seed.and_then(|seed| <[u8; 32]>::try_from(seed).ok()).ok_or(InvalidServiceKey)?;
        Ok(Self::from_seed(seed))
    }

    /// The text form, to be kept in a file.
    #[must_use]
    pub fn text(&self) -> SecretString {
        URL_SAFE_NO_PAD.encode(self.0.expose_secret()).into()
    }

    fn encoding_key(&self) -> EncodingKey {
        EncodingKey::from_ed_der(&[&PKCS8_PREFIX, self.0.expose_secret()].concat())
    }

    /// The JWKS with the public keys of these services; a key's id is its service's name.
    ///
    /// # Errors
    /// When a public key cannot be made of a private one, which no 32 bytes should cause.
    pub fn jwks(keys: &[(&str, &Self)]) -> Result<String, InvalidServiceKey> {
        let public = keys.iter().map(|(name, key)| {
            let jwk = Jwk::from_encoding_key(&key.encoding_key(), Algorithm::EdDSA);
            let mut jwk = jwk.map_err(|_| InvalidServiceKey)?;
            jwk.common.key_id = Some((*name).to_owned());
            jwk.common.public_key_use = Some(PublicKeyUse::Signature);
            debug_assert!(matches!(jwk.algorithm, AlgorithmParameters::OctetKeyPair(_)));
            Ok(jwk)
        });
        let set = JwkSet { keys: public.collect::<Result<_, _>>()? };
        Ok(serde_json::to_string(&set).expect("a JWKS of texts has a JSON form"))
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct ServiceClaims {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    tenant: TenantId,
}

/// Signs the tokens of one service.
pub struct ServiceTokenSigner {
    service: String,
    key: EncodingKey,
    clock: Arc<dyn Clock>,
}

impl ServiceTokenSigner {
    /// A signer for the service of this name (`intents`).
    #[must_use]
    pub fn new(service: impl Into<String>, key: &ServiceKey, clock: Arc<dyn Clock>) -> Self {
        Self { service: service.into(), key: key.encoding_key(), clock }
    }

    /// A token for one call of the service `audience` on behalf of a tenant. It counts for a minute; make one for
    /// every call.
    ///
    /// # Errors
    /// When the key cannot sign, which no key made by [`ServiceKey`] should cause.
    pub fn sign(&self, audience: &str, tenant: &TenantId) -> Result<SecretString, InvalidServiceKey> {
        let now = self.clock.now().timestamp();
        let claims = ServiceClaims {
            iss: self.service.clone(),
            sub: self.service.clone(),
            aud: audience.to_owned(),
            iat: now,
            exp: now + LIFETIME_SECONDS,
            tenant: tenant.clone(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(SERVICE_TOKEN_TYPE.to_owned());
        header.kid = Some(self.service.clone());
        encode(&header, &claims, &self.key).map(Into::into).map_err(|_| InvalidServiceKey)
    }
}

impl ServiceTokens for ServiceTokenSigner {
    fn token(&self, audience: &str, tenant: &TenantId) -> Result<SecretString, ServiceTokenError> {
        let failed = |error: InvalidServiceKey| ServiceTokenError {
            audience: audience.to_owned(),
            problem: error.to_string(),
        };
        self.sign(audience, tenant).map_err(failed)
    }
}

/// Verifies the tokens of other services.
pub struct ServiceTokenVerifier {
    service: String,
    keys: VerificationKeys,
}

impl ServiceTokenVerifier {
    /// A verifier for the service of this name, which trusts the services whose public keys are in the JWKS (a key's
    /// id is its service's name).
    ///
    /// # Errors
    /// When the JWKS cannot be used.
    pub fn new(service: impl Into<String>, jwks: &str) -> Result<Self, InvalidJwks> {
        let keys = VerificationKeys::from_jwks(jwks)?;
        Ok(Self { service: service.into(), keys })
    }

    /// Whether the token says that it is a service's.
    pub(super) fn is_for_us(token: &str) -> bool {
        decode_header(token).is_ok_and(|header| header.typ.as_deref() == Some(SERVICE_TOKEN_TYPE))
    }

    /// The caller that the token stands for; none when the token does not count.
    pub(super) fn caller(&self, token: &str, now: Timestamp, livemode: bool) -> Option<Caller> {
        let header = decode_header(token).ok()?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(SERVICE_TOKEN_TYPE) {
            return None;
        }
        let issuer = header.kid?;
        let key = self.keys.candidates(Some(&issuer), Algorithm::EdDSA).next()?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[&self.service]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The time is checked against our clock, below.
        validation.validate_exp = false;
        let claims: ServiceClaims = decode(token, key, &validation).ok()?.claims;
        let now = now.timestamp();
        let in_time = claims.exp > now - LEEWAY_SECONDS && claims.iat <= now + LEEWAY_SECONDS;
        let short =
            claims.exp.checked_sub(claims.iat).is_some_and(|life| (0..=LIFETIME_SECONDS).contains(&life));
        (in_time && short).then(|| Caller {
            tenant: claims.tenant,
            subject: issuer.as_str().into(),
            credential: Credential::Service(issuer.as_str().into()),
            scopes: [Scope::ServiceInternal].into_iter().collect(),
            roles: Arc::from([]),
            actor: None,
            livemode,
        })
    }
}
