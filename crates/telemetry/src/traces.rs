//! Traces: spans sent to an OpenTelemetry collector, from a thread of their own.

use std::{thread, time::Duration};

use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, Tracer},
};

use crate::{TelemetryError, masked_spans::MaskingExporter};

/// Longest one sending may take; the collector is never waited for by anything but its thread.
const SEND_LIMIT: Duration = Duration::from_secs(10);

/// Where spans are made, and where they are flushed.
pub(crate) struct Traces {
    pub(crate) provider: SdkTracerProvider,
    pub(crate) tracer: Tracer,
}

/// Starts exporting to `endpoint`, the collector's base URL, in the name of `service`.
pub(crate) fn start(endpoint: &str, service: &'static str) -> Result<Traces, TelemetryError> {
    let failed = |problem: String| TelemetryError::Traces { endpoint: endpoint.to_owned(), problem };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client().map_err(&failed)?)
        .with_endpoint(signal_url(endpoint))
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let exporter = MaskingExporter(exporter);
    let resource = Resource::builder().with_service_name(service).build();
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    global::set_text_map_propagator(TraceContextPropagator::new());
    let tracer = provider.tracer(service);
    Ok(Traces { provider, tracer })
}

/// The blocking client must not be made on a thread that runs async code.
fn client() -> Result<reqwest::blocking::Client, String> {
    let made = thread::spawn(|| reqwest::blocking::Client::builder().timeout(SEND_LIMIT).build()).join();
    match made {
        Ok(client) => client.map_err(|error| error.to_string()),
        Err(_) => Err("its HTTP client could not be made".to_owned()),
    }
}

/// The standard's rule: the signal's path is added to the base URL.
fn signal_url(endpoint: &str) -> String {
    let base = endpoint.trim_end_matches('/');
    if base.ends_with("/v1/traces") { base.to_owned() } else { format!("{base}/v1/traces") }
}

#[cfg(test)]
mod tests {
    use super::signal_url;

    #[test]
    fn the_path_of_traces_is_added_once() {
        for endpoint in ["http://c:4318", "http://c:4318/", "http://c:4318/v1/traces"] {
            assert_eq!(signal_url(endpoint), "http://c:4318/v1/traces");
        }
        assert_eq!(signal_url("https://c/otlp"), "https://c/otlp/v1/traces");
    }
}
