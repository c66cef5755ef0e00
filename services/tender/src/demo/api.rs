//! Tender as a client sees it.

use std::cell::Cell;
use std::time::Duration;

use reqwest::Method as Verb;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tender_domain::ports::Ids;
use tender_settings::Services;
use uuid::Uuid;

use super::error::DemoError;

/// Longer than any request may take at Tender.
const CALL_TIMEOUT: Duration = Duration::from_secs(35);

/// Where Tender's services are.
#[derive(Debug)]
pub(super) enum Places {
    /// All at one URL.
    One(String),
    /// Each at its own.
    Five(Services),
}

impl Places {
    /// The URL of a path; each belongs to one service.
    fn of(&self, path: &str) -> String {
        let base = match self {
            Self::One(url) => url,
            Self::Five(services) => {
                let below = path.strip_prefix("/v1/payments/").unwrap_or(path);
                match below.split(['/', '?']).next().unwrap_or_default() {
                    "methods" => &services.vault_url,
                    "refunds" => &services.refunds_url,
                    "ledger" => &services.settlement_url,
                    _ => &services.intents_url,
                }
            }
        };
        format!("{}{path}", base.trim_end_matches('/'))
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answered<T> {
    pub(super) status: u16,
    /// Whether it is the answer that an earlier call with the same key got.
    pub(super) replayed: bool,
    pub(super) body: T,
}

/// The calls, with an API key.
pub(super) struct Api {
    http: reqwest::Client,
    places: Places,
    key: SecretString,
    ids: Box<dyn Ids>,
    calls: Cell<u32>,
}

impl Api {
    pub(super) fn new(places: Places, key: SecretString, ids: Box<dyn Ids>) -> Self {
        Self { http: reqwest::Client::new(), places, key, ids, calls: Cell::new(0) }
    }

    /// A new id, for what a storefront names itself: customers, orders, idempotency keys.
    pub(super) fn uuid(&self) -> Uuid {
        self.ids.uuid()
    }

    /// How many calls were made.
    pub(super) fn calls(&self) -> u32 {
        self.calls.get()
    }

    /// Reads.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, DemoError> {
        Ok(self.call(Verb::GET, path, None, None).await?.body)
    }

    /// Does something once, under a fresh idempotency key.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, DemoError> {
        let key = self.uuid().to_string();
        Ok(self.post_with_key(path, &key, body).await?.body)
    }

    /// Does something once, under this idempotency key.
    pub(super) async fn post_with_key<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: Value,
    ) -> Result<Answered<T>, DemoError> {
        self.call(Verb::POST, path, Some(key), Some(body)).await
    }

    /// Puts something under a name.
    pub(super) async fn put<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, DemoError> {
        let key = self.uuid().to_string();
        Ok(self.call(Verb::PUT, path, Some(&key), Some(body)).await?.body)
    }

    async fn call<T: DeserializeOwned>(
        &self,
        verb: Verb,
        path: &str,
        key: Option<&str>,
        body: Option<Value>,
    ) -> Result<Answered<T>, DemoError> {
        let url = self.places.of(path);
        let what = format!("{verb} {path}");
        let mut request = self.http.request(verb, &url).timeout(CALL_TIMEOUT);
        request = request.bearer_auth(self.key.expose_secret());
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.calls.set(self.calls.get().saturating_add(1));
        let unreachable =
            |error: reqwest::Error| DemoError::Unreachable { url: url.clone(), why: innermost(&error) };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let replayed = response.headers().contains_key("idempotent-replayed");
        let text = response.text().await.map_err(unreachable)?;
        let refused = |detail: String| DemoError::Refused { what: what.clone(), status, detail };
        if !(200..300).contains(&status) {
            return Err(refused(detail(status, &text)));
        }
        let body = serde_json::from_str(&text)
            .map_err(|error| refused(format!("an answer that the demo cannot read: {error}")))?;
        Ok(Answered { status, replayed, body })
    }
}

/// What a problem says, or the beginning of a body that is none.
fn detail(status: u16, text: &str) -> String {
    let problem: Option<Value> = serde_json::from_str(text).ok();
    let said = problem.as_ref().and_then(|problem| problem.get("detail")?.as_str());
    let said = said.map_or_else(|| text.chars().take(200).collect(), str::to_owned);
    match status {
        401 => format!("{said} (is the key in --key-file of this installation?)"),
        _ => said,
    }
}

/// The cause behind the causes: "connection refused" says more than "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
