//! Authorizations as clients see them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tender_domain::intents::{Attempt, Intent, VoidState};
use tender_http::keep;
use utoipa::ToSchema;

use super::body::{IntentBody, PRESENTER};
use crate::use_cases::Presenter;

/// How the void of an authorization is answered: with the authorization.
pub(super) const AUTHORIZATION_PRESENTER: Presenter = Presenter {
    intent: |intent, _| match intent
        .approved_attempt()
        .and_then(|attempt| AuthorizationBody::of(intent, attempt))
    {
        Some(body) => keep(if body.status == "voiding" { 202 } else { 200 }, &body),
        None => (PRESENTER.intent)(intent, false),
    },
    ..PRESENTER
};

/// What a gateway holds, or held, for an intent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Authorization)]
pub(super) struct AuthorizationBody {
    /// Always `authorization`.
    #[schema(value_type = String, example = "authorization")]
    object: &'static str,
    /// The authorization.
    #[schema(example = "auth_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "auth_01h2xcejqtf2nbrexx3vqjhp41")]
    authorization_id: String,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// The attempt behind it.
    #[schema(example = "att_01h2xcejqtf2nbrexx3vqjhp41")]
    attempt_id: String,
    /// `authorized`, `partially_captured`, `captured`, `voiding`, `voided` or `void_declined`.
    #[schema(value_type = String, example = "authorized")]
    status: &'static str,
    /// What was authorized, in minor units.
    amount: i64,
    /// What was captured of it.
    amount_captured: i64,
    /// What can still be captured.
    amount_capturable: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "GBP")]
    currency: &'static str,
    /// The connector.
    connector: String,
    /// What the gateway calls it.
    gateway_reference: String,
    /// The acquirer.
    acquirer: Option<String>,
    /// The network's response code.
    response_code: Option<String>,
    /// Address check.
    avs_result: Option<String>,
    /// Code check.
    cvv_result: Option<String>,
    /// When we capture it, of a delayed capture.
    capture_at: Option<DateTime<Utc>>,
    /// When it is voided, since it holds no longer.
    expires_at: Option<DateTime<Utc>>,
    /// With `expand[]=payment_intent` alone: the intent itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_intent: Option<Box<IntentBody>>,
    /// Whether the money is real.
    livemode: bool,
    /// The intent's version.
    version: i64,
    /// When it was authorized.
    created_at: DateTime<Utc>,
}

impl AuthorizationBody {
    /// Of an attempt that has one.
    pub(super) fn of(intent: &Intent, attempt: &Attempt) -> Option<Self> {
        let authorization = attempt.authorization.as_ref()?;
        let captured = intent.amount_captured();
        let status = match authorization.void {
            Some(VoidState::Started) => "voiding",
            Some(VoidState::Done) => "voided",
            Some(VoidState::Declined) => "void_declined",
            None if captured.is_zero() => "authorized",
            None if intent.amount_capturable().is_zero() => "captured",
            None => "partially_captured",
        };
        Some(Self {
            object: "authorization",
            id: attempt.id.authorization().to_string(),
            authorization_id: attempt.id.authorization().to_string(),
            payment_intent_id: intent.id.to_string(),
            attempt_id: attempt.id.to_string(),
            status,
            amount: attempt.amount.minor(),
            amount_captured: captured.minor(),
            amount_capturable: intent.amount_capturable().minor(),
            currency: attempt.amount.currency().code(),
            connector: attempt.connector.clone(),
            gateway_reference: authorization.gateway_reference.clone(),
            acquirer: authorization.acquirer.clone(),
            response_code: authorization.response_code.clone(),
            avs_result: authorization.avs.avs_result.clone(),
            cvv_result: authorization.avs.cvv_result.clone(),
            capture_at: attempt.capture_at,
            expires_at: attempt.expires_at,
            payment_intent: None,
            livemode: intent.livemode,
            version: intent.version.number(),
            created_at: attempt.answered_at.unwrap_or(attempt.started_at),
        })
    }

    /// With its intent.
    pub(super) fn open_intent(&mut self, intent: &Intent) {
        self.payment_intent = Some(Box::new(IntentBody::from(intent)));
    }
}
