//! The orders directory of an ordering service, over HTTP.
//!
//! `GET {url}/orders/{reference}` answers 200 with an order or 404; `PUT {url}/orders/{reference}/status` with
//! `{"status"}` writes back where it stands. Both name the tenant in `X-Tenant-ID`.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{RequestBuilder, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{Order, OrderDirectory, OrderDirectoryError, OrderStatus, Reservation};

use crate::outbound::{Outbound, OutboundAllow};
use crate::transport::read;

const WHO: &str = "the ordering service";

/// How an ordering service is asked.
#[derive(Debug, Clone)]
pub struct HttpOrdersOptions {
    /// Below this address its paths are (`https://orders.example.com/api`).
    pub url: String,
    /// By what it knows us: `Authorization: Bearer`.
    pub token: SecretString,
    /// How long one call may take.
    pub deadline: Duration,
    /// Local addresses that may be called.
    pub allow: OutboundAllow,
}

/// The options make no way to an ordering service. Says nothing of the token.
#[derive(Debug, Clone, thiserror::Error)]
#[error("orders.{setting} {problem}")]
pub struct InvalidOrdersOptions {
    /// Which.
    pub setting: &'static str,
    /// What is wrong.
    pub problem: String,
}

/// The orders directory of an ordering service.
pub struct HttpOrderDirectory {
    outbound: Outbound,
    base: Url,
    authorization: HeaderValue,
    deadline: Duration,
}

/// An order, as the ordering service has it: as `PUT /v1/payments/orders/{reference}` takes it. More fields are ignored.
#[derive(Debug, Deserialize)]
struct OrderJson {
    kind: String,
    customer_id: String,
    amount: i64,
    currency: String,
    status: String,
    #[serde(default)]
    starts_at: Option<DateTime<Utc>>,
    #[serde(default)]
    product_type: Option<String>,
    #[serde(default)]
    rate_plan: Option<String>,
    #[serde(default)]
    reservation: Option<ReservationJson>,
    #[serde(default)]
    details: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct ReservationJson {
    id: String,
    holder: String,
    expires_at: DateTime<Utc>,
}

#[derive(Debug, Serialize)]
struct StatusJson {
    status: &'static str,
}

impl HttpOrderDirectory {
    /// The directory at this address.
    ///
    /// # Errors
    /// When the address may not be called, or the token cannot be a header.
    pub fn new(options: &HttpOrdersOptions) -> Result<Self, InvalidOrdersOptions> {
        let bad = |setting, problem: String| InvalidOrdersOptions { setting, problem };
        let outbound = Outbound::new(options.allow.clone()).map_err(|why| bad("url", why))?;
        let base = format!("{}/", options.url.trim_end_matches('/'));
        let base = outbound.check(&base).map_err(|why| bad("url", why))?;
        let bearer = format!("Bearer {}", options.token.expose_secret());
        let mut authorization = HeaderValue::from_str(&bearer)
            .map_err(|_| bad("token", "holds characters that no header can hold".to_owned()))?;
        authorization.set_sensitive(true);
        Ok(Self { outbound, base, authorization, deadline: options.deadline })
    }

    /// The address of an order, whatever characters its reference has: never another path.
    fn address(&self, reference: &str, rest: &[&str]) -> Result<Url, OrderDirectoryError> {
        // A segment of dots alone would lead elsewhere; no directory can have such a reference.
        if reference.is_empty() || reference.bytes().all(|byte| byte == b'.') {
            return Err(OrderDirectoryError("the reference can be no path".to_owned()));
        }
        let mut url = self.base.clone();
        let mut segments = url
            .path_segments_mut()
            .map_err(|()| OrderDirectoryError("orders.url has no paths".to_owned()))?;
        segments.pop_if_empty().push("orders").push(reference).extend(rest);
        drop(segments);
        Ok(url)
    }

    async fn send(
        &self,
        request: RequestBuilder,
        tenant: &TenantId,
    ) -> Result<(StatusCode, Vec<u8>), OrderDirectoryError> {
        let request = request
            .timeout(self.deadline)
            .header(AUTHORIZATION, self.authorization.clone())
            .header("x-tenant-id", tenant.as_str());
        let away = |problem: &dyn std::fmt::Display| OrderDirectoryError(problem.to_string());
        let answer = request.send().await.map_err(|error| {
            let said = if error.is_timeout() { "did not answer in time" } else { "cannot be reached" };
            away(&format!("{WHO} {said}"))
        })?;
        let status = answer.status();
        let body = read(WHO, answer).await.map_err(|error| away(&error))?;
        Ok((status, body))
    }
}

#[async_trait]
impl OrderDirectory for HttpOrderDirectory {
    async fn find(&self, tenant: &TenantId, reference: &str) -> Result<Option<Order>, OrderDirectoryError> {
        let request = self.outbound.client().get(self.address(reference, &[])?);
        match self.send(request, tenant).await? {
            (StatusCode::OK, body) => order(reference, &body).map(Some),
            (StatusCode::NOT_FOUND, _) => Ok(None),
            (status, _) => Err(answered(status)),
        }
    }

    async fn write_back(
        &self,
        tenant: &TenantId,
        reference: &str,
        status: OrderStatus,
    ) -> Result<(), OrderDirectoryError> {
        let request = self.outbound.client().put(self.address(reference, &["status"])?);
        let request = request.json(&StatusJson { status: status.as_str() });
        match self.send(request, tenant).await? {
            (status, _) if status.is_success() => Ok(()),
            // It has no such order, or one that was given up: left as it is.
            (StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::GONE, _) => {
                tracing::info!(reference, "the ordering service keeps an order as it is");
                Ok(())
            }
            (status, _) => Err(answered(status)),
        }
    }
}

fn answered(status: StatusCode) -> OrderDirectoryError {
    OrderDirectoryError(format!("{WHO} answered {}", status.as_u16()))
}

fn order(reference: &str, body: &[u8]) -> Result<Order, OrderDirectoryError> {
    let wrong = |what: &str| OrderDirectoryError(format!("{WHO} tells of the order what cannot be: {what}"));
    let json: OrderJson = serde_json::from_slice(body).map_err(|error| wrong(&error.to_string()))?;
    let currency: Currency = json.currency.parse().map_err(|_| wrong("its currency"))?;
    let amount = Money::positive(json.amount, currency).map_err(|_| wrong("its amount"))?;
    let status = OrderStatus::find(&json.status).ok_or_else(|| wrong("its status"))?;
    let reservation = json.reservation.map(|reservation| Reservation {
        id: reservation.id,
        holder: reservation.holder,
        expires_at: reservation.expires_at,
    });
    Ok(Order {
        reference: reference.to_owned(),
        kind: json.kind,
        customer_id: json.customer_id,
        amount,
        status,
        starts_at: json.starts_at,
        product_type: json.product_type,
        rate_plan: json.rate_plan,
        reservation,
        details: json.details,
    })
}
