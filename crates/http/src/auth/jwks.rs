//! Public keys of those who sign tokens.

use std::sync::Arc;

use async_trait::async_trait;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

/// The text is no JWKS with usable keys.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the JWKS cannot be used: {0}")]
pub struct InvalidJwks(pub String);

pub(super) struct VerificationKey {
    pub(super) id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// The public keys of a JWKS: RSA (RS256), P-256 (ES256) and Ed25519 (`EdDSA`). Other keys of the set, secret ones
/// above all, are left out.
#[derive(Default)]
pub struct VerificationKeys(pub(super) Vec<VerificationKey>);

const KEYS_MAX: usize = 32;

impl VerificationKeys {
    /// Reads a JWKS (RFC 7517).
    ///
    /// # Errors
    /// When it is not JSON of that form, has more than 32 keys, or a key of a usable kind is malformed.
    pub fn from_jwks(json: &str) -> Result<Self, InvalidJwks> {
        let set: JwkSet = serde_json::from_str(json).map_err(|error| InvalidJwks(error.to_string()))?;
        if set.keys.len() > KEYS_MAX {
            return Err(InvalidJwks(format!("it has more than {KEYS_MAX} keys")));
        }
        let keys = set.keys.iter().filter_map(|jwk| {
            let algorithm = usable_algorithm(jwk)?;
            let key = DecodingKey::from_jwk(jwk).map_err(|error| InvalidJwks(error.to_string()));
            Some(key.map(|key| VerificationKey { id: jwk.common.key_id.clone(), algorithm, key }))
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is a key with this id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id.as_deref() == Some(id))
    }

    pub(super) fn candidates(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &DecodingKey> {
        self.0
            .iter()
            .filter(move |key| {
                key.algorithm == algorithm && id.is_none_or(|id| key.id.as_deref() == Some(id))
            })
            .map(|key| &key.key)
    }
}

/// The one algorithm a key may verify, by its kind; the token's header never decides that.
fn usable_algorithm(jwk: &Jwk) -> Option<Algorithm> {
    use jsonwebtoken::jwk::EllipticCurve;
    if jwk.common.public_key_use.as_ref().is_some_and(|usage| *usage != PublicKeyUse::Signature) {
        return None;
    }
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    jwk.common.key_algorithm.is_none_or(|stated| stated == named).then_some(algorithm)
}

/// Where the public keys come from: a file, or an address that is asked again when keys change.
#[async_trait]
pub trait JwksSource: Send + Sync {
    /// The keys as last known. Answers at once.
    fn current(&self) -> Arc<VerificationKeys>;

    /// Asked when a token names a key that is not known: the keys after having looked again. How often it really
    /// looks is bounded by the adapter, for anybody can name an unknown key.
    async fn refreshed(&self) -> Arc<VerificationKeys>;
}

/// Keys that never change while the process runs (a file, read at the start).
pub struct StaticJwks(Arc<VerificationKeys>);

impl StaticJwks {
    /// These keys.
    #[must_use]
    pub fn new(keys: VerificationKeys) -> Self {
        Self(Arc::new(keys))
    }
}

#[async_trait]
impl JwksSource for StaticJwks {
    fn current(&self) -> Arc<VerificationKeys> {
        Arc::clone(&self.0)
    }

    async fn refreshed(&self) -> Arc<VerificationKeys> {
        Arc::clone(&self.0)
    }
}
