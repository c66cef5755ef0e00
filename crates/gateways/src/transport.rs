//! What every adapter's HTTP client has in common: nothing is sent twice, elsewhere or through somebody else behind our
//! back, answers have a bound, and only what surely was not sent is `NotDone` or `NotNow`.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, ClientBuilder, Response, Url, redirect, retry};
use tender_domain::ports::GatewayError;

/// The largest answer that is read.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long an idle connection is kept for the next call; servers close theirs after five seconds and more. A call on
/// one that is just being closed would be unknown.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);

/// A client for one gateway.
///
/// # Errors
/// What is wrong with the options, for people.
pub(crate) fn client(headers: HeaderMap, connect_timeout: Duration) -> Result<Client, String> {
    builder(headers, connect_timeout).build().map_err(|error| error.to_string())
}

/// The same before it is built, for clients that need more.
pub(crate) fn builder(headers: HeaderMap, connect_timeout: Duration) -> ClientBuilder {
    Client::builder()
        .pool_idle_timeout(IDLE_TIMEOUT)
        .default_headers(headers)
        .connect_timeout(connect_timeout)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
}

/// The address below which a gateway's paths are, ending with a slash.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn base(address: &str) -> Result<Url, String> {
    let base =
        Url::parse(&format!("{}/", address.trim_end_matches('/'))).map_err(|error| error.to_string())?;
    if !matches!(base.scheme(), "http" | "https") {
        return Err("write http://… or https://…".to_owned());
    }
    Ok(base)
}

/// A call that ended without an answer. Without a connection it was not sent; after that anything may have happened.
pub(crate) fn of_transport(who: &str, error: &reqwest::Error) -> GatewayError {
    if error.is_builder() || error.is_connect() {
        let why = format!("{who} cannot be connected to; nothing was sent");
        return if error.is_builder() { GatewayError::NotDone(why) } else { GatewayError::NotNow(why) };
    }
    GatewayError::Unknown(if error.is_timeout() {
        format!("{who} did not answer in time")
    } else {
        format!("the connection to {who} was lost before its answer")
    })
}

/// The body of an answer, up to its bound.
///
/// # Errors
/// When it is longer, or does not come to its end.
pub(crate) async fn read(who: &str, response: Response) -> Result<Vec<u8>, GatewayError> {
    read_up_to(ANSWER_BYTES_MAX, who, response).await
}

/// The body of a long answer, up to a bound of its own.
///
/// # Errors
/// When it is longer, or does not come to its end.
pub(crate) async fn read_up_to(
    bytes_max: usize,
    who: &str,
    mut response: Response,
) -> Result<Vec<u8>, GatewayError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| of_transport(who, &error))? {
        if bytes.len() + chunk.len() > bytes_max {
            let detail = format!("the answer of {who} is longer than {bytes_max} bytes");
            return Err(GatewayError::Unknown(detail));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
