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
/// Where the Checkout API of the test environment is, and how the hosts of live ones end.
const TEST_HOST: &str = "checkout-test.adyen.com";
const LIVE_HOSTS: &str = ".adyenpayments.com";
/// Where the Disputes API is, of the version that is spoken.
const DISPUTES: &str = "ca/services/DisputeService/v30";
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TRANSIENT_ERROR: HeaderName = HeaderName::from_static("transient-error");

pub(super) struct Connection {
    client: Client,
    base: Url,
    /// Below which disputes are answered.
    disputes: Url,
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
        let disputes =
            transport::base(&disputes_base(&base)).map_err(|problem| invalid("api_base", problem))?;
        let mut key = HeaderValue::from_str(options.api_key.expose_secret())
            .map_err(|_| invalid("api_key", "it has characters that a header cannot hold".to_owned()))?;
        key.set_sensitive(true);
        let client = transport::client(HeaderMap::from_iter([(API_KEY, key)]), options.connect_timeout)
            .map_err(|problem| invalid("client", problem))?;
        Ok(Self { client, base, disputes, deadline: options.deadline })
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
        self.post_to(url, request).await
    }

    /// Asks the Disputes API.
    pub(super) async fn dispute(&self, request: Request) -> Result<Response, GatewayError> {
        let url = self.disputes.join(&request.path);
        self.post_to(url.map_err(|error| GatewayError::NotDone(error.to_string()))?, request).await
    }

    async fn post_to(&self, url: Url, request: Request) -> Result<Response, GatewayError> {
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

/// Where the Disputes API of an environment is: in its Customer Area; a stand-in has it where its Checkout API is.
fn disputes_base(api: &Url) -> String {
    match api.host_str() {
        Some(TEST_HOST) => format!("https://ca-test.adyen.com/{DISPUTES}"),
        Some(host) if host.ends_with(LIVE_HOSTS) => format!("https://ca-live.adyen.com/{DISPUTES}"),
        _ => format!("{}/{DISPUTES}", api.origin().ascii_serialization()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disputes_are_answered_in_the_customer_area_of_the_same_environment() {
        for (api, disputes) in [
            ("https://checkout-test.adyen.com/v71/", "https://ca-test.adyen.com"),
            (
                "https://1797a841fbb37ca7-Shop-checkout-live.adyenpayments.com/checkout/v71/",
                "https://ca-live.adyen.com",
            ),
            ("http://127.0.0.1:8080/v71/", "http://127.0.0.1:8080"),
        ] {
            let base = disputes_base(&Url::parse(api).expect("an address"));
            assert_eq!(base, format!("{disputes}/ca/services/DisputeService/v30"), "{api}");
        }
    }
}
