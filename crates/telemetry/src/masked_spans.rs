//! Spans without card numbers: what a span or an event in it was given goes through the same net as a log line.

use std::{borrow::Cow, future::Future, time::Duration};

use opentelemetry::{Array, KeyValue, Value, trace::Status};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

use crate::mask_card_numbers;

/// An exporter that masks card numbers in whatever text it is given.
#[derive(Debug)]
pub(crate) struct MaskingExporter<E>(pub(crate) E);

impl<E: SpanExporter> SpanExporter for MaskingExporter<E> {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        self.0.export(batch.into_iter().map(masked).collect())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

fn masked(mut span: SpanData) -> SpanData {
    cover_name(&mut span.name);
    cover_attributes(&mut span.attributes);
    for event in &mut span.events.events {
        cover_name(&mut event.name);
        cover_attributes(&mut event.attributes);
    }
    for link in &mut span.links.links {
        cover_attributes(&mut link.attributes);
    }
    if let Status::Error { description } = &mut span.status {
        cover_name(description);
    }
    span
}

/// The text with its card numbers masked; none when it has none.
fn covered(text: &str) -> Option<String> {
    match mask_card_numbers(text.as_bytes()) {
        Cow::Borrowed(_) => None,
        Cow::Owned(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

fn cover_name(name: &mut Cow<'static, str>) {
    if let Some(text) = covered(name) {
        *name = text.into();
    }
}

fn cover_attributes(attributes: &mut [KeyValue]) {
    for attribute in attributes {
        match &mut attribute.value {
            Value::Array(Array::String(texts)) => {
                for text in texts {
                    if let Some(masked) = covered(text.as_str()) {
                        *text = masked.into();
                    }
                }
            }
            // Also a number that is one.
            Value::String(_) | Value::I64(_) => {
                let masked = covered(&attribute.value.as_str());
                if let Some(masked) = masked {
                    attribute.value = masked.into();
                }
            }
            _ => {}
        }
    }
}
