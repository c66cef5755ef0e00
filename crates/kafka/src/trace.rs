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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tender_domain::kernel::{EventId, TenantId, Timestamp, Version};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// Notes in which trace it was called.
    #[derive(Default)]
    struct Called(Mutex<String>);

    #[async_trait]
    impl Consumer for Called {
        fn name(&self) -> &'static str {
            "called"
        }

        fn topics(&self) -> &'static [Topic] {
            &[Topic::PAYMENT_PROCESSED]
        }

        async fn handle(&self, _message: &Message) -> Result<(), HandleError> {
            let context = Span::current().context();
            *self.0.lock().unwrap() = context.span().span_context().trace_id().to_string();
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_message_is_handled_in_the_trace_of_the_request_behind_it() {
        global::set_text_map_propagator(TraceContextPropagator::new());
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        let _here = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        let message = Message {
            id: EventId(uuid::Uuid::nil()),
            topic: Topic::PAYMENT_PROCESSED,
            key: "pi_1".to_owned(),
            subject: "ch_1".to_owned(),
            tenant: TenantId::sandbox(),
            source: "/tender/intents",
            time: Timestamp::default(),
            version: Version::FIRST,
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            data: "{}".into(),
        };
        let called = Called::default();
        Traced(&called).handle(&message).await.unwrap();
        assert_eq!(*called.0.lock().unwrap(), "0af7651916cd43dd8448eb211c80319c");
    }
}
