//! What was measured, for people.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use crate::arguments::Arguments;
use crate::load::Outcome;
use crate::measure::{Cost, Paid};
use crate::units::{Micros, PerSecond, Ratio};

/// pgbench and Tender at a number of clients, over the rounds.
pub(crate) struct Compared {
    pub(crate) clients: usize,
    pub(crate) pgbench: Vec<PerSecond>,
    pub(crate) tender: Vec<Paid>,
}

/// A load of reads.
pub(crate) struct ReadLoad {
    pub(crate) connections: usize,
    pub(crate) rate: PerSecond,
    pub(crate) p50: Micros,
    pub(crate) p99: Micros,
}

/// A load at a fixed rate.
pub(crate) struct OpenLoop {
    pub(crate) due: PerSecond,
    pub(crate) reached: PerSecond,
    pub(crate) p50: Micros,
    pub(crate) p99: Micros,
    pub(crate) slowest: Micros,
    pub(crate) lag: Micros,
    pub(crate) cost: Cost,
}

impl OpenLoop {
    /// Of all the time that the cores had, the part in which one of the three ran, in percent.
    fn busy_percent(&self) -> u64 {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
        let each = self.cost.tender.0 + self.cost.postgres.0 + self.cost.generator.0;
        self.reached.0 * each / (10_000 * cores)
    }
}

/// All of it.
pub(crate) struct Report {
    machine: Vec<(&'static str, String)>,
    pub(crate) settings: Vec<(String, String)>,
    seconds: u64,
    warm_up_seconds: u64,
    rounds: u32,
    start: Duration,
    pub(crate) compared: Vec<Compared>,
    pub(crate) reads: Option<ReadLoad>,
    pub(crate) open: Option<OpenLoop>,
    pub(crate) peak_memory_mebibytes: u64,
    pub(crate) payments: u64,
    pub(crate) transfers: u64,
    pub(crate) failures: u64,
}

const LAG_GOAL: Micros = Micros(1_000_000);
const P99_GOAL: Micros = Micros(25_000);
const MEMORY_GOAL_MEBIBYTES: u64 = 150;
const START_GOAL: Duration = Duration::from_secs(3);

const BEGIN: &str = "<!-- measured: what follows is written by `make bench` -->";
const END: &str = "<!-- end of what was measured -->";

impl Compared {
    pub(crate) fn at(clients: usize) -> Self {
        Self { clients, pgbench: Vec::new(), tender: Vec::new() }
    }

    /// The mean of the rounds.
    pub(crate) fn tender_rate(&self) -> Option<PerSecond> {
        PerSecond::mean(&self.tender.iter().map(|paid| paid.outcome.rate()).collect::<Vec<_>>())
    }

    fn ratio(&self) -> Option<Ratio> {
        Some(self.tender_rate()?.ratio(PerSecond::mean(&self.pgbench)?))
    }

    /// How many times pgbench's rate it is to be; none for a number of clients that no goal speaks of.
    fn goal(&self) -> Option<Ratio> {
        match self.clients {
            16 => Some(Ratio(100)),
            64 => Some(Ratio(200)),
            256 => Some(Ratio(300)),
            _ => None,
        }
    }

    fn worst(&self, of: impl Fn(&Paid) -> Micros) -> Micros {
        self.tender.iter().map(of).max().unwrap_or(Micros(0))
    }

    fn row(&self) -> String {
        let shown = |rate: Option<PerSecond>| rate.map_or_else(|| "–".to_owned(), |rate| rate.to_string());
        let ratio = |ratio: Option<Ratio>| ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio}×"));
        let verdict = match (self.ratio(), self.goal()) {
            (Some(ratio), Some(goal)) => reached(ratio >= goal),
            _ => "–",
        };
        let cost = self.tender.last().map(|paid| paid.cost);
        let cost = cost.map_or_else(String::new, |cost| {
            format!("{} / {} / {}", cost.tender.0, cost.postgres.0, cost.generator.0)
        });
        format!(
            "| {} | {} | {} | {} | {} | {verdict} | {} | {} | {} | {cost} |",
            self.clients,
            shown(PerSecond::mean(&self.pgbench)),
            shown(self.tender_rate()),
            ratio(self.ratio()),
            ratio(self.goal()),
            self.worst(|paid| paid.outcome.p50()),
            self.worst(|paid| paid.outcome.p99()),
            self.worst(|paid| paid.lag),
        )
    }
}

impl Report {
    pub(crate) fn new(arguments: &Arguments, start: Duration, machine: Vec<(&'static str, String)>) -> Self {
        Self {
            machine,
            settings: Vec::new(),
            seconds: arguments.seconds,
            warm_up_seconds: arguments.warm_up_seconds,
            rounds: arguments.rounds,
            start,
            compared: Vec::new(),
            reads: None,
            open: None,
            peak_memory_mebibytes: 0,
            payments: 0,
            transfers: 0,
            failures: 0,
        }
    }

    /// Counts what a load of payments came to.
    pub(crate) fn count(&mut self, outcome: &Outcome) {
        self.failures += outcome.bad;
        self.payments += outcome.good + outcome.warm_up;
    }

    /// The page's measured part.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.machine {
            let _ = writeln!(text, "- {name}: {value}");
        }
        let settings: Vec<String> =
            self.settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let _ = writeln!(text, "- PostgreSQL: {}", settings.join(", "));
        let _ = writeln!(
            text,
            "- {} rounds of {} s after {} s of warm-up; pgbench, Tender and the load generator share the cores\n",
            self.rounds, self.seconds, self.warm_up_seconds
        );
        text.push_str(
            "| clients | pgbench, payments/s | Tender, payments/s | ratio | goal | | p50 | p99 | lag at the end | CPU µs a \
             payment: Tender / PostgreSQL / generator |\n|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|\n",
        );
        for compared in &self.compared {
            let _ = writeln!(text, "{}", compared.row());
        }
        text.push_str("\n| what | measured | goal | |\n|---|---:|---:|---|\n");
        self.other_rows(&mut text);
        let _ = writeln!(
            text,
            "\n{} payments were told of as succeeded; the ledger has {} transfers and balances. {} other answers.",
            self.payments, self.transfers, self.failures
        );
        text
    }

    fn other_rows(&self, text: &mut String) {
        if let Some(open) = &self.open {
            let _ = writeln!(
                text,
                "| payments due at half of the best rate ({}/s; {}/s done): p99 from when each was due | {} (p50 {}, \
                 slowest {}) | < {P99_GOAL} | {} |",
                open.due,
                open.reached,
                open.p99,
                open.p50,
                open.slowest,
                reached(open.p99 < P99_GOAL)
            );
            let cost = &open.cost;
            let _ = writeln!(
                text,
                "| the cores in that load | {} % busy (µs of a payment: Tender {}, PostgreSQL {}, generator {}) | | |",
                open.busy_percent(),
                cost.tender.0,
                cost.postgres.0,
                cost.generator.0
            );
            let _ = writeln!(
                text,
                "| lag of ledger and refunds at the end of that load | {} | < {LAG_GOAL} | {} |",
                open.lag,
                reached(open.lag < LAG_GOAL)
            );
        }
        let worst = self.compared.iter().map(|compared| compared.worst(|paid| paid.lag)).max();
        if let Some(worst) = worst {
            let what = "hot account: every payment posts to the same two; lag at the end of the fullest load";
            let _ = writeln!(text, "| {what} | {worst} | < {LAG_GOAL} | {} |", reached(worst < LAG_GOAL));
        }
        if let Some(reads) = &self.reads {
            let _ = writeln!(
                text,
                "| reads of an intent at {} connections | {}/s (p50 {}, p99 {}) | | |",
                reads.connections, reads.rate, reads.p50, reads.p99
            );
        }
        let memory = self.peak_memory_mebibytes;
        let _ = writeln!(
            text,
            "| most resident memory of the process | {memory} MiB | < {MEMORY_GOAL_MEBIBYTES} MiB | {} |",
            reached(memory < MEMORY_GOAL_MEBIBYTES)
        );
        let _ = writeln!(
            text,
            "| start to ready on a data folder that exists | {} ms | < {} ms | {} |",
            self.start.as_millis(),
            START_GOAL.as_millis(),
            reached(self.start < START_GOAL)
        );
    }
}

const fn reached(yes: bool) -> &'static str {
    if yes { "reached" } else { "**short**" }
}

/// Puts the measured part into the page, between its marks; what people wrote around it stays.
pub(crate) fn write_page(path: &Path, measured: &str) -> anyhow::Result<()> {
    let page = fs::read_to_string(path).with_context(|| format!("no page {}", path.display()))?;
    let page = with_measured(&page, measured)
        .with_context(|| format!("{} lacks the marks of the measured part", path.display()))?;
    fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))
}

fn with_measured(page: &str, measured: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{measured}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_measured_is_replaced_in_the_page() {
        let page = format!("# Benchmarks\n\n{BEGIN}\nold\n{END}\n\nwords\n");
        let once = with_measured(&page, "new\n").expect("both marks are there");
        assert_eq!(once, format!("# Benchmarks\n\n{BEGIN}\n\nnew\n\n{END}\n\nwords\n"));
        assert_eq!(with_measured(&once, "new\n").as_deref(), Some(&*once));
        assert_eq!(with_measured("# no marks", "new"), None);
    }
}
