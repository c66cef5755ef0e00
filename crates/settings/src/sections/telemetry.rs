//! Logs and traces.

use serde::Deserialize;

use crate::text::choice;

/// How the process tells what it does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// For whom logs are written.
    #[serde(deserialize_with = "choice")]
    pub log_format: LogFormat,
    /// Which logs are written, as `RUST_LOG` has it: `info,tender_intents=debug`.
    pub log_filter: String,
    /// OTLP/HTTP endpoint for traces, e.g. `http://collector:4318`; also taken from
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`. Unset: traces are not exported.
    pub otlp_endpoint: Option<String>,
}

/// For whom logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people at a terminal.
    Text,
    /// For collectors: one JSON object a line.
    Json,
}
