//! Ends a challenge that the customer is not to meet any more: its time is over, or its payment was canceled. What became
//! of it is asked first, for the customer may have met it and never have come back.

use std::sync::Arc;
use std::time::Instant;

use tender_domain::connectors::LoggedCall;
use tender_domain::intents::{Attempt, Challenge, Intent, Step};
use tender_domain::kernel::{AttemptId, CaptureId};
use tender_domain::ports::{
    CallEnd, CallKind, GatewayAnswer, GatewayError, Lookup, LookupRequest, PaymentGateway, UnknownOutcome,
    Void,
};
use tender_http::ServerTiming;

use super::IntentsError;
use super::drive::Recorder;
use crate::IntentsService;

/// How often a gateway that knows nothing of a payment is asked before its page counts as one that nobody paid: for a
/// quarter of an hour.
const ASKED_ENOUGH: u32 = 4;

/// What became of a challenge to which we sent nothing.
enum Met {
    /// Nobody met it, and the gateway has given it up or is to be taken for having.
    No,
    /// It was met; the gateway waits for being told to go on.
    Yes,
    /// It is open, and in the method's own page the customer may be paying.
    StillOpen(GatewayAnswer),
    /// It was met or has ended, like this.
    Ended(GatewayAnswer),
    /// Nobody knows.
    NotKnown(String),
}

impl IntentsService {
    /// Asks what became of a challenge, has the gateway give it up, and records what that came to.
    pub(super) async fn end_challenge(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
        recorder: Recorder,
    ) -> Result<Arc<Intent>, IntentsError> {
        let met = self.what_became_of_challenge(&intent, id).await;
        if matches!(met, Met::Yes) {
            return self.complete_met(intent, id, recorder).await;
        }
        let capture: CaptureId = self.ids.next();
        let decide = |intent: &Intent, now| match &met {
            Met::No => intent.abandon_challenge(id, now),
            Met::StillOpen(answer) | Met::Ended(answer) => {
                let step = intent.record_challenge(id, answer.clone(), capture, now)?;
                self.held_for(step, id, now)
            }
            Met::Yes | Met::NotKnown(_) => {
                let problem = if let Met::NotKnown(problem) = &met { problem } else { "it was met" };
                let connector = intent.attempt(id).map(|attempt| &*attempt.connector);
                let how = self.unknown_outcome(&intent.tenant, connector);
                intent.challenge_unanswered(id, problem, how, now)
            }
        };
        let intent = self.record(intent, decide, |after| recorder.finish_of(after, id), &recorder).await?;
        self.void_if_begun(intent, id, recorder, &ServerTiming::current()).await
    }

    /// Has the gateway go on with a challenge that was met behind our back. It needs nothing that only a browser brings,
    /// or it would not say that it was met.
    async fn complete_met(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        id: AttemptId,
        recorder: Recorder,
    ) -> Result<Arc<Intent>, IntentsError> {
        let decide = |intent: &Intent, now| {
            intent.challenge_met(id, now).map(|intent| Step { intent, events: Vec::new() })
        };
        let intent = self.record(intent, decide, |_| None, &recorder).await?;
        self.drive_challenge(intent, id, String::new(), recorder).await
    }

    async fn what_became_of_challenge(&self, intent: &Intent, id: AttemptId) -> Met {
        let attempt = intent.attempt(id);
        let gateway = match attempt {
            Some(attempt) => self.gateway_of(&intent.tenant, &attempt.connector).await,
            None => None,
        };
        let (Some(attempt), Some(gateway)) = (attempt, gateway) else {
            return Met::NotKnown("the connector is not set up".to_owned());
        };
        let limit = self.options.call_timeout;
        let asked = async {
            if gateway.capabilities().unknown_outcome == UnknownOutcome::Lookup {
                self.look_at_challenge(&*gateway, intent, attempt).await
            } else {
                self.give_up_challenge(&*gateway, intent, attempt).await
            }
        };
        match tokio::time::timeout(limit, asked).await {
            Ok(Ok(met)) => met,
            Ok(Err(error)) => Met::NotKnown(error.to_string()),
            Err(_) => Met::NotKnown("the gateway's answer about the challenge took too long".to_owned()),
        }
    }

    /// Of a gateway that can be asked. We sent nothing after the challenge, so what it says is how things stand.
    async fn look_at_challenge(
        &self,
        gateway: &dyn PaymentGateway,
        intent: &Intent,
        attempt: &Attempt,
    ) -> Result<Met, GatewayError> {
        let request = LookupRequest {
            tenant: intent.tenant.clone(),
            kind: CallKind::Authorize,
            reference: attempt.id.to_string(),
        };
        metrics::counter!("tender_gateway_lookups_total", "call" => request.kind.as_str()).increment(1);
        let began = Instant::now();
        let looked = gateway.lookup(&request).await;
        self.log_call((&intent.tenant, gateway.name()), || {
            LoggedCall::look_up((request.kind, &request.reference), &looked, began.elapsed())
        });
        Ok(match looked? {
            Lookup::Answered(GatewayAnswer::Challenge { .. }) => self.open_or_over(intent, attempt),
            // A card was refused on the page, and another one can be tried there.
            Lookup::Answered(answer)
                if gateway.capabilities().page_outlives_tries
                    && attempt.is_only_a_try(&CallEnd::Answered(answer.clone()), self.clock.now()) =>
            {
                self.open_or_over(intent, attempt)
            }
            Lookup::Answered(answer) => Met::Ended(answer),
            // Who knows a payment only once it was tried tells so of what nobody tried.
            Lookup::NotFound | Lookup::Pending if attempt.checks >= ASKED_ENOUGH => {
                self.open_or_over(intent, attempt)
            }
            Lookup::NotFound | Lookup::Pending => {
                Met::NotKnown("the gateway knows of no payment, or is still at it".to_owned())
            }
        })
    }

    /// Of a gateway that cannot be asked: it gives the challenge up, so that nobody meets it afterwards, or says that it
    /// was met.
    async fn give_up_challenge(
        &self,
        gateway: &dyn PaymentGateway,
        intent: &Intent,
        attempt: &Attempt,
    ) -> Result<Met, GatewayError> {
        let Some(challenge) = &attempt.challenge else { return Ok(Met::No) };
        let request = Void {
            tenant: intent.tenant.clone(),
            reference: attempt.void_reference(),
            gateway_reference: challenge.reference.clone(),
        };
        Ok(match gateway.give_up_challenge(&request).await? {
            Some(GatewayAnswer::Approved { .. }) => Met::No,
            Some(GatewayAnswer::Declined(_)) => Met::Yes,
            Some(GatewayAnswer::Challenge { .. }) | None => self.open_or_over(intent, attempt),
        })
    }

    /// A challenge that is open at the gateway and cannot be closed there: waited for while a canceled session may be paid,
    /// else taken for unmet. Whoever meets it all the same is found as a conflict.
    fn open_or_over(&self, intent: &Intent, attempt: &Attempt) -> Met {
        let waits = intent.cancellation_reason.is_some() && attempt.may_be_paid(self.clock.now());
        match attempt.challenge.clone().filter(|_| waits) {
            Some(Challenge { url, reference, .. }) => {
                Met::StillOpen(GatewayAnswer::Challenge { url, challenge_reference: reference, creq: None })
            }
            None => Met::No,
        }
    }
}
