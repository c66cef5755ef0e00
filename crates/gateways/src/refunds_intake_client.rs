//! The refunds service's intake of what gateways tell of refunds, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Money, TenantId};
use tender_domain::ports::{CallEnd, Decline, GatewayAnswer, ServiceTokens};
use tender_domain::refunds::{RefundIntake, RefundIntakeError, RefundNews, RefundTaken, ToldRefund};

const AUDIENCE: &str = "refunds";

/// Hands over what gateways tell of refunds, with this service's signed token.
#[derive(Clone)]
pub struct RefundsIntakeClient {
    http: reqwest::Client,
    url: String,
    tokens: Arc<dyn ServiceTokens>,
    deadline: Duration,
}

#[derive(Default, Serialize)]
struct ToldBody<'a> {
    connector: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    charge_reference: Option<&'a str>,
    end: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Deserialize)]
struct TakenBody {
    taken: String,
    note: Option<String>,
}

/// The part of a problem that a person reads.
#[derive(Deserialize)]
struct ProblemDetail {
    detail: String,
}

impl RefundsIntakeClient {
    /// A client of the refunds service at `base_url`. `deadline` is for the whole call.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        base_url: &str,
        tokens: Arc<dyn ServiceTokens>,
        deadline: Duration,
    ) -> Self {
        let url = format!("{}/internal/refunds", base_url.trim_end_matches('/'));
        Self { http, url, tokens, deadline }
    }
}

impl<'a> ToldBody<'a> {
    fn of(told: &'a ToldRefund) -> Self {
        let body = Self { connector: &told.connector, ..Self::default() };
        match &told.news {
            RefundNews::Ours { call, end } => Self {
                refund_id: Some(call.refund.to_string()),
                attempt: Some(call.number),
                ..body.ended(end)
            },
            RefundNews::Outside(outside) => {
                let body = match &outside.taken_back {
                    None => Self { end: "done", ..body },
                    Some(why) => Self { end: "taken_back", ..body.because(why) },
                };
                let name = &outside.gateway_reference;
                Self { charge_reference: Some(&outside.charge_reference), ..body.named(name) }
                    .of_amount(outside.amount)
            }
        }
    }

    fn ended(self, end: &'a CallEnd) -> Self {
        match end {
            CallEnd::Answered(GatewayAnswer::Approved { gateway_reference, amount, .. }) => {
                Self { end: "done", ..self.named(gateway_reference).of_amount(*amount) }
            }
            CallEnd::Answered(GatewayAnswer::Declined(why)) => Self { end: "declined", ..self.because(why) },
            CallEnd::Answered(GatewayAnswer::Challenge { url, .. }) => {
                Self { end: "action_required", url: Some(url), ..self }
            }
            CallEnd::NotDone(why) => Self { end: "not_done", message: Some(why), ..self },
            CallEnd::TakenBack { gateway_reference, why } => {
                Self { end: "taken_back", ..self.named(gateway_reference).because(why) }
            }
        }
    }

    fn named(self, gateway_reference: &'a str) -> Self {
        Self { gateway_reference: Some(gateway_reference), ..self }
    }

    fn of_amount(self, amount: Money) -> Self {
        Self { amount: Some(amount.minor()), currency: Some(amount.currency().code()), ..self }
    }

    fn because(self, why: &'a Decline) -> Self {
        Self {
            decline_code: Some(why.code.as_str()),
            network_code: why.network_code.as_deref(),
            message: Some(&why.message),
            ..self
        }
    }
}

#[async_trait]
impl RefundIntake for RefundsIntakeClient {
    async fn take_refund(
        &self,
        tenant: &TenantId,
        told: &ToldRefund,
    ) -> Result<RefundTaken, RefundIntakeError> {
        let token = self.tokens.token(AUDIENCE, tenant).map_err(unavailable)?;
        let request = self.http.post(&self.url).timeout(self.deadline).bearer_auth(token.expose_secret());
        let response = request.json(&ToldBody::of(told)).send().await.map_err(unavailable)?;
        match response.status() {
            StatusCode::OK => {
                let body: TakenBody = response.json().await.map_err(unavailable)?;
                match body.taken.as_str() {
                    "applied" => Ok(RefundTaken::Applied),
                    "known" => Ok(RefundTaken::Known),
                    "unmatched" => Ok(RefundTaken::Unmatched(body.note.unwrap_or_default())),
                    other => Err(unavailable(format!("it answered `{other}`"))),
                }
            }
            status @ (StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY) => {
                let problem: Option<ProblemDetail> = response.json().await.ok();
                let detail = problem.map_or_else(|| status.to_string(), |problem| problem.detail);
                Err(RefundIntakeError::Refused(detail))
            }
            status => Err(unavailable(format!("it answered {status}"))),
        }
    }
}

fn unavailable(error: impl std::fmt::Display) -> RefundIntakeError {
    RefundIntakeError::Unavailable(error.to_string())
}
