//! tender-events
