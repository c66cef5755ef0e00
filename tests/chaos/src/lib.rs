//! tender-chaos
