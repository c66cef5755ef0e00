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
