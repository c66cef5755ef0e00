//! Calls of gateways: with a deadline, measured, and never sent late.

use std::future::Future;
use std::time::Instant;

use tender_domain::intents::Attempt;
use tender_domain::kernel::Timestamp;
use tender_domain::ports::{CallKind, GatewayAnswer, GatewayError};
use tender_http::ServerTiming;

use crate::IntentsService;

/// Which call is made, of what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calling<'a> {
    /// At which connector.
    pub(super) connector: &'a str,
    /// Which call.
    pub(super) kind: CallKind,
    /// When it was committed.
    pub(super) started_at: Timestamp,
}

impl<'a> Calling<'a> {
    /// A call for an attempt, at its connector.
    pub(super) fn of(attempt: &'a Attempt, kind: CallKind, started_at: Timestamp) -> Self {
        Self { connector: &attempt.connector, kind, started_at }
    }
}

impl IntentsService {
    /// Makes one call that was committed before. Whatever is not a definite answer is `Unknown`; a call that
    /// comes too late to be sent is `NotDone`, since a look-up may already count on that.
    pub(super) async fn call(
        &self,
        calling: Calling<'_>,
        timing: &ServerTiming,
        call: impl Future<Output = Result<GatewayAnswer, GatewayError>>,
    ) -> Result<GatewayAnswer, GatewayError> {
        let Calling { connector, kind, started_at } = calling;
        if self.clock.now() > started_at + self.options.send_within {
            return Err(GatewayError::NotDone("the call was not sent: its commit took too long".to_owned()));
        }
        let began = Instant::now();
        let limit = self.options.call_timeout;
        let result = match tokio::time::timeout(limit, call).await {
            Ok(result) => result,
            Err(_) => Err(GatewayError::Unknown(format!("no answer within {} s", limit.as_secs()))),
        };
        let took = began.elapsed();
        timing.add_gateway(took);
        let outcome = match &result {
            Ok(GatewayAnswer::Approved { .. }) => "approved",
            Ok(GatewayAnswer::Declined(_)) => "declined",
            Ok(GatewayAnswer::Challenge { .. }) => "challenge",
            Err(GatewayError::NotDone(_)) => "error",
            Err(GatewayError::Unknown(_)) => "unknown",
        };
        metrics::histogram!("tender_gateway_call_seconds", "call" => kind.as_str(), "outcome" => outcome)
            .record(took.as_secs_f64());
        self.latencies.record(connector, kind.as_str(), outcome, took);
        result
    }
}
