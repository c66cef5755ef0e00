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
    /// How much is on its way, younger than the grace time, or open and pursued: not judged yet.
    pub pending_count: usize,
    /// How much of that is open until it is looked into again, at a time of its own.
    pub open_count: usize,
    /// When the first of what is open is looked into again, where this section knows it.
    pub next_look_at: Option<DateTime<Utc>>,
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
            open_count: 0,
            next_look_at: None,
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

    /// Adds something that is open, and that nobody looks into before `next_look_at`; none when another section says.
    pub fn open(&mut self, what: impl Into<String>, next_look_at: Option<DateTime<Utc>>) {
        self.on_its_way(what);
        self.open_count += 1;
        self.next_look_at = [self.next_look_at, next_look_at].into_iter().flatten().min();
    }

    /// Whether anything of what is pending can be otherwise before `at`.
    fn may_change_before(&self, at: DateTime<Utc>) -> bool {
        self.pending_count > self.open_count || self.next_look_at.is_some_and(|next| next < at)
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

    /// Whether anything of what is pending can be otherwise before `at`, so that it is worth to look again.
    #[must_use]
    pub fn may_change_before(&self, at: DateTime<Utc>) -> bool {
        self.sections.iter().any(|section| section.may_change_before(at))
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
        let is_only_open = self.sections.iter().all(|section| section.pending_count == section.open_count);
        match (faults, self.caught_up()) {
            (0, true) => writeln!(f, "Everything is in order."),
            (0, false) if is_only_open => writeln!(f, "Everything is in order; what is open is pursued."),
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
    if section.pending_count > section.open_count {
        writeln!(f, "           younger than {grace_seconds} s or open, so not judged yet:")?;
    } else if section.pending_count > 0 {
        match section.next_look_at {
            Some(at) => writeln!(
                f,
                "           open, first looked up again at {}:",
                at.format("%Y-%m-%d %H:%M:%S UTC")
            )?,
            None => writeln!(f, "           open:")?,
        }
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
        assert!(
            report.may_change_before(DateTime::UNIX_EPOCH),
            "what is on its way may arrive at any moment"
        );
    }

    #[test]
    fn what_is_open_says_when_it_is_looked_up_again_and_is_worth_no_look_before() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("a time");
        let mut attempts = Section::new("attempts", "Every call gets its end.");
        attempts.open("att_1", Some(at(90)));
        attempts.open("att_2", Some(at(60)));
        let mut books = Section::new("books", "Books agree.");
        books.open("sim_1", None);
        let report = Report::new(DateTime::UNIX_EPOCH, 30, vec![attempts, books]);
        assert_eq!((report.clean, report.exit_code(), report.caught_up()), (true, 0, false));
        assert!(!report.may_change_before(at(60)) && report.may_change_before(at(61)), "{report}");
        let text = report.to_string();
        assert!(text.contains("first looked up again at 1970-01-01 00:01:00 UTC"), "{text}");
        assert!(text.ends_with("Everything is in order; what is open is pursued.\n"), "{text}");
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
