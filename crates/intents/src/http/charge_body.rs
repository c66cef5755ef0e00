//! Charges and captures as clients see them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tender_domain::intents::{Attempt, Capture, CaptureStatus, Intent, VoidState};
use tender_domain::ports::DeclinedAt;
use utoipa::ToSchema;

use super::body::IntentBody;
use super::strong_body::{ScaExemption, ThreeDsResult};

/// A capture.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Capture)]
pub(super) struct CaptureBody {
    /// Always `capture`.
    #[schema(value_type = String, example = "capture")]
    object: &'static str,
    /// The capture.
    #[schema(example = "cap_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "cap_01h2xcejqtf2nbrexx3vqjhp41")]
    capture_id: String,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// The charge.
    #[schema(example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    charge_id: String,
    /// `pending`, `succeeded` or `failed`.
    #[schema(value_type = String, example = "succeeded")]
    status: &'static str,
    /// Who asked the gateway for it: `tender`, or a person in its dashboard (`gateway`).
    #[schema(value_type = String, example = "tender")]
    origin: &'static str,
    /// In minor units.
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "GBP")]
    currency: &'static str,
    /// Whether what it left was let go.
    final_capture: bool,
    /// The intent's status after it.
    #[schema(value_type = String, example = "succeeded")]
    intent_status: &'static str,
    /// What can still be captured, in minor units.
    amount_capturable: i64,
    /// What the gateway calls it.
    gateway_reference: Option<String>,
    /// Why it failed, or is not known.
    failure_reason: Option<String>,
    /// When it was begun.
    created_at: DateTime<Utc>,
}

impl CaptureBody {
    pub(super) fn of(intent: &Intent, capture: &Capture) -> Self {
        Self {
            object: "capture",
            id: capture.id.to_string(),
            capture_id: capture.id.to_string(),
            payment_intent_id: intent.id.to_string(),
            charge_id: capture.attempt.charge().to_string(),
            status: capture.status.as_str(),
            origin: capture.origin.as_str(),
            amount: capture.amount.minor(),
            currency: capture.amount.currency().code(),
            final_capture: capture.is_final,
            intent_status: intent.status.as_str(),
            amount_capturable: intent.amount_capturable().minor(),
            gateway_reference: capture.gateway_reference.clone(),
            failure_reason: capture.problem.clone(),
            created_at: capture.created_at,
        }
    }
}

/// An attempt with what it became: its authorization, its charge, its captures.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Charge)]
pub(super) struct ChargeBody {
    /// `charge` once something was captured, `authorization` while it is held, else `attempt`.
    #[schema(value_type = String, example = "charge")]
    object: &'static str,
    /// The charge, the authorization or the attempt.
    #[schema(example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// The attempt.
    #[schema(example = "att_01h2xcejqtf2nbrexx3vqjhp41")]
    attempt_id: String,
    /// The authorization, once approved.
    #[schema(example = "auth_01h2xcejqtf2nbrexx3vqjhp41")]
    authorization_id: Option<String>,
    /// The charge, once something was captured.
    #[schema(example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    charge_id: Option<String>,
    /// `started`, `approved`, `declined`, `challenge`, `error`, `unknown` or `conflict`.
    #[schema(value_type = String, example = "approved")]
    status: &'static str,
    /// Which try it was, from 1.
    attempt_number: u32,
    /// In minor units.
    amount: i64,
    /// What was captured, in minor units.
    amount_captured: i64,
    /// What disputes take of it, in minor units.
    amount_disputed: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "GBP")]
    currency: &'static str,
    /// The connector.
    connector: String,
    /// What the gateway calls it.
    gateway_reference: Option<String>,
    /// The acquirer.
    acquirer: Option<String>,
    /// The network's response code.
    response_code: Option<String>,
    /// Address check.
    avs_result: Option<String>,
    /// Code check.
    cvv_result: Option<String>,
    /// What authentication came to; `null` where there was none, or the gateway does not tell.
    three_ds_result: Option<ThreeDsResult>,
    /// The exemption that was asked for; `null` where none was.
    sca_exemption: Option<ScaExemption>,
    /// How risky fraud found the payment when it decided last, 0 to 100; `null` where it decided nothing (the tenant has no
    /// rules).
    risk_score: Option<u8>,
    /// When the gateway pays it out. Always `null` as yet: gateways tell it in their settlement reports, and none is read.
    settlement_date: Option<chrono::NaiveDate>,
    /// Why it was declined.
    #[schema(value_type = Option<String>)]
    decline_code: Option<&'static str>,
    /// Whether what was held was let go.
    voided: bool,
    /// The captures.
    captures: Vec<CaptureBody>,
    /// With `expand[]=payment_intent` alone: the intent itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    payment_intent: Option<Box<IntentBody>>,
    /// When it was begun.
    created_at: DateTime<Utc>,
}

/// What the gateway calls what an attempt became there, its acquirer and its checks: of what is held, or of the decline.
pub(super) fn left_at_gateway(attempt: &Attempt) -> DeclinedAt {
    match &attempt.authorization {
        Some(held) => DeclinedAt {
            gateway_reference: Some(held.gateway_reference.clone()),
            acquirer: held.acquirer.clone(),
            avs: held.avs.clone(),
        },
        None => attempt.sca.declined.clone().unwrap_or_default(),
    }
}

/// How risky fraud found the payment when it decided last.
pub(super) fn risk_score(intent: &Intent) -> Option<u8> {
    intent.risk.decision.as_ref().map(|decision| decision.score)
}

impl ChargeBody {
    /// Whether something was captured.
    pub(super) const fn is_charge(&self) -> bool {
        self.charge_id.is_some()
    }

    /// With its intent.
    pub(super) fn open_intent(&mut self, intent: &Intent) {
        self.payment_intent = Some(Box::new(IntentBody::from(intent)));
    }

    pub(super) fn of(intent: &Intent, attempt: &Attempt) -> Self {
        let authorization = attempt.authorization.as_ref();
        let left = left_at_gateway(attempt);
        let captures: Vec<&Capture> =
            intent.captures.iter().filter(|capture| capture.attempt == attempt.id).collect();
        let captured = captures.iter().filter(|c| c.status == CaptureStatus::Succeeded);
        let amount_captured = captured.map(|capture| capture.amount.minor()).sum();
        let charge_id = (amount_captured > 0).then(|| attempt.id.charge().to_string());
        let authorization_id = authorization.map(|_| attempt.id.authorization().to_string());
        let (object, id) = match (&charge_id, &authorization_id) {
            (Some(charge), _) => ("charge", charge.clone()),
            (None, Some(authorization)) => ("authorization", authorization.clone()),
            (None, None) => ("attempt", attempt.id.to_string()),
        };
        let charge_is_there = charge_id.is_some();
        Self {
            object,
            id,
            payment_intent_id: intent.id.to_string(),
            attempt_id: attempt.id.to_string(),
            authorization_id,
            charge_id,
            status: attempt.status.as_str(),
            attempt_number: attempt.number,
            amount: attempt.amount.minor(),
            amount_captured,
            // An intent has one charge.
            amount_disputed: if charge_is_there { intent.amount_disputed().minor() } else { 0 },
            currency: attempt.amount.currency().code(),
            connector: attempt.connector.clone(),
            gateway_reference: left.gateway_reference,
            acquirer: left.acquirer,
            response_code: authorization
                .and_then(|authorization| authorization.response_code.clone())
                .or_else(|| attempt.decline.as_ref().and_then(|decline| decline.network_code.clone())),
            avs_result: left.avs.avs_result,
            cvv_result: left.avs.cvv_result,
            three_ds_result: ThreeDsResult::of(attempt),
            sca_exemption: ScaExemption::of(attempt),
            risk_score: risk_score(intent),
            settlement_date: None,
            decline_code: attempt.decline.as_ref().map(|decline| decline.code.as_str()),
            voided: authorization.and_then(|authorization| authorization.void) == Some(VoidState::Done),
            captures: captures.into_iter().map(|capture| CaptureBody::of(intent, capture)).collect(),
            payment_intent: None,
            created_at: attempt.started_at,
        }
    }
}
