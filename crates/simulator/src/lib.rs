//! tender-simulator
