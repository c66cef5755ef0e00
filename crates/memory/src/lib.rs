//! tender-memory
