//! Carrying a trace through HTTP, the outbox and Kafka, as W3C trace context.

use std::collections::HashMap;

use opentelemetry::global;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";

/// The `traceparent` by which work that this span causes elsewhere joins its trace; `None` when traces are not
/// exported, or the span is filtered out.
#[must_use]
pub fn traceparent(span: &Span) -> Option<String> {
    let mut carrier = HashMap::new();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&span.context(), &mut carrier));
    carrier.remove(TRACEPARENT)
}

/// Makes `span` a part of the trace that `traceparent` (and `tracestate`) of a request or record name. To be
/// called before the span is entered. A malformed one is ignored, as the standard asks: the span then begins a
/// trace of its own.
pub fn continue_trace(span: &Span, traceparent: &str, tracestate: Option<&str>) {
    let mut carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    if let Some(state) = tracestate {
        carrier.insert(TRACESTATE.to_owned(), state.to_owned());
    }
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&carrier));
    // Refused for a span that was entered or is not exported: its trace is then its own.
    let _ = span.set_parent(parent);
}
