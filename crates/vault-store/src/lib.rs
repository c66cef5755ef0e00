//! tender-vault-store
