//! Kafka.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::text::{choice, optional_choice};

/// The brokers and how to log in to them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// `host:port`, several with commas. Unset: the all-in-one uses its outbox tables as the log; the five
    /// binaries do not start.
    pub brokers: Option<String>,
    /// Put before every topic's name, e.g. `staging.`.
    pub topic_prefix: String,
    /// Whether the connection is encrypted and logged in to.
    #[serde(deserialize_with = "choice")]
    pub security_protocol: SecurityProtocol,
    /// Needed for the two `sasl_` protocols.
    #[serde(default, deserialize_with = "optional_choice")]
    pub sasl_mechanism: Option<SaslMechanism>,
    /// Needed for the two `sasl_` protocols.
    pub sasl_username: Option<String>,
    /// Needed for the two `sasl_` protocols.
    pub sasl_password: Option<SecretString>,
    /// PEM file of the authority trusted instead of the system's.
    pub ca_file: Option<PathBuf>,
}

/// librdkafka's `security.protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityProtocol {
    /// Neither encrypted nor logged in.
    Plaintext,
    /// Encrypted.
    Ssl,
    /// Logged in, not encrypted.
    SaslPlaintext,
    /// Encrypted and logged in.
    SaslSsl,
}

impl SecurityProtocol {
    /// As librdkafka spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Ssl => "ssl",
            Self::SaslPlaintext => "sasl_plaintext",
            Self::SaslSsl => "sasl_ssl",
        }
    }

    /// Whether name and password are sent.
    #[must_use]
    pub fn uses_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }
}

/// librdkafka's `sasl.mechanism`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum SaslMechanism {
    /// The password as it is; only over `sasl_ssl`.
    #[serde(rename = "PLAIN")]
    Plain,
    /// Challenge and response.
    #[serde(rename = "SCRAM-SHA-256")]
    ScramSha256,
    /// Challenge and response.
    #[serde(rename = "SCRAM-SHA-512")]
    ScramSha512,
}

impl SaslMechanism {
    /// As librdkafka spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}
