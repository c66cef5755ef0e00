//! What a gateway tells by callback: the same transitions as its direct answers, from wherever the intent stands.
//!
//! A callback may come twice, late, before the answer or after what it tells was overtaken. It changes what is open,
//! confirms what is known, and what contradicts a definite answer is told to a person and changes no money.

use crate::kernel::{AttemptId, CaptureId, Money, Timestamp};
use crate::ports::{CallEnd, Decline, GatewayAnswer};

use super::{Attempt, AttemptStatus, Capture, CaptureStatus, Intent, PURSUED_FOR, Refusal, Step, VoidState};

/// What a callback comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Told {
    /// It is news: the intent moves as by a direct answer.
    News(Box<Step>),
    /// It is known, or was overtaken: nothing changes.
    Known,
    /// What it is about has no end of its own yet, and decides what this means: in words. It is told again later.
    NotYet(String),
    /// It contradicts what the gateway said before: in words, for a person. Nothing changes.
    Contradiction(String),
}

/// What was taken with an authorization is told to be taken back before the authorization is told.
const APPROVAL_COMES: &str = "what was taken did not last, and its approval is not told yet";

impl Intent {
    /// How an authorization ended, as a callback tells it. `capture` names the capture that an answer with money taken
    /// becomes.
    ///
    /// # Errors
    /// `NotOpen` when the intent has no such attempt.
    pub fn told_authorization(
        &self,
        id: AttemptId,
        end: &CallEnd,
        capture: CaptureId,
        now: Timestamp,
    ) -> Result<Told, Refusal> {
        let attempt = self.attempt(id).ok_or(Refusal::NotOpen)?;
        let approved = matches!(end, CallEnd::Answered(GatewayAnswer::Approved { .. }));
        let challenge = matches!(end, CallEnd::Answered(GatewayAnswer::Challenge { .. }));
        match (attempt.status, end) {
            (AttemptStatus::Approved, CallEnd::TakenBack { .. }) => {
                // Taken with its authorization, in one call: what did not last is that capture.
                let with_it = |taken: &&Capture| taken.attempt == id && attempt.capture;
                let taken = self.captures.iter().find(with_it);
                return taken.map_or(Ok(Told::Known), |taken| self.told_capture(taken.id, end, now));
            }
            // Its approval comes yet, by whatever way: afterwards it would contradict this.
            (
                AttemptStatus::Started | AttemptStatus::Unknown | AttemptStatus::Challenge,
                CallEnd::TakenBack { .. },
            ) if attempt.capture => return Ok(Told::NotYet(APPROVAL_COMES.to_owned())),
            _ => {}
        }
        match attempt.status {
            // A challenge that was begun before is no news: its completion may be on its way.
            _ if challenge && attempt.challenge.is_some() => Ok(Told::Known),
            AttemptStatus::Started | AttemptStatus::Unknown => self.recorded(id, end, capture, now),
            // The customer met the challenge, and the gateway tells before the shop does.
            AttemptStatus::Challenge => {
                let (opened, _) = self.start_challenge_completion(now)?;
                // One commit, so one version.
                let opened = Self { version: self.version, ..opened };
                opened.recorded(id, end, capture, now)
            }
            AttemptStatus::Approved => Ok(told_of_approved(attempt, end)),
            // That it was approved after all is kept as a conflict, for money may have moved.
            AttemptStatus::Declined | AttemptStatus::Error if approved => {
                self.recorded(id, end, capture, now)
            }
            AttemptStatus::Declined | AttemptStatus::Error | AttemptStatus::Conflict => Ok(Told::Known),
        }
    }

    /// How a capture ended, as a callback tells it.
    ///
    /// # Errors
    /// `NotOpen` when the intent has no such capture.
    pub fn told_capture(&self, id: CaptureId, end: &CallEnd, now: Timestamp) -> Result<Told, Refusal> {
        let capture = self.capture(id).ok_or(Refusal::NotOpen)?;
        let step = || match end {
            CallEnd::Answered(answer) => self.record_capture(id, answer.clone(), now),
            CallEnd::NotDone(problem) | CallEnd::TakenBack { why: Decline { message: problem, .. }, .. } => {
                self.record_capture_not_done(id, problem, now)
            }
        };
        let done = matches!(end, CallEnd::Answered(GatewayAnswer::Approved { .. }));
        let step = match capture.status {
            // Answered with another amount before: a person settles it.
            CaptureStatus::Pending if is_in_conflict(capture) => return Ok(Told::Known),
            // Also what was pursued in vain and is a person's by now.
            CaptureStatus::Pending => step()?,
            CaptureStatus::Succeeded => match end {
                CallEnd::TakenBack { why, .. } => self.record_capture_reversed(id, &why.message, now)?,
                end => return Ok(told_of_succeeded(capture, end)),
            },
            CaptureStatus::Failed if done => step()?,
            CaptureStatus::Failed => return Ok(Told::Known),
        };
        // The same words again are no news.
        let is_news = step
            .intent
            .capture(id)
            .is_some_and(|after| after.status != capture.status || after.problem != capture.problem);
        Ok(if is_news { Told::News(Box::new(step)) } else { Told::Known })
    }

    /// How a void ended, as a callback tells it.
    ///
    /// # Errors
    /// `NotOpen` when the intent has no such attempt.
    pub fn told_void(&self, id: AttemptId, end: &CallEnd, now: Timestamp) -> Result<Told, Refusal> {
        let attempt = self.attempt(id).ok_or(Refusal::NotOpen)?;
        let done = matches!(end, CallEnd::Answered(GatewayAnswer::Approved { .. }));
        if attempt.authorization.is_none() {
            return if done { self.told_canceled(attempt, now) } else { Ok(Told::Known) };
        }
        let void = attempt.authorization.as_ref().and_then(|authorization| authorization.void);
        match void {
            Some(VoidState::Started) if done => Ok(Told::News(Box::new(self.record_voided(id, now)?))),
            // Refused after it was accepted: no repetition will change that.
            Some(VoidState::Started) => match end {
                CallEnd::Answered(GatewayAnswer::Declined(decline)) => {
                    let problem = format!("the void was declined: {}", decline.message);
                    Ok(Told::News(Box::new(self.record_void_declined(id, &problem, now)?)))
                }
                // What was not done is tried again by itself.
                _ => Ok(Told::Known),
            },
            // It was refused before and is a person's; now it was let go after all.
            Some(VoidState::Declined) if done => {
                Ok(Told::News(Box::new(self.voiding_again(id).record_voided(id, now)?)))
            }
            Some(_) => Ok(Told::Known),
            None if done => {
                let problem = "the gateway says that it let go what nobody asked it to let go";
                Ok(Told::Contradiction(problem.to_owned()))
            }
            None => Ok(Told::Known),
        }
    }

    /// The gateway let go an attempt of which nothing is held here: whatever it was asked, it will not be done.
    fn told_canceled(&self, attempt: &Attempt, now: Timestamp) -> Result<Told, Refusal> {
        let problem = "the payment was canceled at the gateway";
        let step = match attempt.status {
            AttemptStatus::Started | AttemptStatus::Unknown => {
                self.record_not_done(attempt.id, problem, now)?
            }
            AttemptStatus::Challenge => {
                let (opened, id) = self.start_challenge_completion(now)?;
                // One commit, so one version.
                Self { version: self.version, ..opened }.record_not_done(id, problem, now)?
            }
            AttemptStatus::Approved
            | AttemptStatus::Declined
            | AttemptStatus::Error
            | AttemptStatus::Conflict => {
                return Ok(Told::Known);
            }
        };
        Ok(Told::News(Box::new(step)))
    }

    fn recorded(
        &self,
        id: AttemptId,
        end: &CallEnd,
        capture: CaptureId,
        now: Timestamp,
    ) -> Result<Told, Refusal> {
        let step = match end {
            CallEnd::Answered(answer) => self.record_answer(id, answer.clone(), capture, now)?,
            CallEnd::NotDone(problem) | CallEnd::TakenBack { why: Decline { message: problem, .. }, .. } => {
                self.record_not_done(id, problem, now)?
            }
        };
        Ok(Told::News(Box::new(step)))
    }
}

/// Whether a pending capture was answered with another amount. What was only pursued in vain is left to a person too,
/// but not before its time is over.
fn is_in_conflict(capture: &Capture) -> bool {
    capture.queued_at.is_some_and(|at| at < capture.created_at + PURSUED_FOR)
}

fn told_of_approved(attempt: &Attempt, end: &CallEnd) -> Told {
    let known = attempt.authorization.as_ref().map(|known| known.gateway_reference.as_str());
    let asked = attempt.amount;
    match end {
        CallEnd::Answered(GatewayAnswer::Approved { gateway_reference, amount, captured, .. }) => {
            let same = *amount == asked && *captured == attempt.capture;
            if same && Some(gateway_reference.as_str()) == known {
                Told::Known
            } else {
                contradiction(&format!("approved {asked}"), &described(*amount, *captured, gateway_reference))
            }
        }
        CallEnd::Answered(GatewayAnswer::Declined(decline)) => {
            contradiction(&format!("approved {asked}"), &format!("declined: {}", decline.message))
        }
        CallEnd::NotDone(reason) | CallEnd::TakenBack { why: Decline { message: reason, .. }, .. } => {
            contradiction(&format!("approved {asked}"), &format!("not done: {reason}"))
        }
        CallEnd::Answered(GatewayAnswer::Challenge { .. }) => Told::Known,
    }
}

fn told_of_succeeded(capture: &Capture, end: &CallEnd) -> Told {
    let before = format!("captured {}", capture.amount);
    match end {
        CallEnd::Answered(GatewayAnswer::Approved { amount, .. }) if *amount == capture.amount => Told::Known,
        CallEnd::Answered(GatewayAnswer::Approved { amount, captured, gateway_reference, .. }) => {
            contradiction(&before, &described(*amount, *captured, gateway_reference))
        }
        CallEnd::Answered(GatewayAnswer::Declined(decline)) => {
            contradiction(&before, &format!("declined: {}", decline.message))
        }
        CallEnd::NotDone(reason) | CallEnd::TakenBack { why: Decline { message: reason, .. }, .. } => {
            contradiction(&before, &format!("not done: {reason}"))
        }
        CallEnd::Answered(GatewayAnswer::Challenge { .. }) => Told::Known,
    }
}

fn described(amount: Money, captured: bool, gateway_reference: &str) -> String {
    let verb = if captured { "taken" } else { "held" };
    format!("{amount} {verb} ({gateway_reference})")
}

pub(super) fn contradiction(before: &str, now: &str) -> Told {
    let text = format!("the gateway had {before}, and a callback says {now}");
    Told::Contradiction(crate::kernel::gateway_text(&text))
}
