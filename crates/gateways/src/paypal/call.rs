//! One call over HTTP: what comes back, or that nothing did.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use reqwest::{Client, RequestBuilder, Url};
use secrecy::ExposeSecret;
use tender_domain::ports::GatewayError;

use super::adapter::{InvalidPayPalOptions, PayPalOptions};
use super::evidence::Action;
use super::request::Request;
use super::session::Sessions;
use crate::rest::REPORT_BYTES_MAX;
use crate::transport::{self, ANSWER_BYTES_MAX};

pub(super) const WHO: &str = "PayPal";

const REQUEST_ID: HeaderName = HeaderName::from_static("paypal-request-id");
const PREFER: HeaderName = HeaderName::from_static("prefer");

pub(super) struct Connection {
    client: Client,
    pub(super) base: Url,
    deadline: Duration,
    pub(super) sessions: Sessions,
}

/// What PayPal answered.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Connection {
    pub(super) fn new(options: &PayPalOptions) -> Result<Self, InvalidPayPalOptions> {
        let invalid = |option, problem: String| InvalidPayPalOptions { option, problem };
        let base = transport::base(&options.api_base).map_err(|problem| invalid("api_base", problem))?;
        if options.client_id.contains(':') || options.client_id.is_empty() {
            return Err(invalid("client_id", "it is empty or has a colon in it".to_owned()));
        }
        let client = transport::client(HeaderMap::new(), options.connect_timeout)
            .map_err(|problem| invalid("client", problem))?;
        let sessions = Sessions::new(options.client_id.clone(), options.client_secret.clone());
        Ok(Self { client, base, deadline: options.deadline, sessions })
    }

    /// Asks without an effect.
    pub(super) async fn get(&self, path: &str) -> Result<Response, GatewayError> {
        let url = self.url(path)?;
        self.send(|| self.client.get(url.clone()), ANSWER_BYTES_MAX).await
    }

    /// Asks for a page of a report.
    pub(super) async fn report(&self, path: &str) -> Result<Response, GatewayError> {
        let url = self.url(path)?;
        self.send(|| self.client.get(url.clone()), REPORT_BYTES_MAX).await
    }

    /// Asks for an effect.
    pub(super) async fn post(&self, request: Request) -> Result<Response, GatewayError> {
        let (url, body) = (self.url(&request.path)?, request.body.to_string());
        let ask = || {
            self.client
                .post(url.clone())
                .header(CONTENT_TYPE, "application/json")
                .header(REQUEST_ID, request.key.as_str())
                .header(PREFER, "return=representation")
                .body(body.clone())
        };
        self.send(ask, ANSWER_BYTES_MAX).await
    }

    /// Asks for something to be done with a dispute.
    pub(super) async fn act(&self, action: Action) -> Result<Response, GatewayError> {
        let url = self.url(&action.path)?;
        let ask = || {
            self.client
                .post(url.clone())
                .header(CONTENT_TYPE, action.content_type.as_str())
                .header(REQUEST_ID, action.key.as_str())
                .body(action.body.clone())
        };
        self.send(ask, ANSWER_BYTES_MAX).await
    }

    /// That the credentials open a session.
    pub(super) async fn open(&self) -> Result<(), GatewayError> {
        self.session().await.map(|_| ())
    }

    async fn session(&self) -> Result<secrecy::SecretString, GatewayError> {
        self.sessions.token(&self.client, self.url("v1/oauth2/token")?, self.deadline).await
    }

    fn url(&self, path: &str) -> Result<Url, GatewayError> {
        self.base.join(path).map_err(|error| GatewayError::NotDone(error.to_string()))
    }

    /// Sends within a session; once more in a new one when PayPal has ended it, for then nothing was done.
    async fn send(
        &self,
        ask: impl Fn() -> RequestBuilder,
        bytes_max: usize,
    ) -> Result<Response, GatewayError> {
        let first = self.once(&ask, bytes_max).await?;
        if first.status != 401 {
            return Ok(first);
        }
        self.sessions.forget().await;
        self.once(&ask, bytes_max).await
    }

    async fn once(
        &self,
        ask: &impl Fn() -> RequestBuilder,
        bytes_max: usize,
    ) -> Result<Response, GatewayError> {
        let token = self.session().await?;
        let sent = ask().bearer_auth(token.expose_secret()).timeout(self.deadline).send().await;
        let response = sent.map_err(|error| transport::of_transport(WHO, &error))?;
        let status = response.status().as_u16();
        Ok(Response { status, body: transport::read_up_to(bytes_max, WHO, response).await? })
    }
}
