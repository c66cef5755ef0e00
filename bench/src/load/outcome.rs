use std::time::Duration;

use hdrhistogram::Histogram;

use crate::units::{Micros, PerSecond};

/// What a load came to.
pub(crate) struct Outcome {
    /// Good answers that came while it was measured.
    pub(crate) good: u64,
    /// Good answers before that.
    pub(crate) warm_up: u64,
    /// Other answers, with the first of them.
    pub(crate) bad: u64,
    /// The first other answer, for people.
    pub(crate) first_bad: Option<String>,
    /// How long it was measured.
    pub(crate) time: Duration,
    /// How long good answers took, in microseconds.
    latencies: Histogram<u64>,
    /// Some of the ids that the answers had.
    pub(crate) ids: Vec<String>,
}

/// Anything above counts as this.
const LATENCY_MAX_MICROS: u64 = 60_000_000;
/// More ids than any read load needs to be spread.
const IDS_MAX_PER_CONNECTION: usize = 200;

impl Outcome {
    pub(crate) fn new() -> Self {
        let latencies =
            Histogram::new_with_bounds(1, LATENCY_MAX_MICROS, 3).expect("these bounds are in order");
        Self {
            good: 0,
            warm_up: 0,
            bad: 0,
            first_bad: None,
            time: Duration::ZERO,
            latencies,
            ids: Vec::new(),
        }
    }

    pub(crate) fn count_good(&mut self, latency: Duration) {
        self.good += 1;
        self.latencies.saturating_record(Micros::from(latency).0.max(1));
    }

    pub(crate) fn count_bad(&mut self, status: u16, body: &[u8]) {
        self.bad += 1;
        if self.first_bad.is_none() {
            let text = String::from_utf8_lossy(body);
            self.first_bad = Some(format!("{status} {}", text.chars().take(300).collect::<String>()));
        }
    }

    pub(crate) fn keep_id(&mut self, id: impl FnOnce() -> Option<String>) {
        if self.ids.len() < IDS_MAX_PER_CONNECTION {
            self.ids.extend(id());
        }
    }

    /// Together with what another connection did.
    pub(crate) fn add(&mut self, other: Self) {
        self.good += other.good;
        self.warm_up += other.warm_up;
        self.bad += other.bad;
        self.first_bad = self.first_bad.take().or(other.first_bad);
        self.latencies.add(other.latencies).expect("all histograms have the same bounds");
        self.ids.extend(other.ids);
    }

    pub(crate) fn rate(&self) -> PerSecond {
        PerSecond::of(self.good, self.time)
    }

    pub(crate) fn p50(&self) -> Micros {
        Micros(self.latencies.value_at_quantile(0.5))
    }

    pub(crate) fn p99(&self) -> Micros {
        Micros(self.latencies.value_at_quantile(0.99))
    }

    pub(crate) fn slowest(&self) -> Micros {
        Micros(self.latencies.max())
    }
}
