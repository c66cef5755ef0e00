use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::{differ, needed, once, url};
use crate::{SettingsError, secret};

/// An account at Square; the connector `square` is there when its access token is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Square {
    /// The access token of the seller's account: of a sandbox account in the sandbox, of a live one in production. Unset:
    /// there is no connector `square`. Or `access_token_file`.
    pub access_token: Option<SecretString>,
    /// File with the access token.
    pub access_token_file: Option<PathBuf>,
    /// The location that is paid; needed beside the token.
    pub location_id: Option<String>,
    /// What signs the webhooks to `/v1/payments/webhook/gateway/square`; intents needs it beside the token. Or
    /// `signature_key_file`.
    pub signature_key: Option<SecretString>,
    /// File with the signature key.
    pub signature_key_file: Option<PathBuf>,
    /// The whole address that Square sends webhooks to, exactly as it is in Square's dashboard: it is a part of what is
    /// signed. Needed beside the signature key.
    pub notification_url: Option<String>,
    /// Where customers come back to from Square's page when a session does not say. Unset: such a session is refused.
    pub return_url: Option<String>,
    /// Where Square's API for real money is; used in production alone.
    pub live_api_base: String,
    /// Where Square's sandbox is; https or http. Not used in production.
    pub test_api_base: String,
}

impl Square {
    /// The access token, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn access_token(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.access_token_file.as_deref();
        secret::resolve(self.access_token.as_ref(), "gateways.square.access_token_file", file)
    }

    /// What signs webhooks, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn signature_key(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.signature_key_file.as_deref();
        secret::resolve(self.signature_key.as_ref(), "gateways.square.signature_key_file", file)
    }

    /// Where the API is, for the money of this environment.
    #[must_use]
    pub fn api_base(&self, is_production: bool) -> &str {
        if is_production { &self.live_api_base } else { &self.test_api_base }
    }

    /// Its secrets, each given once, and what is needed beside them.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        const TOKEN: &str = "gateways.square.access_token";
        const KEY: &str = "gateways.square.signature_key";
        once(TOKEN, self.access_token.is_some() && self.access_token_file.is_some())?;
        once(KEY, self.signature_key.is_some() && self.signature_key_file.is_some())?;
        url("gateways.square.live_api_base", Some(&self.live_api_base), true)?;
        url("gateways.square.test_api_base", Some(&self.test_api_base), false)?;
        url("gateways.square.return_url", self.return_url.as_ref(), false)?;
        url("gateways.square.notification_url", self.notification_url.as_ref(), false)?;
        differ("gateways.square.test_api_base", &self.live_api_base, &self.test_api_base)?;
        if self.signature_key()?.is_some() {
            needed("gateways.square.notification_url", self.notification_url.as_ref(), KEY)?;
        }
        if self.access_token()?.is_some() {
            needed("gateways.square.location_id", self.location_id.as_ref(), TOKEN)?;
        }
        Ok(())
    }
}
