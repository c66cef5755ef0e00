use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::{differ, needed, once, url};
use crate::{SettingsError, secret};

/// A point of sale at PayU; the connector `payu` is there when its client secret is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayU {
    /// The point of sale, in digits; needed beside the secret. Its automatic collection must be off.
    pub pos_id: Option<String>,
    /// The point of sale's client secret: of a test account in the sandbox, of a live one in production. Unset: there is no
    /// connector `payu`. Or `client_secret_file`.
    pub client_secret: Option<SecretString>,
    /// File with the client secret.
    pub client_secret_file: Option<PathBuf>,
    /// The point of sale's second key, which signs notifications; intents needs it beside the secret. Or `second_key_file`.
    pub second_key: Option<SecretString>,
    /// File with the second key.
    pub second_key_file: Option<PathBuf>,
    /// Where PayU sends notifications, as it reaches us (`https://…/v1/payments/webhook/gateway/payu`); intents needs it
    /// beside the secret. It is told with each order.
    pub notify_url: Option<String>,
    /// Where customers come back to from PayU's pages, when the payment does not say. Unset: a payment that must be
    /// authenticated is then declined, and such a session is refused.
    pub return_url: Option<String>,
    /// What the columns of statements are called in PayU's panel, where not as PayU's page of them has it in English:
    /// `amount=Kwota; date=Data` (docs/gateways.md).
    pub statement_columns: Option<String>,
    /// Where PayU's API for real money is; used in production alone.
    pub live_api_base: String,
    /// Where PayU's sandbox is; https or http. Not used in production.
    pub test_api_base: String,
}

impl PayU {
    /// The client secret, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn client_secret(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.client_secret_file.as_deref();
        secret::resolve(self.client_secret.as_ref(), "gateways.payu.client_secret_file", file)
    }

    /// The second key, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn second_key(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.second_key_file.as_deref();
        secret::resolve(self.second_key.as_ref(), "gateways.payu.second_key_file", file)
    }

    /// Where the API is, for the money of this environment.
    #[must_use]
    pub fn api_base(&self, is_production: bool) -> &str {
        if is_production { &self.live_api_base } else { &self.test_api_base }
    }

    /// Its secrets, each given once, and what is needed beside them.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        const SECRET: &str = "gateways.payu.client_secret";
        once(SECRET, self.client_secret.is_some() && self.client_secret_file.is_some())?;
        once("gateways.payu.second_key", self.second_key.is_some() && self.second_key_file.is_some())?;
        url("gateways.payu.live_api_base", Some(&self.live_api_base), true)?;
        url("gateways.payu.test_api_base", Some(&self.test_api_base), false)?;
        url("gateways.payu.notify_url", self.notify_url.as_ref(), false)?;
        url("gateways.payu.return_url", self.return_url.as_ref(), false)?;
        differ("gateways.payu.test_api_base", &self.live_api_base, &self.test_api_base)?;
        if self.client_secret()?.is_none() {
            return Ok(());
        }
        needed("gateways.payu.pos_id", self.pos_id.as_ref(), SECRET)
    }
}
