//! From the settings to a listener.

use std::time::Duration;

use anyhow::anyhow;
use tender_http::{ServerSettings, TlsFiles, TrustedProxies};
use tender_settings::Http;

/// What is believed of who called.
///
/// # Errors
/// When the setting names something that is no network.
pub fn trusted_proxies(http: &Http) -> anyhow::Result<TrustedProxies> {
    let wrong =
        |wrong| anyhow!("http.trusted_proxies: `{wrong}` is no network; write 10.0.0.0/8, or one address");
    TrustedProxies::of(&http.trusted_proxies).map_err(wrong)
}

/// How a process listens.
#[must_use]
pub fn server_settings(http: &Http) -> ServerSettings {
    let workers = if http.workers == 0 { share_of_cores() } else { http.workers };
    let tls = http.tls.files();
    ServerSettings {
        host: http.host.clone(),
        port: http.port,
        metrics_host: http.metrics_host.clone(),
        metrics_port: Some(http.metrics_port),
        workers,
        drain_timeout: Duration::from_secs(http.drain_timeout_seconds),
        tls: tls.map(|(cert, key)| TlsFiles { cert_file: cert.to_owned(), key_file: key.to_owned() }),
    }
}

/// How many threads serve requests, and how many commit, follow and call gateways: half of the cores each, so that
/// together there is a thread a core. More of them only hand the same work to and fro (docs/benchmarks.md).
#[must_use]
pub fn share_of_cores() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).div_ceil(2)
}
