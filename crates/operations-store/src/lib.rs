//! tender-operations-store
