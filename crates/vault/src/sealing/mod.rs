//! How tokens are sealed and cards are recognised. The only code that holds the vault's keys in the clear.

mod credentials;
mod data_keys;
mod fingerprint;
mod keyring;
mod local_keys;
mod open_key;
mod tokens;

pub(crate) use data_keys::{DataKeys, KeyPorts};
pub use fingerprint::FingerprintKey;
pub use keyring::{Keyring, KeyringError};
pub(crate) use tokens::{ConnectorTokens, SealError};
