//! One call over HTTP: what comes back, or that nothing did.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use secrecy::ExposeSecret;
use tender_domain::ports::GatewayError;

use super::adapter::{AdyenOptions, InvalidAdyenOptions};
use super::request::Request;
use crate::transport;

/// The version of the Checkout API that is spoken.
pub(super) const VERSION: &str = "v71";

const WHO: &str = "Adyen";
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TRANSIENT_ERROR: HeaderName = HeaderName::from_static("transient-error");

pub(super) struct Connection {
    client: Client,
    base: Url,
    deadline: Duration,
}

/// What Adyen answered.
pub(super) struct Response {
    pub(super) status: u16,
    /// Whether Adyen says that the same request again may be answered otherwise.
    pub(super) is_transient: bool,
    pub(super) body: Vec<u8>,
}

impl Connection {
    pub(super) fn new(options: &AdyenOptions) -> Result<Self, InvalidAdyenOptions> {
        let invalid = |option, problem: String| InvalidAdyenOptions { option, problem };
        let base = transport::base(&format!("{}/{VERSION}", options.api_base.trim_end_matches('/')))
            .map_err(|problem| invalid("api_base", problem))?;
        let mut key = HeaderValue::from_str(options.api_key.expose_secret())
            .map_err(|_| invalid("api_key", "it has characters that a header cannot hold".to_owned()))?;
        key.set_sensitive(true);
        let client = transport::client(HeaderMap::from_iter([(API_KEY, key)]), options.connect_timeout)
            .map_err(|problem| invalid("client", problem))?;
        Ok(Self { client, base, deadline: options.deadline })
    }

    /// Asks without an effect.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Response, GatewayError> {
        let mut url = self.url(path)?;
        url.query_pairs_mut().extend_pairs(query);
        self.send(self.client.get(url)).await
    }

    /// Asks for an effect.
    pub(super) async fn post(&self, request: Request) -> Result<Response, GatewayError> {
        let url = self.url(&request.path)?;
        let body = request.body.to_string();
        let mut sent = self.client.post(url).header(CONTENT_TYPE, "application/json").body(body);
        if let Some(key) = request.key {
            sent = sent.header(IDEMPOTENCY_KEY, key);
        }
        self.send(sent).await
    }

    fn url(&self, path: &str) -> Result<Url, GatewayError> {
        self.base.join(path).map_err(|error| GatewayError::NotDone(error.to_string()))
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, GatewayError> {
        let sent = request.timeout(self.deadline).send().await;
        let response = sent.map_err(|error| transport::of_transport(WHO, &error))?;
        let status = response.status().as_u16();
        let is_transient = response.headers().get(TRANSIENT_ERROR).is_some_and(|value| value == "true");
        Ok(Response { status, is_transient, body: transport::read(WHO, response).await? })
    }
}
