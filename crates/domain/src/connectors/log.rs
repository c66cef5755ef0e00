//! What was asked of a tenant's connector, and what it answered.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kernel::{ConnectorId, ConnectorLogId, Money, TenantId, Timestamp, gateway_text};
use crate::ports::{CallKind, GatewayAnswer, GatewayError};

use super::Heard;

/// How long a line is kept.
pub const CONNECTOR_LOG_LIFE: Duration = Duration::from_secs(14 * 86_400);

/// One call, without secrets and without anything of a person: it is written from the call's own fields, of which tokens
/// and payers are no part, never from the bytes on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedCall {
    /// `authorize`, `capture`, `void`, `test` …
    pub call: String,
    /// Our reference of what was asked.
    pub reference: String,
    /// What was asked, as JSON.
    pub request: Value,
    /// What was answered, as JSON; texts of the gateway are cut and masked.
    pub answer: Value,
    /// `approved`, `declined`, `challenge`, `error`, `unavailable`, `unknown`.
    pub outcome: String,
    /// How long it took, in milliseconds.
    pub took_millis: u64,
}

impl LoggedCall {
    /// A call of this kind by our reference, of this amount, and what it came to.
    #[must_use]
    pub fn of(
        (kind, reference): (CallKind, &str),
        amount: Money,
        result: &Result<GatewayAnswer, GatewayError>,
        took: Duration,
    ) -> Self {
        Self {
            call: kind.as_str().to_owned(),
            reference: reference.to_owned(),
            request: json!({ "amount": amount.minor(), "currency": amount.currency().code() }),
            answer: answer_of(result),
            outcome: Self::outcome_of(result).to_owned(),
            took_millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// What a call came to, in one word.
    #[must_use]
    pub const fn outcome_of(result: &Result<GatewayAnswer, GatewayError>) -> &'static str {
        match result {
            Ok(GatewayAnswer::Approved { .. }) => "approved",
            Ok(GatewayAnswer::Declined(_)) => "declined",
            Ok(GatewayAnswer::Challenge { .. }) => "challenge",
            Err(GatewayError::NotDone(_)) => "error",
            Err(GatewayError::NotNow(_)) => "unavailable",
            Err(GatewayError::Unknown(_)) => "unknown",
        }
    }

    /// What it said of its connector: as [`Heard::of`], from the word that it is told by.
    #[must_use]
    pub fn heard(&self) -> Heard {
        match &*self.outcome {
            "error" => Heard::NoWord,
            "unavailable" | "unknown" => Heard::Nothing,
            _ => Heard::Answer,
        }
    }

    /// How long it took.
    #[must_use]
    pub const fn took(&self) -> Duration {
        Duration::from_millis(self.took_millis)
    }
}

/// What may be kept of an answer: no token, nothing of a person; what a gateway says in words is cut and masked.
fn answer_of(result: &Result<GatewayAnswer, GatewayError>) -> Value {
    match result {
        Ok(GatewayAnswer::Approved { gateway_reference, amount, captured, response_code, .. }) => json!({
            "gateway_reference": gateway_text(gateway_reference),
            "amount": amount.minor(),
            "currency": amount.currency().code(),
            "captured": captured,
            "response_code": response_code.as_deref().map(gateway_text),
        }),
        Ok(GatewayAnswer::Declined(decline)) => json!({
            "decline_code": decline.code.as_str(),
            "network_code": decline.network_code.as_deref().map(gateway_text),
            "message": gateway_text(&decline.message),
        }),
        Ok(GatewayAnswer::Challenge { challenge_reference, .. }) => {
            json!({ "challenge_reference": gateway_text(challenge_reference) })
        }
        Err(error) => json!({ "problem": gateway_text(&error.to_string()) }),
    }
}

/// One line of a connector's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorLog {
    /// Its id, in the order of time.
    pub id: ConnectorLogId,
    /// Whose.
    pub tenant: TenantId,
    /// Of which connector.
    pub connector: ConnectorId,
    /// The call.
    pub call: LoggedCall,
    /// When the answer came.
    pub at: Timestamp,
}
