//! Credentials of callers and of the services among themselves.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::{SettingsError, secret};

/// How callers prove who they are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Bearer tokens.
    pub jwt: Jwt,
    /// Keys the hash that API keys are stored by; changing it revokes every key. Or `api_key_pepper_file`.
    pub api_key_pepper: Option<SecretString>,
    /// File with the pepper.
    pub api_key_pepper_file: Option<PathBuf>,
    /// How old a cached API key may be before its owner is asked again, 1 to 3600.
    pub api_key_trust_max_seconds: u64,
}

impl Auth {
    /// The pepper, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn api_key_pepper(&self) -> Result<Option<SecretString>, SettingsError> {
        secret::resolve(
            self.api_key_pepper.as_ref(),
            "auth.api_key_pepper_file",
            self.api_key_pepper_file.as_deref(),
        )
    }
}

/// Which JSON Web Tokens are believed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// Shared secret for HS256: development only, refused in production. Or `hs256_secret_file`.
    pub hs256_secret: Option<SecretString>,
    /// File with the shared secret.
    pub hs256_secret_file: Option<PathBuf>,
    /// Where the issuer publishes its public keys; https, or http in the sandbox.
    pub jwks_url: Option<String>,
    /// File with the issuer's public keys, instead of the URL.
    pub jwks_file: Option<PathBuf>,
    /// How often the keys are fetched again, 10 to 86 400.
    pub jwks_refresh_seconds: u64,
    /// The `iss` a token must have.
    pub issuer: String,
    /// The `aud` a token must have.
    pub audience: String,
    /// How far clocks may differ, at most 300.
    pub leeway_seconds: u64,
}

impl Jwt {
    /// The shared secret of HS256, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn hs256_secret(&self) -> Result<Option<SecretString>, SettingsError> {
        secret::resolve(
            self.hs256_secret.as_ref(),
            "auth.jwt.hs256_secret_file",
            self.hs256_secret_file.as_deref(),
        )
    }
}

/// Signed tokens between services; the all-in-one has no calls to sign.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAuth {
    /// PKCS#8 PEM file of this service's Ed25519 private key.
    pub private_key_file: Option<PathBuf>,
    /// JWKS file with the public keys of all services; `kid` is the service's name.
    pub public_keys_file: Option<PathBuf>,
}
