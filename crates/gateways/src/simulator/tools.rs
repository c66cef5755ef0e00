//! The simulator's tools for the sandbox.

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{GatewayError, RaiseEvent, SandboxCard, SandboxError, SandboxGateway};

use super::HttpSimulatorGateway;

#[derive(Serialize)]
struct EventRequest<'a> {
    tenant: &'a TenantId,
    reference: &'a str,
    event: &'static str,
    delay_millis: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
}

#[derive(Deserialize)]
struct EventAnswer {
    events: Vec<String>,
}

#[derive(Serialize)]
struct TokenRequest<'a> {
    tenant: &'a TenantId,
    behaviour: &'a str,
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: String,
}

#[derive(Deserialize)]
struct CardsAnswer {
    data: Vec<CardRow>,
}

#[derive(Deserialize)]
struct CardRow {
    number: String,
    token: String,
    brand: String,
    behaviour: String,
    description: String,
}

#[async_trait]
impl SandboxGateway for HttpSimulatorGateway {
    async fn cards(&self) -> Result<Vec<SandboxCard>, SandboxError> {
        let answer: CardsAnswer = self.connection.get("cards").await.map_err(of_call)?;
        let card = |row: CardRow| SandboxCard {
            number: row.number,
            token: row.token,
            brand: row.brand,
            behaviour: row.behaviour,
            description: row.description,
        };
        Ok(answer.data.into_iter().map(card).collect())
    }

    async fn issue_token(&self, tenant: &TenantId, behaviour: &str) -> Result<SecretString, SandboxError> {
        let request = TokenRequest { tenant, behaviour };
        let answer: TokenAnswer = self.connection.call("tokens", &request).await.map_err(of_call)?;
        Ok(answer.token.into())
    }

    async fn raise(&self, event: &RaiseEvent) -> Result<Vec<String>, SandboxError> {
        let request = EventRequest {
            tenant: &event.tenant,
            reference: &event.reference,
            event: event.kind.as_str(),
            delay_millis: u64::try_from(event.delay.as_millis()).unwrap_or(u64::MAX),
            request: event.request.as_deref(),
        };
        let answer: EventAnswer = self.connection.call("events", &request).await.map_err(of_call)?;
        Ok(answer.events)
    }
}

fn of_call(error: GatewayError) -> SandboxError {
    match error {
        GatewayError::NotDone(why) => SandboxError::Refused(why),
        GatewayError::NotNow(why) | GatewayError::Unknown(why) => SandboxError::Unavailable(why),
    }
}
