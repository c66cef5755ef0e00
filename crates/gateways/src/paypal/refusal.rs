//! What PayPal's refusals mean: declined, surely not done, or not known.

use serde::de::DeserializeOwned;
use tender_domain::kernel::mask_card_numbers;
use tender_domain::ports::{GatewayAnswer, GatewayError};

use super::call::Response;
use super::decline::of_issue;
use super::wire::ErrorBody;
use crate::said::refused;

/// An answer that is no success, in PayPal's own words.
pub(super) struct Refusal {
    status: u16,
    error: ErrorBody,
}

/// The object of a success.
///
/// # Errors
/// `Unknown` for what is not PayPal's own answer; else the refusal, to be judged by who asked.
pub(super) fn object<T: DeserializeOwned>(response: &Response) -> Result<Result<T, Refusal>, GatewayError> {
    let status = response.status;
    // Serde repeats values; what a gateway sends is masked before anybody sees it.
    let nonsense = |error: serde_json::Error| {
        let error = mask_card_numbers(&error.to_string());
        GatewayError::Unknown(format!("PayPal's answer (HTTP {status}) is not understood: {error}"))
    };
    if (200..300).contains(&status) {
        return serde_json::from_slice(&response.body).map(Ok).map_err(nonsense);
    }
    // Who says no in other words may be somebody between us and PayPal, and knows nothing of what PayPal did.
    let error: ErrorBody = serde_json::from_slice(&response.body).map_err(nonsense)?;
    Ok(Err(Refusal { status, error }))
}

impl Refusal {
    /// The answer that a refusal of a payment is.
    ///
    /// # Errors
    /// See [`Refusal::error`].
    pub(super) fn answer(&self) -> Result<GatewayAnswer, GatewayError> {
        let decline = if self.is_definite() { self.error.details.iter().find_map(of_issue) } else { None };
        decline.map(GatewayAnswer::Declined).ok_or_else(|| self.error())
    }

    /// Whether PayPal surely did nothing. 409 says that a request with the same id is at work just now; 408 that somebody
    /// waited; a 5xx may have had its effect.
    fn is_definite(&self) -> bool {
        (400..500).contains(&self.status) && !matches!(self.status, 408 | 409)
    }

    /// What a refusal is when it is no decline.
    pub(super) fn error(&self) -> GatewayError {
        let issues = self.error.details.iter().filter_map(|detail| detail.issue.as_deref());
        let issues = issues.collect::<Vec<_>>().join(", ");
        let message = self.error.message.as_deref().unwrap_or_default();
        let said = format!("HTTP {}, {} ({issues}): {message}", self.status, self.error.name);
        let said = mask_card_numbers(&said);
        if self.is_definite() { refused(self.status, said) } else { GatewayError::Unknown(said) }
    }

    /// Whether this is the issue.
    pub(super) fn is(&self, issue: &str) -> bool {
        let is_named = self.error.details.iter().any(|detail| detail.issue.as_deref() == Some(issue))
            || self.error.name == issue;
        self.is_definite() && is_named
    }

    /// Whether the same request will be refused again as long as things stand as they do: it is the request that is wrong,
    /// and not our credentials, nor how often we ask.
    pub(super) fn is_of_the_request(&self) -> bool {
        self.is_definite() && !matches!(self.status, 401 | 403 | 429)
    }

    /// Whether there is no such thing.
    pub(super) fn is_not_found(&self) -> bool {
        self.status == 404
    }

    /// Whether the payment token is none that can be charged.
    pub(super) fn is_of_the_token(&self) -> bool {
        let names_it = |field: &str| field.ends_with("/vault_id");
        self.is_definite()
            && self.error.details.iter().any(|detail| detail.field.as_deref().is_some_and(names_it))
    }
}

/// What was only asked: that the question failed says nothing of what it is about.
pub(super) fn only_asked<T>(result: Result<T, GatewayError>) -> Result<T, GatewayError> {
    result.map_err(|error| match error {
        GatewayError::NotDone(why) | GatewayError::NotNow(why) | GatewayError::Unknown(why) => {
            GatewayError::Unknown(format!("asked in vain: {why}"))
        }
    })
}

/// What was asked before anything was sent: that the question failed says that nothing was done.
pub(super) fn nothing_sent(error: GatewayError) -> GatewayError {
    match error {
        GatewayError::NotDone(why) => GatewayError::NotDone(format!("nothing was asked for: {why}")),
        GatewayError::NotNow(why) | GatewayError::Unknown(why) => {
            GatewayError::NotNow(format!("nothing was asked for: {why}"))
        }
    }
}
