//! `POST /adventures/refund-policy/evaluate`

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tender_domain::kernel::{Answer, IntentId};
use tender_domain::refund_policy::PolicyEvaluation;
use tender_events::exact_amount;
use tender_http::storefront::In;
use tender_http::{Authorized, Command, ResponseExt, keep, respond, scopes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::envelope::{ErrorBody, Refused};
use crate::dialects::annex::minor;
use crate::{EvaluateRefundPolicy, NamedCharge, RefundsService};

/// A cancellation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = AdventuresPolicyRequest)]
pub(super) struct PolicyRequest {
    /// The payment.
    payment_id: Uuid,
    /// In major units; all that the policy gives when it is not there.
    #[schema(value_type = Option<f64>, example = 100.00)]
    requested_amount: Option<Value>,
    /// `WEATHER`, `OPERATOR_CANCELLATION`, `MEDICAL`, or another.
    #[schema(example = "WEATHER")]
    cancellation_reason: String,
    /// Whether there is evidence of it.
    #[serde(default)]
    has_evidence: bool,
    /// When it was canceled; now when it is not there.
    cancelled_at: Option<DateTime<Utc>>,
    /// When the trip was to start. Needed where only the time before it can decide.
    trip_starts_at: Option<DateTime<Utc>>,
    /// Of which product type it was: for a policy of its own.
    product_type: Option<String>,
    /// At which rate plan it was booked: for a policy of its own.
    rate_plan: Option<String>,
}

/// What the policy gives.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresPolicyEvaluation)]
pub(super) struct EvaluationBody {
    /// Its UUID.
    evaluation_id: Uuid,
    /// Whether anything may be given back.
    eligible: bool,
    /// The policy that counts.
    policy_id: String,
    /// The version of the policies; 0 while none were set.
    policy_version: i64,
    /// The rule that decided.
    rule: String,
    /// What may be given back now, in major units.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    eligible_amount: Decimal,
    /// What is kept, in major units.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    fee: Decimal,
    /// What the rule gives of what was paid.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    percentage: Decimal,
    /// The steps, for a person.
    explanation: Vec<String>,
    /// When.
    evaluated_at: DateTime<Utc>,
}

impl From<&PolicyEvaluation> for EvaluationBody {
    fn from(evaluation: &PolicyEvaluation) -> Self {
        let evaluated = &evaluation.evaluated;
        Self {
            evaluation_id: evaluation.id.uuid(),
            eligible: evaluated.is_eligible(),
            policy_id: evaluated.policy_id.clone(),
            policy_version: evaluated.policy_version.number(),
            rule: evaluated.rule.clone(),
            eligible_amount: evaluated.eligible_amount.to_decimal(),
            fee: evaluated.fee.to_decimal(),
            percentage: Decimal::new(i64::from(evaluated.percentage_bps), 2),
            explanation: evaluated.explanation.clone(),
            evaluated_at: evaluation.evaluated_at,
        }
    }
}

fn shown(evaluation: &PolicyEvaluation) -> Answer {
    keep(200, &EvaluationBody::from(evaluation))
}

/// Says what the refund policy gives of a payment that is canceled; no money moves.
#[utoipa::path(
    operation_id = "adventures_evaluate_refund_policy",
    tag = "adventures",
    path = "/adventures/refund-policy/evaluate",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again")),
    request_body = PolicyRequest,
    responses(
        (status = 200, description = "What the policy gives", body = EvaluationBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`", body = ErrorBody),
        (status = 409, description = "`NOT_REFUNDABLE`, `IDEMPOTENCY_CONFLICT`", body = ErrorBody),
        (status = 422, description = "`START_REQUIRED`", body = ErrorBody),
    ),
    security(("bearer" = ["refunds:read"])),
)]
#[post("/adventures/refund-policy/evaluate")]
pub(in crate::dialects) async fn evaluate(
    caller: In<Refused, Authorized<scopes::RefundsRead>>,
    command: In<Refused, Command<PolicyRequest>>,
    service: web::Data<Arc<RefundsService>>,
) -> Result<HttpResponse, Refused> {
    let Command { body, key, .. } = command.into_inner();
    let charge = NamedCharge::Intent(IntentId::from_uuid(body.payment_id));
    let requested = match &body.requested_amount {
        Some(amount) => {
            let currency = service.charge_seen_by(&caller, charge).await?.currency();
            Some(minor(amount, currency)?)
        }
        None => None,
    };
    let wanted = EvaluateRefundPolicy {
        charge,
        requested,
        reason: body.cancellation_reason,
        has_evidence: body.has_evidence,
        product_type: body.product_type,
        rate_plan: body.rate_plan,
        cancelled_at: body.cancelled_at,
        starts_at: body.trip_starts_at,
    };
    let answered = service.evaluate_refund_policy(&caller, &wanted, key, shown).await?;
    let mut response = respond(&answered.answer).replayed(answered.replayed);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
