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
    /// a session of an alternative payment method `apm/{id}/confirm`. `embedded_challenge`: let a form in a frame of your
    /// page post `creq` to `acs_url`, and call `3ds/complete` with the `cres` that your `return_url` is posted.
    /// `display_qr_code`: show `qr_code_data` as a QR code.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "redirect_to_url")]
    pub(super) action_type: &'static str,
    /// Where the customer goes.
    pub(super) url: Option<String>,
    /// Where the form of an embedded challenge is posted to.
    pub(super) acs_url: Option<String>,
    /// The only field of that form: the challenge request of EMV 3-D Secure 2.
    pub(super) creq: Option<String>,
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
        let place = Some(challenge.url.clone());
        let nothing = Self {
            action_type: "redirect_to_url",
            url: None,
            acs_url: None,
            creq: None,
            qr_code_data: None,
            expires_at: session.map(|session| session.expires_at),
        };
        Some(match (session.map(|session| session.flow), &challenge.creq) {
            (Some(SessionFlow::Qr), _) => {
                Self { action_type: "display_qr_code", qr_code_data: place, ..nothing }
            }
            (None, Some(creq)) => {
                let creq = Some(creq.clone());
                Self { action_type: "embedded_challenge", acs_url: place, creq, ..nothing }
            }
            (Some(SessionFlow::Redirect), _) | (None, None) => Self { url: place, ..nothing },
        })
    }
}
