//! tender-vault
