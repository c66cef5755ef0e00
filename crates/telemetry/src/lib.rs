//! tender-telemetry
