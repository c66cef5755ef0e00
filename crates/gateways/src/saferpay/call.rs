//! One call over HTTP: what comes back, or that nothing did.

use data_encoding::BASE64;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;
use serde_json::json;
use tender_domain::ports::GatewayError;

use super::adapter::SaferpayOptions;
use super::ids::fresh;
use super::request::Request;
use crate::rest::{InvalidGatewayOptions, Limits, Response, Rest};

pub(super) const WHO: &str = "Saferpay";
/// The version of the specification that is spoken.
pub(super) const VERSION: &str = "1.53";

const MEDIA: &str = "application/json; charset=utf-8";
/// What the Management API has in the place of the header that is in each body elsewhere.
const API_VERSION: HeaderName = HeaderName::from_static("saferpay-apiversion");
const REQUEST_ID: HeaderName = HeaderName::from_static("saferpay-requestid");

pub(super) struct Connection {
    rest: Rest,
    customer_id: String,
}

impl Connection {
    pub(super) fn new(options: &SaferpayOptions) -> Result<Self, InvalidGatewayOptions> {
        let invalid = |option, problem: &str| InvalidGatewayOptions {
            gateway: WHO,
            option,
            problem: problem.to_owned(),
        };
        if options.username.is_empty() || options.username.contains(':') {
            return Err(invalid("username", "it is empty or has a colon in it"));
        }
        let secret = options.password.expose_secret();
        let basic = format!("Basic {}", BASE64.encode(format!("{}:{secret}", options.username).as_bytes()));
        let mut value = HeaderValue::try_from(basic).map_err(|_| invalid("username", "it cannot be sent"))?;
        value.set_sensitive(true);
        let accept = (ACCEPT, HeaderValue::from_static("application/json"));
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value), accept]);
        let limits = Limits { deadline: options.deadline, connect_timeout: options.connect_timeout };
        let rest = Rest::new(WHO, &options.api_base, headers, &limits)?;
        Ok(Self { rest, customer_id: options.customer_id.clone() })
    }

    /// Sends a request, with the header that each of Saferpay's has. Nothing is sent twice, so that each is a first try.
    pub(super) async fn post(&self, request: Request) -> Result<Response, GatewayError> {
        let Request { path, id, mut body } = request;
        body["RequestHeader"] = json!({
            "SpecVersion": VERSION,
            "CustomerId": self.customer_id,
            "RequestId": id.unwrap_or_else(|| fresh().to_string()),
            "RetryIndicator": 0,
        });
        let asked = self.rest.post(&format!("Payment/v1/{path}"))?;
        self.rest.send(asked.header(CONTENT_TYPE, MEDIA).body(body.to_string())).await
    }

    /// Asks the Management API of this customer for a report.
    pub(super) async fn report(&self, path: &str) -> Result<Response, GatewayError> {
        let asked = self.rest.get(&format!("rest/customers/{}/{path}", self.customer_id))?;
        let asked = asked.header(CONTENT_TYPE, MEDIA).header(API_VERSION, VERSION);
        self.rest.send_for_report(asked.header(REQUEST_ID, fresh().to_string())).await
    }
}
