//! How long the newest calls of gateways took in this process: a bounded window, for people who look.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many calls of one kind at one connector are remembered.
const WINDOW: usize = 256;

#[derive(Debug, Clone, Copy)]
struct Call {
    took: Duration,
    answered: bool,
}

/// The newest calls of this process, by connector and call.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    windows: Mutex<BTreeMap<(String, &'static str), VecDeque<Call>>>,
}

/// What the window of one kind of call shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Latency {
    pub(crate) connector: String,
    /// `authorize`, `capture`, `void`.
    pub(crate) call: &'static str,
    /// How many calls it is made of.
    pub(crate) calls: usize,
    /// How many of them had no definite answer.
    pub(crate) unknown: usize,
    pub(crate) median: Duration,
    pub(crate) p95: Duration,
    pub(crate) longest: Duration,
}

impl Latencies {
    /// Remembers one call. Connectors are few: they are set up by people.
    pub(crate) fn record(&self, connector: &str, call: &'static str, outcome: &str, took: Duration) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry((connector.to_owned(), call)).or_default();
        if window.len() == WINDOW {
            window.pop_front();
        }
        window.push_back(Call { took, answered: outcome != "unknown" });
    }

    /// What the windows show now.
    pub(crate) fn show(&self) -> Vec<Latency> {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = windows.iter().filter_map(|((connector, call), window)| {
            let mut took: Vec<Duration> = window.iter().map(|call| call.took).collect();
            took.sort_unstable();
            Some(Latency {
                connector: connector.clone(),
                call,
                calls: took.len(),
                unknown: window.iter().filter(|call| !call.answered).count(),
                median: *took.get(took.len() / 2)?,
                p95: *took.get(took.len() * 95 / 100)?,
                longest: *took.last()?,
            })
        });
        shown.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_keeps_the_newest_and_no_more() {
        let latencies = Latencies::default();
        for millis in 0..1_000_u64 {
            let outcome = if millis.is_multiple_of(2) { "unknown" } else { "approved" };
            latencies.record("simulator", "authorize", outcome, Duration::from_millis(millis));
        }
        latencies.record("other", "void", "declined", Duration::from_millis(7));
        let shown = latencies.show();
        assert_eq!(shown.len(), 2);
        assert_eq!((shown[0].connector.as_str(), shown[0].calls, shown[0].p95.as_millis()), ("other", 1, 7));
        assert_eq!((shown[1].calls, shown[1].unknown), (WINDOW, WINDOW / 2));
        assert_eq!((shown[1].median.as_millis(), shown[1].longest.as_millis()), (872, 999));
    }
}
