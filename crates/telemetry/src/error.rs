//! What can keep telemetry from starting.

use thiserror::Error;

/// Why logs, traces or metrics could not be started.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The filter of logs cannot be read.
    #[error(
        "log filter {filter:?}: {problem}. Write a level (info) or levels by module (info,tender_intents=debug)"
    )]
    BadFilter {
        /// As it was given.
        filter: String,
        /// What is wrong with it.
        problem: String,
    },

    /// The exporter of traces could not be made; that it cannot reach its collector later is no error.
    #[error("traces cannot be exported to {endpoint}: {problem}")]
    Traces {
        /// The collector.
        endpoint: String,
        /// Why not.
        problem: String,
    },

    /// A process has one telemetry, and this one has it already.
    #[error("telemetry was started before in this process; start it once, first thing in main")]
    AlreadyStarted,

    /// The thread that keeps histograms small could not be started.
    #[error("the thread for the upkeep of metrics could not be started: {0}")]
    Thread(#[from] std::io::Error),
}
