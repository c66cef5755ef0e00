//! Payment gateways, and the accounts at them. Each section checks itself.

mod payu;
mod saferpay;
mod square;
mod worldpay;

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::validate::refused;
use crate::{SettingsError, secret};

pub use payu::PayU;
pub use saferpay::Saferpay;
pub use square::Square;
pub use worldpay::Worldpay;

/// Calls to payment gateways.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateways {
    /// Longest a gateway may take, 1 to 10 000 and less than the request's own limit. After it the outcome is
    /// unknown and is looked up.
    pub call_timeout_millis: u64,
    /// How long a customer has for a challenge, 60 to 86 400; then its attempt has failed
    /// (`authentication_abandoned`).
    pub challenge_timeout_seconds: u64,
    /// For how many days callbacks are kept once nobody has to look at them, 14 to 3650; they are then forgotten.
    pub callback_retention_days: u32,
    /// The connector `stripe`.
    pub stripe: Stripe,
    /// The connector `adyen`.
    pub adyen: Adyen,
    /// The connector `paypal`.
    pub paypal: PayPal,
    /// The connector `worldpay`.
    pub worldpay: Worldpay,
    /// The connector `square`.
    pub square: Square,
    /// The connector `saferpay`.
    pub saferpay: Saferpay,
    /// The connector `payu`.
    pub payu: PayU,
}

impl Gateways {
    /// What is wrong with the account at a gateway.
    pub(crate) fn check(&self, is_production: bool) -> Result<(), SettingsError> {
        self.stripe.check(is_production)?;
        self.adyen.check(is_production)?;
        self.paypal.check()?;
        self.worldpay.check()?;
        self.square.check()?;
        self.saferpay.check()?;
        self.payu.check()
    }
}

/// An account at Stripe; the connector `stripe` is there when its secret key is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stripe {
    /// The account's secret or restricted key: a test key in the sandbox, a live key in production. Unset: there is no
    /// connector `stripe`. Or `secret_key_file`.
    pub secret_key: Option<SecretString>,
    /// File with the secret key.
    pub secret_key_file: Option<PathBuf>,
    /// What Stripe signs its callbacks to `/v1/payments/webhook/gateway/stripe` with; intents needs it beside the key. Or
    /// `webhook_secret_file`.
    pub webhook_secret: Option<SecretString>,
    /// File with the secret of callbacks.
    pub webhook_secret_file: Option<PathBuf>,
    /// Where customers come back to after a challenge. Unset: a payment that needs a challenge is declined.
    pub return_url: Option<String>,
    /// Where Stripe's API is; https, or http in the sandbox.
    pub api_base: String,
}

impl Stripe {
    /// The secret key, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn secret_key(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.secret_key_file.as_deref();
        secret::resolve(self.secret_key.as_ref(), "gateways.stripe.secret_key_file", file)
    }

    /// The secret of callbacks, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn webhook_secret(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.webhook_secret_file.as_deref();
        secret::resolve(self.webhook_secret.as_ref(), "gateways.stripe.webhook_secret_file", file)
    }

    /// Its secrets, each given once. Its key is for real money or for none, and says so; the wrong one in either
    /// environment is refused.
    fn check(&self, is_production: bool) -> Result<(), SettingsError> {
        const KEY: &str = "gateways.stripe.secret_key";
        once(KEY, self.secret_key.is_some() && self.secret_key_file.is_some())?;
        let both = self.webhook_secret.is_some() && self.webhook_secret_file.is_some();
        once("gateways.stripe.webhook_secret", both)?;
        url("gateways.stripe.api_base", Some(&self.api_base), is_production)?;
        url("gateways.stripe.return_url", self.return_url.as_ref(), false)?;
        let Some(key) = self.secret_key()? else { return Ok(()) };
        let kind = ["sk_", "rk_"].iter().find_map(|prefix| key.expose_secret().strip_prefix(prefix));
        match kind {
            Some(kind) if kind.starts_with("test_") && is_production => {
                refused(KEY, "is a test key; production takes real money with a live key")
            }
            Some(kind) if kind.starts_with("live_") && !is_production => {
                refused(KEY, "is a live key, which takes real money; the sandbox wants a test key")
            }
            Some(kind) if kind.starts_with("test_") || kind.starts_with("live_") => Ok(()),
            _ => refused(KEY, "must begin with sk_test_, rk_test_, sk_live_ or rk_live_"),
        }
    }
}

/// An account at Adyen; the connector `adyen` is there when its API key is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adyen {
    /// The API key of a web service user of the merchant account: of a test account in the sandbox, of a live one in
    /// production. Unset: there is no connector `adyen`. Or `api_key_file`.
    pub api_key: Option<SecretString>,
    /// File with the API key.
    pub api_key_file: Option<PathBuf>,
    /// The merchant account that is paid; needed beside the key.
    pub merchant_account: Option<String>,
    /// What signs the standard notifications to `/v1/payments/webhook/gateway/adyen`: the HMAC key in hex, two separated by
    /// a comma while it is rolled; intents needs it beside the API key. Or `hmac_key_file`.
    pub hmac_key: Option<SecretString>,
    /// File with the HMAC key.
    pub hmac_key_file: Option<PathBuf>,
    /// The API key of a report service user, which may download settlement reports; without it none are fetched. Or
    /// `report_key_file`.
    pub report_key: Option<SecretString>,
    /// File with the key of reports.
    pub report_key_file: Option<PathBuf>,
    /// The number of the first settlement batch that there is a report of.
    pub first_settlement_batch: u32,
    /// Where customers come back to after a challenge; needed beside the key.
    pub return_url: Option<String>,
    /// The prefix of the company's own live address, from the live Customer Area; needed in production, refused in the
    /// sandbox.
    pub live_prefix: Option<String>,
    /// Where the Checkout API of the test environment is, without its version; https, or http in the sandbox. Not used in
    /// production.
    pub test_api_base: String,
}

impl Adyen {
    /// The API key, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn api_key(&self) -> Result<Option<SecretString>, SettingsError> {
        secret::resolve(self.api_key.as_ref(), "gateways.adyen.api_key_file", self.api_key_file.as_deref())
    }

    /// What signs notifications, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn hmac_key(&self) -> Result<Option<SecretString>, SettingsError> {
        secret::resolve(self.hmac_key.as_ref(), "gateways.adyen.hmac_key_file", self.hmac_key_file.as_deref())
    }

    /// The key of reports, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn report_key(&self) -> Result<Option<SecretString>, SettingsError> {
        const KEY: &str = "gateways.adyen.report_key_file";
        secret::resolve(self.report_key.as_ref(), KEY, self.report_key_file.as_deref())
    }

    /// Where reports are: in the Customer Area of the environment; a stand-in has them where its API is.
    #[must_use]
    pub fn reports_base(&self) -> String {
        match (&self.live_prefix, self.test_api_base.ends_with(".adyen.com")) {
            (Some(_), _) => "https://ca-live.adyen.com".to_owned(),
            (None, true) => "https://ca-test.adyen.com".to_owned(),
            (None, false) => self.test_api_base.clone(),
        }
    }

    /// Where the Checkout API is, without its version: the live one where the prefix is set.
    #[must_use]
    pub fn api_base(&self) -> String {
        match &self.live_prefix {
            Some(prefix) => format!("https://{prefix}-checkout-live.adyenpayments.com/checkout"),
            None => self.test_api_base.clone(),
        }
    }

    /// Its secrets, each given once, and what is needed beside the key. Real money is in production alone, and there is
    /// no other.
    fn check(&self, is_production: bool) -> Result<(), SettingsError> {
        const PREFIX: &str = "gateways.adyen.live_prefix";
        once("gateways.adyen.api_key", self.api_key.is_some() && self.api_key_file.is_some())?;
        once("gateways.adyen.report_key", self.report_key.is_some() && self.report_key_file.is_some())?;
        once("gateways.adyen.hmac_key", self.hmac_key.is_some() && self.hmac_key_file.is_some())?;
        url("gateways.adyen.test_api_base", Some(&self.test_api_base), is_production)?;
        url("gateways.adyen.return_url", self.return_url.as_ref(), false)?;
        if self.test_api_base.contains("live") {
            return refused(
                "gateways.adyen.test_api_base",
                "is a live address; in production set live_prefix",
            );
        }
        if let Some(prefix) = &self.live_prefix {
            if !is_production {
                return refused(PREFIX, "leads to real money; the sandbox wants it unset");
            }
            if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                return refused(PREFIX, "is made of letters, digits and hyphens");
            }
        }
        if self.api_key()?.is_none() {
            return Ok(());
        }
        for (key, is_set) in [
            (
                "gateways.adyen.merchant_account",
                self.merchant_account.as_ref().is_some_and(|name| !name.is_empty()),
            ),
            ("gateways.adyen.return_url", self.return_url.is_some()),
            (PREFIX, self.live_prefix.is_some() || !is_production),
        ] {
            if !is_set {
                return refused(key, "is needed beside gateways.adyen.api_key");
            }
        }
        Ok(())
    }
}

/// An account at PayPal; the connector `paypal` is there when the secret of its app is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayPal {
    /// The client id of the account's app; needed beside the secret.
    pub client_id: Option<String>,
    /// The app's secret: of a sandbox account in the sandbox, of a live one in production. Unset: there is no connector
    /// `paypal`. Or `client_secret_file`.
    pub client_secret: Option<SecretString>,
    /// File with the app's secret.
    pub client_secret_file: Option<PathBuf>,
    /// Where customers come back to after a challenge. Unset: a payment that needs a challenge is declined.
    pub return_url: Option<String>,
    /// The id that PayPal shows for the webhook to `/v1/payments/webhook/gateway/paypal`. Unset: none is taken; no outcome of
    /// ours depends on one, but what is done in PayPal's own pages is then not seen.
    pub webhook_id: Option<String>,
    /// File with the authorities, in PEM, under which PayPal's certificates of webhooks are believed. Unset: those of the
    /// system.
    pub webhook_roots_file: Option<PathBuf>,
    /// Where PayPal's API for real money is; used in production alone.
    pub live_api_base: String,
    /// Where PayPal's sandbox is; https or http. Not used in production.
    pub test_api_base: String,
}

impl PayPal {
    /// The app's secret, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn client_secret(&self) -> Result<Option<SecretString>, SettingsError> {
        let file = self.client_secret_file.as_deref();
        secret::resolve(self.client_secret.as_ref(), "gateways.paypal.client_secret_file", file)
    }

    /// The authorities of certificates of webhooks, from their file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn webhook_roots(&self) -> Result<Option<Vec<u8>>, SettingsError> {
        const KEY: &str = "gateways.paypal.webhook_roots_file";
        let Some(file) = &self.webhook_roots_file else { return Ok(None) };
        match std::fs::read(file) {
            Ok(pem) => Ok(Some(pem)),
            Err(error) => refused(KEY, format!("{} cannot be read: {error}", file.display())),
        }
    }

    /// Where the API is, for the money of this environment.
    #[must_use]
    pub fn api_base(&self, is_production: bool) -> &str {
        if is_production { &self.live_api_base } else { &self.test_api_base }
    }

    /// Its secret, given once, and what is needed beside it.
    fn check(&self) -> Result<(), SettingsError> {
        once(
            "gateways.paypal.client_secret",
            self.client_secret.is_some() && self.client_secret_file.is_some(),
        )?;
        url("gateways.paypal.live_api_base", Some(&self.live_api_base), true)?;
        url("gateways.paypal.test_api_base", Some(&self.test_api_base), false)?;
        url("gateways.paypal.return_url", self.return_url.as_ref(), false)?;
        differ("gateways.paypal.test_api_base", &self.live_api_base, &self.test_api_base)?;
        let is_named = self.client_id.as_ref().is_some_and(|id| !id.is_empty());
        if self.client_secret()?.is_some() && !is_named {
            return refused("gateways.paypal.client_id", "is needed beside gateways.paypal.client_secret");
        }
        Ok(())
    }
}

/// Refuses a secret that is given twice.
fn once(key: &'static str, is_twice: bool) -> Result<(), SettingsError> {
    if is_twice { refused(key, format!("and {key}_file are both set; set only one")) } else { Ok(()) }
}

/// Refuses a sandbox that is where real money is taken.
fn differ(key: &'static str, live: &str, test: &str) -> Result<(), SettingsError> {
    if live == test { refused(key, "is where real money is taken") } else { Ok(()) }
}

/// Refuses an account without what is needed beside its secret.
fn needed(key: &'static str, value: Option<&String>, beside: &str) -> Result<(), SettingsError> {
    if value.is_some_and(|text| !text.is_empty()) {
        return Ok(());
    }
    refused(key, format!("is needed beside {beside}"))
}

/// Refuses what is no address, and one in the clear where `is_https` is wanted.
fn url(key: &'static str, url: Option<&String>, is_https: bool) -> Result<(), SettingsError> {
    match url {
        Some(url) if is_https && !url.starts_with("https://") => {
            refused(key, "must be https:// in production")
        }
        Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
            refused(key, format!("is {url:?}; it must begin with http:// or https://"))
        }
        _ => Ok(()),
    }
}
