//! tender-settlement
