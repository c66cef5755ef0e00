//! JWTs of people and machines.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use secrecy::{ExposeSecret, SecretString};
use tender_domain::kernel::{Caller, Timestamp};

use super::claims::Claims;
use super::jwks::JwksSource;
use super::service_token::SERVICE_TOKEN_TYPE;

/// Clocks of issuers may be off by so much, unless the operator says otherwise.
const LEEWAY: Duration = Duration::from_secs(30);

/// Which tokens count.
#[derive(Clone, Default)]
pub struct TokenSettings {
    /// The issuer that tokens must name (`iss`).
    pub issuer: String,
    /// The audience that tokens must name (`aud`).
    pub audience: String,
    /// The secret shared with the issuer (HS256), for development. None: such tokens are refused.
    pub hs256_secret: Option<SecretString>,
    /// The issuer's public keys (RS256, ES256, `EdDSA`). None: such tokens are refused.
    pub jwks: Option<Arc<dyn JwksSource>>,
}

/// Verifies JWTs. Which key and algorithm count is decided by the settings and the key's own kind, never by the
/// token's header alone.
pub struct TokenVerifier {
    settings: TokenSettings,
    shared: Option<DecodingKey>,
    leeway_seconds: i64,
}

impl TokenVerifier {
    /// A verifier with these settings.
    #[must_use]
    pub fn new(settings: TokenSettings) -> Self {
        let secret = settings.hs256_secret.as_ref();
        let shared = secret.map(|secret| DecodingKey::from_secret(secret.expose_secret().as_bytes()));
        Self { settings, shared, leeway_seconds: 0 }.leeway(LEEWAY)
    }

    /// How far an issuer's clock may be from ours, in whole seconds; 30 s unless said.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway_seconds = i64::try_from(leeway.as_secs()).unwrap_or(i64::MAX);
        self
    }

    /// The caller that the token stands for; none when the token does not count.
    pub(super) async fn caller(&self, token: &str, now: Timestamp, livemode: bool) -> Option<Caller> {
        let header = decode_header(token).ok()?;
        if header.typ.as_deref() == Some(SERVICE_TOKEN_TYPE) || header.crit.is_some() {
            return None;
        }
        let claims = match header.alg {
            Algorithm::HS256 => self.verify(token, Algorithm::HS256, self.shared.as_ref()?),
            Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA => {
                self.verify_by_jwks(token, header.alg, header.kid.as_deref()).await
            }
            _ => None,
        }?;
        let now = now.timestamp();
        let in_time = claims.exp.saturating_add(self.leeway_seconds) > now
            && claims.nbf.is_none_or(|start| start.saturating_sub(self.leeway_seconds) <= now);
        in_time.then(|| claims.into_caller(livemode))
    }

    async fn verify_by_jwks(
        &self,
        token: &str,
        algorithm: Algorithm,
        key_id: Option<&str>,
    ) -> Option<Claims> {
        let source = self.settings.jwks.as_ref()?;
        let mut keys = source.current();
        if key_id.is_some_and(|id| !keys.has(id)) {
            keys = source.refreshed().await;
        }
        keys.candidates(key_id, algorithm).find_map(|key| self.verify(token, algorithm, key))
    }

    fn verify(&self, token: &str, algorithm: Algorithm, key: &DecodingKey) -> Option<Claims> {
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The time is checked against our clock by the caller.
        validation.validate_exp = false;
        decode(token, key, &validation).ok().map(|data| data.claims)
    }
}
