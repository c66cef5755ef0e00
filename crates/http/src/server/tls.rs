//! TLS of a listener.

use std::path::PathBuf;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Where a listener's certificate and key are, as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by its chain.
    pub cert_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
}

/// The files cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("TLS cannot be set up from {file}: {problem}")]
pub(super) struct InvalidTls {
    /// Which file.
    pub(super) file: PathBuf,
    /// What is wrong with it.
    pub(super) problem: String,
}

impl TlsFiles {
    /// TLS 1.2 and 1.3 with this certificate.
    pub(super) fn server_config(&self) -> Result<ServerConfig, InvalidTls> {
        let wrong = |file: &PathBuf, problem: String| InvalidTls { file: file.clone(), problem };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&self.cert_file)
            .and_then(Iterator::collect)
            .map_err(|error| wrong(&self.cert_file, error.to_string()));
        let chain = chain?;
        let key = PrivateKeyDer::from_pem_file(&self.key_file);
        let key = key.map_err(|error| wrong(&self.key_file, error.to_string()))?;
        // Named, for more than one provider may be linked and then there is no default.
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        ServerConfig::builder_with_provider(provider.into())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| wrong(&self.cert_file, error.to_string()))
    }
}
