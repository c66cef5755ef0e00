//! From the settings to what decides whether a credential counts.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use tender_domain::ports::{ApiKeyDirectory, Clock, ServiceTokens};
use tender_http::{
    AuthState, Environment, JwksSource, ServiceKey, ServiceTokenSigner, ServiceTokenVerifier, StaticJwks,
    TokenSettings, TokenVerifier, VerificationKeys,
};
use tender_settings::{Auth, ServiceAuth, Settings, SettingsError};

use crate::jwks_url::JwksUrl;
use crate::{Background, required};

/// Where the process runs, as the HTTP kit names it.
#[must_use]
pub fn environment(settings: &Settings) -> Environment {
    if settings.is_production() { Environment::Production } else { Environment::Sandbox }
}

/// What the keyed hash of API keys is keyed with, from its text form.
#[must_use]
pub fn pepper_bytes(text: &SecretString) -> SecretSlice<u8> {
    text.expose_secret().as_bytes().to_vec().into()
}

/// The pepper that the settings name.
///
/// # Errors
/// When it is not set or its file cannot be read.
pub fn pepper(auth: &Auth) -> Result<SecretSlice<u8>, SettingsError> {
    let text = required(auth.api_key_pepper(), "auth.api_key_pepper", "to check API keys")?;
    Ok(pepper_bytes(&text))
}

/// The tokens of people and machines that count.
///
/// # Errors
/// When a secret or a file of keys cannot be used.
pub fn token_verifier(auth: &Auth, background: &Background) -> anyhow::Result<TokenVerifier> {
    let jwt = &auth.jwt;
    let jwks: Option<Arc<dyn JwksSource>> = match (&jwt.jwks_url, &jwt.jwks_file) {
        (Some(url), _) => {
            let source = Arc::new(JwksUrl::new(url.clone(), Duration::from_secs(jwt.jwks_refresh_seconds))?);
            let kept = Arc::clone(&source);
            background.keep("jwks", move |stop| {
                let kept = Arc::clone(&kept);
                async move {
                    tokio::select! { () = kept.keep_fresh() => {}, () = stop.cancelled() => {} }
                }
            });
            Some(source)
        }
        (None, Some(file)) => {
            let text = fs::read_to_string(file)
                .with_context(|| format!("setting auth.jwt.jwks_file: {} cannot be read", file.display()))?;
            let keys = VerificationKeys::from_jwks(&text)
                .with_context(|| format!("setting auth.jwt.jwks_file: {}", file.display()))?;
            Some(Arc::new(StaticJwks::new(keys)))
        }
        (None, None) => None,
    };
    let verifier = TokenVerifier::new(TokenSettings {
        issuer: jwt.issuer.clone(),
        audience: jwt.audience.clone(),
        hs256_secret: jwt.hs256_secret()?,
        jwks,
    });
    Ok(verifier.leeway(Duration::from_secs(jwt.leeway_seconds)))
}

/// Signs the calls of a service to others.
///
/// # Errors
/// When its private key is not set or cannot be used.
pub fn service_signer(
    service: &'static str,
    settings: &ServiceAuth,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Arc<dyn ServiceTokens>> {
    const KEY: &str = "service_auth.private_key_file";
    let file = required(Ok(settings.private_key_file.as_ref()), KEY, "to call other services")?;
    let text = fs::read_to_string(file)
        .map(SecretString::from)
        .with_context(|| format!("setting {KEY}: {} cannot be read", file.display()))?;
    let key =
        ServiceKey::from_pkcs8_pem(&text).with_context(|| format!("setting {KEY}: {}", file.display()))?;
    Ok(Arc::new(ServiceTokenSigner::new(service, &key, clock)))
}

/// Verifies the calls of other services to this one.
///
/// # Errors
/// When their public keys are not set or cannot be used.
pub fn service_verifier(
    service: &'static str,
    settings: &ServiceAuth,
) -> anyhow::Result<ServiceTokenVerifier> {
    const KEYS: &str = "service_auth.public_keys_file";
    let file = required(Ok(settings.public_keys_file.as_ref()), KEYS, "to be called by other services")?;
    let text = fs::read_to_string(file)
        .with_context(|| format!("setting {KEYS}: {} cannot be read", file.display()))?;
    ServiceTokenVerifier::new(service, &text).with_context(|| format!("setting {KEYS}: {}", file.display()))
}

/// What an [`AuthState`] is made of, beside where API keys are found.
pub struct AuthParts {
    /// The tokens that count.
    pub tokens: TokenVerifier,
    /// What hashes of API keys are keyed with.
    pub pepper: SecretSlice<u8>,
    /// Where the process runs.
    pub environment: Environment,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl AuthParts {
    /// The state over a directory of API keys.
    #[must_use]
    pub fn over(self, keys: Arc<dyn ApiKeyDirectory>) -> AuthState {
        AuthState::new(keys, self.tokens, self.pepper, self.environment, self.clock)
    }
}
