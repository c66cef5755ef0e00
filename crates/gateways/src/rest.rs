//! One call to a gateway that speaks JSON, what comes back, and what a refusal means to who asked.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tender_domain::kernel::mask_card_numbers;
use tender_domain::ports::GatewayError;

use crate::said::refused;
use crate::transport::{self, ANSWER_BYTES_MAX};

/// The largest page of a report that is read.
pub(crate) const REPORT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The options of a gateway cannot be used; says which one and why.
#[derive(Debug, thiserror::Error)]
#[error("{gateway}'s {option}: {problem}")]
pub struct InvalidGatewayOptions {
    /// Which gateway.
    pub gateway: &'static str,
    /// Which option.
    pub option: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// Where a gateway is, and how long it may take.
pub(crate) struct Rest {
    pub(crate) who: &'static str,
    client: Client,
    base: Url,
    deadline: Duration,
}

/// How long a call may take, and connecting alone.
pub(crate) struct Limits {
    pub(crate) deadline: Duration,
    pub(crate) connect_timeout: Duration,
}

/// What a gateway answered.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Rest {
    /// A client for the gateway `who` at `api_base`, that sends these headers with each call.
    ///
    /// # Errors
    /// When the address is no `http` or `https` URL.
    pub(crate) fn new(
        who: &'static str,
        api_base: &str,
        headers: HeaderMap,
        limits: &Limits,
    ) -> Result<Self, InvalidGatewayOptions> {
        let invalid = |option, problem| InvalidGatewayOptions { gateway: who, option, problem };
        let base = transport::base(api_base).map_err(|problem| invalid("api_base", problem))?;
        let client = transport::client(headers, limits.connect_timeout)
            .map_err(|problem| invalid("client", problem))?;
        Ok(Self { who, client, base, deadline: limits.deadline })
    }

    /// The address of a path, or of what the gateway itself named. One of another place is refused: our credentials go
    /// nowhere else.
    ///
    /// # Errors
    /// `NotDone` for what is no address there.
    pub(crate) fn url(&self, path: &str) -> Result<Url, GatewayError> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let url = self.base.join(path).map_err(|error| GatewayError::NotDone(error.to_string()))?;
        if url.origin() != self.base.origin() {
            return Err(GatewayError::NotDone(format!("{} named an address of somebody else", self.who)));
        }
        Ok(url)
    }

    /// A question of this path.
    ///
    /// # Errors
    /// `NotDone` for what is no address there.
    pub(crate) fn get(&self, path: &str) -> Result<RequestBuilder, GatewayError> {
        Ok(self.client.get(self.url(path)?))
    }

    /// A request with a body.
    ///
    /// # Errors
    /// `NotDone` for what is no address there.
    pub(crate) fn post(&self, path: &str) -> Result<RequestBuilder, GatewayError> {
        Ok(self.client.post(self.url(path)?))
    }

    /// A request that puts something in the place of another.
    ///
    /// # Errors
    /// `NotDone` for what is no address there.
    pub(crate) fn put(&self, path: &str) -> Result<RequestBuilder, GatewayError> {
        Ok(self.client.put(self.url(path)?))
    }

    /// A request that takes something away.
    ///
    /// # Errors
    /// `NotDone` for what is no address there.
    pub(crate) fn delete(&self, path: &str) -> Result<RequestBuilder, GatewayError> {
        Ok(self.client.delete(self.url(path)?))
    }

    /// Sends it, within the deadline.
    ///
    /// # Errors
    /// See [`transport::of_transport`].
    pub(crate) async fn send(&self, asked: RequestBuilder) -> Result<Response, GatewayError> {
        self.send_for(asked, ANSWER_BYTES_MAX).await
    }

    /// Sends what is answered with a report, within the deadline.
    ///
    /// # Errors
    /// See [`transport::of_transport`].
    pub(crate) async fn send_for_report(&self, asked: RequestBuilder) -> Result<Response, GatewayError> {
        self.send_for(asked, REPORT_BYTES_MAX).await
    }

    /// Sends what is answered with up to so many bytes, within the deadline.
    ///
    /// # Errors
    /// See [`transport::of_transport`].
    pub(crate) async fn send_for(
        &self,
        asked: RequestBuilder,
        bytes_max: usize,
    ) -> Result<Response, GatewayError> {
        let sent = asked.timeout(self.deadline).send().await;
        let response = sent.map_err(|error| transport::of_transport(self.who, &error))?;
        let status = response.status().as_u16();
        Ok(Response { status, body: transport::read_up_to(bytes_max, self.who, response).await? })
    }
}

impl Response {
    /// Whether it says that what was asked was done or accepted.
    pub(crate) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Whether it says that surely nothing was done. 409 says that somebody is at the same just now; 408 that somebody
    /// waited; a 5xx may have had its effect.
    pub(crate) const fn is_definite_refusal(&self) -> bool {
        self.status >= 400 && self.status < 500 && !matches!(self.status, 408 | 409)
    }

    /// Its body as JSON.
    ///
    /// # Errors
    /// `Unknown` for what is not the gateway's own answer: who says something in other words may be somebody between us,
    /// and knows nothing of what the gateway did.
    pub(crate) fn json<T: DeserializeOwned>(&self, who: &str) -> Result<T, GatewayError> {
        self.json_borrowed(who)
    }

    /// The same, of what keeps parts of the text as they are.
    ///
    /// # Errors
    /// See [`Response::json`].
    pub(crate) fn json_borrowed<'a, T: Deserialize<'a>>(&'a self, who: &str) -> Result<T, GatewayError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // Serde repeats values; what a gateway sends is masked before anybody sees it.
            let error = mask_card_numbers(&error.to_string());
            GatewayError::Unknown(format!("{who}'s answer (HTTP {}) is not understood: {error}", self.status))
        })
    }

    /// What a refusal is when it is no decline, in the gateway's own words.
    pub(crate) fn refusal(&self, said: &str) -> GatewayError {
        let said = mask_card_numbers(&format!("HTTP {}, {said}", self.status));
        if self.is_definite_refusal() { refused(self.status, said) } else { GatewayError::Unknown(said) }
    }
}

/// What was only asked: that the question failed says nothing of what it is about.
pub(crate) fn only_asked<T>(result: Result<T, GatewayError>) -> Result<T, GatewayError> {
    result.map_err(|error| match error {
        GatewayError::NotDone(why) | GatewayError::NotNow(why) | GatewayError::Unknown(why) => {
            GatewayError::Unknown(format!("asked in vain: {why}"))
        }
    })
}

/// What was asked before anything was sent: that the question failed says that nothing was done.
pub(crate) fn nothing_sent(error: GatewayError) -> GatewayError {
    match error {
        GatewayError::NotDone(why) => GatewayError::NotDone(format!("nothing was asked for: {why}")),
        GatewayError::NotNow(why) | GatewayError::Unknown(why) => {
            GatewayError::NotNow(format!("nothing was asked for: {why}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_to_the_gateway_alone() {
        let limits = Limits { deadline: Duration::from_secs(1), connect_timeout: Duration::from_secs(1) };
        let rest = Rest::new("Gateway", "https://api.example.com", HeaderMap::new(), &limits).expect("good");
        let at = |path: &str| rest.url(path).map(String::from).ok();
        for path in ["a/b", "/a/b", "https://api.example.com/a/b"] {
            assert_eq!(at(path).as_deref(), Some("https://api.example.com/a/b"), "{path}");
        }
        for path in ["https://evil.example.com/a", "//evil.example.com/a", "///evil.example.com/a"] {
            let goes = at(path).unwrap_or_else(|| "nowhere".to_owned());
            assert!(goes == "nowhere" || goes.starts_with("https://api.example.com/"), "{path}: {goes}");
        }
        assert_eq!(at("http://api.example.com/a"), None);
        assert!(Rest::new("Gateway", "ftp://x", HeaderMap::new(), &limits).is_err());
    }

    #[test]
    fn only_a_refusal_that_is_final_says_that_nothing_was_done() {
        for (status, is_known) in
            [(400, true), (422, true), (429, true), (408, false), (409, false), (500, false)]
        {
            let response = Response { status, body: Vec::new() };
            let error = response.refusal("card 4111111111111111");
            assert_eq!(!matches!(error, GatewayError::Unknown(_)), is_known, "{status}");
            assert_eq!(matches!(error, GatewayError::NotNow(_)), status == 429, "{status}");
            assert!(!error.to_string().contains("41111111111"), "{error}");
        }
    }
}
