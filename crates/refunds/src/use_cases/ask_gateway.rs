//! The calls to a gateway: never inside a transaction, each with a deadline, none with more than one meaning.

use std::time::Instant;

use tender_domain::connectors::LoggedCall;
use tender_domain::intents::CALL_DEADLINE;
use tender_domain::ports::{
    CallKind, GatewayAnswer, GatewayError, LookupRequest, PaymentGateway, Refund as RefundCall,
    UnknownOutcome,
};
use tender_domain::refunds::{
    Refund, RefundAttempt, RefundOutcome, RefundableCharge, outcome_of_call, outcome_of_lookup,
};
use tender_http::ServerTiming;

use super::RefundsError;
use crate::RefundsService;

impl RefundsService {
    /// That there is a gateway to ask, before anything is begun.
    ///
    /// # Errors
    /// `ConnectorUnavailable` when the connector is not set up, which the next time is no different; `ConnectorAway` when
    /// its gateway cannot be had now.
    pub(super) async fn has_gateway(&self, charge: &RefundableCharge) -> Result<(), RefundsError> {
        let connector = || charge.connector.clone();
        match self.gateways.named(&charge.tenant, &charge.connector).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(RefundsError::ConnectorUnavailable(connector())),
            Err(_) => Err(RefundsError::ConnectorAway(connector())),
        }
    }

    /// Makes the refund's newest call, unless its time to be sent is over.
    pub(super) async fn call_gateway(&self, charge: &RefundableCharge, refund: &Refund) -> RefundOutcome {
        let found = self.gateways.named(&charge.tenant, &charge.connector).await;
        // After the gateway was found, which may take its time.
        let too_late = refund.attempt().is_none_or(|attempt| self.clock.now() > self.sent_before(attempt));
        let Some(gateway) = found.ok().flatten().filter(|_| !too_late) else {
            let not_sent = Err(GatewayError::NotNow("it was not sent in time".to_owned()));
            return outcome_of_call(not_sent);
        };
        outcome_of_call(self.send(&*gateway, charge, refund).await)
    }

    /// Asks what became of the refund's call, in the way its gateway offers.
    pub(super) async fn ask_gateway(
        &self,
        charge: &RefundableCharge,
        refund: &Refund,
        attempt: &RefundAttempt,
    ) -> RefundOutcome {
        let gateway = match self.gateways.named(&charge.tenant, &charge.connector).await {
            Ok(Some(gateway)) => gateway,
            Ok(None) => {
                tracing::error!(refund = %refund.id, connector = %charge.connector, "the connector is not set up");
                return RefundOutcome::UNKNOWN;
            }
            Err(_) => return RefundOutcome::UNKNOWN,
        };
        let capabilities = gateway.capabilities();
        match capabilities.unknown_refund {
            UnknownOutcome::Lookup => {
                let request = LookupRequest {
                    tenant: charge.tenant.clone(),
                    kind: CallKind::Refund,
                    reference: refund.call().to_string(),
                };
                // What arrived while the question was under way is not in its answer.
                let asked_at = self.clock.now();
                let answer = self.in_time(gateway.lookup(&request)).await;
                // Begun in time, the call may have been on its way to the gateway for as long as a call may take; only
                // then does the gateway's own time begin.
                let final_after = self.options.call_timeout + capabilities.not_found_is_final_after;
                outcome_of_lookup(answer, asked_at, self.sent_before(attempt), final_after)
            }
            // The key must still be there when the request arrives: else it would be another refund.
            UnknownOutcome::Replay { key_life }
                if self.clock.now() + CALL_DEADLINE < attempt.started_at + key_life =>
            {
                match self.send(&*gateway, charge, refund).await {
                    // That this repetition was not done says nothing about the call it repeats.
                    Err(_) => RefundOutcome::UNKNOWN,
                    answered => outcome_of_call(answered),
                }
            }
            UnknownOutcome::Replay { .. } | UnknownOutcome::CallbackOnly => RefundOutcome::UNKNOWN,
        }
    }

    async fn send(
        &self,
        gateway: &dyn PaymentGateway,
        charge: &RefundableCharge,
        refund: &Refund,
    ) -> Result<GatewayAnswer, GatewayError> {
        let call = RefundCall {
            tenant: charge.tenant.clone(),
            reference: refund.call().to_string(),
            gateway_reference: charge.gateway_reference.clone(),
            amount: refund.amount,
        };
        let asked = Instant::now();
        let answer = self.in_time(gateway.refund(&call)).await;
        let of = (CallKind::Refund, &*call.reference);
        let logged = LoggedCall::of(of, call.amount, &answer, asked.elapsed());
        self.gateways.hear(&charge.tenant, &charge.connector, logged).await;
        answer
    }

    /// The answer to a call, if it comes before the deadline; what comes later is unknown.
    pub(super) async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        let (timing, asked) = (ServerTiming::current(), Instant::now());
        let answer = tokio::time::timeout(self.options.call_timeout, call).await;
        timing.add_gateway(asked.elapsed());
        answer.unwrap_or_else(|_| {
            Err(GatewayError::Unknown(format!("no answer within {:?}", self.options.call_timeout)))
        })
    }
}
