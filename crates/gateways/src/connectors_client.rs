//! Tenants' own connectors over HTTP, for services in other processes than intents.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tender_domain::connectors::{CallsHeard, LoggedCall, OwnGatewaysError};
use tender_domain::kernel::{ConnectorId, TenantId};
use tender_domain::ports::ServiceTokens;
use tokio::sync::Semaphore;

const AUDIENCE: &str = "intents";
/// More calls than this at once are not told: neither a refund nor a card must wait for a log.
const TELLING_MAX: usize = 32;

/// Asks intents which connectors a tenant has.
#[derive(Clone)]
pub struct ConnectorsClient {
    http: reqwest::Client,
    base_url: String,
    tokens: Arc<dyn ServiceTokens>,
    deadline: Duration,
    /// How many calls may be on their way to intents at once.
    telling: Arc<Semaphore>,
}

/// A connector, as intents tells of it.
#[derive(Debug, Clone, Deserialize)]
pub struct ToldConnector {
    /// Its id.
    pub id: ConnectorId,
    /// Its name.
    pub name: String,
    /// The gateway's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it takes new payments.
    pub enabled: bool,
    /// Whether live money moves there.
    pub livemode: bool,
    /// How often it changed.
    pub version: i64,
    /// Its configuration, without secrets.
    pub config: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct HeardCall {
    connector: String,
    call: String,
    reference: String,
    request: serde_json::Value,
    answer: serde_json::Value,
    outcome: String,
    took_millis: u64,
}

#[derive(Deserialize)]
struct Told {
    connectors: Vec<ToldConnector>,
}

impl ConnectorsClient {
    /// A client of intents at `base_url` (`https://intents:8081`). `deadline` is for the whole call.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        base_url: &str,
        tokens: Arc<dyn ServiceTokens>,
        deadline: Duration,
    ) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self { http, base_url, tokens, deadline, telling: Arc::new(Semaphore::new(TELLING_MAX)) }
    }

    /// The tenant's own connectors that are not deleted.
    ///
    /// # Errors
    /// When intents cannot be asked.
    pub async fn connectors(&self, tenant: &TenantId) -> Result<Vec<ToldConnector>, OwnGatewaysError> {
        let away = |error: &dyn std::fmt::Display| OwnGatewaysError(error.to_string());
        let token = self.tokens.token(AUDIENCE, tenant).map_err(|error| away(&error))?;
        let url = format!("{}/internal/connectors", self.base_url);
        let request = self.http.get(url).timeout(self.deadline).bearer_auth(token.expose_secret());
        let response = request.send().await.map_err(|error| away(&error))?;
        match response.status() {
            StatusCode::OK => {
                let told: Told = response.json().await.map_err(|error| away(&error))?;
                Ok(told.connectors)
            }
            status => Err(OwnGatewaysError(format!("intents answered {status}"))),
        }
    }
}

/// Told behind the call: who made it goes on at once, and what finds no room or no intents is dropped.
#[async_trait]
impl CallsHeard for ConnectorsClient {
    async fn hear(&self, tenant: &TenantId, connector: &str, call: LoggedCall) {
        let Ok(room) = Arc::clone(&self.telling).try_acquire_owned() else {
            tracing::warn!(%tenant, connector, "intents is not told of a call of a gateway: too many wait");
            return;
        };
        let token = match self.tokens.token(AUDIENCE, tenant) {
            Ok(token) => token,
            Err(error) => {
                tracing::warn!(%tenant, connector, %error, "intents is not told of a call of a gateway");
                return;
            }
        };
        let LoggedCall { call, reference, request, answer, outcome, took_millis } = call;
        let connector = connector.to_owned();
        let body = HeardCall { connector, call, reference, request, answer, outcome, took_millis };
        let url = format!("{}/internal/connectors/calls", self.base_url);
        let request =
            self.http.post(url).timeout(self.deadline).bearer_auth(token.expose_secret()).json(&body);
        tokio::spawn(async move {
            match request.send().await.map(|response| response.status()) {
                Ok(StatusCode::OK) => {}
                Ok(status) => tracing::warn!(%status, "intents did not note a call of a gateway"),
                Err(error) => tracing::warn!(%error, "intents could not be told of a call of a gateway"),
            }
            drop(room);
        });
    }
}
