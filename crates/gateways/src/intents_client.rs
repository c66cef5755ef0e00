//! Intents over HTTP, for services in other processes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;
use tender_domain::kernel::{CaptureId, ChargeId, Currency, IntentId, Money, TenantId};
use tender_domain::ports::ServiceTokens;
use tender_domain::refunds::{CapturedCharge, CapturedPart, ChargeRef, ChargeSource, ChargeSourceError};

const AUDIENCE: &str = "intents";
/// The code by which intents says that there is no such intent or charge.
const CHARGE_NOT_FOUND: &str = "charge_not_found";
/// The code by which intents says that nothing was captured of an intent.
const NOT_CAPTURED: &str = "intent_not_captured";

/// Asks the intents service with this service's signed token.
#[derive(Clone)]
pub struct IntentsClient {
    http: reqwest::Client,
    base_url: String,
    tokens: Arc<dyn ServiceTokens>,
    deadline: Duration,
    traceparent: fn() -> Option<String>,
}

/// The answer of intents.
#[derive(Deserialize)]
struct Charge {
    charge_id: ChargeId,
    intent_id: IntentId,
    merchant_account_id: String,
    connector: String,
    gateway_reference: String,
    customer_id: Option<String>,
    #[serde(default)]
    order_id: Option<String>,
    currency: Currency,
    authorized_minor: i64,
    livemode: bool,
    captures: Vec<CaptureOfCharge>,
}

#[derive(Deserialize)]
struct CaptureOfCharge {
    capture_id: CaptureId,
    amount_minor: i64,
}

/// The part of a problem that says which it is.
#[derive(Deserialize)]
struct ProblemCode {
    code: String,
}

impl IntentsClient {
    /// A client of intents at `base_url` (`https://intents:8081`). `deadline` is for the whole call.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        base_url: &str,
        tokens: Arc<dyn ServiceTokens>,
        deadline: Duration,
    ) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self { http, base_url, tokens, deadline, traceparent: || None }
    }

    /// With where the trace of the request that is being served is found, to be carried on.
    #[must_use]
    pub fn with_trace(mut self, traceparent: fn() -> Option<String>) -> Self {
        self.traceparent = traceparent;
        self
    }

    async fn ask(&self, tenant: &TenantId, named: ChargeRef) -> Result<reqwest::Response, ChargeSourceError> {
        let token = self.tokens.token(AUDIENCE, tenant).map_err(unavailable)?;
        let url = match named {
            ChargeRef::Charge(id) => format!("{}/internal/charges/{id}", self.base_url),
            ChargeRef::Intent(id) => format!("{}/internal/intents/{id}/charge", self.base_url),
        };
        let mut request = self.http.get(url).timeout(self.deadline).bearer_auth(token.expose_secret());
        if let Some(traceparent) = (self.traceparent)() {
            request = request.header("traceparent", traceparent);
        }
        request.send().await.map_err(unavailable)
    }
}

#[async_trait]
impl ChargeSource for IntentsClient {
    async fn charge_of(
        &self,
        tenant: &TenantId,
        named: ChargeRef,
    ) -> Result<Option<CapturedCharge>, ChargeSourceError> {
        let response = self.ask(tenant, named).await?;
        let status = response.status();
        if status == StatusCode::OK {
            let charge: Charge = response.json().await.map_err(unavailable)?;
            let is_asked = match named {
                ChargeRef::Charge(id) => charge.charge_id == id,
                ChargeRef::Intent(id) => charge.intent_id == id,
            };
            if !is_asked {
                return Err(unavailable(format!("it answered with {}", charge.charge_id)));
            }
            return Ok(Some(charge.into()));
        }
        // A wrong address answers with a status too, but not with these codes.
        let problem: Option<ProblemCode> = response.json().await.ok();
        match problem.as_ref().map(|problem| problem.code.as_str()) {
            Some(CHARGE_NOT_FOUND) => Ok(None),
            Some(NOT_CAPTURED) => Err(ChargeSourceError::NotCaptured),
            _ => Err(unavailable(format!("it answered {status}"))),
        }
    }
}

fn unavailable(error: impl std::fmt::Display) -> ChargeSourceError {
    ChargeSourceError::Unavailable(error.to_string())
}

impl From<Charge> for CapturedCharge {
    fn from(charge: Charge) -> Self {
        let money = |minor| Money::new(minor, charge.currency);
        let captures = charge.captures.iter();
        Self {
            charge_id: charge.charge_id,
            intent_id: charge.intent_id,
            merchant_account_id: charge.merchant_account_id,
            connector: charge.connector,
            gateway_reference: charge.gateway_reference,
            customer_id: charge.customer_id,
            order_id: charge.order_id,
            livemode: charge.livemode,
            authorized: money(charge.authorized_minor),
            captures: captures
                .map(|capture| CapturedPart { id: capture.capture_id, amount: money(capture.amount_minor) })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use tender_domain::ports::ServiceTokenError;
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    const CHARGE: &str = "ch_01h2xcejqtf2nbrexx3vqjhp41";
    const INTENT: &str = "pi_01h2xcejqtf2nbrexx3vqjhp42";

    struct OneToken;

    impl ServiceTokens for OneToken {
        fn token(&self, audience: &str, tenant: &TenantId) -> Result<SecretString, ServiceTokenError> {
            Ok(format!("token-for-{audience}-of-{tenant}").into())
        }
    }

    fn named() -> [(ChargeRef, String); 2] {
        let charge = CHARGE.parse().expect("an id");
        let intent = INTENT.parse().expect("an id");
        [
            (ChargeRef::Charge(charge), format!("/internal/charges/{CHARGE}")),
            (ChargeRef::Intent(intent), format!("/internal/intents/{INTENT}/charge")),
        ]
    }

    async fn asked(
        named: ChargeRef,
        at: &str,
        answer: ResponseTemplate,
    ) -> Result<Option<CapturedCharge>, ChargeSourceError> {
        let server = MockServer::start().await;
        let request = Mock::given(method("GET"))
            .and(path(at))
            .and(header("authorization", "Bearer token-for-intents-of-sandbox"));
        request.respond_with(answer).expect(1).mount(&server).await;
        let deadline = Duration::from_secs(5);
        let client = IntentsClient::new(reqwest::Client::new(), &server.uri(), Arc::new(OneToken), deadline);
        client.charge_of(&TenantId::sandbox(), named).await
    }

    fn charge() -> serde_json::Value {
        serde_json::json!({
            "charge_id": CHARGE, "intent_id": INTENT, "merchant_account_id": "ma_1", "connector": "simulator",
            "gateway_reference": "sim_1", "customer_id": null, "currency": "EUR", "authorized_minor": 5194,
            "livemode": false, "version": 3,
            "captures": [{ "capture_id": "cap_01h2xcejqtf2nbrexx3vqjhp43", "amount_minor": 5000,
                           "captured_at": "2026-03-04T12:00:00Z" }],
        })
    }

    #[tokio::test]
    async fn a_charge_is_asked_for_by_itself_and_by_its_intent() {
        for (named, at) in named() {
            let found = asked(named, &at, ResponseTemplate::new(200).set_body_json(charge())).await;
            let found = found.expect("it answers").expect("there is one");
            assert_eq!(found.charge_id.to_string(), CHARGE);
            assert_eq!(found.authorized, Money::new(5_194, Currency::EUR));
            assert_eq!(found.captures[0].amount, Money::new(5_000, Currency::EUR));
        }
    }

    #[tokio::test]
    async fn only_what_intents_says_of_the_charge_is_taken_for_an_answer() {
        let problem = |status: u16, code: &str| {
            ResponseTemplate::new(status).set_body_json(serde_json::json!({ "code": code }))
        };
        let (by_charge, at) = named()[0].clone();
        let unknown = asked(by_charge, &at, problem(404, "charge_not_found")).await;
        assert!(matches!(unknown, Ok(None)), "{unknown:?}");
        let open = asked(by_charge, &at, problem(409, "intent_not_captured")).await;
        assert!(matches!(open, Err(ChargeSourceError::NotCaptured)), "{open:?}");
        let mut another = charge();
        another["charge_id"] = "ch_01h2xcejqtf2nbrexx3vqjhp4z".into();
        for answer in [
            problem(404, "not_found"),
            problem(401, "unauthorized"),
            problem(503, "service_unavailable"),
            ResponseTemplate::new(502).set_body_string("<html>"),
            ResponseTemplate::new(200).set_body_string("{"),
            ResponseTemplate::new(200).set_body_json(another),
        ] {
            let nothing = asked(by_charge, &at, answer).await;
            assert!(matches!(nothing, Err(ChargeSourceError::Unavailable(_))), "{nothing:?}");
        }
    }
}
