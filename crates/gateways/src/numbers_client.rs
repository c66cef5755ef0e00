//! The book of numbers of another service, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{StoreError, TenantId};
use tender_domain::ports::{NumberKind, NumberLookup, Numbering, ServiceTokens};
use uuid::Uuid;

/// The code by which a service says that a number was not given.
const NUMBER_NOT_GIVEN: &str = "number_not_given";

/// Asks the service that owns things for their numbers, with this service's signed token.
#[derive(Clone)]
pub struct NumbersClient {
    http: reqwest::Client,
    audience: &'static str,
    path: String,
    tokens: Arc<dyn ServiceTokens>,
    deadline: Duration,
    traceparent: fn() -> Option<String>,
}

#[derive(Deserialize)]
struct Found {
    id: Uuid,
}

#[derive(Serialize)]
struct Wanted<'a> {
    ids: &'a [Uuid],
}

#[derive(Deserialize)]
struct Given {
    numbers: Vec<i64>,
}

/// The part of a problem that says which it is.
#[derive(Deserialize)]
struct ProblemCode {
    code: String,
}

impl NumbersClient {
    /// A client of the service `audience` at `base_url`, for what it has under `/internal/{things}/numbers`. `deadline`
    /// is for the whole call.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        (audience, base_url, things): (&'static str, &str, &str),
        tokens: Arc<dyn ServiceTokens>,
        deadline: Duration,
    ) -> Self {
        let path = format!("{}/internal/{things}/numbers", base_url.trim_end_matches('/'));
        Self { http, audience, path, tokens, deadline, traceparent: || None }
    }

    /// With where the trace of the request that is being served is found, to be carried on.
    #[must_use]
    pub fn with_trace(mut self, traceparent: fn() -> Option<String>) -> Self {
        self.traceparent = traceparent;
        self
    }

    async fn ask(&self, tenant: &TenantId, request: RequestBuilder) -> Result<Response, StoreError> {
        let token = self.tokens.token(self.audience, tenant).map_err(unavailable)?;
        let mut request = request.timeout(self.deadline).bearer_auth(token.expose_secret());
        if let Some(traceparent) = (self.traceparent)() {
            request = request.header("traceparent", traceparent);
        }
        request.send().await.map_err(unavailable)
    }
}

#[async_trait]
impl NumberLookup for NumbersClient {
    async fn find(&self, tenant: &TenantId, _: NumberKind, number: i64) -> Result<Option<Uuid>, StoreError> {
        let response = self.ask(tenant, self.http.get(format!("{}/{number}", self.path))).await?;
        match response.status() {
            StatusCode::OK => {
                let found: Found = response.json().await.map_err(unavailable)?;
                Ok(Some(found.id))
            }
            StatusCode::NOT_FOUND => {
                // A wrong address is a 404 too, with another code, and says nothing about the number.
                let problem: Option<ProblemCode> = response.json().await.ok();
                match problem {
                    Some(problem) if problem.code == NUMBER_NOT_GIVEN => Ok(None),
                    _ => Err(unavailable("its address answers 404")),
                }
            }
            status => Err(unavailable(format!("it answered {status}"))),
        }
    }
}

#[async_trait]
impl Numbering for NumbersClient {
    async fn numbers(&self, tenant: &TenantId, _: NumberKind, ids: &[Uuid]) -> Result<Vec<i64>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let response = self.ask(tenant, self.http.post(&self.path).json(&Wanted { ids })).await?;
        if response.status() != StatusCode::OK {
            return Err(unavailable(format!("it answered {}", response.status())));
        }
        let given: Given = response.json().await.map_err(unavailable)?;
        if given.numbers.len() != ids.len() {
            return Err(unavailable(format!("it gave {} numbers for {}", given.numbers.len(), ids.len())));
        }
        Ok(given.numbers)
    }
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("the book of numbers: {error}"))
}
