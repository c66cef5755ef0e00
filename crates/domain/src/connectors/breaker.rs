//! The circuit breaker of one connector: what answers nothing is left alone for a while.
//!
//! It is kept in each process by itself. A process sees its own way to the gateway; shared state would cost every payment
//! a round trip, and would let one process without a network close a connector for all.

use std::time::Duration;

use crate::kernel::Timestamp;
use crate::ports::{GatewayAnswer, GatewayError};

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// How far back calls count, counted in sixths.
    pub window: Duration,
    /// How many calls there must be in it: fewer say nothing.
    pub least_calls: u32,
    /// From which share of calls without an answer on it opens, in percent.
    pub failures_percent: u32,
    /// How long it stays open the first time; twice as long each time that a probe fails.
    pub open_for: Duration,
    /// How long it stays open at most.
    pub open_at_most: Duration,
    /// How long a probe may take; then another one is let through.
    pub probe_life: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(30),
            least_calls: 20,
            failures_percent: 50,
            open_for: Duration::from_secs(10),
            open_at_most: Duration::from_secs(120),
            probe_life: Duration::from_secs(15),
        }
    }
}

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Payments go there.
    Closed,
    /// None go there.
    Open,
    /// One at a time goes there, to see whether it answers again.
    HalfOpen,
}

impl BreakerState {
    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// It may.
    Granted,
    /// It may not, until then.
    Refused(Timestamp),
}

/// What a call said of its connector. A decline is an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It answered.
    Answer,
    /// It did not: a time-out, a lost connection, a fault, or a call that could not be made there just now.
    Nothing,
    /// Nobody knows: the call was refused for what it was, by us before it was sent or by the gateway. That is about the
    /// call and not about the gateway's health.
    NoWord,
}

impl Heard {
    /// What a call's result says of its connector.
    #[must_use]
    pub const fn of(result: &Result<GatewayAnswer, GatewayError>) -> Self {
        match result {
            Ok(_) => Self::Answer,
            Err(GatewayError::NotDone(_)) => Self::NoWord,
            Err(GatewayError::NotNow(_) | GatewayError::Unknown(_)) => Self::Nothing,
        }
    }
}

/// What was heard within the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallHealth {
    /// How many calls.
    pub calls: u32,
    /// How many had no answer.
    pub failures: u32,
    /// What they took, together.
    pub took: Duration,
    /// What the longest took.
    pub longest: Duration,
}

const BUCKETS: usize = 6;

#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    /// Which stretch of time, counted from the epoch.
    stretch: i64,
    health: CallHealth,
}

#[derive(Debug, Clone, Copy)]
enum Inner {
    Closed,
    Open { until: Timestamp, times: u32 },
    HalfOpen { probe_until: Option<Timestamp>, times: u32 },
}

/// The breaker of one connector of one tenant.
#[derive(Debug, Clone)]
pub struct Breaker {
    buckets: [Bucket; BUCKETS],
    inner: Inner,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { buckets: [Bucket::default(); BUCKETS], inner: Inner::Closed }
    }
}

impl Breaker {
    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> BreakerState {
        match self.inner {
            Inner::Closed => BreakerState::Closed,
            Inner::Open { until, .. } if now < until => BreakerState::Open,
            Inner::Open { .. } | Inner::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// What was heard within the window.
    #[must_use]
    pub fn health(&self, policy: &BreakerPolicy, now: Timestamp) -> CallHealth {
        let oldest = stretch(policy, now) - i64::try_from(BUCKETS).unwrap_or(i64::MAX) + 1;
        let recent = self.buckets.iter().filter(|bucket| bucket.stretch >= oldest);
        recent.fold(CallHealth::default(), |sum, bucket| CallHealth {
            calls: sum.calls.saturating_add(bucket.health.calls),
            failures: sum.failures.saturating_add(bucket.health.failures),
            took: sum.took.saturating_add(bucket.health.took),
            longest: sum.longest.max(bucket.health.longest),
        })
    }

    /// Whether a payment may go there now. While it is half open, one may, and no other until that one was heard of.
    pub fn permit(&mut self, policy: &BreakerPolicy, now: Timestamp) -> Permit {
        let (times, probe_until) = match self.inner {
            Inner::Closed => return Permit::Granted,
            Inner::Open { until, .. } if now < until => return Permit::Refused(until),
            Inner::Open { times, .. } => (times, None),
            Inner::HalfOpen { times, probe_until } => (times, probe_until),
        };
        if let Some(until) = probe_until.filter(|until| now < *until) {
            return Permit::Refused(until);
        }
        self.inner = Inner::HalfOpen { probe_until: Some(now + policy.probe_life), times };
        Permit::Granted
    }

    /// Notes what a call said. Says whether it opened by that. What says nothing of the connector is as if it had never
    /// been: of a probe, so that the next payment is one.
    pub fn hear(&mut self, policy: &BreakerPolicy, heard: Heard, took: Duration, now: Timestamp) -> bool {
        if heard == Heard::NoWord {
            if let Inner::HalfOpen { probe_until, .. } = &mut self.inner {
                *probe_until = None;
            }
            return false;
        }
        let current = stretch(policy, now);
        let place = usize::try_from(current.rem_euclid(BUCKETS as i64)).unwrap_or_default();
        let bucket = &mut self.buckets[place];
        if bucket.stretch != current {
            *bucket = Bucket { stretch: current, health: CallHealth::default() };
        }
        let health = &mut bucket.health;
        health.calls = health.calls.saturating_add(1);
        health.took = health.took.saturating_add(took);
        health.longest = health.longest.max(took);
        if heard == Heard::Nothing {
            health.failures = health.failures.saturating_add(1);
        }
        match (self.inner, heard) {
            (Inner::HalfOpen { .. }, Heard::Answer) => {
                *self = Self::default();
                false
            }
            (Inner::HalfOpen { times, .. }, Heard::Nothing) => self.open(policy, times, now),
            (Inner::Closed, Heard::Nothing) if self.fails(policy, now) => self.open(policy, 0, now),
            // What was under way before it opened says nothing new.
            _ => false,
        }
    }

    fn fails(&self, policy: &BreakerPolicy, now: Timestamp) -> bool {
        let health = self.health(policy, now);
        let share = u64::from(health.failures) * 100;
        health.calls >= policy.least_calls
            && share >= u64::from(policy.failures_percent) * u64::from(health.calls)
    }

    fn open(&mut self, policy: &BreakerPolicy, times: u32, now: Timestamp) -> bool {
        let open_for = policy.open_for.saturating_mul(1 << times.min(16)).min(policy.open_at_most);
        self.inner = Inner::Open { until: now + open_for, times: times.saturating_add(1) };
        true
    }
}

fn stretch(policy: &BreakerPolicy, now: Timestamp) -> i64 {
    let length = (policy.window.as_millis() / BUCKETS as u128).max(1);
    now.timestamp_millis().div_euclid(i64::try_from(length).unwrap_or(i64::MAX))
}
