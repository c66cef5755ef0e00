//! What the composition root knows of the process, for the attestation.

/// A listener of the process, as it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerFact {
    /// Which (`public`).
    pub name: &'static str,
    /// Where.
    pub address: String,
    /// Whether it speaks TLS, 1.2 or later.
    pub tls: bool,
}

/// Facts of the process.
#[derive(Debug, Clone, Default)]
pub struct ProcessFacts {
    /// Its listeners.
    pub listeners: Vec<ListenerFact>,
    /// How connections to the database are protected (`verify-full`).
    pub database_tls: String,
    /// For how many days lines of the log of secret reads are kept.
    pub log_kept_days: u32,
    /// Masks what it is given as a log would be masked: asked with a test number when the attestation is made.
    pub log_mask: Option<fn(&str) -> String>,
}
