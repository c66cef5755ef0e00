//! Sliding windows, as rows of counters.
//!
//! A window is cut into twelfths. A payment is counted in the twelfth that it falls in; the window's count is the sum of
//! the current twelfth and the twelve before it, so nothing that is younger than the window is ever left out.

use std::collections::BTreeMap;

use crate::kernel::{Currency, Timestamp};

use super::{Condition, FraudContext, Subject};

/// How many parts a window has.
const PARTS: i64 = 12;
/// How long a counter is kept after the last window that it counts in, in seconds.
const KEPT_SECONDS: i64 = 3_600;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Payments.
    Payments,
    /// Minor units of a currency.
    Amount(Currency),
}

impl Measure {
    fn text(self) -> String {
        match self {
            Self::Payments => "count".to_owned(),
            Self::Amount(currency) => currency.code().to_owned(),
        }
    }
}

impl Ord for Measure {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text().cmp(&other.text())
    }
}

impl PartialOrd for Measure {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What was counted, by the counter's key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowCounts(pub BTreeMap<String, i64>);

impl WindowCounts {
    pub(super) fn of(&self, key: &str) -> i64 {
        self.0.get(key).copied().unwrap_or(0)
    }
}

/// A window of one subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    subject: Subject,
    /// Which one: a fingerprint, a customer's id, an address.
    of: String,
    seconds: u32,
    measure: Measure,
}

impl Window {
    /// The window that a condition looks at; none when it looks at none, its subject is not known, or the payment is in
    /// a currency that it does not count.
    #[must_use]
    pub fn of(condition: &Condition, context: &FraudContext) -> Option<Self> {
        let (by, seconds, measure) = match condition {
            Condition::VelocityCount { by, window_seconds, .. } => (*by, *window_seconds, Measure::Payments),
            Condition::VelocityAmount { by, window_seconds, currency, .. }
                if *currency == context.amount.currency() =>
            {
                (*by, *window_seconds, Measure::Amount(*currency))
            }
            _ => return None,
        };
        Some(Self { subject: by, of: context.subject(by)?, seconds, measure })
    }

    /// By how much a payment like this makes it grow.
    #[must_use]
    pub fn growth(&self, context: &FraudContext) -> i64 {
        match self.measure {
            Measure::Payments => 1,
            Measure::Amount(_) => context.amount.minor(),
        }
    }

    fn part_seconds(&self) -> i64 {
        (i64::from(self.seconds) + PARTS - 1) / PARTS
    }

    /// The key of the twelfth `back` before the current one. It begins with when it can be forgotten, in seconds since
    /// 1970 with twelve digits, so that what is old is found by its key.
    #[must_use]
    pub fn key(&self, now: Timestamp, back: i64) -> String {
        let width = self.part_seconds();
        let part = now.timestamp().div_euclid(width) - back;
        let forgotten_at = (part + 1) * width + PARTS * width + KEPT_SECONDS;
        let (subject, measure, seconds) = (self.subject.as_str(), self.measure.text(), self.seconds);
        format!("{forgotten_at:012}:{subject}:{measure}:{seconds}:{part}:{}", self.of)
    }

    /// Every key that is summed up now, the current one first.
    pub fn keys(&self, now: Timestamp) -> impl Iterator<Item = String> + '_ {
        (0..=PARTS).map(move |back| self.key(now, back))
    }

    /// What was counted within the window before this payment.
    #[must_use]
    pub fn total(&self, counts: &WindowCounts, now: Timestamp) -> i64 {
        self.keys(now).map(|key| counts.of(&key)).fold(0, i64::saturating_add)
    }

    /// The prefix below which every key can be forgotten.
    #[must_use]
    pub fn forgotten_before(now: Timestamp) -> String {
        format!("{:012}:", now.timestamp().max(0))
    }
}
