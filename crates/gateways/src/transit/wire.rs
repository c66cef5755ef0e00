//! Transit's answers.

use reqwest::{Response, StatusCode};
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tender_domain::ports::{GatewayError, KeyEncryptionError};

const WHO: &str = "HashiCorp Vault";

/// A new data key.
#[derive(Deserialize)]
pub(super) struct DataKey {
    pub(super) plaintext: SecretString,
    pub(super) ciphertext: String,
}

/// What was encrypted.
#[derive(Deserialize)]
pub(super) struct Ciphertext {
    pub(super) ciphertext: String,
}

/// What was decrypted.
#[derive(Deserialize)]
pub(super) struct Plaintext {
    pub(super) plaintext: SecretString,
}

/// What is told of a key.
#[derive(Deserialize)]
pub(super) struct KeyFacts {
    pub(super) latest_version: u32,
    #[serde(default)]
    pub(super) derived: bool,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize, Default)]
struct Errors {
    #[serde(default)]
    errors: Vec<String>,
}

/// A good answer's body, wiped when it was read: it may hold a key.
pub(super) struct Body(Zeroizing<Vec<u8>>);

impl Body {
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, KeyEncryptionError> {
        let envelope: Envelope<T> =
            serde_json::from_slice(&self.0).map_err(|_| nonsense("its answer is not Transit's"))?;
        Ok(envelope.data)
    }
}

pub(super) fn nonsense(what: &str) -> KeyEncryptionError {
    KeyEncryptionError::Unavailable(format!("{WHO}: {what}"))
}

pub(super) fn of_transport(error: &reqwest::Error) -> KeyEncryptionError {
    match crate::transport::of_transport(WHO, error) {
        GatewayError::NotDone(why) | GatewayError::NotNow(why) | GatewayError::Unknown(why) => {
            KeyEncryptionError::Unavailable(why)
        }
    }
}

/// The body of a good answer. Of the others a 400 is about what was asked, a 404 about the key; whatever else is said
/// (no right any more, sealed, busy) may be otherwise in a moment.
pub(super) async fn body(response: Response, key: &str) -> Result<Body, KeyEncryptionError> {
    let status = response.status();
    let bytes =
        crate::transport::read(WHO, response).await.map(Zeroizing::new).map_err(|error| match error {
            GatewayError::NotDone(why) | GatewayError::NotNow(why) | GatewayError::Unknown(why) => {
                KeyEncryptionError::Unavailable(why)
            }
        })?;
    if status == StatusCode::OK {
        return Ok(Body(bytes));
    }
    let said: Errors = serde_json::from_slice(&bytes).unwrap_or_default();
    let said: String = said.errors.join("; ").chars().take(200).collect();
    Err(match status {
        StatusCode::BAD_REQUEST => KeyEncryptionError::Refused(said),
        StatusCode::NOT_FOUND => KeyEncryptionError::UnknownKey(key.to_owned()),
        _ => KeyEncryptionError::Unavailable(format!("{WHO} answered {status}: {said}")),
    })
}
