use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::{differ, needed, once, url};
use crate::{SettingsError, secret};

/// An account at Worldpay; the connector `worldpay` is there when its user's password is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worldpay {
    /// The name of the API's user; needed beside the password.
    pub username: Option<String>,
    /// The user's password: of a test account in the sandbox, of a live one in production. Unset: there is no connector
    /// `worldpay`. Or `password_file`.
    pub password: Option<SecretString>,
    /// File with the password.
    pub password_file: Option<PathBuf>,
    /// The entity that is paid; needed beside the password.
    pub entity: Option<String>,
    /// What stands on statements when a payment says nothing of it, 1 to 24 letters, digits, spaces and `.-,`; needed beside
    /// the password.
    pub narrative: Option<String>,
    /// What signs the events to `/v1/payments/webhook/gateway/worldpay`: `<key id>:<secret>`, several separated by commas
    /// while one is rolled; intents needs it beside the password. Or `event_keys_file`.
    pub event_keys: Option<SecretString>,
    /// File with the keys of events.
    pub event_keys_file: Option<PathBuf>,
    /// Where customers come back to from Worldpay's page when a session does not say. Unset: such a session is refused.
    pub return_url: Option<String>,
    /// The 16 digits of the account whose statements are fetched. Unset: none are.
    pub account_number: Option<String>,
    /// Where Worldpay's APIs for real money are; used in production alone.
    pub live_api_base: String,
    /// Where Worldpay's test environment is; https or http. Not used in production.
    pub test_api_base: String,
}

impl Worldpay {
    /// The user's password, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn password(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.password_file.as_deref();
        secret::resolve(self.password.as_ref(), "gateways.worldpay.password_file", file)
    }

    /// What signs events, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn event_keys(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.event_keys_file.as_deref();
        secret::resolve(self.event_keys.as_ref(), "gateways.worldpay.event_keys_file", file)
    }

    /// Where the APIs are, for the money of this environment.
    #[must_use]
    pub fn api_base(&self, is_production: bool) -> &str {
        if is_production { &self.live_api_base } else { &self.test_api_base }
    }

    /// Its secrets, each given once, and what is needed beside the password.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        once("gateways.worldpay.password", self.password.is_some() && self.password_file.is_some())?;
        once("gateways.worldpay.event_keys", self.event_keys.is_some() && self.event_keys_file.is_some())?;
        url("gateways.worldpay.live_api_base", Some(&self.live_api_base), true)?;
        url("gateways.worldpay.test_api_base", Some(&self.test_api_base), false)?;
        url("gateways.worldpay.return_url", self.return_url.as_ref(), false)?;
        differ("gateways.worldpay.test_api_base", &self.live_api_base, &self.test_api_base)?;
        if self.password()?.is_none() {
            return Ok(());
        }
        let beside = "gateways.worldpay.password";
        needed("gateways.worldpay.username", self.username.as_ref(), beside)?;
        needed("gateways.worldpay.entity", self.entity.as_ref(), beside)?;
        needed("gateways.worldpay.narrative", self.narrative.as_ref(), beside)
    }
}
