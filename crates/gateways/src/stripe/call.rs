//! One call over HTTP: what comes back, or that nothing did.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use secrecy::ExposeSecret;
use tender_domain::ports::GatewayError;

use super::adapter::{InvalidStripeOptions, StripeOptions};
use super::files::FileUpload;
use super::request::Request;
use crate::rest::REPORT_BYTES_MAX;
use crate::transport::{self, ANSWER_BYTES_MAX};

/// The version of the API that is spoken, whatever the account's own.
pub(super) const VERSION: &str = "2026-10-28.endive";

const WHO: &str = "Stripe";
/// Where Stripe's own API is, and where it takes files.
const API_HOST: &str = "api.stripe.com";
const FILES_HOST: &str = "files.stripe.com";
const FORM: &str = "application/x-www-form-urlencoded";
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub(super) struct Connection {
    client: Client,
    base: Url,
    /// Below which files are taken: a host of its own at Stripe, and the same where somebody stands in for it.
    files: Url,
    deadline: Duration,
}

/// What Stripe answered.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Connection {
    pub(super) fn new(options: &StripeOptions) -> Result<Self, InvalidStripeOptions> {
        let invalid = |option, problem: String| InvalidStripeOptions { option, problem };
        let base = transport::base(&options.api_base).map_err(|problem| invalid("api_base", problem))?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", options.secret_key.expose_secret()))
            .map_err(|_| invalid("secret_key", "it has characters that a header cannot hold".to_owned()))?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, bearer),
            (STRIPE_VERSION, HeaderValue::from_static(VERSION)),
        ]);
        let client = transport::client(headers, options.connect_timeout)
            .map_err(|problem| invalid("client", problem))?;
        let mut files = base.clone();
        if base.host_str() == Some(API_HOST) {
            files.set_host(Some(FILES_HOST)).map_err(|error| invalid("api_base", error.to_string()))?;
        }
        Ok(Self { client, base, files, deadline: options.deadline })
    }

    /// Asks without an effect.
    pub(super) async fn get(&self, request: Request) -> Result<Response, GatewayError> {
        let mut url = self.url(&request)?;
        url.query_pairs_mut().extend_pairs(&request.fields);
        self.send(self.client.get(url)).await
    }

    /// Asks for a page of a report.
    pub(super) async fn report(&self, request: Request) -> Result<Response, GatewayError> {
        let mut url = self.url(&request)?;
        url.query_pairs_mut().extend_pairs(&request.fields);
        self.send_for(self.client.get(url), REPORT_BYTES_MAX).await
    }

    /// Asks for an effect.
    pub(super) async fn post(&self, request: Request) -> Result<Response, GatewayError> {
        let url = self.url(&request)?;
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.fields).finish();
        let mut sent = self.client.post(url).header(CONTENT_TYPE, FORM).body(body);
        if let Some(key) = request.key {
            sent = sent.header(IDEMPOTENCY_KEY, key);
        }
        self.send(sent).await
    }

    /// Uploads a file, once by its key.
    pub(super) async fn upload(&self, file: FileUpload) -> Result<Response, GatewayError> {
        let url = self.files.join("v1/files").map_err(|error| GatewayError::NotDone(error.to_string()))?;
        let sent = self.client.post(url).header(CONTENT_TYPE, file.form.content_type);
        self.send(sent.header(IDEMPOTENCY_KEY, file.key).body(file.form.body)).await
    }

    fn url(&self, request: &Request) -> Result<Url, GatewayError> {
        self.base.join(&request.path).map_err(|error| GatewayError::NotDone(error.to_string()))
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Response, GatewayError> {
        self.send_for(request, ANSWER_BYTES_MAX).await
    }

    async fn send_for(
        &self,
        request: reqwest::RequestBuilder,
        bytes_max: usize,
    ) -> Result<Response, GatewayError> {
        let sent = request.timeout(self.deadline).send().await;
        let response = sent.map_err(|error| transport::of_transport(WHO, &error))?;
        let status = response.status().as_u16();
        Ok(Response { status, body: transport::read_up_to(bytes_max, WHO, response).await? })
    }
}
