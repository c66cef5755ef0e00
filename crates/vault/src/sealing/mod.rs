//! How tokens are sealed and cards are recognised. The only code that holds the vault's keys.

mod fingerprint;
mod keyring;
mod tokens;

pub use fingerprint::FingerprintKey;
pub use keyring::{Keyring, KeyringError};
pub(crate) use tokens::{ConnectorTokens, open, seal};
