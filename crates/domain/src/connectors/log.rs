//! What was asked of a tenant's connector, and what it answered.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kernel::{ConnectorId, ConnectorLogId, Money, TenantId, Timestamp, gateway_text};
use crate::ports::{CallKind, GatewayAnswer, GatewayError, Lookup};
use crate::vault::MethodType;

use super::Heard;

/// How long a line is kept.
pub const CONNECTOR_LOG_LIFE: Duration = Duration::from_secs(14 * 86_400);

/// One call, without secrets and without anything of a person: it is written from the call's own fields, of which tokens
/// and payers are no part, never from the bytes on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedCall {
    /// `authorize`, `capture`, `void`, `refund`, `look_up`, `tokenise`, `test` …
    pub call: String,
    /// Our reference of what was asked.
    pub reference: String,
    /// What was asked, as JSON.
    pub request: Value,
    /// What was answered, as JSON; texts of the gateway are cut and masked.
    pub answer: Value,
    /// `approved`, `declined`, `challenge`, `done`, `error`, `unavailable`, `unknown` …
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
            answer: result.as_ref().map_or_else(of_error, of_answer),
            outcome: Self::outcome_of(result).to_owned(),
            took_millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The question by our reference what became of a call of this kind, and what it came to.
    #[must_use]
    pub fn look_up(
        (kind, reference): (CallKind, &str),
        result: &Result<Lookup, GatewayError>,
        took: Duration,
    ) -> Self {
        let (outcome, answer) = match result {
            Ok(Lookup::Answered(answer)) => (answered(answer), of_answer(answer)),
            Ok(Lookup::Pending) => ("pending", json!({})),
            Ok(Lookup::NotFound) => ("not_found", json!({})),
            Err(error) => (failed(error), of_error(error)),
        };
        Self {
            call: "look_up".to_owned(),
            reference: reference.to_owned(),
            request: json!({ "of": kind.as_str() }),
            answer,
            outcome: outcome.to_owned(),
            took_millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// A call about a payment method, of whose type alone is told: what it came to in a word, or why it came to nothing, by a
    /// `problem` that repeats nothing of the method.
    #[must_use]
    pub fn about_method(
        (call, reference): (&str, &str),
        method_type: MethodType,
        result: Result<&str, &GatewayError>,
        problem: Option<&str>,
        took: Duration,
    ) -> Self {
        Self {
            call: call.to_owned(),
            reference: reference.to_owned(),
            request: json!({ "type": method_type.as_str() }),
            answer: problem.map_or_else(|| json!({}), |text| json!({ "problem": gateway_text(text) })),
            outcome: result.unwrap_or_else(|error| failed(error)).to_owned(),
            took_millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// What a call came to, in one word.
    #[must_use]
    pub const fn outcome_of(result: &Result<GatewayAnswer, GatewayError>) -> &'static str {
        match result {
            Ok(answer) => answered(answer),
            Err(error) => failed(error),
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

const fn answered(answer: &GatewayAnswer) -> &'static str {
    match answer {
        GatewayAnswer::Approved { .. } => "approved",
        GatewayAnswer::Declined(_) => "declined",
        GatewayAnswer::Challenge { .. } => "challenge",
    }
}

const fn failed(error: &GatewayError) -> &'static str {
    match error {
        GatewayError::NotDone(_) => "error",
        GatewayError::NotNow(_) => "unavailable",
        GatewayError::Unknown(_) => "unknown",
    }
}

fn of_error(error: &GatewayError) -> Value {
    json!({ "problem": gateway_text(&error.to_string()) })
}

/// What may be kept of an answer: no token, nothing of a person; what a gateway says in words is cut and masked.
fn of_answer(answer: &GatewayAnswer) -> Value {
    match answer {
        GatewayAnswer::Approved { gateway_reference, amount, captured, response_code, .. } => json!({
            "gateway_reference": gateway_text(gateway_reference),
            "amount": amount.minor(),
            "currency": amount.currency().code(),
            "captured": captured,
            "response_code": response_code.as_deref().map(gateway_text),
        }),
        GatewayAnswer::Declined(decline) => json!({
            "decline_code": decline.code.as_str(),
            "network_code": decline.network_code.as_deref().map(gateway_text),
            "message": gateway_text(&decline.message),
        }),
        GatewayAnswer::Challenge { challenge_reference, .. } => {
            json!({ "challenge_reference": gateway_text(challenge_reference) })
        }
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
