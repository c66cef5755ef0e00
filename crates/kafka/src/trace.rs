//! The trace of the request behind a message goes on where the message is handled.

use std::collections::HashMap;

use async_trait::async_trait;
use opentelemetry::global;
use tender_domain::kernel::{Message, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tracing::{Instrument as _, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// A consumer whose every `handle` runs in a span of the message's trace.
pub(crate) struct Traced<'a>(pub(crate) &'a dyn Consumer);

#[async_trait]
impl Consumer for Traced<'_> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn topics(&self) -> &'static [Topic] {
        self.0.topics()
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let span = tracing::info_span!(
            "handle",
            otel.kind = "consumer",
            consumer = self.0.name(),
            topic = message.topic.name(),
            message = %message.id,
            tenant = %message.tenant,
        );
        if let Some(traceparent) = &message.traceparent {
            join(&span, traceparent);
        }
        self.0.handle(message).instrument(span).await
    }
}

fn join(span: &Span, traceparent: &str) {
    let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    let parent = global::get_text_map_propagator(|propagator| propagator.extract(&carrier));
    // Refused when no exporter is installed or the span is switched off: then there is nothing to link.
    let _ = span.set_parent(parent);
}
