//! An outside scorer of fraud, over HTTP.
//!
//! `POST {url}` with what is known of a try to pay; it answers 200 with `{"points", "explanation"}`. It is told no card
//! number and no e-mail address: of the card its fingerprint and its first six digits, of the customer the client's own
//! name for it, unless that is an address. The tenant is named in `X-Tenant-ID`.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tender_domain::fraud::{FraudContext, RiskScore, RiskScorer, RiskScorerError, RiskSignals};
use tender_domain::kernel::{Money, TenantId, mask_card_numbers};

use crate::outbound::{Outbound, OutboundAllow};
use crate::transport::read_up_to;

const WHO: &str = "the risk scorer";
/// An answer is a number and a sentence.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// So much of an explanation is kept with a decision.
const EXPLANATION_CHARS_MAX: usize = 200;
const POINTS_MAX: u64 = 100;

/// How a scorer is asked.
#[derive(Debug, Clone)]
pub struct HttpScorerOptions {
    /// Its address (`https://scorer.example.com/v1/score`).
    pub url: String,
    /// By what it knows us: `Authorization: Bearer`.
    pub token: SecretString,
    /// How long one call may take.
    pub deadline: Duration,
    /// Local addresses that may be called.
    pub allow: OutboundAllow,
}

/// The options make no way to a scorer. Says nothing of the token.
#[derive(Debug, Clone, thiserror::Error)]
#[error("fraud.{setting} {problem}")]
pub struct InvalidScorerOptions {
    /// Which.
    pub setting: &'static str,
    /// What is wrong.
    pub problem: String,
}

/// A scorer behind HTTP.
pub struct HttpRiskScorer {
    outbound: Outbound,
    url: Url,
    authorization: HeaderValue,
    deadline: Duration,
}

#[derive(Serialize)]
struct Asked<'a> {
    amount: i64,
    currency: &'static str,
    merchant_account_id: &'a str,
    customer_id: Option<&'a str>,
    card: Card<'a>,
    signals: &'a RiskSignals,
    order_amount: Option<Told>,
}

#[derive(Serialize)]
struct Card<'a> {
    fingerprint: Option<&'a str>,
    bin: Option<&'a str>,
}

#[derive(Serialize)]
struct Told {
    amount: i64,
    currency: &'static str,
}

/// What it says. More fields are ignored.
#[derive(Deserialize)]
struct Said {
    points: u64,
    #[serde(default)]
    explanation: String,
}

impl HttpRiskScorer {
    /// The scorer at this address.
    ///
    /// # Errors
    /// When the address may not be called, or the token cannot be a header.
    pub fn new(options: &HttpScorerOptions) -> Result<Self, InvalidScorerOptions> {
        let bad = |setting, problem: String| InvalidScorerOptions { setting, problem };
        let outbound = Outbound::new(options.allow.clone()).map_err(|why| bad("scorer_url", why))?;
        let url = outbound.check(&options.url).map_err(|why| bad("scorer_url", why))?;
        let bearer = format!("Bearer {}", options.token.expose_secret());
        let mut authorization = HeaderValue::from_str(&bearer)
            .map_err(|_| bad("scorer_token", "holds characters that no header can hold".to_owned()))?;
        authorization.set_sensitive(true);
        Ok(Self { outbound, url, authorization, deadline: options.deadline })
    }
}

#[async_trait]
impl RiskScorer for HttpRiskScorer {
    async fn score(&self, tenant: &TenantId, context: &FraudContext) -> Result<RiskScore, RiskScorerError> {
        let request = self
            .outbound
            .client()
            .post(self.url.clone())
            .timeout(self.deadline)
            .header(AUTHORIZATION, self.authorization.clone())
            .header("x-tenant-id", tenant.as_str())
            .json(&asked(context));
        let answer = request.send().await.map_err(|error| {
            let said = if error.is_timeout() { "did not answer in time" } else { "cannot be reached" };
            RiskScorerError(format!("{WHO} {said}"))
        })?;
        let status = answer.status();
        if status != StatusCode::OK {
            return Err(RiskScorerError(format!("{WHO} answered {}", status.as_u16())));
        }
        let body = read_up_to(ANSWER_BYTES_MAX, WHO, answer).await;
        let body = body.map_err(|error| RiskScorerError(error.to_string()))?;
        // What it sent is not repeated: it may hold what nobody is to read.
        let said: Said = serde_json::from_slice(&body)
            .map_err(|_| RiskScorerError(format!("the answer of {WHO} is not understood")))?;
        let explanation: String = said.explanation.chars().take(EXPLANATION_CHARS_MAX).collect();
        Ok(RiskScore {
            points: u8::try_from(said.points.min(POINTS_MAX)).unwrap_or(u8::MAX),
            explanation: mask_card_numbers(&explanation),
        })
    }
}

fn asked(context: &FraudContext) -> Asked<'_> {
    let told = |amount: Money| Told { amount: amount.minor(), currency: amount.currency().code() };
    Asked {
        amount: context.amount.minor(),
        currency: context.amount.currency().code(),
        merchant_account_id: &context.merchant_account_id,
        customer_id: context.customer_id.as_deref().filter(|customer| !customer.contains('@')),
        card: Card { fingerprint: context.card.fingerprint.as_deref(), bin: context.card.bin.as_deref() },
        signals: &context.signals,
        order_amount: context.order_amount.map(told),
    }
}
