//! W3C trace context: in from the client, on through spans, out to messages and other services.

use std::fmt;
use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::context::RequestContext;

/// A place in a trace, as the header `traceparent` carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    sampled: bool,
}

/// The text is not a `traceparent` of version 00 (or a later one that begins like it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a W3C traceparent")]
pub struct InvalidTraceparent;

impl TraceContext {
    /// The beginning of a new trace.
    fn root() -> Self {
        // Zero means "none" in the format; one bit set keeps clear of it.
        Self { trace_id: rand::random::<u128>() | 1, span_id: rand::random::<u64>() | 1, sampled: true }
    }

    /// A new place in the same trace.
    fn child(self) -> Self {
        Self { span_id: rand::random::<u64>() | 1, ..self }
    }

    /// The trace's id: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(self) -> String {
        format!("{:032x}", self.trace_id)
    }

    fn from_otel(span: &SpanContext) -> Option<Self> {
        span.is_valid().then(|| Self {
            trace_id: u128::from_be_bytes(span.trace_id().to_bytes()),
            span_id: u64::from_be_bytes(span.span_id().to_bytes()),
            sampled: span.is_sampled(),
        })
    }

    fn to_otel(self) -> opentelemetry::Context {
        let flags = if self.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
        let remote = SpanContext::new(
            TraceId::from_bytes(self.trace_id.to_be_bytes()),
            SpanId::from_bytes(self.span_id.to_be_bytes()),
            flags,
            true,
            TraceState::default(),
        );
        opentelemetry::Context::new().with_remote_span_context(remote)
    }

    /// Makes `span` a child of `parent`, when spans are exported, and gives the span's own place: the exporter's, so
    /// that what is told to others and what is exported agree, else one of ours.
    pub(crate) fn of_span(span: &Span, parent: Option<Self>) -> Self {
        if let Some(parent) = parent {
            // Fails only when no exporter is installed or the span is switched off: then there is nothing to link.
            let _ = span.set_parent(parent.to_otel());
        }
        let exported = Self::from_otel(span.context().span().span_context());
        exported.unwrap_or_else(|| parent.map_or_else(Self::root, Self::child))
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, u8::from(self.sampled))
    }
}

impl FromStr for TraceContext {
    type Err = InvalidTraceparent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower_hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let mut parts = text.split('-');
        let mut next = |length: usize| {
            parts.next().filter(|part| part.len() == length && lower_hex(part)).ok_or(InvalidTraceparent)
        };
        let version = next(2)?;
        let (trace_id, span_id, flags) = (next(32)?, next(16)?, next(2)?);
        // Version ff is forbidden; version 00 has exactly four parts, later ones may have more.
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return Err(InvalidTraceparent);
        }
        let trace_id = u128::from_str_radix(trace_id, 16).map_err(|_| InvalidTraceparent)?;
        let span_id = u64::from_str_radix(span_id, 16).map_err(|_| InvalidTraceparent)?;
        let flags = u8::from_str_radix(flags, 16).map_err(|_| InvalidTraceparent)?;
        if trace_id == 0 || span_id == 0 {
            return Err(InvalidTraceparent);
        }
        Ok(Self { trace_id, span_id, sampled: flags & 1 == 1 })
    }
}

fn current() -> Option<TraceContext> {
    let exported = Span::current().context();
    let exported = TraceContext::from_otel(exported.span().span_context());
    exported.or_else(|| RequestContext::with(|context| context.trace))
}

/// The `traceparent` for a message or an outgoing call made now; none outside of any request or traced work.
#[must_use]
pub fn current_traceparent() -> Option<String> {
    current().map(|context| context.to_string())
}

/// The id of the current trace (32 hexadecimal digits), as in a problem's `trace_id`.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    current().map(TraceContext::trace_id)
}

/// The id of the request that is being served (`X-Request-Id`), to hand on in calls to other services.
#[must_use]
pub fn current_request_id() -> Option<String> {
    RequestContext::with(|context| context.request_id.clone())
}

/// Does work that came with a message: in a span of this `name`, as a child of the message's `traceparent`. A
/// `traceparent` that is none begins a new trace.
pub async fn in_trace<F: Future>(name: &'static str, traceparent: Option<&str>, work: F) -> F::Output {
    let parent: Option<TraceContext> = traceparent.and_then(|text| text.parse().ok());
    let span = tracing::info_span!("work", otel.name = name);
    let context = RequestContext {
        request_id: String::new(),
        path: String::new(),
        path_tenant: None,
        trace: TraceContext::of_span(&span, parent),
        timing: crate::ServerTiming::default(),
        unfinished: crate::work::Unfinished::default(),
    };
    Arc::new(context).scope(work).instrument(span).await
}
