//! Calls of gateways: with a deadline, measured, never sent late, and not sent where nothing answers.

use std::future::Future;
use std::time::{Duration, Instant};

use tender_domain::connectors::{ConnectorLog, Heard, LoggedCall, Permit};
use tender_domain::intents::{Attempt, Intent};
use tender_domain::kernel::{Change, Money, TenantId, Timestamp, Version};
use tender_domain::ports::{CallKind, GatewayAnswer, GatewayError};
use tender_events::{AlertRaised, AlertSeverity, Envelope, PublicEvent};
use tender_http::ServerTiming;

use crate::IntentsService;

/// Which call is made, of what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calling<'a> {
    /// Whose.
    tenant: &'a TenantId,
    /// At which connector.
    connector: &'a str,
    /// Which call.
    kind: CallKind,
    /// Our reference of it.
    reference: &'a str,
    /// Of how much.
    amount: Money,
    /// When it was committed.
    started_at: Timestamp,
    /// Whether it begins something, and so is left alone where nothing answers. What goes on with money that is there
    /// already, or asks after it, is always sent.
    begins: bool,
}

impl<'a> Calling<'a> {
    /// A call for an attempt, at its connector.
    pub(super) const fn of(
        intent: &'a Intent,
        attempt: &'a Attempt,
        (kind, reference): (CallKind, &'a str),
        started_at: Timestamp,
    ) -> Self {
        let (tenant, connector, amount) = (&intent.tenant, attempt.connector.as_str(), attempt.amount);
        Self { tenant, connector, kind, reference, amount, started_at, begins: false }
    }

    /// The call that begins an attempt's payment.
    pub(super) const fn authorize(intent: &'a Intent, attempt: &'a Attempt, reference: &'a str) -> Self {
        let call = Self::of(intent, attempt, (CallKind::Authorize, reference), attempt.started_at);
        Self { begins: true, ..call }
    }

    /// The same of another amount.
    pub(super) const fn of_amount(self, amount: Money) -> Self {
        Self { amount, ..self }
    }
}

impl IntentsService {
    /// Makes one call that was committed before. Whatever is not a definite answer is `Unknown`; a call that
    /// comes too late to be sent is `NotDone`, since a look-up may already count on that; and so is one that would begin a
    /// payment where nothing answers.
    pub(super) async fn call(
        &self,
        calling: Calling<'_>,
        timing: &ServerTiming,
        call: impl Future<Output = Result<GatewayAnswer, GatewayError>>,
    ) -> Result<GatewayAnswer, GatewayError> {
        let Calling { tenant, connector, kind, started_at, .. } = calling;
        let now = self.clock.now();
        if now > started_at + self.options.send_within {
            return Err(GatewayError::NotDone("the call was not sent: its commit took too long".to_owned()));
        }
        if calling.begins
            && let Permit::Refused(until) = self.connectors.breakers.permit(tenant, connector, now)
        {
            metrics::counter!("tender_breaker_refusals_total").increment(1);
            let problem =
                format!("the call was not sent: {connector} answers nothing; it is tried again from {until}");
            return Err(GatewayError::NotDone(problem));
        }
        let began = Instant::now();
        let limit = self.options.call_timeout;
        let result = match tokio::time::timeout(limit, call).await {
            Ok(result) => result,
            Err(_) => Err(GatewayError::Unknown(format!("no answer within {} s", limit.as_secs()))),
        };
        let took = began.elapsed();
        timing.add_gateway(took);
        let outcome = LoggedCall::outcome_of(&result);
        metrics::histogram!("tender_gateway_call_seconds", "call" => kind.as_str(), "outcome" => outcome)
            .record(took.as_secs_f64());
        // Tenants' own connectors are shown to their tenants only.
        if self.gateways.find(connector).is_some() {
            self.latencies.record(connector, kind.as_str(), outcome, took);
        }
        let heard = Heard::of(&result);
        let logged = || LoggedCall::of((kind, calling.reference), calling.amount, &result, took);
        self.hear_call((tenant, connector), heard, took, logged).await;
        // Who pays waits for an end: what is done later by itself is no matter here.
        result.map_err(GatewayError::without_later)
    }

    /// What a call says of its connector: to its breaker, and to its log where it is a tenant's own.
    pub(crate) async fn hear_call(
        &self,
        (tenant, connector): (&TenantId, &str),
        heard: Heard,
        took: Duration,
        logged: impl FnOnce() -> LoggedCall,
    ) {
        let now = self.clock.now();
        if self.connectors.breakers.hear((tenant, connector), heard, took, now) {
            metrics::counter!("tender_breakers_opened_total").increment(1);
            self.tell_of_open_breaker(tenant, connector, now).await;
        }
        self.log_call((tenant, connector), logged);
    }

    /// Puts a call into the log of its connector, where that is a tenant's own.
    pub(super) fn log_call(
        &self,
        (tenant, connector): (&TenantId, &str),
        logged: impl FnOnce() -> LoggedCall,
    ) {
        if let Some(own) = self.known_connector(tenant, connector) {
            let (id, tenant, call, at) = (self.ids.next(), tenant.clone(), logged(), self.clock.now());
            self.connectors.logs.put(ConnectorLog { id, tenant, connector: own.id, call, at });
        }
    }

    async fn tell_of_open_breaker(&self, tenant: &TenantId, connector: &str, now: Timestamp) {
        tracing::warn!(%tenant, connector, "payments are kept away from a connector that answers nothing");
        let alert = AlertRaised {
            code: "connector_breaker_opened".to_owned(),
            severity: AlertSeverity::Warning,
            service: "intents".to_owned(),
            tenant_id: tenant.clone(),
            subject_id: connector.to_owned(),
            intent_id: None,
            detail: format!(
                "half of the calls to {connector} had no answer lately: payments go to other connectors where there are \
                 some, and fail at once where there are none. One is let through now and then; the first answer ends it"
            ),
            version: Version::FIRST,
            raised_at: now,
        };
        let told = alert.into_message(Envelope { id: self.ids.event(), traceparent: None });
        let change = Change::of(tenant.clone()).tell([told]).in_background();
        if let Err(error) = self.store.commit(change).await {
            tracing::warn!(%tenant, connector, %error, "nobody could be told of a connector that answers nothing");
        }
    }
}
