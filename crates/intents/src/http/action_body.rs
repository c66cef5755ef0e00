//! What the customer has to do.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tender_domain::intents::{Attempt, AttemptStatus, Intent};
use tender_domain::ports::SessionFlow;
use utoipa::ToSchema;

/// What the customer has to do.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = NextAction)]
pub(super) struct NextActionBody {
    /// `redirect_to_url`: send the customer to `url`; after a challenge call `3ds/complete` with what it ended with, after
    /// a session of an alternative payment method `apm/{id}/confirm`. `display_qr_code`: show `qr_code_data` as a QR code.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "redirect_to_url")]
    pub(super) action_type: &'static str,
    /// Where the customer goes.
    pub(super) url: Option<String>,
    /// What the code holds.
    pub(super) qr_code_data: Option<String>,
    /// From when on it can no longer be done; `null` for a challenge, which is given up after a while.
    pub(super) expires_at: Option<DateTime<Utc>>,
}

impl NextActionBody {
    /// What is open of an intent.
    pub(super) fn of(intent: &Intent) -> Option<Self> {
        intent.attempts.iter().find_map(Self::of_attempt)
    }

    /// What is open of an attempt.
    pub(super) fn of_attempt(attempt: &Attempt) -> Option<Self> {
        let challenge = attempt.challenge.as_ref().filter(|_| attempt.status == AttemptStatus::Challenge)?;
        let session = attempt.session.as_ref();
        let place = challenge.url.clone();
        let (action_type, url, qr_code_data) = match session.map(|session| session.flow) {
            Some(SessionFlow::Qr) => ("display_qr_code", None, Some(place)),
            Some(SessionFlow::Redirect) | None => ("redirect_to_url", Some(place), None),
        };
        let expires_at = session.map(|session| session.expires_at);
        Some(Self { action_type, url, qr_code_data, expires_at })
    }
}
