use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::{differ, needed, once, url};
use crate::{SettingsError, secret};

/// An account at Saferpay; the connector `saferpay` is there when its user's password is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saferpay {
    /// The name of the API's user (`API_…`); needed beside the password.
    pub username: Option<String>,
    /// The user's password: of a test account in the sandbox, of a live one in production. Unset: there is no connector
    /// `saferpay`. Or `password_file`.
    pub password: Option<SecretString>,
    /// File with the password.
    pub password_file: Option<PathBuf>,
    /// Whose account it is, 1 to 8 digits; needed beside the password.
    pub customer_id: Option<String>,
    /// The terminal that is paid at, 8 digits; needed beside the password.
    pub terminal_id: Option<String>,
    /// Where customers come back to after a challenge or from Saferpay's page, when the payment does not say. Unset: a
    /// payment is then not authenticated, and such a session is refused.
    pub return_url: Option<String>,
    /// Where Saferpay's API for real money is; used in production alone.
    pub live_api_base: String,
    /// Where Saferpay's test environment is; https or http. Not used in production.
    pub test_api_base: String,
}

impl Saferpay {
    /// The user's password, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn password(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.password_file.as_deref();
        secret::resolve(self.password.as_ref(), "gateways.saferpay.password_file", file)
    }

    /// Where the API is, for the money of this environment.
    #[must_use]
    pub fn api_base(&self, is_production: bool) -> &str {
        if is_production { &self.live_api_base } else { &self.test_api_base }
    }

    /// Its password, given once, and what is needed beside it.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        const PASSWORD: &str = "gateways.saferpay.password";
        once(PASSWORD, self.password.is_some() && self.password_file.is_some())?;
        url("gateways.saferpay.live_api_base", Some(&self.live_api_base), true)?;
        url("gateways.saferpay.test_api_base", Some(&self.test_api_base), false)?;
        url("gateways.saferpay.return_url", self.return_url.as_ref(), false)?;
        differ("gateways.saferpay.test_api_base", &self.live_api_base, &self.test_api_base)?;
        if self.password()?.is_none() {
            return Ok(());
        }
        needed("gateways.saferpay.username", self.username.as_ref(), PASSWORD)?;
        needed("gateways.saferpay.customer_id", self.customer_id.as_ref(), PASSWORD)?;
        needed("gateways.saferpay.terminal_id", self.terminal_id.as_ref(), PASSWORD)
    }
}
