//! tender-simulator-store
