//! Worldpay's several APIs over one HTTP client: each has its own way to say its version.

use data_encoding::BASE64;
use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use tender_domain::ports::GatewayError;

use super::adapter::WorldpayOptions;
use super::request::Request;
use crate::rest::{InvalidGatewayOptions, Limits, Response, Rest};

pub(super) const WHO: &str = "Worldpay";
/// The version of the payments API that is spoken.
pub(super) const PAYMENTS_VERSION: &str = "2024-06-01";

const STATEMENTS_VERSION: &str = "2025-01-01";
const API_VERSION: HeaderName = HeaderName::from_static("wp-api-version");
const CORRELATION: HeaderName = HeaderName::from_static("wp-correlationid");

/// Which of Worldpay's APIs an address is of, as its path says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Api {
    Payments,
    CardPayments,
    Pages,
    Tokens,
    Queries,
    Statements,
    Verifications,
}

impl Api {
    fn of(path: &str) -> Self {
        match path {
            path if path.starts_with("/payment_pages") => Self::Pages,
            path if path.starts_with("/payments/") => Self::CardPayments,
            path if path.starts_with("/tokens") => Self::Tokens,
            path if path.starts_with("/paymentQueries/") => Self::Queries,
            path if path.starts_with("/accounts/") => Self::Statements,
            path if path.starts_with("/cardVerifications") => Self::Verifications,
            _ => Self::Payments,
        }
    }

    /// The media type that is a version; none where a header says it.
    const fn media_type(self) -> Option<&'static str> {
        match self {
            Self::Payments | Self::Statements => None,
            Self::CardPayments => Some("application/vnd.worldpay.payments-v7+json"),
            Self::Pages => Some("application/vnd.worldpay.payment_pages-v1.hal+json"),
            Self::Tokens => Some("application/vnd.worldpay.tokens-v3.hal+json"),
            Self::Queries => Some("application/vnd.worldpay.payment-queries-v1.hal+json"),
            Self::Verifications => Some("application/vnd.worldpay.cardVerifications-v6+json"),
        }
    }
}

pub(super) struct Connection {
    rest: Rest,
}

impl Connection {
    pub(super) fn new(options: &WorldpayOptions) -> Result<Self, InvalidGatewayOptions> {
        let secret = options.password.expose_secret();
        let basic = format!("Basic {}", BASE64.encode(format!("{}:{secret}", options.username).as_bytes()));
        let invalid = |problem: &str| InvalidGatewayOptions {
            gateway: WHO,
            option: "username",
            problem: problem.to_owned(),
        };
        if options.username.is_empty() || options.username.contains(':') {
            return Err(invalid("it is empty or has a colon in it"));
        }
        let mut value = HeaderValue::try_from(basic).map_err(|_| invalid("it cannot be sent"))?;
        value.set_sensitive(true);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        let limits = Limits { deadline: options.deadline, connect_timeout: options.connect_timeout };
        Ok(Self { rest: Rest::new(WHO, &options.api_base, headers, &limits)? })
    }

    /// The address of a token, as payments name it.
    pub(super) fn token_href(&self, id: &str) -> Result<String, GatewayError> {
        Ok(self.rest.url(&format!("tokens/{id}"))?.to_string())
    }

    /// Asks without an effect.
    pub(super) async fn get(&self, path: &str) -> Result<Response, GatewayError> {
        let api = Api::of(self.rest.url(path)?.path());
        let asked = versioned(self.rest.get(path)?, api, false);
        match api {
            Api::Statements => self.rest.send_for_report(asked).await,
            _ => self.rest.send(asked).await,
        }
    }

    /// Asks for an effect.
    pub(super) async fn post(&self, request: Request) -> Result<Response, GatewayError> {
        let api = Api::of(self.rest.url(&request.path)?.path());
        let mut asked = versioned(self.rest.post(&request.path)?, api, true);
        if let Some(name) = &request.correlation {
            asked = asked.header(CORRELATION, name);
        }
        let body = request.body.map_or_else(String::new, |body| body.to_string());
        self.rest.send(asked.body(body)).await
    }
}

fn versioned(asked: RequestBuilder, api: Api, has_body: bool) -> RequestBuilder {
    let (media, version) = match (api.media_type(), api) {
        (Some(media), _) => (media, None),
        (None, Api::Statements) => ("application/json", Some(STATEMENTS_VERSION)),
        (None, _) => ("application/json", Some(PAYMENTS_VERSION)),
    };
    let mut asked = asked.header(ACCEPT, media);
    // The card payments API wants it also where there is no body.
    if has_body || api == Api::CardPayments {
        asked = asked.header(CONTENT_TYPE, media);
    }
    if let Some(version) = version {
        asked = asked.header(API_VERSION, version);
    }
    asked
}
