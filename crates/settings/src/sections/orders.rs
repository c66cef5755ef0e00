//! Where orders are looked up.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::validate::refused;
use crate::{SettingsError, secret};

/// The ordering service. Unset: the built-in directory, which `PUT /v1/payments/orders/{reference}` fills.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orders {
    /// The address below which its `orders/{reference}` is: https, at a public address. Needs the token.
    pub url: Option<String>,
    /// By what it knows us. Or `token_file`.
    pub token: Option<SecretString>,
    /// File with the token.
    pub token_file: Option<PathBuf>,
    /// Longest a call of it may take, 1 to 10 000; then the order's payment is refused with 503.
    pub timeout_millis: u64,
}

impl Orders {
    /// The token, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn token(&self) -> Result<Option<SecretString>, SettingsError> {
        secret::resolve(self.token.as_ref(), "orders.token_file", self.token_file.as_deref())
    }

    /// That address and token are there together, and the time in its range.
    pub(crate) fn check(&self) -> Result<(), SettingsError> {
        if self.token.is_some() && self.token_file.is_some() {
            return refused("orders.token", "and orders.token_file are both set; set only one");
        }
        let has_token = self.token.is_some() || self.token_file.is_some();
        match self.url {
            Some(_) if !has_token => return refused("orders.token_file", "is needed beside orders.url"),
            None if has_token => return refused("orders.url", "is needed beside orders.token_file"),
            _ => {}
        }
        if !(1..=10_000).contains(&self.timeout_millis) {
            return refused("orders.timeout_millis", "must be from 1 to 10000");
        }
        Ok(())
    }
}
