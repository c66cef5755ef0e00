//! When the money is taken, as clients say it.

use serde::{Deserialize, Serialize};
use tender_domain::intents::{CAPTURE_DELAY_SECONDS_MAX, CaptureMode};
use tender_http::Problem;
use utoipa::ToSchema;

use super::strong_body::{ChallengeForm, RequestThreeDs};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CaptureMode)]
pub(super) enum CaptureModeWord {
    Auto,
    Manual,
}

/// Options by type of method.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PaymentMethodOptions)]
pub(super) struct MethodOptions {
    /// For cards.
    pub(super) card: Option<CardOptions>,
}

/// Options of cards.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CardOptions {
    /// `automatic` is `capture_mode` `auto`.
    capture_method: Option<CaptureMethodWord>,
    /// Whether the customer must authenticate.
    pub(super) request_three_d_secure: Option<RequestThreeDs>,
    /// How your page can show a challenge.
    pub(super) challenge_form: Option<ChallengeForm>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CaptureMethod)]
enum CaptureMethodWord {
    Automatic,
    Manual,
}

impl From<CaptureModeWord> for CaptureMode {
    fn from(word: CaptureModeWord) -> Self {
        match word {
            CaptureModeWord::Auto => Self::Auto,
            CaptureModeWord::Manual => Self::Manual,
        }
    }
}

/// `capture_mode` and `payment_method_options.card.capture_method` say the same thing and must agree.
pub(super) fn capture_mode(
    mode: Option<CaptureModeWord>,
    options: Option<&MethodOptions>,
) -> Result<Option<CaptureMode>, Problem> {
    let mode = mode.map(CaptureMode::from);
    let method = options.and_then(|options| options.card.as_ref()).and_then(|card| card.capture_method);
    let method = method.map(|method| match method {
        CaptureMethodWord::Automatic => CaptureMode::Auto,
        CaptureMethodWord::Manual => CaptureMode::Manual,
    });
    match (mode, method) {
        (Some(mode), Some(method)) if mode != method => {
            let detail =
                "`capture_mode` and `payment_method_options.card.capture_method` differ; send one of them";
            Err(Problem::bad_request("capture_mode_ambiguous", detail)
                .pointer("/payment_method_options/card/capture_method", "differs from capture_mode"))
        }
        (mode, method) => Ok(mode.or(method)),
    }
}

/// A delay is one of our own capture, and ends before the authorization does.
pub(super) fn capture_delay(seconds: Option<u32>, mode: CaptureMode) -> Result<Option<u32>, Problem> {
    let Some(given) = seconds else { return Ok(None) };
    let wrong = |detail: &str| {
        Problem::bad_request("invalid_capture_delay", detail).pointer("/capture_delay_seconds", detail)
    };
    if mode == CaptureMode::Manual {
        return Err(wrong("goes with `capture_mode` `auto` only: `manual` waits for your capture"));
    }
    if !(1..=CAPTURE_DELAY_SECONDS_MAX).contains(&given) {
        return Err(wrong(&format!("must be from 1 to {CAPTURE_DELAY_SECONDS_MAX}")));
    }
    Ok(seconds)
}
