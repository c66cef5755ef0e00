//! `/v1/payments/fraud/override`.

use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::fraud::{FraudOverride, OverrideAction, OverrideTarget};
use tender_domain::kernel::{IntentKind, Limits};
use tender_http::{Authorized, Command, Problem, keep, parse_id, scopes};
use utoipa::ToSchema;

use crate::http::intents::{Service, answer};
use crate::http::request::{reference, text};
use crate::use_cases::WantedOverride;

/// A person's word against the rules. Exactly one of `intent_id`, `card_fingerprint` and `customer_id` says about what.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OverrideFraud)]
struct OverrideBody {
    /// About one intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    intent_id: Option<String>,
    /// About a card, by the `fingerprint` of its payment method.
    card_fingerprint: Option<String>,
    /// About a customer.
    customer_id: Option<String>,
    /// What is forced; `lift` lets the rules decide again.
    action: ActionWord,
    /// Why: kept for the audit.
    reason: String,
    /// Until when; 24 hours from now when it is not there, a year at most.
    expires_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FraudOverrideAction)]
enum ActionWord {
    Allow,
    Deny,
    Lift,
}

/// A person's word against the rules, for a time.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FraudOverride)]
struct ForcedBody {
    /// Always `fraud_override`.
    #[schema(value_type = String, example = "fraud_override")]
    object: &'static str,
    /// Its id.
    #[schema(example = "fro_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// `intent`, `card` or `customer`.
    #[schema(value_type = String, example = "customer")]
    target_type: &'static str,
    /// Which one.
    target_id: String,
    /// `allow`, `deny` or `lift`.
    #[schema(value_type = String, example = "deny")]
    action: &'static str,
    /// Why.
    reason: String,
    /// Who.
    created_by: String,
    /// Until when.
    expires_at: DateTime<Utc>,
    /// Since when.
    created_at: DateTime<Utc>,
}

impl From<&FraudOverride> for ForcedBody {
    fn from(forced: &FraudOverride) -> Self {
        Self {
            object: "fraud_override",
            id: forced.id.to_string(),
            target_type: forced.target.kind(),
            target_id: forced.target.key(),
            action: forced.action.as_str(),
            reason: forced.reason.clone(),
            created_by: forced.by.clone(),
            expires_at: forced.expires_at,
            created_at: forced.created_at,
        }
    }
}

impl OverrideBody {
    fn into_wanted(self) -> Result<WantedOverride, Problem> {
        let target = match (self.intent_id, self.card_fingerprint, self.customer_id) {
            (Some(id), None, None) => OverrideTarget::Intent(parse_id::<IntentKind>(&id)?),
            (None, Some(card), None) => {
                OverrideTarget::Card(reference("/card_fingerprint", Some(card))?.unwrap_or_default())
            }
            (None, None, Some(customer)) => {
                OverrideTarget::Customer(reference("/customer_id", Some(customer))?.unwrap_or_default())
            }
            _ => {
                let detail = "name exactly one of `intent_id`, `card_fingerprint` and `customer_id`";
                return Err(Problem::bad_request("fraud_override_target", detail));
            }
        };
        let action = match self.action {
            ActionWord::Allow => OverrideAction::Allow,
            ActionWord::Deny => OverrideAction::Deny,
            ActionWord::Lift => OverrideAction::Lift,
        };
        let reason = text("/reason", Some(self.reason), Limits::TEXT_CHARS)?.unwrap_or_default();
        Ok(WantedOverride { target, action, reason, expires_at: self.expires_at })
    }
}

/// Forces what becomes of payments of an intent, a card or a customer, for a time.
///
/// It counts within ten seconds in every process. Of several about the same the newest counts; of what stands for one
/// payment, a `deny` before an `allow`. It is told to the audit log.
#[utoipa::path(
    operation_id = "override_fraud",
    tag = "fraud",
    path = "/v1/payments/fraud/override",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = OverrideBody,
    responses(
        (status = 201, description = "The override", body = ForcedBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 422, description = "`invalid_fraud_override`: no reason, or an end that cannot be", body = Problem),
    ),
    security(("bearer" = ["fraud:write"])),
)]
#[post("/v1/payments/fraud/override")]
pub(in crate::http) async fn create(
    caller: Authorized<scopes::FraudWrite>,
    command: Command<OverrideBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let wanted = command.body.into_wanted()?;
    let present = |forced: &FraudOverride| keep(201, &ForcedBody::from(forced));
    Ok(answer(&service.override_fraud(&caller, wanted, command.key.as_ref(), present).await?))
}
