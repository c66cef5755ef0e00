//! Calls from one service of the platform to another.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use tender_settings::Services;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Shorter than our servers keep an idle connection (5 s): a call on one that is just being closed would be lost.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);

/// The client by which a process calls the other services.
///
/// # Errors
/// When the file of the authority cannot be used.
pub fn internal_client(services: &Services) -> anyhow::Result<Client> {
    trusting_client("services.ca_file", services.ca_file.as_deref(), call_timeout(services))
}

/// A client that trusts the authority of this setting's file beside the public ones.
///
/// # Errors
/// When the file of the authority cannot be used.
pub fn trusting_client(
    setting: &str,
    ca_file: Option<&Path>,
    call_timeout: Duration,
) -> anyhow::Result<Client> {
    let mut builder = Client::builder()
        // A redirect would carry the service's token to wherever it points.
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .timeout(call_timeout);
    if let Some(file) = ca_file {
        let named = || format!("setting {setting}: the file {}", file.display());
        let pem = fs::read(file).with_context(|| format!("{} cannot be read", named()))?;
        let authority =
            Certificate::from_pem(&pem).with_context(|| format!("{} is no certificate in PEM", named()))?;
        builder = builder.tls_certs_merge([authority]);
    }
    builder.build().context("the HTTP client of internal calls cannot be made")
}

/// How long a call to another service may take.
#[must_use]
pub const fn call_timeout(services: &Services) -> Duration {
    Duration::from_millis(services.call_timeout_millis)
}
