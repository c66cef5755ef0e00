//! tender-vault-service
