//! tender-e2e
