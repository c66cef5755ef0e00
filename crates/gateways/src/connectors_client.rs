//! Tenants' own connectors over HTTP, for services in other processes than intents.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;
use tender_domain::connectors::OwnGatewaysError;
use tender_domain::kernel::{ConnectorId, TenantId};
use tender_domain::ports::ServiceTokens;

const AUDIENCE: &str = "intents";

/// Asks intents which connectors a tenant has.
#[derive(Clone)]
pub struct ConnectorsClient {
    http: reqwest::Client,
    base_url: String,
    tokens: Arc<dyn ServiceTokens>,
    deadline: Duration,
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
        Self { http, base_url, tokens, deadline }
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
