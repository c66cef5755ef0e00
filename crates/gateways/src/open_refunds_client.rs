//! Refunds whose outcome is open, asked of the refunds service over HTTP.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;
use tender_domain::kernel::{Currency, IntentId, Money, RefundId, StoreError, TenantId, Timestamp};
use tender_domain::ports::ServiceTokens;
use tender_domain::refunds::{OpenRefund, OpenRefunds, OpenRefundsOf, RefundStatus};

const AUDIENCE: &str = "refunds";

/// Asks the refunds service with this service's signed token.
#[derive(Clone)]
pub struct OpenRefundsClient {
    http: reqwest::Client,
    url: String,
    tokens: Arc<dyn ServiceTokens>,
    deadline: Duration,
    traceparent: fn() -> Option<String>,
}

#[derive(Deserialize)]
struct Told {
    data: Vec<ToldRefund>,
}

#[derive(Deserialize)]
struct ToldRefund {
    id: RefundId,
    payment_intent_id: IntentId,
    connector: String,
    amount: i64,
    currency: Currency,
    reason: String,
    status: String,
    gateway_reference: Option<String>,
    created_at: DateTime<Utc>,
    asked_at: Option<DateTime<Utc>>,
    checks: u32,
}

impl OpenRefundsClient {
    /// A client of the refunds service at `base_url`. `deadline` is for the whole call.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        base_url: &str,
        tokens: Arc<dyn ServiceTokens>,
        deadline: Duration,
    ) -> Self {
        let url = format!("{}/internal/refunds/open", base_url.trim_end_matches('/'));
        Self { http, url, tokens, deadline, traceparent: || None }
    }

    /// With where the trace of the request that is being served is found, to be carried on.
    #[must_use]
    pub fn with_trace(mut self, traceparent: fn() -> Option<String>) -> Self {
        self.traceparent = traceparent;
        self
    }
}

#[async_trait]
impl OpenRefunds for OpenRefundsClient {
    async fn open_refunds(
        &self,
        tenant: &TenantId,
        of: &OpenRefundsOf,
        ended_since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<OpenRefund>, StoreError> {
        let of = match of {
            OpenRefundsOf::Customer(customer) => ("customer_id", customer.clone()),
            OpenRefundsOf::Intent(intent) => ("intent_id", intent.to_string()),
            OpenRefundsOf::Queue => ("queued", "true".to_owned()),
        };
        let token = self.tokens.token(AUDIENCE, tenant).map_err(unavailable)?;
        let mut query = vec![of, ("limit", limit.to_string())];
        query.extend(ended_since.map(|since| ("ended_since", since.to_rfc3339())));
        let url = reqwest::Url::parse_with_params(&self.url, &query).map_err(unavailable)?;
        let mut request = self.http.get(url).timeout(self.deadline).bearer_auth(token.expose_secret());
        if let Some(traceparent) = (self.traceparent)() {
            request = request.header("traceparent", traceparent);
        }
        let response = request.send().await.map_err(unavailable)?;
        if response.status() != StatusCode::OK {
            return Err(unavailable(format!("it answered {}", response.status())));
        }
        let told: Told = response.json().await.map_err(unavailable)?;
        told.data.into_iter().map(open_refund).collect()
    }
}

fn open_refund(told: ToldRefund) -> Result<OpenRefund, StoreError> {
    let unknown = || unavailable(format!("it told the status `{}`", told.status));
    Ok(OpenRefund {
        status: RefundStatus::find(&told.status).ok_or_else(unknown)?,
        id: told.id,
        intent_id: told.payment_intent_id,
        connector: told.connector,
        amount: Money::new(told.amount, told.currency),
        reason: told.reason,
        gateway_reference: told.gateway_reference,
        created_at: told.created_at,
        asked_at: told.asked_at,
        checks: told.checks,
    })
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("refunds: {error}"))
}
