//! What clients ask and are told of strong authentication.

use serde::{Deserialize, Serialize};
use tender_domain::intents::{Attempt, Intent, PaymentOptions};
use tender_domain::kernel::{MandateId, ParseIdError};
use tender_domain::ports::{AgreementKind, Payer};
use tender_http::Problem;
use utoipa::ToSchema;

use super::request::text;

const RETURN_URL_CHARS: usize = 2_048;

/// Whether the customer must authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RequestThreeDSecure)]
pub(super) enum RequestThreeDs {
    /// As the tenant's `three_ds_policy`, fraud's rules, the gateway and the issuer have it.
    Automatic,
    /// Always.
    Any,
}

/// How the client can show a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChallengeForm {
    /// The customer's browser goes to the issuer's page, and comes back to `return_url`.
    Redirect,
    /// Your page shows the issuer's page within its own, where the gateway has such a form: `next_action` is then
    /// `embedded_challenge`, and elsewhere `redirect_to_url` all the same.
    Embedded,
}

/// What a method is charged for later, without the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SetupFutureUsage)]
pub(super) enum SetupWord {
    /// A series at fixed intervals.
    Recurring,
    /// When something happens that the customer agreed to (a top-up, a no-show).
    Unscheduled,
}

/// The options of an intent, checked.
pub(super) fn options(
    (request_three_ds, challenge): (Option<RequestThreeDs>, Option<ChallengeForm>),
    setup: Option<SetupWord>,
    mandate: Option<&str>,
    back: Option<String>,
) -> Result<PaymentOptions, Problem> {
    let mandate = mandate.map(str::parse::<MandateId>).transpose().map_err(|error: ParseIdError| {
        Problem::bad_request("invalid_id", error.to_string())
            .pointer("/mandate", "must be an id of the form mdt_…")
    })?;
    if mandate.is_some() && setup.is_some() {
        let detail =
            "a payment begins a mandate (`setup_future_usage`) or is made on one (`mandate`), not both";
        return Err(
            Problem::bad_request("mandate_ambiguous", detail).pointer("/mandate", "send one of the two")
        );
    }
    Ok(PaymentOptions {
        request_three_ds: request_three_ds == Some(RequestThreeDs::Any),
        embeds_challenge: challenge == Some(ChallengeForm::Embedded),
        begins: setup.map(|word| match word {
            SetupWord::Recurring => AgreementKind::Recurring,
            SetupWord::Unscheduled => AgreementKind::Unscheduled,
        }),
        mandate,
        return_url: back.map(return_url).transpose()?,
        payer: Payer::default(),
    })
}

/// Where a customer's browser comes back to; only the browser goes there.
pub(crate) fn return_url(url: String) -> Result<String, Problem> {
    let local = ["http://localhost", "http://127.0.0.1"]
        .iter()
        .filter_map(|start| url.strip_prefix(start))
        // `http://localhost.example.com` is another machine, and so is `http://localhost:x@example.com`.
        .map(|rest| {
            rest.strip_prefix(':').map_or(rest, |port| port.trim_start_matches(|c: char| c.is_ascii_digit()))
        })
        .any(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    let fits = url.chars().count() <= RETURN_URL_CHARS && !url.chars().any(|c| c.is_control() || c == ' ');
    if (url.starts_with("https://") || local) && fits {
        return Ok(text("/return_url", Some(url), RETURN_URL_CHARS)?.unwrap_or_default());
    }
    let detail = format!("must be an https address of at most {RETURN_URL_CHARS} characters");
    Err(Problem::bad_request("invalid_return_url", &detail).pointer("/return_url", &detail))
}

/// The mandate that an intent is made on, or began.
pub(super) fn mandate_of(intent: &Intent) -> Option<String> {
    intent.options.mandate.or_else(|| intent.mandate()).map(|id| id.to_string())
}

/// What an authentication came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ThreeDsResult)]
pub(super) struct ThreeDsResult {
    /// The version of EMV 3-D Secure.
    #[schema(example = "2.2.0")]
    version: Option<String>,
    /// `Y` authenticated, `A` attempted, `C` a challenge is open, `N` not authenticated, `R` rejected by the issuer, `U`
    /// not available.
    #[schema(value_type = String, example = "Y")]
    status: &'static str,
    /// The network's electronic commerce indicator.
    #[schema(example = "05")]
    eci: Option<String>,
    /// Whether fraud is the issuer's loss.
    liability_shift: bool,
    /// `frictionless` or `challenge`.
    #[schema(value_type = String, example = "challenge")]
    flow: &'static str,
    /// What the directory server calls it.
    ds_transaction_id: Option<String>,
}

/// An exemption that was asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ScaExemption)]
pub(super) struct ScaExemption {
    /// `low_value`, `transaction_risk`, `merchant_initiated` or `recurring`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "low_value")]
    exemption_type: &'static str,
    /// Whether it was granted; `null` where the gateway does not tell.
    granted: Option<bool>,
}

impl ThreeDsResult {
    pub(super) fn of(attempt: &Attempt) -> Option<Self> {
        let known = attempt.sca.authentication.as_ref()?;
        Some(Self {
            version: known.version.clone(),
            status: known.status.as_str(),
            eci: known.eci.clone(),
            liability_shift: known.liability_shift,
            flow: known.flow.as_str(),
            ds_transaction_id: known.ds_transaction_id.clone(),
        })
    }
}

impl ScaExemption {
    pub(super) fn of(attempt: &Attempt) -> Option<Self> {
        let exemption = attempt.sca_request.exemption?;
        Some(Self { exemption_type: exemption.as_str(), granted: attempt.sca.exemption_granted })
    }
}
