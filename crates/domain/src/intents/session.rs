//! Sessions of alternative payment methods: an attempt whose challenge is the method's own page.
//!
//! The customer pays there, whatever we do meanwhile. So a session that is open is never given up by us: a cancellation
//! waits until the gateway says how it ended, at the latest when its time is over.

use crate::kernel::{AttemptId, RoutingRuleId, Timestamp};
use crate::ports::{CallEnd, DeclineCode, GatewayAnswer, SessionRequest, ThreeDs};

use super::timed::STILL_OPEN;
use super::{
    Attempt, AttemptStatus, Command, Instrument, Intent, IntentStatus, MethodSummary, Refusal, StartAttempt,
    Step,
};

/// What a session is begun with.
#[derive(Debug, Clone)]
pub struct StartSession {
    /// The attempt that it is.
    pub id: AttemptId,
    /// At which connector.
    pub connector: String,
    /// The routing rule that sent it there; none where none decided.
    pub rule: Option<RoutingRuleId>,
    /// What is asked of the gateway.
    pub session: SessionRequest,
}

impl Intent {
    /// Begins a session in place of a method's charge: to be committed before the gateway is called.
    ///
    /// # Errors
    /// When the status does not permit it, or the intent has expired.
    pub fn start_session(&self, start: StartSession, now: Timestamp) -> Result<Self, Refusal> {
        self.permit(Command::StartSession)?;
        let method = MethodSummary { method_type: start.session.method.clone(), ..MethodSummary::default() };
        let ready = Self {
            status: IntentStatus::RequiresConfirmation,
            instrument: None,
            method: method.clone(),
            ..self.clone()
        };
        let attempt = StartAttempt {
            id: start.id,
            connector: start.connector,
            rule: start.rule,
            instrument: Instrument::Alternative(start.session.method.clone()),
            method,
            off_session: false,
            three_ds: ThreeDs::Automatic,
        };
        let mut next = ready.start_attempt(attempt, now)?;
        if let Some(attempt) = next.attempts.last_mut() {
            attempt.session = Some(start.session);
        }
        Ok(next)
    }

    /// The session that the customer may be paying in.
    #[must_use]
    pub fn open_session(&self) -> Option<&Attempt> {
        let open =
            |attempt: &&Attempt| attempt.session.is_some() && attempt.status == AttemptStatus::Challenge;
        self.attempts.iter().find(open)
    }
}

impl Intent {
    /// It was canceled while the customer may be meeting a challenge: the gateway is asked, of a session when its time is
    /// over.
    pub(super) fn awaiting_customer(mut self, place: usize, now: Timestamp) -> Step {
        let attempt = &mut self.attempts[place];
        let until = attempt.session.as_ref().map(|session| session.expires_at);
        attempt.status = AttemptStatus::Unknown;
        attempt.checks = attempt.checks.max(1);
        attempt.next_check_at = Some(until.map_or(now, |until| until.max(now)));
        attempt.problem = Some(STILL_OPEN.to_owned());
        Step { intent: self, events: Vec::new() }
    }
}

impl Attempt {
    /// Whether this end is only that of a try in its session, where the gateway's page can be paid on after that: a card
    /// was refused there, and the customer may have another. That the customer went back, or that the page's time is over,
    /// is the session's own end.
    #[must_use]
    pub fn is_only_a_try(&self, end: &CallEnd, now: Timestamp) -> bool {
        let is_open = self.is_open() || self.status == AttemptStatus::Challenge;
        let failed = match end {
            CallEnd::Answered(GatewayAnswer::Declined(why)) => {
                !matches!(why.code, DeclineCode::CustomerCanceled | DeclineCode::AuthenticationAbandoned)
            }
            CallEnd::NotDone(_) => true,
            CallEnd::Answered(_) | CallEnd::TakenBack { .. } => false,
        };
        failed && is_open && self.challenge.is_some() && self.may_be_paid(now)
    }

    /// Whether the customer may still pay in its session.
    #[must_use]
    pub fn may_be_paid(&self, now: Timestamp) -> bool {
        self.session.as_ref().is_some_and(|session| now < session.expires_at)
    }
}
