//! Key-encryption keys in HashiCorp Vault, by the API of its secrets engine Transit
//! (<https://developer.hashicorp.com/vault/api-docs/secret/transit>). They never leave it.

mod wire;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use data_encoding::BASE64;
use reqwest::{Client, Method, Url};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde_json::{Value, json};
use tender_domain::ports::{DATA_KEY_BYTES, KeyEncryption, KeyEncryptionError, WrappedKey};

use self::wire::{Ciphertext, DataKey, KeyFacts, Plaintext};

const SCHEME: &str = "transit:";

/// What Vault lets the platform in by.
#[derive(Clone)]
pub enum TransitToken {
    /// This token.
    Fixed(SecretString),
    /// What stands in this file at each call: whoever renews the token (Vault's agent) writes it there.
    File(PathBuf),
}

/// Where the key is.
#[derive(Clone)]
pub struct TransitOptions {
    /// Vault's address (`https://vault:8200`).
    pub address: String,
    /// Where the engine is mounted (`transit`).
    pub mount: String,
    /// The name of the key, which must have been made with `derived=true`.
    pub key: String,
    /// The namespace, of Vault Enterprise.
    pub namespace: Option<String>,
    /// The token; it needs `update` on `datakey/plaintext`, `encrypt`, `decrypt` and `rewrap`, and `read` on `keys` of the key.
    pub token: TransitToken,
    /// For each call.
    pub call_timeout: Duration,
}

/// The address or a name cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("HashiCorp Vault: {0}")]
pub struct InvalidTransitOptions(String);

/// Wraps data keys by a key of Vault's.
pub struct TransitKeys {
    http: Client,
    options: TransitOptions,
    base: Url,
}

impl fmt::Debug for TransitKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransitKeys({})", self.name())
    }
}

impl TransitKeys {
    /// The key at this place.
    ///
    /// # Errors
    /// When the address is none, or a name has characters that no path segment has.
    pub fn new(http: Client, options: TransitOptions) -> Result<Self, InvalidTransitOptions> {
        let plain = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        if !options.mount.split('/').all(plain) || !plain(&options.key) {
            let problem = "mount and key are letters, digits, `-`, `_` and `.`";
            return Err(InvalidTransitOptions(problem.to_owned()));
        }
        let base = crate::transport::base(&options.address).map_err(InvalidTransitOptions)?;
        let base = base.join(&format!("v1/{}/", options.mount));
        let base = base.map_err(|error| InvalidTransitOptions(error.to_string()))?;
        Ok(Self { http, options, base })
    }

    fn name(&self) -> String {
        format!("{SCHEME}{}/{}", self.options.mount, self.options.key)
    }

    fn token(&self) -> Result<SecretString, KeyEncryptionError> {
        match &self.options.token {
            TransitToken::Fixed(token) => Ok(token.clone()),
            TransitToken::File(path) => {
                let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
                    let file = path.display();
                    KeyEncryptionError::Unavailable(format!(
                        "the token's file {file} cannot be read: {error}"
                    ))
                })?;
                Ok(text.trim().into())
            }
        }
    }

    async fn ask(
        &self,
        method: Method,
        verb: &str,
        body: Option<Value>,
    ) -> Result<wire::Body, KeyEncryptionError> {
        let path = format!("{verb}/{}", self.options.key);
        let unusable = |_| KeyEncryptionError::Unavailable("its address cannot be used".to_owned());
        let url = self.base.join(&path).map_err(unusable)?;
        let mut request = self.http.request(method, url).timeout(self.options.call_timeout);
        request =
            request.header("x-vault-token", self.token()?.expose_secret()).header("x-vault-request", "true");
        if let Some(namespace) = &self.options.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.map_err(|error| wire::of_transport(&error))?;
        wire::body(response, &self.name()).await
    }

    fn wrapped(&self, ciphertext: &str) -> Result<WrappedKey, KeyEncryptionError> {
        let version = ciphertext.strip_prefix("vault:v").and_then(|rest| rest.split_once(':'));
        let version = version.and_then(|(version, _)| version.parse::<u32>().ok());
        let version = version.ok_or_else(|| wire::nonsense("its ciphertext names no version of the key"))?;
        let bytes = ciphertext.as_bytes().to_vec();
        Ok(WrappedKey { by: format!("{}:v{version}", self.name()), bytes })
    }
}

fn text_of(wrapped: &WrappedKey) -> Result<&str, KeyEncryptionError> {
    let refused = |_| KeyEncryptionError::Refused("the wrapped key is no ciphertext of Transit".to_owned());
    std::str::from_utf8(&wrapped.bytes).map_err(refused)
}

/// The key behind its base64. Decoded into a buffer that is wiped; the secret takes a copy of the right size over.
fn key_of(text: &SecretString) -> Result<SecretSlice<u8>, KeyEncryptionError> {
    let bad = || wire::nonsense("its plaintext is no data key");
    let encoded = text.expose_secret().as_bytes();
    let mut decoded = Zeroizing::new(vec![0; BASE64.decode_len(encoded.len()).map_err(|_| bad())?]);
    let length = BASE64.decode_mut(encoded, &mut decoded).map_err(|_| bad())?;
    if length == DATA_KEY_BYTES { Ok(decoded[..length].to_vec().into()) } else { Err(bad()) }
}

#[async_trait]
impl KeyEncryption for TransitKeys {
    fn knows(&self, by: &str) -> bool {
        by.strip_prefix(&self.name()).is_some_and(|rest| rest.starts_with(':'))
    }

    async fn current(&self) -> Result<String, KeyEncryptionError> {
        let facts: KeyFacts = self.ask(Method::GET, "keys", None).await?.read()?;
        if !facts.derived {
            let problem =
                "the key was made without `derived=true`; without it a wrapped key is bound to no tenant";
            return Err(KeyEncryptionError::Refused(problem.to_owned()));
        }
        Ok(format!("{}:v{}", self.name(), facts.latest_version))
    }

    async fn generate(&self, context: &[u8]) -> Result<(SecretSlice<u8>, WrappedKey), KeyEncryptionError> {
        let body = json!({ "bits": 256, "context": BASE64.encode(context) });
        let made: DataKey = self.ask(Method::POST, "datakey/plaintext", Some(body)).await?.read()?;
        Ok((key_of(&made.plaintext)?, self.wrapped(&made.ciphertext)?))
    }

    async fn wrap(&self, context: &[u8], key: &SecretSlice<u8>) -> Result<WrappedKey, KeyEncryptionError> {
        let body =
            json!({ "plaintext": BASE64.encode(key.expose_secret()), "context": BASE64.encode(context) });
        let made: Ciphertext = self.ask(Method::POST, "encrypt", Some(body)).await?.read()?;
        self.wrapped(&made.ciphertext)
    }

    async fn unwrap(
        &self,
        context: &[u8],
        wrapped: &WrappedKey,
    ) -> Result<SecretSlice<u8>, KeyEncryptionError> {
        let body = json!({ "ciphertext": text_of(wrapped)?, "context": BASE64.encode(context) });
        let opened: Plaintext = self.ask(Method::POST, "decrypt", Some(body)).await?.read()?;
        key_of(&opened.plaintext)
    }

    async fn rewrap(&self, context: &[u8], wrapped: &WrappedKey) -> Result<WrappedKey, KeyEncryptionError> {
        let body = json!({ "ciphertext": text_of(wrapped)?, "context": BASE64.encode(context) });
        let made: Ciphertext = self.ask(Method::POST, "rewrap", Some(body)).await?.read()?;
        self.wrapped(&made.ciphertext)
    }
}
