//! The extractor of a mutating request.

use super::fingerprint::FingerprintKey;
use super::key::route_of;
use super::key::{self, RequestKey};
use super::{body, decode, fingerprint};
use crate::Problem;
use crate::auth::{only_customer, settled};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use tender_domain::kernel::RequestFingerprint;

/// Extractor of a mutating request.
///
/// Reads a JSON body of at most 1 MiB into `T`, and the header `Idempotency-Key`. Refuses, as problem details: a body
/// that is too large (413), of another media type (415), that is not UTF-8 or not JSON, nested deeper than 64 levels,
/// with unknown fields or wrong types (400, with a JSON Pointer), and a key that is malformed (400). `T` says
/// `#[serde(deny_unknown_fields)]` so that unknown fields are named.
///
/// An empty body counts as `null`: `Command<Option<T>>` and `Command<OptionalBody<T>>` take it, others refuse it.
///
/// Put it after [`Authorized`](crate::Authorized) in the handler's parameters, so that who may not is told that first.
#[derive(Debug, Clone)]
pub struct Command<T> {
    /// The body.
    pub body: T,
    /// The idempotency key, when the header carried one.
    pub key: Option<RequestKey>,
    /// The route with its method (`POST /v1/payments/intents/{id}/confirm`), where the key counts.
    pub route: &'static str,
    /// What tells this request from another one under the same key.
    pub fingerprint: RequestFingerprint,
}

impl<T> Command<T> {
    /// The idempotency key of a route that moves money.
    ///
    /// # Errors
    /// 400 `idempotency_key_required` when there is none.
    pub fn require_key(&self) -> Result<RequestKey, Problem> {
        self.key.clone().ok_or_else(key::required)
    }

    /// The idempotency key, for a route where a field of the body (`request_id`) stands in for the header.
    ///
    /// # Errors
    /// 400 when both are there and differ, or when the field is no key.
    pub fn key_or(&self, body_key: Option<&str>) -> Result<Option<RequestKey>, Problem> {
        let Some(text) = body_key else { return Ok(self.key.clone()) };
        let from_body = RequestKey::from_body(self.route, text, self.fingerprint)?;
        match &self.key {
            Some(key) if key.scope != from_body.scope => Err(key::ambiguous()),
            _ => Ok(Some(from_body)),
        }
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Command<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            settled(&request).await;
            let key_text = key::from_headers(request.headers())?;
            let bytes = body::read(&request, payload).await?;
            let body = if bytes.is_empty() { decode::absent()? } else { decode::parse_json(&bytes)? };
            let route = route_of(&request);
            let secret = request.app_data::<web::Data<FingerprintKey>>();
            let fingerprint = fingerprint::of(
                secret.map(|key| key.secret()),
                only_customer(&request).as_deref(),
                (request.method().as_str(), request.path()),
                &bytes,
            )?;
            let key = key_text.map(|key| RequestKey::new(route, key.into(), fingerprint));
            Ok(Self { body, key, route, fingerprint })
        })
    }
}
