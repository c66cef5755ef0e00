//! tender-operations
