//! How to reach the brokers.

use std::path::PathBuf;

use rdkafka::ClientConfig;
use secrecy::{ExposeSecret as _, SecretString};

use crate::names::Names;

/// The brokers, the prefix of every name, and how to log in.
#[derive(Debug, Clone)]
pub struct KafkaOptions {
    /// `host:port`, several with commas.
    pub brokers: String,
    /// Put before every topic's and every consumer group's name; may be empty.
    pub prefix: String,
    /// `plaintext`, `ssl`, `sasl_plaintext` or `sasl_ssl`.
    pub security_protocol: String,
    /// `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`; needed for the two `sasl_` protocols.
    pub sasl_mechanism: Option<String>,
    /// Needed for the two `sasl_` protocols.
    pub sasl_username: Option<String>,
    /// Needed for the two `sasl_` protocols.
    pub sasl_password: Option<SecretString>,
    /// PEM file of the authority trusted instead of the system's.
    pub ca_file: Option<PathBuf>,
}

impl KafkaOptions {
    /// Brokers that ask for no login, on a network that is trusted: a developer's machine.
    #[must_use]
    pub fn plaintext(brokers: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self {
            brokers: brokers.into(),
            prefix: prefix.into(),
            security_protocol: "plaintext".to_owned(),
            sasl_mechanism: None,
            sasl_username: None,
            sasl_password: None,
            ca_file: None,
        }
    }

    pub(crate) fn names(&self) -> Names {
        Names::new(&self.prefix)
    }

    /// What every client of ours has in common.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "tender")
            .set("security.protocol", &self.security_protocol)
            .set("socket.keepalive.enable", "true")
            .set("socket.timeout.ms", "10000")
            // After an outage the brokers are found again within two seconds, not ten.
            .set("reconnect.backoff.ms", "100")
            .set("reconnect.backoff.max.ms", "2000")
            .set("topic.metadata.refresh.interval.ms", "60000")
            // An idle connection that a broker closes is no fault.
            .set("log.connection.close", "false");
        if let Some(mechanism) = &self.sasl_mechanism {
            config.set("sasl.mechanism", mechanism);
        }
        if let Some(username) = &self.sasl_username {
            config.set("sasl.username", username);
        }
        if let Some(password) = &self.sasl_password {
            config.set("sasl.password", password.expose_secret());
        }
        match &self.ca_file {
            Some(file) => config.set("ssl.ca.location", file.to_string_lossy()),
            // Looks where the distributions keep their authorities.
            None => config.set("ssl.ca.location", "probe"),
        };
        config
    }

    /// A client that reads. `group` is asked for also by those that read without a group: librdkafka keeps the
    /// positions of its assignment under it.
    pub(crate) fn reader(&self, group: &str) -> ClientConfig {
        let mut config = self.client();
        config
            .set("group.id", self.names().group(group))
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            // A consumer that is new, or was away for longer than its offsets are kept, reads everything there is; its
            // inbox knows what it has seen.
            .set("auto.offset.reset", "earliest")
            // What is fetched ahead is bounded, and a full queue is looked at again soon.
            .set("queued.max.messages.kbytes", "8192")
            .set("queued.min.messages", "2000")
            .set("fetch.queue.backoff.ms", "20")
            .set("fetch.message.max.bytes", "1048576")
            .set("fetch.max.bytes", "8388608")
            .set("check.crcs", "true");
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_not_printed() {
        let mut options = KafkaOptions::plaintext("broker:9092", "");
        options.sasl_password = Some(SecretString::from("open sesame"));
        assert!(!format!("{options:?}").contains("sesame"));
    }
}
