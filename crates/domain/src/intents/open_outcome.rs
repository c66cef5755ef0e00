//! What is open of an intent, for people who look.

use crate::kernel::{AttemptId, IntentId, Money, RoutingRuleId, Timestamp};

use super::{AttemptStatus, CaptureStatus, Intent, OpenCall, VoidState};

/// Who is at an outcome that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its call was begun and has not been answered yet.
    InFlight,
    /// Its call got no answer: it is pursued.
    Pursued,
    /// It stands in the queue: a person has to settle it.
    Queued,
}

impl Standing {
    /// The text form, as sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InFlight => "in_flight",
            Self::Pursued => "pursued",
            Self::Queued => "queued",
        }
    }

    const fn of(checks: u32, queued_at: Option<Timestamp>) -> Self {
        match (queued_at, checks) {
            (Some(_), _) => Self::Queued,
            (None, 0) => Self::InFlight,
            (None, _) => Self::Pursued,
        }
    }
}

/// A call whose outcome is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOutcome {
    /// Which.
    pub call: OpenCall,
    /// Of which intent.
    pub intent: IntentId,
    /// At which connector.
    pub connector: String,
    /// The routing rule that sent its payment there.
    pub rule: Option<RoutingRuleId>,
    /// What it is about.
    pub amount: Money,
    /// The status of the attempt, the void or the capture.
    pub status: &'static str,
    /// Who is at it.
    pub standing: Standing,
    /// When it was begun.
    pub since: Timestamp,
    /// How often its outcome was pursued.
    pub checks: u32,
    /// When it is pursued next.
    pub next_check_at: Option<Timestamp>,
    /// Since when it is a person's.
    pub queued_at: Option<Timestamp>,
    /// What is known of it, in words.
    pub problem: Option<String>,
}

/// How many outcomes of a tenant are open, by who is at them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenCounts {
    /// Begun and not answered yet.
    pub in_flight: u64,
    /// Pursued.
    pub pursued: u64,
    /// Left to a person.
    pub queued: u64,
}

impl OpenCounts {
    /// One more.
    pub const fn count(&mut self, standing: Standing) {
        match standing {
            Standing::InFlight => self.in_flight += 1,
            Standing::Pursued => self.pursued += 1,
            Standing::Queued => self.queued += 1,
        }
    }
}

/// An attempt that failed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedAttempt {
    /// Which.
    pub attempt: AttemptId,
    /// Of which intent.
    pub intent: IntentId,
    /// At which connector.
    pub connector: String,
    /// The routing rule that sent it there.
    pub rule: Option<RoutingRuleId>,
    /// `declined` or `error`.
    pub status: AttemptStatus,
    /// Why it was declined.
    pub decline_code: Option<String>,
    /// What is known of the error.
    pub problem: Option<String>,
    /// When it was begun.
    pub started_at: Timestamp,
}

/// What became of the newest attempts of a tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecentAttempts {
    /// How many were looked at.
    pub looked_at: u64,
    /// How many of them failed.
    pub failed: u64,
    /// The newest that failed, newest first.
    pub newest_failed: Vec<FailedAttempt>,
}

impl Intent {
    /// Its calls whose outcome is open, attempts first.
    #[must_use]
    pub fn open_outcomes(&self) -> Vec<OpenOutcome> {
        let open = |next: Option<Timestamp>, queued: Option<Timestamp>| next.is_some() || queued.is_some();
        let attempts = self.attempts.iter().filter(|attempt| open(attempt.next_check_at, attempt.queued_at));
        let captures = self.captures.iter().filter(|capture| open(capture.next_check_at, capture.queued_at));
        let attempts = attempts.map(|attempt| {
            let void = attempt.authorization.as_ref().filter(|_| attempt.status == AttemptStatus::Approved);
            let (call, status) = match void.and_then(|authorization| authorization.void) {
                Some(void) => (OpenCall::Void(attempt.id), VoidState::as_str(void)),
                None => (OpenCall::Attempt(attempt.id), attempt.status.as_str()),
            };
            OpenOutcome {
                call,
                intent: self.id,
                connector: attempt.connector.clone(),
                rule: attempt.rule,
                amount: attempt.amount,
                status,
                standing: Standing::of(attempt.checks, attempt.queued_at),
                since: void.and_then(|authorization| authorization.void_at).unwrap_or(attempt.started_at),
                checks: attempt.checks,
                next_check_at: attempt.next_check_at,
                queued_at: attempt.queued_at,
                problem: attempt.problem.clone(),
            }
        });
        let captures = captures.map(|capture| OpenOutcome {
            call: OpenCall::Capture(capture.id),
            intent: self.id,
            connector: self
                .attempt(capture.attempt)
                .map(|attempt| attempt.connector.clone())
                .unwrap_or_default(),
            rule: self.attempt(capture.attempt).and_then(|attempt| attempt.rule),
            amount: capture.amount,
            status: CaptureStatus::as_str(capture.status),
            standing: Standing::of(capture.checks, capture.queued_at),
            since: capture.created_at,
            checks: capture.checks,
            next_check_at: capture.next_check_at,
            queued_at: capture.queued_at,
            problem: capture.problem.clone(),
        });
        attempts.chain(captures).collect()
    }
}
