//! The vault over HTTP, for services in other processes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tender_domain::connectors::{
    ConnectorCredentials, ConnectorSecrets, ConnectorSecretsError, NewCredentials,
};
use tender_domain::kernel::{ConnectorId, MethodId, PaymentLinkId, TenantId, Timestamp};
use tender_domain::ports::{
    CardForm, CardFormError, CardForms, ChargeableMethod, FormMethod, MethodLookupError, MethodVault,
    ServiceTokenError, ServiceTokens,
};

const AUDIENCE: &str = "vault";
/// The code by which the vault says that there is no such method.
const METHOD_NOT_FOUND: &str = "method_not_found";

/// Asks the vault service with this service's signed token.
#[derive(Clone)]
pub struct VaultClient {
    http: reqwest::Client,
    base_url: String,
    tokens: Arc<dyn ServiceTokens>,
    deadline: Duration,
    traceparent: fn() -> Option<String>,
}

/// The vault's answer.
#[derive(Deserialize)]
struct ChargeMaterial {
    id: MethodId,
    customer_id: Option<String>,
    #[serde(default)]
    merchant_account_id: Option<String>,
    #[serde(rename = "type")]
    method_type: String,
    brand: Option<String>,
    last4: Option<String>,
    exp_month: Option<u8>,
    exp_year: Option<u16>,
    fingerprint: String,
    bin: Option<String>,
    #[serde(default)]
    account_country: Option<String>,
    tokens: BTreeMap<String, String>,
}

/// The part of a problem that says which it is.
#[derive(Deserialize)]
struct ProblemCode {
    code: String,
}

impl VaultClient {
    /// A client of the vault at `base_url` (`https://vault:8082`). `deadline` is for the whole call.
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

    async fn ask(&self, tenant: &TenantId, id: MethodId) -> Result<reqwest::Response, MethodLookupError> {
        let url = format!("{}/internal/methods/{id}/charge-material", self.base_url);
        let request = self.signed(self.http.post(url), tenant).map_err(unavailable)?;
        request.send().await.map_err(unavailable)
    }

    /// A request with our credential, a deadline and the trace.
    fn signed(
        &self,
        request: reqwest::RequestBuilder,
        tenant: &TenantId,
    ) -> Result<reqwest::RequestBuilder, ServiceTokenError> {
        let token = self.tokens.token(AUDIENCE, tenant)?;
        let request = request.timeout(self.deadline).bearer_auth(token.expose_secret());
        Ok(match (self.traceparent)() {
            Some(traceparent) => request.header("traceparent", traceparent),
            None => request,
        })
    }
}

#[async_trait]
impl MethodVault for VaultClient {
    async fn method_for_charge(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        let response = self.ask(tenant, id).await?;
        match response.status() {
            StatusCode::OK => {
                let material: ChargeMaterial = response.json().await.map_err(unavailable)?;
                if material.id != id {
                    return Err(MethodLookupError::Unavailable(format!("it answered with {}", material.id)));
                }
                Ok(material.into())
            }
            StatusCode::NOT_FOUND => {
                // A wrong address is a 404 too, with another code, and says nothing about the method.
                let problem: Option<ProblemCode> = response.json().await.ok();
                match problem {
                    Some(problem) if problem.code == METHOD_NOT_FOUND => Err(MethodLookupError::NotFound(id)),
                    _ => Err(MethodLookupError::Unavailable("its address answers 404".to_owned())),
                }
            }
            status => Err(MethodLookupError::Unavailable(format!("it answered {status}"))),
        }
    }
}

fn unavailable(error: impl std::fmt::Display) -> MethodLookupError {
    MethodLookupError::Unavailable(error.to_string())
}

impl From<ChargeMaterial> for ChargeableMethod {
    fn from(material: ChargeMaterial) -> Self {
        let secret = |(connector, token): (String, String)| (connector, SecretString::from(token));
        Self {
            id: material.id,
            customer_id: material.customer_id,
            merchant_account_id: material.merchant_account_id,
            method_type: material.method_type,
            brand: material.brand,
            last4: material.last4,
            exp_month: material.exp_month,
            exp_year: material.exp_year,
            fingerprint: material.fingerprint,
            bin: material.bin,
            account_country: material.account_country,
            tokens: material.tokens.into_iter().map(secret).collect(),
        }
    }
}

const CARD_FORM_NOT_SENT: &str = "card_form_not_sent";

#[derive(Serialize)]
struct SignCardForm<'a> {
    link: String,
    nonce: &'a str,
    livemode: bool,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct CardFormTicket {
    ticket: String,
}

#[derive(Deserialize)]
struct CardFormMethod {
    id: MethodId,
    brand: String,
    last4: String,
}

#[async_trait]
impl CardForms for VaultClient {
    async fn ticket(&self, form: &CardForm) -> Result<String, CardFormError> {
        let CardForm { tenant, link, nonce, livemode, expires_at } = form;
        let body =
            SignCardForm { link: link.to_string(), nonce, livemode: *livemode, expires_at: *expires_at };
        let url = format!("{}/internal/card-forms", self.base_url);
        let request = self.signed(self.http.post(url).json(&body), tenant);
        let response = request.map_err(away)?.send().await.map_err(away)?;
        if response.status() != StatusCode::OK {
            return Err(CardFormError(format!("it answered {}", response.status())));
        }
        response.json::<CardFormTicket>().await.map(|answer| answer.ticket).map_err(away)
    }

    async fn method(
        &self,
        tenant: &TenantId,
        link: PaymentLinkId,
        nonce: &str,
    ) -> Result<Option<FormMethod>, CardFormError> {
        let url = format!("{}/internal/card-forms/{link}/{nonce}", self.base_url);
        let request = self.signed(self.http.get(url), tenant);
        let response = request.map_err(away)?.send().await.map_err(away)?;
        match response.status() {
            StatusCode::OK => {
                let CardFormMethod { id, brand, last4 } = response.json().await.map_err(away)?;
                Ok(Some(FormMethod { id, brand, last4 }))
            }
            StatusCode::NOT_FOUND => match response.json::<ProblemCode>().await {
                Ok(problem) if problem.code == CARD_FORM_NOT_SENT => Ok(None),
                _ => Err(CardFormError("its address answers 404".to_owned())),
            },
            status => Err(CardFormError(format!("it answered {status}"))),
        }
    }
}

fn away(error: impl std::fmt::Display) -> CardFormError {
    CardFormError(error.to_string())
}

/// The code by which the vault says that a connector has no credentials.
const CREDENTIALS_NOT_FOUND: &str = "credentials_not_found";

/// Serialised with its secrets: it goes to the vault and nowhere else.
#[derive(Serialize)]
struct KeepCredentials<'a> {
    generation: u32,
    fields: BTreeMap<&'a str, &'a str>,
    previous_until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct ReadCredentials {
    generation: u32,
    fields: BTreeMap<String, SecretString>,
    previous: Option<PreviousCredentials>,
}

#[derive(Deserialize)]
struct PreviousCredentials {
    fields: BTreeMap<String, SecretString>,
    until: Timestamp,
}

fn no_secrets(error: impl std::fmt::Display) -> ConnectorSecretsError {
    ConnectorSecretsError::Unavailable(error.to_string())
}

#[async_trait]
impl ConnectorSecrets for VaultClient {
    async fn keep(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        credentials: NewCredentials,
    ) -> Result<(), ConnectorSecretsError> {
        let url = format!("{}/internal/connectors/{connector}/credentials", self.base_url);
        let fields = credentials.fields.iter().map(|(name, value)| (name.as_str(), value.expose_secret()));
        let body = KeepCredentials {
            generation: credentials.generation,
            fields: fields.collect(),
            previous_until: credentials.previous_until,
        };
        let request = self.signed(self.http.put(url).json(&body), tenant).map_err(no_secrets)?;
        match request.send().await.map_err(no_secrets)?.status() {
            StatusCode::OK => Ok(()),
            StatusCode::CONFLICT => Err(ConnectorSecretsError::Stale),
            status => Err(no_secrets(format!("it answered {status}"))),
        }
    }

    async fn read(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
    ) -> Result<Option<ConnectorCredentials>, ConnectorSecretsError> {
        let url = format!("{}/internal/connectors/{connector}/credentials/read", self.base_url);
        let request = self.signed(self.http.post(url), tenant).map_err(no_secrets)?;
        let response = request.send().await.map_err(no_secrets)?;
        match response.status() {
            StatusCode::OK => {
                let read: ReadCredentials = response.json().await.map_err(no_secrets)?;
                Ok(Some(ConnectorCredentials {
                    generation: read.generation,
                    fields: read.fields,
                    previous: read.previous.map(|previous| (previous.fields, previous.until)),
                }))
            }
            // A wrong address is a 404 too, with another code.
            StatusCode::NOT_FOUND => match response.json::<ProblemCode>().await {
                Ok(problem) if problem.code == CREDENTIALS_NOT_FOUND => Ok(None),
                _ => Err(no_secrets("its address answers 404")),
            },
            status => Err(no_secrets(format!("it answered {status}"))),
        }
    }

    async fn erase(&self, tenant: &TenantId, connector: ConnectorId) -> Result<(), ConnectorSecretsError> {
        let url = format!("{}/internal/connectors/{connector}/credentials", self.base_url);
        let request = self.signed(self.http.delete(url), tenant).map_err(no_secrets)?;
        match request.send().await.map_err(no_secrets)?.status() {
            StatusCode::OK => Ok(()),
            status => Err(no_secrets(format!("it answered {status}"))),
        }
    }
}
