//! What the auditor says: in plain words, and as JSON.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// The most faults, and the most things on their way, that a section names; all are counted.
pub const NAMED_MAX: usize = 20;

/// How a section came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The promise holds.
    Kept,
    /// The promise is broken.
    Broken,
    /// It could not be looked at, and why is said in the notes.
    Skipped,
}

/// One promise, and what was found of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// A short name, stable.
    pub name: &'static str,
    /// The promise in words.
    pub promise: &'static str,
    /// How it came out.
    pub verdict: Verdict,
    /// What was looked at: counts, sums, positions.
    pub notes: Vec<String>,
    /// How many faults there are.
    pub fault_count: usize,
    /// The first of them.
    pub faults: Vec<String>,
    /// How much is on its way: younger than the grace time, so not judged yet.
    pub pending_count: usize,
    /// The first of it.
    pub pending: Vec<String>,
}

impl Section {
    /// A section that has found nothing yet.
    #[must_use]
    pub const fn new(name: &'static str, promise: &'static str) -> Self {
        Self {
            name,
            promise,
            verdict: Verdict::Kept,
            notes: Vec::new(),
            fault_count: 0,
            faults: Vec::new(),
            pending_count: 0,
            pending: Vec::new(),
        }
    }

    /// A section that cannot be looked at.
    #[must_use]
    pub fn skipped(name: &'static str, promise: &'static str, why: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, notes: vec![why.into()], ..Self::new(name, promise) }
    }

    /// Notes what was looked at.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Adds a fault.
    pub fn fault(&mut self, fault: impl Into<String>) {
        self.verdict = Verdict::Broken;
        self.fault_count += 1;
        if self.faults.len() < NAMED_MAX {
            self.faults.push(fault.into());
        }
    }

    /// Adds something that is too young to be judged.
    pub fn on_its_way(&mut self, what: impl Into<String>) {
        self.pending_count += 1;
        if self.pending.len() < NAMED_MAX {
            self.pending.push(what.into());
        }
    }
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// As of when: one instant for everything.
    pub checked_at: DateTime<Utc>,
    /// What is younger than this is listed, not judged.
    pub grace_seconds: u64,
    /// Whether every promise that could be looked at is kept.
    pub clean: bool,
    /// The promises.
    pub sections: Vec<Section>,
}

impl Report {
    /// The report of these sections.
    #[must_use]
    pub fn new(checked_at: DateTime<Utc>, grace_seconds: u64, sections: Vec<Section>) -> Self {
        let clean = sections.iter().all(|section| section.verdict != Verdict::Broken);
        Self { checked_at, grace_seconds, clean, sections }
    }

    /// Whether nothing is on its way.
    #[must_use]
    pub fn caught_up(&self) -> bool {
        self.sections.iter().all(|section| section.pending_count == 0)
    }

    /// The exit code of the command: 0 when everything is in order, 1 when a promise is broken. (2 is for a check that
    /// could not be made at all, so has no report.)
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        if self.clean { 0 } else { 1 }
    }

    /// The report as JSON.
    ///
    /// # Panics
    /// Never: it is made of texts and numbers.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers are always JSON")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Tender check, as of {}", self.checked_at.format("%Y-%m-%d %H:%M:%S UTC"))?;
        for section in &self.sections {
            writeln!(f)?;
            write_section(f, section, self.grace_seconds)?;
        }
        writeln!(f)?;
        let faults: usize = self.sections.iter().map(|section| section.fault_count).sum();
        match (faults, self.caught_up()) {
            (0, true) => writeln!(f, "Everything is in order."),
            (0, false) => writeln!(f, "What could be judged is in order; --wait lets the rest arrive first."),
            (1, _) => writeln!(f, "1 fault was found."),
            (count, _) => writeln!(f, "{count} faults were found."),
        }
    }
}

fn write_section(f: &mut fmt::Formatter<'_>, section: &Section, grace_seconds: u64) -> fmt::Result {
    let verdict = match section.verdict {
        Verdict::Kept => "ok     ",
        Verdict::Broken => "FAULT  ",
        Verdict::Skipped => "skipped",
    };
    writeln!(f, "{verdict}  {}", section.promise)?;
    for note in &section.notes {
        writeln!(f, "           {note}")?;
    }
    write_list(f, "fault:", &section.faults, section.fault_count)?;
    if section.pending_count > 0 {
        writeln!(f, "           younger than {grace_seconds} s, so not judged yet:")?;
    }
    write_list(f, "-", &section.pending, section.pending_count)
}

fn write_list(f: &mut fmt::Formatter<'_>, mark: &str, named: &[String], count: usize) -> fmt::Result {
    for item in named {
        writeln!(f, "           {mark} {item}")?;
    }
    match count - named.len() {
        0 => Ok(()),
        rest => writeln!(f, "           … and {rest} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_makes_the_report_say_so_and_the_command_fail() {
        let mut ledger = Section::new("ledger", "The ledger balances.");
        ledger.note("3 transactions");
        let fine = Report::new(DateTime::UNIX_EPOCH, 30, vec![ledger.clone()]);
        assert_eq!((fine.clean, fine.exit_code(), fine.caught_up()), (true, 0, true));
        assert!(fine.to_string().ends_with("Everything is in order.\n"), "{fine}");
        for n in 0..NAMED_MAX + 5 {
            ledger.fault(format!("account {n} is off"));
        }
        let broken = Report::new(DateTime::UNIX_EPOCH, 30, vec![ledger]);
        assert_eq!((broken.clean, broken.exit_code()), (false, 1));
        let text = broken.to_string();
        assert!(text.contains("FAULT    The ledger balances."), "{text}");
        assert!(text.contains("… and 5 more") && text.ends_with("25 faults were found.\n"), "{text}");
        assert!(broken.to_json().contains("\"verdict\": \"broken\""));
    }

    #[test]
    fn what_is_young_is_listed_and_is_no_fault() {
        let mut outbox = Section::new("outbox", "Nothing is stuck.");
        outbox.on_its_way("2 messages");
        let report = Report::new(DateTime::UNIX_EPOCH, 30, vec![outbox]);
        assert_eq!((report.clean, report.exit_code(), report.caught_up()), (true, 0, false));
        assert!(report.to_string().contains("younger than 30 s"), "{report}");
    }

    #[test]
    fn what_was_not_looked_at_is_said() {
        let report = Report::new(
            DateTime::UNIX_EPOCH,
            30,
            vec![Section::skipped("books", "Books agree.", "no simulator")],
        );
        assert!(report.clean);
        assert!(report.to_string().contains("skipped  Books agree.\n           no simulator"), "{report}");
    }
}
