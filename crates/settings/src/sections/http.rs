//! The listeners of a process.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The public listener and the private one for metrics.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address or host name the public listener binds to.
    pub host: String,
    /// Port of the public listener; 0 lets the system choose a free one.
    pub port: u16,
    /// Address the private listener (`/metrics`) binds to.
    pub metrics_host: String,
    /// Port of the private listener; 0 lets the system choose a free one.
    pub metrics_port: u16,
    /// Threads that serve requests, at most 1024; 0 means half of the cores.
    pub workers: usize,
    /// How long a request may take before it is answered 503, 1 to 600.
    pub request_timeout_seconds: u64,
    /// After SIGTERM: how long requests in flight may take to end, 1 to 600.
    pub drain_timeout_seconds: u64,
    /// Networks of what stands in front of it, each as `10.0.0.0/8` or one address: who called is taken from their
    /// `X-Forwarded-For`, and of every other connection it is the connection's own address.
    pub trusted_proxies: String,
    /// Certificate of the public listener; without one it speaks plain HTTP behind an edge.
    pub tls: HttpTls,
}

/// A certificate and its key, both or neither.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpTls {
    /// PEM file of the certificate chain, leaf first.
    pub cert_file: Option<PathBuf>,
    /// PEM file of the private key.
    pub key_file: Option<PathBuf>,
}

impl HttpTls {
    /// Certificate and key file when TLS is configured; settings with only one of them are refused at load.
    #[must_use]
    pub fn files(&self) -> Option<(&Path, &Path)> {
        Some((self.cert_file.as_deref()?, self.key_file.as_deref()?))
    }
}
