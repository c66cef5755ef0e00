//! What a process calls: the other services and payment gateways.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::{SettingsError, secret, text::choice};

/// Base URLs of the services, without a path; in the all-in-one they are called directly and these are unused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Services {
    /// Of intents.
    pub intents_url: String,
    /// Of vault.
    pub vault_url: String,
    /// Of refunds.
    pub refunds_url: String,
    /// Of settlement.
    pub settlement_url: String,
    /// Of operations.
    pub operations_url: String,
    /// Of `tender simulator`. Unset: the simulator runs inside the process. Refused in production.
    pub simulator_url: Option<String>,
    /// PEM file of an authority trusted beside the public ones for these URLs.
    pub ca_file: Option<PathBuf>,
    /// Longest a call to another service may take, 1 to 60 000.
    pub call_timeout_millis: u64,
}

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
    /// The connector `stripe`.
    pub stripe: Stripe,
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
}

/// The simulated gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulator {
    /// Where it keeps its own books.
    #[serde(deserialize_with = "choice")]
    pub books: SimulatorBooks,
    /// Which outcomes it tells by callback.
    #[serde(deserialize_with = "choice")]
    pub callbacks: SimulatorCallbacks,
    /// Where `tender simulator` sends its callbacks: `/v1/payments/webhook/gateway/simulator` of intents. Unset: it keeps
    /// them. In the all-in-one they are handed over directly.
    pub callback_url: Option<String>,
    /// How long its slow answers and its time-outs take, at most 60 000.
    pub delay_millis: u64,
    /// What it derives card tokens and references with, and what its callers show it. It must stay the same as long as
    /// saved test cards are to work. Or `secret_file`; in the all-in-one made in the data folder when neither is set.
    pub secret: Option<SecretString>,
    /// File with the secret.
    pub secret_file: Option<PathBuf>,
}

impl Simulator {
    /// The secret, from the setting or its file.
    ///
    /// # Errors
    /// The file cannot be read or is empty.
    pub fn secret(&self) -> Result<Option<SecretString>, SettingsError> {
        secret::resolve(self.secret.as_ref(), "simulator.secret_file", self.secret_file.as_deref())
    }
}

/// Which outcomes the simulator tells by callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SimulatorCallbacks {
    /// Those that a test token, a script or a tool of the sandbox asks for.
    Asked,
    /// All of them, as most gateways do.
    All,
}

/// Where the simulator keeps its books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SimulatorBooks {
    /// A schema of their own: they survive a crash and can be compared with Tender's.
    Postgres,
    /// Memory, for load tests alone: gone at the end of the process.
    Memory,
}
