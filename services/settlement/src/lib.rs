//! tender-settlement-service
