//! Who delivers messages to people.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

/// Delivery of messages. A channel that is not set up is not offered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notifications {
    /// The mail server: `smtps://user:password@host`, `smtp://user:password@host?tls=required`, or `smtp://host` for one
    /// on the same machine. Needs `smtp_from`.
    pub smtp_url: Option<SecretString>,
    /// From whom e-mail comes: `Hotel Seeblick <pay@example.com>`.
    pub smtp_from: Option<String>,
    /// The folder into which text messages are written, for a provider's own sender; it must exist.
    pub sms_folder: Option<PathBuf>,
}
