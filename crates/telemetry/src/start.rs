//! Starting and ending all of it.

use std::time::Duration;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, Registry, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    Metrics, TelemetryError, logs,
    metrics::{self, Upkeep},
    traces::{self, Traces},
};

/// How long the last spans may take to reach the collector at the end.
const FLUSH_LIMIT: Duration = Duration::from_secs(5);

/// Who writes the telemetry's own transport logs; exporting spans of the export would never end.
const OWN_TRANSPORT: [&str; 5] = ["opentelemetry", "reqwest", "hyper", "h2", "rustls"];

/// For whom logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people at a terminal.
    Text,
    /// For collectors: one JSON object a line.
    Json,
}

/// What is to be told, and where.
#[derive(Debug, Clone, Copy)]
pub struct TelemetryOptions<'a> {
    /// The process's name in traces, e.g. `tender-intents`.
    pub service: &'static str,
    /// For whom logs are written.
    pub log_format: LogFormat,
    /// Which logs are written: `info,tender_intents=debug`.
    pub log_filter: &'a str,
    /// Base URL of an OTLP/HTTP collector; `None` exports no traces.
    pub otlp_endpoint: Option<&'a str>,
}

/// Logs, traces and metrics of this process, for as long as this is kept. Keep it in `main`; dropping it sends
/// the last spans.
#[must_use = "telemetry ends when this is dropped"]
pub struct Telemetry {
    metrics: Metrics,
    traces: Option<Traces>,
    _upkeep: Upkeep,
}

impl Telemetry {
    /// Starts all of it: everything that `tracing`, `log` and `metrics` are told from now on is told on.
    ///
    /// # Errors
    /// A bad filter, a collector's URL that cannot be used, or telemetry that was started before.
    pub fn start(options: TelemetryOptions<'_>) -> Result<Self, TelemetryError> {
        let filter = logs::filter(options.log_filter)?;
        let traces =
            options.otlp_endpoint.map(|endpoint| traces::start(endpoint, options.service)).transpose()?;
        let spans = traces.as_ref().map(|traces| {
            tracing_opentelemetry::layer()
                .with_tracer(traces.tracer.clone())
                .with_filter(filter_fn(|metadata| {
                    !OWN_TRANSPORT.iter().any(|own| metadata.target().starts_with(own))
                }))
                .with_filter(LevelFilter::INFO)
        });
        let lines = logs::layer(options.log_format, logs::standard_error).with_filter(filter);
        Registry::default().with(spans).with(lines).try_init().map_err(|_| TelemetryError::AlreadyStarted)?;
        logs::log_panics();
        let (metrics, upkeep) = metrics::install()?;
        Ok(Self { metrics, traces, _upkeep: upkeep })
    }

    /// What the process counted, for the private port.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = self.traces.take()
            && let Err(error) = traces.provider.shutdown_with_timeout(FLUSH_LIMIT)
        {
            tracing::warn!(%error, "the last traces did not reach the collector");
        }
    }
}
