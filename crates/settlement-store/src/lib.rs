//! tender-settlement-store
