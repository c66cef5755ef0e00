//! Metrics: collected in memory, rendered when Prometheus asks.

use std::{
    fmt,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use crate::TelemetryError;

/// Upper bounds for times, in seconds: fine where answers are, coarse where limits are.
const SECONDS: [f64; 15] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Upper bounds for everything else that is counted, such as sizes of batches.
const SIZES: [f64; 12] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0];

/// How often values are moved into their buckets, so that they do not pile up when nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// What the process counted so far. Cheap to clone; serve it on the private port.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// All metrics in Prometheus's text format (`text/plain; version=0.0.4`).
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Metrics")
    }
}

/// The recorder's thread; it ends when this is dropped.
pub(crate) struct Upkeep {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // It only moves numbers; if it panicked, that is logged and the process ends anyway.
            let _ = thread.join();
        }
    }
}

/// Makes the process's recorder.
pub(crate) fn install() -> Result<(Metrics, Upkeep), TelemetryError> {
    let already = |_: BuildError| TelemetryError::AlreadyStarted;
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(|builder| builder.set_buckets(&SIZES))
        .expect("the bounds above are not empty")
        .install_recorder()
        .map_err(already)?;
    let (stop, stopped) = channel();
    let kept = handle.clone();
    let thread = thread::Builder::new().name("metrics-upkeep".to_owned()).spawn(move || {
        while stopped.recv_timeout(UPKEEP) == Err(RecvTimeoutError::Timeout) {
            kept.run_upkeep();
        }
    })?;
    Ok((Metrics { handle }, Upkeep { stop: Some(stop), thread: Some(thread) }))
}
