//! Where the simulator, as a process of its own, sends its callbacks.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Url, redirect, retry};
use tender_domain::simulator::{CallbackTarget, SignedCallback};

use super::InvalidSimulatorOptions;

/// How long one delivery may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// An address that takes callbacks by `POST`. Anything but a 2xx in time is a failure, and the sender tries again.
pub struct HttpCallbackTarget {
    client: Client,
    url: Url,
}

impl HttpCallbackTarget {
    /// A target at this address; nothing is sent yet.
    ///
    /// # Errors
    /// When it is no `http` or `https` URL.
    pub fn new(url: &str) -> Result<Self, InvalidSimulatorOptions> {
        let invalid = |problem: String| InvalidSimulatorOptions { option: "callback_url", problem };
        let url = Url::parse(url).map_err(|error| invalid(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("write http://… or https://…".to_owned()));
        }
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .timeout(DEADLINE)
            .build()
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Self { client, url })
    }
}

#[async_trait]
impl CallbackTarget for HttpCallbackTarget {
    async fn deliver(&self, callback: &SignedCallback) -> Result<(), String> {
        let mut request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
        for (name, value) in &callback.headers {
            request = request.header(*name, value);
        }
        let answer = request.body(callback.body.clone()).send().await;
        let status = answer.map_err(|error| error.without_url().to_string())?.status();
        if status.is_success() { Ok(()) } else { Err(format!("answered with {status}")) }
    }
}
