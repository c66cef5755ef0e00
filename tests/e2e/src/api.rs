//! The client.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::answer::Answer;
use crate::edge::Edge;
use crate::tenant::unique;

/// Longer than the services' own limit.
const TIMEOUT: Duration = Duration::from_secs(60);
/// Shorter than a server keeps an idle connection: one that it is closing is not used again.
const IDLE: Duration = Duration::from_secs(2);

/// Who calls, and where.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    edge: Arc<Edge>,
    bearer: Option<String>,
}

impl Api {
    /// A caller without a credential.
    ///
    /// # Panics
    /// When no client can be made on this machine.
    #[must_use]
    pub fn new(edge: Edge) -> Self {
        let http = Client::builder().timeout(TIMEOUT).pool_idle_timeout(IDLE).no_proxy().build();
        Self { http: http.expect("an HTTP client needs nothing special"), edge: Arc::new(edge), bearer: None }
    }

    /// The same with this credential.
    #[must_use]
    pub fn with(&self, bearer: impl Into<String>) -> Self {
        Self { bearer: Some(bearer.into()), ..self.clone() }
    }

    /// The same without a credential.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { bearer: None, ..self.clone() }
    }

    /// Where the services are.
    #[must_use]
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// A call of a path.
    #[must_use]
    pub fn call(&self, method: Method, path: &str) -> Call {
        let mut request = self.http.request(method.clone(), self.edge.url(path));
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        Call { request, shown: shown(&method, path) }
    }

    /// A call of an address, whoever serves it.
    #[must_use]
    pub fn call_url(&self, method: Method, url: &str) -> Call {
        let mut request = self.http.request(method.clone(), url);
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        Call { request, shown: shown(&method, url) }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    /// Posts, with an idempotency key of its own.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path).key(&unique("key")).json(body).send().await
    }
}

/// A call that is being made up.
#[derive(Debug)]
pub struct Call {
    request: RequestBuilder,
    shown: String,
}

impl Call {
    /// With this `Idempotency-Key`.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With this header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// With this body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.text(body.to_string())
    }

    /// With this body, said to be JSON, whatever it is.
    #[must_use]
    pub fn text(self, body: impl Into<String>) -> Self {
        Self { request: self.request.header("content-type", "application/json").body(body.into()), ..self }
    }

    /// With this body, whatever it is.
    #[must_use]
    pub fn bare(self, body: impl Into<String>) -> Self {
        Self { request: self.request.body(body.into()), ..self }
    }

    /// Makes the call.
    ///
    /// # Panics
    /// When no answer came: outside of chaos every call is answered.
    pub async fn send(self) -> Answer {
        let shown = self.shown.clone();
        self.try_send().await.unwrap_or_else(|error| panic!("{shown} was not answered: {error:?}"))
    }

    /// Makes the call.
    ///
    /// # Errors
    /// No answer came.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let response = self.request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { request: self.shown, status, headers, text: response.text().await? })
    }
}

/// A request in a message; some are absurdly long.
fn shown(method: &Method, place: &str) -> String {
    format!("{method} {}", place.chars().take(200).collect::<String>())
}
