//! One call over HTTP, and what its end means: only what surely was not done is `NotDone`.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::mask_card_numbers;
use tender_domain::ports::GatewayError;

use super::{HttpSimulatorOptions, InvalidSimulatorOptions};
use crate::said::refused;
use crate::transport;

const WHO: &str = "the simulator";

pub(super) struct Connection {
    client: Client,
    base: Url,
    deadline: Duration,
}

/// What a refusal says beside its status.
#[derive(Deserialize)]
struct ProblemBody {
    detail: String,
}

impl Connection {
    pub(super) fn new(options: HttpSimulatorOptions) -> Result<Self, InvalidSimulatorOptions> {
        let invalid = |option, problem: String| InvalidSimulatorOptions { option, problem };
        let base = Url::parse(&format!("{}/simulator/", options.url.trim_end_matches('/')))
            .map_err(|error| invalid("url", error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(invalid("url", "write http://… or https://…".to_owned()));
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", options.bearer.expose_secret()))
            .map_err(|_| invalid("bearer", "it has characters that a header cannot hold".to_owned()))?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
        let client = transport::client(headers, options.connect_timeout)
            .map_err(|problem| invalid("client", problem))?;
        Ok(Self { client, base, deadline: options.deadline })
    }

    pub(super) async fn call<Q, A>(&self, call: &'static str, body: &Q) -> Result<A, GatewayError>
    where
        Q: Serialize + Sync,
        A: DeserializeOwned,
    {
        let url = self.base.join(call).map_err(|error| GatewayError::NotDone(error.to_string()))?;
        self.answer(call, self.client.post(url).json(body)).await
    }

    pub(super) async fn get<A: DeserializeOwned>(&self, call: &'static str) -> Result<A, GatewayError> {
        let url = self.base.join(call).map_err(|error| GatewayError::NotDone(error.to_string()))?;
        self.answer(call, self.client.get(url)).await
    }

    async fn answer<A: DeserializeOwned>(
        &self,
        call: &'static str,
        request: RequestBuilder,
    ) -> Result<A, GatewayError> {
        let sent = request.timeout(self.deadline).send().await;
        let response = sent.map_err(|error| transport::of_transport(WHO, &error))?;
        let status = response.status();
        let bytes = transport::read(WHO, response).await?;
        if status == StatusCode::OK {
            // Serde repeats values; what a gateway sends is masked before anybody sees it.
            return serde_json::from_slice(&bytes).map_err(|error| {
                let error = mask_card_numbers(&error.to_string());
                GatewayError::Unknown(format!("the simulator's answer to {call} is not understood: {error}"))
            });
        }
        let detail = serde_json::from_slice::<ProblemBody>(&bytes).map_or_else(
            |_| format!("the simulator answered {call} with {status}"),
            |problem| mask_card_numbers(&problem.detail),
        );
        Err(if is_refusal(status) { refused(status.as_u16(), detail) } else { GatewayError::Unknown(detail) })
    }
}

/// Whether the status says that the call was refused before anything was done. 408 says only that somebody waited.
fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT
}
