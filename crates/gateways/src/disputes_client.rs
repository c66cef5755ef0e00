//! The refunds service's intake of disputes, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tender_domain::disputes::{DisputeIntake, DisputeIntakeError, DisputeTaken, ToldChargeback};
use tender_domain::kernel::{TenantId, Timestamp};
use tender_domain::ports::ServiceTokens;

const AUDIENCE: &str = "refunds";

/// Hands over what gateways tell of disputes, with this service's signed token.
#[derive(Clone)]
pub struct DisputesClient {
    http: reqwest::Client,
    url: String,
    tokens: Arc<dyn ServiceTokens>,
    deadline: Duration,
}

#[derive(Serialize)]
struct ToldBody<'a> {
    chargeback: ChargebackBody<'a>,
    standing: &'static str,
    reason: &'static str,
    at: Timestamp,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    only_if_known: bool,
}

#[derive(Serialize)]
struct ChargebackBody<'a> {
    processor: &'a str,
    processor_reference: &'a str,
    gateway_reference: &'a str,
    amount: i64,
    currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<i64>,
    reason_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<&'static str>,
    received_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    respond_by: Option<Timestamp>,
}

/// The part of a problem that a person reads.
#[derive(Deserialize)]
struct ProblemDetail {
    detail: String,
}

impl DisputesClient {
    /// A client of the refunds service at `base_url`. `deadline` is for the whole call.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        base_url: &str,
        tokens: Arc<dyn ServiceTokens>,
        deadline: Duration,
    ) -> Self {
        let url = format!("{}/internal/disputes", base_url.trim_end_matches('/'));
        Self { http, url, tokens, deadline }
    }
}

fn body(told: &ToldChargeback) -> ToldBody<'_> {
    let dispute = &told.dispute;
    ToldBody {
        chargeback: ChargebackBody {
            processor: &dispute.processor,
            processor_reference: dispute.processor_reference.as_deref().unwrap_or_default(),
            gateway_reference: &told.gateway_reference,
            amount: dispute.amount.minor(),
            currency: dispute.amount.currency().code(),
            fee: dispute.fee_minor,
            // A network's code says more than the word that it means.
            reason_code: dispute.network_reason_code.as_deref().unwrap_or(dispute.reason.as_str()),
            network: dispute.network.map(|network| network.as_str()),
            received_at: dispute.received_at,
            respond_by: dispute.respond_by,
        },
        standing: told.standing.as_str(),
        reason: dispute.reason.as_str(),
        at: told.at,
        only_if_known: told.only_if_known,
    }
}

#[async_trait]
impl DisputeIntake for DisputesClient {
    async fn take_dispute(
        &self,
        tenant: &TenantId,
        told: &ToldChargeback,
    ) -> Result<DisputeTaken, DisputeIntakeError> {
        let token = self.tokens.token(AUDIENCE, tenant).map_err(unavailable)?;
        let request = self.http.post(&self.url).timeout(self.deadline).bearer_auth(token.expose_secret());
        let response = request.json(&body(told)).send().await.map_err(unavailable)?;
        match response.status() {
            StatusCode::OK | StatusCode::CREATED => Ok(DisputeTaken::Known),
            StatusCode::ACCEPTED => Ok(DisputeTaken::Waiting),
            StatusCode::NO_CONTENT => Ok(DisputeTaken::Unknown),
            status @ (StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY) => {
                let problem: Option<ProblemDetail> = response.json().await.ok();
                let detail = problem.map_or_else(|| status.to_string(), |problem| problem.detail);
                Err(DisputeIntakeError::Refused(detail))
            }
            status => Err(unavailable(format!("it answered {status}"))),
        }
    }
}

fn unavailable(error: impl std::fmt::Display) -> DisputeIntakeError {
    DisputeIntakeError::Unavailable(error.to_string())
}
