//! What Adyen's refusals mean: surely not done, or not known.

use serde::de::DeserializeOwned;
use tender_domain::kernel::mask_card_numbers;
use tender_domain::ports::GatewayError;

use super::call::Response;
use super::wire::ServiceError;
use crate::said::refused;

/// An answer that is no success, in Adyen's own words.
pub(super) struct Refusal {
    status: u16,
    is_transient: bool,
    error: ServiceError,
}

/// The object of a success.
///
/// # Errors
/// `Unknown` for what is not Adyen's own answer; else the refusal, to be judged by who asked.
pub(super) fn object<T: DeserializeOwned>(response: &Response) -> Result<Result<T, Refusal>, GatewayError> {
    let status = response.status;
    // Serde repeats values; what a gateway sends is masked before anybody sees it.
    let nonsense = |error: serde_json::Error| {
        let error = mask_card_numbers(&error.to_string());
        GatewayError::Unknown(format!("Adyen's answer (HTTP {status}) is not understood: {error}"))
    };
    if (200..300).contains(&status) {
        return serde_json::from_slice(&response.body).map(Ok).map_err(nonsense);
    }
    // Who says no in other words may be somebody between us and Adyen, and knows nothing of what Adyen did.
    let error: ServiceError = serde_json::from_slice(&response.body).map_err(nonsense)?;
    Ok(Err(Refusal { status, is_transient: response.is_transient, error }))
}

impl Refusal {
    /// Whether Adyen surely did nothing. 409, and whatever it calls transient, says that a request with the same key may
    /// be at work just now; 408 that somebody waited; a 5xx may have had its effect.
    fn is_definite(&self) -> bool {
        // "Request already processed or in progress".
        let is_at_work = self.error.error_code == "704";
        (400..500).contains(&self.status)
            && !matches!(self.status, 408 | 409)
            && !self.is_transient
            && !is_at_work
    }

    /// Whether the same request will be refused again: it is the request that is wrong, and not our credentials, nor how
    /// often we ask.
    pub(super) fn is_of_the_request(&self) -> bool {
        self.is_definite() && !matches!(self.status, 401 | 403 | 429)
    }

    /// What a refusal is to who asked for an effect.
    pub(super) fn error(&self) -> GatewayError {
        let said = self.error.message.as_deref().or(self.error.error_type.as_deref()).unwrap_or("no reason");
        let said = mask_card_numbers(&format!("HTTP {}, {}: {said}", self.status, self.error.error_code));
        if self.is_definite() { refused(self.status, said) } else { GatewayError::Unknown(said) }
    }

    /// Whether the stored method is none that can be charged (contract or detail not found, contract invalid).
    pub(super) fn is_of_the_token(&self) -> bool {
        self.is_definite() && matches!(self.error.error_code.as_str(), "800" | "802" | "803")
    }
}

/// What completed a challenge: that it was refused says nothing of the payment, which may have been completed before.
pub(super) fn says_nothing(error: GatewayError) -> GatewayError {
    match error {
        GatewayError::NotDone(why) | GatewayError::NotNow(why) | GatewayError::Unknown(why) => {
            GatewayError::Unknown(format!("the challenge's result was not taken: {why}"))
        }
    }
}
