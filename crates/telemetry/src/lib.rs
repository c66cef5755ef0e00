//! Telemetry: how a process tells what it does.
//!
//! **What lives here.** Starting and ending logs (text or JSON, on standard error), traces (OTLP over HTTP, W3C
//! trace context) and metrics (rendered for Prometheus), and the [`MaskingWriter`] through which every log line
//! goes, so that a card number that slipped into one is not written; and the same for each span that is exported.
//!
//! **What never does.** A decision of what is worth telling (that is where it happens: `tracing` and `metrics`
//! macros), a listener (a composition root serves [`Metrics::render`] on its private port), a name from the
//! environment (settings). This crate depends on no other of Tender's.
//!
//! **How to add one.** A metric needs nothing here: name it `tender_<what>_<unit>`, seconds for time. A new kind
//! of sink is one more layer in `start.rs`.

mod error;
mod logs;
mod mask;
mod masked_spans;
mod metrics;
mod propagation;
mod start;
mod traces;

pub use error::TelemetryError;
pub use mask::{MaskingWriter, mask_card_numbers};
pub use metrics::Metrics;
pub use propagation::{continue_trace, traceparent};
pub use start::{LogFormat, Telemetry, TelemetryOptions};
