//! What Stripe's refusals mean: declined, surely not done, or not known.

use serde::de::DeserializeOwned;
use tender_domain::kernel::mask_card_numbers;
use tender_domain::ports::{GatewayAnswer, GatewayError};

use super::call::Response;
use super::decline::decline;
use super::wire::{ErrorBody, StripeError};
use crate::said::refused;

/// An answer that is no success, in Stripe's own words.
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) error: StripeError,
}

/// The object of a success.
///
/// # Errors
/// `Unknown` for what is not Stripe's own answer; else the refusal, to be judged by who asked.
pub(super) fn object<T: DeserializeOwned>(response: &Response) -> Result<Result<T, Refusal>, GatewayError> {
    let status = response.status;
    // Serde repeats values; what a gateway sends is masked before anybody sees it.
    let nonsense = |error: serde_json::Error| {
        let error = mask_card_numbers(&error.to_string());
        GatewayError::Unknown(format!("Stripe's answer (HTTP {status}) is not understood: {error}"))
    };
    if (200..300).contains(&status) {
        return serde_json::from_slice(&response.body).map(Ok).map_err(nonsense);
    }
    // Who says no in other words may be somebody between us and Stripe, and knows nothing of what Stripe did.
    let body: ErrorBody = serde_json::from_slice(&response.body).map_err(nonsense)?;
    Ok(Err(Refusal { status, error: body.error }))
}

impl Refusal {
    /// The answer that a refusal of an effect is.
    ///
    /// # Errors
    /// See [`Refusal::error`].
    pub(super) fn answer(self) -> Result<GatewayAnswer, GatewayError> {
        if self.is_definite() && self.error.error_type == "card_error" {
            return Ok(GatewayAnswer::Declined(decline(&self.error)));
        }
        Err(self.error())
    }

    /// Whether Stripe surely did nothing. 409 says that a request with the same key is at work just now, and its end is
    /// not known; 408 and 424 that somebody waited; a 5xx is saved under the key like a success, and may have had its
    /// effect. 429 is refused before anything is begun, and everything else names what is wrong with the request.
    fn is_definite(&self) -> bool {
        (400..500).contains(&self.status) && !matches!(self.status, 408 | 409 | 424)
    }

    /// Whether the same request will be refused again: it is the request that is wrong, and not our credentials, nor how
    /// often we ask.
    pub(super) fn is_final(&self) -> bool {
        self.is_definite() && !matches!(self.status, 401 | 403 | 429)
    }

    /// What a refusal is when it is no decline.
    pub(super) fn error(&self) -> GatewayError {
        let said = self.error.message.as_deref().unwrap_or(&self.error.error_type);
        let code = self.error.code.as_deref().unwrap_or("no code");
        let said = mask_card_numbers(&format!("HTTP {}, {code}: {said}", self.status));
        if self.is_definite() { refused(self.status, said) } else { GatewayError::Unknown(said) }
    }

    /// Whether our balance at Stripe does not cover what is asked for: later it may.
    pub(super) fn is_of_the_balance(&self) -> bool {
        let is_named =
            matches!(self.error.code.as_deref(), Some("balance_insufficient" | "insufficient_funds"));
        is_named && self.is_definite()
    }

    /// Whether the payment method is none that can be charged: unknown, another account's, or used up.
    pub(super) fn is_of_the_token(&self) -> bool {
        let names_it = matches!(self.error.param.as_deref(), Some("payment_method" | "customer"));
        match self.error.code.as_deref() {
            Some("resource_missing") => names_it,
            Some("payment_method_unexpected_state" | "payment_method_invalid_parameter") => true,
            _ => false,
        }
    }
}

/// An outcome that was asked for without an effect: that the question failed says nothing of what it is about.
pub(super) fn only_asked<T>(result: Result<T, GatewayError>) -> Result<T, GatewayError> {
    result.map_err(|error| match error {
        GatewayError::NotDone(why) | GatewayError::NotNow(why) | GatewayError::Unknown(why) => {
            GatewayError::Unknown(format!("asked in vain: {why}"))
        }
    })
}
