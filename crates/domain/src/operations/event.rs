use crate::kernel::Timestamp;

/// What happened to an API key. The public message of every one is the key's whole state, `api-key.changed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyEvent {
    /// It was issued.
    Issued,
    /// It was taken back.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// What happened to a tenant's settings. The public message is their whole state, `settings.changed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsEvent {
    /// Some were set.
    Changed,
}
