//! PostgreSQL.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::text::choice;

/// Where PostgreSQL is and how it is used. Numbers of connections are per service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `postgres://user:password@host:port/database`. A service's binary is given its own role; the
    /// all-in-one and `tender migrate` an administrator that may create roles and schemas. Unset: the
    /// all-in-one runs a private cluster in its data folder.
    pub url: Option<SecretString>,
    /// Connections kept open, at most `max_connections`.
    pub min_connections: u32,
    /// Connections at most, 1 to 1000.
    pub max_connections: u32,
    /// How long a connection above the minimum may be idle before it is closed, 1 to 86 400.
    pub idle_timeout_seconds: u64,
    /// How long a request waits for a connection before it is answered 503, 1 to 60 000.
    pub acquire_timeout_millis: u64,
    /// Longest a statement may run, 1 to 600 000.
    pub statement_timeout_millis: u64,
    /// Longest a statement waits for a lock, 1 up to `statement_timeout_millis`.
    pub lock_timeout_millis: u64,
    /// How the connection is protected.
    #[serde(deserialize_with = "choice")]
    pub tls_mode: DatabaseTlsMode,
    /// PEM file of the authority that `verify-ca` and `verify-full` trust instead of the public ones.
    pub tls_ca_file: Option<PathBuf>,
    /// Passwords `tender migrate` gives to the services' roles.
    #[serde(default)]
    pub role_passwords: RolePasswords,
}

/// libpq's `sslmode`, without `allow`, which protects nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatabaseTlsMode {
    /// Never TLS.
    Disable,
    /// TLS if the server offers it, unchecked.
    Prefer,
    /// TLS, certificate unchecked.
    Require,
    /// TLS, certificate by a trusted authority.
    VerifyCa,
    /// TLS, certificate by a trusted authority and for this host.
    VerifyFull,
}

impl DatabaseTlsMode {
    /// The word of the setting.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// One password per service role (`tender_<service>`); `None` leaves the role's password as it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolePasswords {
    /// Of `tender_intents`.
    pub intents: Option<SecretString>,
    /// Of `tender_vault`.
    pub vault: Option<SecretString>,
    /// Of `tender_refunds`.
    pub refunds: Option<SecretString>,
    /// Of `tender_settlement`.
    pub settlement: Option<SecretString>,
    /// Of `tender_operations`.
    pub operations: Option<SecretString>,
    /// Of `tender_simulator`.
    pub simulator: Option<SecretString>,
}

impl RolePasswords {
    /// The password for a service by its name (`intents`); `None` too for a service that does not exist.
    #[must_use]
    pub fn of(&self, service: &str) -> Option<&SecretString> {
        match service {
            "intents" => self.intents.as_ref(),
            "vault" => self.vault.as_ref(),
            "refunds" => self.refunds.as_ref(),
            "settlement" => self.settlement.as_ref(),
            "operations" => self.operations.as_ref(),
            "simulator" => self.simulator.as_ref(),
            _ => None,
        }
    }
}
