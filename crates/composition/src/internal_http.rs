//! Calls from one service of the platform to another.

use std::fs;
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
    let mut builder = Client::builder()
        // A redirect would carry the service's token to wherever it points.
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .timeout(call_timeout(services));
    if let Some(file) = &services.ca_file {
        let named = || format!("setting services.ca_file: the file {}", file.display());
        let pem = fs::read(file).with_context(|| format!("{} cannot be read", named()))?;
        let authority =
            Certificate::from_pem(&pem).with_context(|| format!("{} is no certificate in PEM", named()))?;
        builder = builder.tls_certs_merge([authority]);
    }
    builder.build().context("the HTTP client of calls to other services cannot be made")
}

/// How long a call to another service may take.
#[must_use]
pub const fn call_timeout(services: &Services) -> Duration {
    Duration::from_millis(services.call_timeout_millis)
}
