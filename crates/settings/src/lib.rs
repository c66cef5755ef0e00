//! tender-settings
