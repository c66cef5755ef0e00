//! One call over HTTP, within a session.

use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tender_domain::ports::GatewayError;

use super::options::PayUOptions;
use super::request::Request;
use crate::bearer::{AccessToken, Session};
use crate::rest::{InvalidGatewayOptions, Limits, REPORT_BYTES_MAX, Response, Rest};
use crate::transport::ANSWER_BYTES_MAX;

pub(super) const WHO: &str = "PayU";

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What statements are answered as, whatever is in them.
const FILE: HeaderValue = HeaderValue::from_static("application/octet-stream");

pub(super) struct Connection {
    rest: Rest,
    session: Session,
    pos_id: String,
    pub(super) client_secret: SecretString,
}

impl Connection {
    pub(super) fn new(options: &PayUOptions) -> Result<Self, InvalidGatewayOptions> {
        let headers = HeaderMap::from_iter([(ACCEPT, JSON)]);
        let limits = Limits { deadline: options.deadline, connect_timeout: options.connect_timeout };
        Ok(Self {
            rest: Rest::new(WHO, &options.api_base, headers, &limits)?,
            session: Session::default(),
            pos_id: options.pos_id.clone(),
            client_secret: options.client_secret.clone(),
        })
    }

    /// Asks without an effect.
    pub(super) async fn get(&self, path: &str) -> Result<Response, GatewayError> {
        self.send(|| Ok(self.rest.get(path)?.header(CONTENT_TYPE, JSON))).await
    }

    /// Fetches a file.
    pub(super) async fn file(&self, path: &str) -> Result<Response, GatewayError> {
        let ask = || Ok(self.rest.get(path)?.header(CONTENT_TYPE, JSON).header(ACCEPT, FILE));
        self.send_for(REPORT_BYTES_MAX, ask).await
    }

    /// Asks for an effect.
    pub(super) async fn post(&self, request: Request) -> Result<Response, GatewayError> {
        let body = request.body.map_or_else(String::new, |body| body.to_string());
        let ask = || Ok(self.rest.post(&request.path)?.header(CONTENT_TYPE, JSON).body(body.clone()));
        self.send(ask).await
    }

    /// Takes something away.
    pub(super) async fn delete(&self, path: &str) -> Result<Response, GatewayError> {
        self.send(|| Ok(self.rest.delete(path)?.header(CONTENT_TYPE, JSON))).await
    }

    /// That the credentials open a session.
    pub(super) async fn open(&self) -> Result<(), GatewayError> {
        self.session.token(self.opened()).await.map(drop)
    }

    async fn opened(&self) -> Result<AccessToken, GatewayError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.pos_id)
            .append_pair("client_secret", self.client_secret.expose_secret())
            .finish();
        let asked = self.rest.post("pl/standard/user/oauth/authorize")?;
        let asked = asked.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let response = self.rest.send(asked).await?;
        match response.status {
            401 => Err(GatewayError::NotDone("PayU does not take the account's credentials".to_owned())),
            _ if response.is_success() => response.json(WHO),
            _ => Err(response.refusal("no session was opened")),
        }
    }

    async fn send(
        &self,
        ask: impl Fn() -> Result<RequestBuilder, GatewayError>,
    ) -> Result<Response, GatewayError> {
        self.send_for(ANSWER_BYTES_MAX, ask).await
    }

    /// Sends within a session; once more in a new one when PayU has ended it, for then nothing was done.
    async fn send_for(
        &self,
        bytes_max: usize,
        ask: impl Fn() -> Result<RequestBuilder, GatewayError>,
    ) -> Result<Response, GatewayError> {
        let first = self.once(bytes_max, ask()?).await?;
        if first.status != 401 {
            return Ok(first);
        }
        self.session.forget().await;
        self.once(bytes_max, ask()?).await
    }

    async fn once(&self, bytes_max: usize, asked: RequestBuilder) -> Result<Response, GatewayError> {
        let token = self.session.token(self.opened()).await?;
        self.rest.send_for(asked.bearer_auth(token.expose_secret()), bytes_max).await
    }
}
