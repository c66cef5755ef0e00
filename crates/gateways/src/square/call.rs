//! One call over HTTP: what comes back, or that nothing did.

use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tender_domain::ports::GatewayError;

use super::adapter::SquareOptions;
use super::evidence::Upload;
use super::request::Request;
use crate::rest::{InvalidGatewayOptions, Limits, Response, Rest};

pub(super) const WHO: &str = "Square";
/// The version of the API that is spoken; the account's own does not matter.
pub(super) const VERSION: &str = "2026-09-16";

const SQUARE_VERSION: HeaderName = HeaderName::from_static("square-version");

pub(super) struct Connection {
    rest: Rest,
}

impl Connection {
    pub(super) fn new(options: &SquareOptions) -> Result<Self, InvalidGatewayOptions> {
        let bearer = format!("Bearer {}", options.access_token.expose_secret());
        let mut value = HeaderValue::try_from(bearer).map_err(|_| InvalidGatewayOptions {
            gateway: WHO,
            option: "access_token",
            problem: "it cannot be sent".to_owned(),
        })?;
        value.set_sensitive(true);
        let version = (SQUARE_VERSION, HeaderValue::from_static(VERSION));
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value), version]);
        let limits = Limits { deadline: options.deadline, connect_timeout: options.connect_timeout };
        Ok(Self { rest: Rest::new(WHO, &options.api_base, headers, &limits)? })
    }

    /// Asks without an effect.
    pub(super) async fn get(&self, path: &str) -> Result<Response, GatewayError> {
        self.rest.send(self.rest.get(path)?).await
    }

    /// Asks for a page of a report.
    pub(super) async fn report(&self, path: &str) -> Result<Response, GatewayError> {
        self.rest.send_for_report(self.rest.get(path)?).await
    }

    /// Asks for an effect.
    pub(super) async fn post(&self, request: Request) -> Result<Response, GatewayError> {
        self.send(self.rest.post(&request.path)?, &request).await
    }

    /// Uploads a file.
    pub(super) async fn upload(&self, upload: Upload) -> Result<Response, GatewayError> {
        let asked = self.rest.post(&upload.path)?.header(CONTENT_TYPE, upload.form.content_type);
        self.rest.send(asked.body(upload.form.body)).await
    }

    /// Asks for a change.
    pub(super) async fn put(&self, request: Request) -> Result<Response, GatewayError> {
        self.send(self.rest.put(&request.path)?, &request).await
    }

    /// Takes something away.
    pub(super) async fn delete(&self, path: &str) -> Result<Response, GatewayError> {
        self.rest.send(self.rest.delete(path)?).await
    }

    async fn send(&self, asked: RequestBuilder, request: &Request) -> Result<Response, GatewayError> {
        self.rest.send(asked.header(CONTENT_TYPE, "application/json").body(request.body.to_string())).await
    }
}
