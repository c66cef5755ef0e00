//! Keeping on at a call without an outcome, until a person has it.

use crate::kernel::{AttemptId, CaptureId, Timestamp, gateway_text};
use crate::ports::UnknownOutcome;

use super::{Attempt, Capture, IntentEvent, Pursuit};

/// A call of a gateway, by what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenCall {
    /// The authorization of an attempt, or the completion of its challenge.
    Attempt(AttemptId),
    /// The void of what an attempt holds.
    Void(AttemptId),
    /// A capture.
    Capture(CaptureId),
}

impl Attempt {
    /// What decides when its open call is pursued next. `how` is its gateway's for authorizations.
    #[must_use]
    pub fn pursuit(&self, how: UnknownOutcome) -> Pursuit {
        let void_at = self.authorization.as_ref().and_then(|authorization| authorization.void_at);
        // The request that completed a challenge holds what the customer's browser brought: it is kept nowhere, and
        // the authorization's own request would be answered with the challenge again.
        let replays = matches!(how, UnknownOutcome::Replay { .. });
        let how = match void_at {
            // It moves no money, and lets go what its reference names and nothing else, however often it comes.
            Some(_) => UnknownOutcome::AGAIN,
            // Every gateway can be asked to give it up, or what became of it.
            None if self.awaits_customer() => UnknownOutcome::Lookup,
            None if replays && self.challenge.is_some() => UnknownOutcome::CallbackOnly,
            None => how,
        };
        let since = void_at.unwrap_or(self.started_at);
        Pursuit { since, checks: self.checks, seed: self.id.uuid(), how }
    }

    /// Its open call got no answer: pursued again, or left to a person, who is told.
    pub(super) fn unanswered(
        &mut self,
        call: OpenCall,
        problem: &str,
        how: UnknownOutcome,
        now: Timestamp,
    ) -> Vec<IntentEvent> {
        self.problem = Some(gateway_text(problem));
        if asked_meanwhile(self.checks, self.next_check_at, now) {
            return Vec::new();
        }
        self.next_check_at = self.pursuit(how).next(now);
        self.checks = self.checks.saturating_add(1);
        left(call, self.next_check_at, &mut self.queued_at, now)
    }
}

impl Capture {
    /// What decides when it is pursued next. `how` is its gateway's for captures.
    #[must_use]
    pub const fn pursuit(&self, how: UnknownOutcome) -> Pursuit {
        Pursuit { since: self.created_at, checks: self.checks, seed: self.id.uuid(), how }
    }

    /// Its call got no answer: pursued again, or left to a person, who is told.
    pub(super) fn unanswered(
        &mut self,
        problem: &str,
        how: UnknownOutcome,
        now: Timestamp,
    ) -> Vec<IntentEvent> {
        self.problem = Some(gateway_text(problem));
        if asked_meanwhile(self.checks, self.next_check_at, now) {
            return Vec::new();
        }
        self.next_check_at = self.pursuit(how).next(now);
        self.checks = self.checks.saturating_add(1);
        left(OpenCall::Capture(self.id), self.next_check_at, &mut self.queued_at, now)
    }
}

/// Whether somebody else asked at the same moment and has recorded it: two who ask at once (a reader and the worker) are
/// one step of the schedule, not two.
fn asked_meanwhile(checks: u32, next: Option<Timestamp>, now: Timestamp) -> bool {
    checks > 0 && next.is_some_and(|next| next > now)
}

/// Told once: what is in the queue already stays there without a word.
fn left(
    call: OpenCall,
    next: Option<Timestamp>,
    queued_at: &mut Option<Timestamp>,
    now: Timestamp,
) -> Vec<IntentEvent> {
    match (next, *queued_at) {
        (Some(_), _) => {
            *queued_at = None;
            Vec::new()
        }
        (None, Some(_)) => Vec::new(),
        (None, None) => {
            *queued_at = Some(now);
            vec![IntentEvent::OutcomeOverdue { call }]
        }
    }
}
