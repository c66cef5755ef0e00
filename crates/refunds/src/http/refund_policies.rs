//! `/v1/payments/refund-policies`, `/v1/payments/refund-policy/evaluate`

use actix_web::{HttpResponse, get, post, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Answer, Version};
use tender_domain::refund_policy::{PolicyEvaluation, RefundPolicies};
use tender_http::{Authorized, Command, IfMatch, Problem, ResponseExt, keep, respond_json, scopes};
use utoipa::ToSchema;

use super::disputes::answer;
use super::refund_policy_body::PolicyBody;
use super::refunds::Service;
use super::request::named_charge;
use crate::{EvaluateRefundPolicy, Seen};

/// Your policies, all of them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutRefundPolicies)]
struct PutBody {
    /// At most 100, one for each product type and rate plan.
    policies: Vec<PolicyBody>,
    /// For how many days after it was taken a charge can be refunded by who asks for it; for ever when it is not there.
    /// What a cancellation or a dispute gives back is not bound by it.
    #[schema(minimum = 1, maximum = 3_650, example = 180)]
    refund_window_days: Option<u32>,
    /// The version you have seen, 0 for none; instead of `If-Match`.
    version: Option<i64>,
}

/// Your refund policies.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RefundPolicies)]
struct PoliciesBody {
    /// Always `refund_policies`.
    #[schema(value_type = String, example = "refund_policies")]
    object: &'static str,
    /// All of them; the standard one while you have set none.
    policies: Vec<PolicyBody>,
    /// For how many days a charge can be refunded by who asks for it; null is for ever.
    refund_window_days: Option<u32>,
    /// Grows with every change; also its `ETag`. 0 while you have set none.
    version: i64,
    /// When they last changed.
    updated_at: DateTime<Utc>,
}

/// A cancellation. Names the charge by `charge_id`, by `payment_intent_id`, or by both.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EvaluateRefundPolicy)]
struct EvaluateBody {
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: Option<String>,
    /// The charge.
    #[schema(example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    charge_id: Option<String>,
    /// How much is asked for, in minor units; all that the policy gives when it is not there.
    #[schema(minimum = 1, example = 5194)]
    requested_amount: Option<i64>,
    /// Why, in capitals.
    #[schema(example = "WEATHER")]
    cancellation_reason: String,
    /// Whether there is evidence of it.
    #[serde(default)]
    has_evidence: bool,
    /// Of which product type.
    product_type: Option<String>,
    /// At which rate plan.
    rate_plan: Option<String>,
    /// When it was canceled; now when it is not there.
    cancelled_at: Option<DateTime<Utc>>,
    /// When it was to start. Needed where only the time before it can decide.
    starts_at: Option<DateTime<Utc>>,
}

/// What a policy gives.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RefundPolicyEvaluation)]
struct EvaluationBody {
    /// Always `refund_policy_evaluation`.
    #[schema(value_type = String, example = "refund_policy_evaluation")]
    object: &'static str,
    /// Its id.
    id: String,
    /// The same.
    evaluation_id: String,
    /// The intent.
    payment_intent_id: String,
    /// The charge.
    charge_id: String,
    /// Whether anything may be given back.
    eligible: bool,
    /// The policy that counts; none when none is for this product type and rate plan.
    policy_id: Option<String>,
    /// The version of your policies; 0 while you have set none.
    policy_version: i64,
    /// The rule that decided: `reason:WEATHER`, `time:720h`, `time:none`, `goodwill` or `no_policy`.
    rule: String,
    /// What it gives of what was paid, in hundredths of a percent.
    percentage_bps: u32,
    /// What is kept, in minor units.
    fee: i64,
    /// What may be given back now, in minor units: never more than is left of the charge.
    eligible_amount: i64,
    /// ISO 4217 code of the amounts.
    #[schema(value_type = String, example = "EUR")]
    currency: &'static str,
    /// The steps, for a person.
    explanation: Vec<String>,
    /// When.
    evaluated_at: DateTime<Utc>,
}

impl PoliciesBody {
    fn of(policies: &RefundPolicies) -> Self {
        Self {
            object: "refund_policies",
            policies: policies.policies.iter().map(PolicyBody::from).collect(),
            refund_window_days: policies.window_days,
            version: policies.version.number(),
            updated_at: policies.updated_at,
        }
    }
}

fn kept(policies: &RefundPolicies) -> Answer {
    keep(200, &PoliciesBody::of(policies))
}

fn shown(evaluation: &PolicyEvaluation) -> Answer {
    let (id, evaluated) = (evaluation.id.to_string(), &evaluation.evaluated);
    let body = EvaluationBody {
        object: "refund_policy_evaluation",
        id: id.clone(),
        evaluation_id: id,
        payment_intent_id: evaluation.intent_id.to_string(),
        charge_id: evaluation.charge_id.to_string(),
        eligible: evaluated.is_eligible(),
        policy_id: Some(evaluated.policy_id.clone()).filter(|name| !name.is_empty()),
        policy_version: evaluated.policy_version.number(),
        rule: evaluated.rule.clone(),
        percentage_bps: evaluated.percentage_bps,
        fee: evaluated.fee.minor(),
        eligible_amount: evaluated.eligible_amount.minor(),
        currency: evaluated.eligible_amount.currency().code(),
        explanation: evaluated.explanation.clone(),
        evaluated_at: evaluation.evaluated_at,
    };
    keep(200, &body)
}

/// Reads your refund policies.
#[utoipa::path(
    operation_id = "get_refund_policies",
    tag = "refund policies",
    path = "/v1/payments/refund-policies",
    responses((status = 200, description = "The policies; the standard one of version 0 while you have set none", body = PoliciesBody)),
    security(("bearer" = ["refunds:read"])),
)]
#[get("/v1/payments/refund-policies")]
pub(super) async fn get_policies(
    caller: Authorized<scopes::RefundsRead>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let policies = service.refund_policies(&caller).await?;
    Ok(respond_json(200, &PoliciesBody::of(&policies)).etag(policies.version))
}

/// Replaces your refund policies.
#[utoipa::path(
    operation_id = "put_refund_policies",
    tag = "refund policies",
    path = "/v1/payments/refund-policies",
    params(
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = PutBody,
    responses(
        (status = 200, description = "The policies", body = PoliciesBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 412, description = "They have another version than you have seen", body = Problem),
        (status = 422, description = "`invalid_refund_policy`: one is out of its range, or two contradict each other", body = Problem),
        (status = 428, description = "Neither `If-Match` nor `version`", body = Problem),
    ),
    security(("bearer" = ["settings:write"])),
)]
#[put("/v1/payments/refund-policies")]
pub(super) async fn put_policies(
    caller: Authorized<scopes::SettingsWrite>,
    command: Command<PutBody>,
    if_match: IfMatch,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let Command { body, key, .. } = command;
    let seen = Seen { if_match, version: body.version.map(Version::new) };
    let policies = (0..).zip(body.policies).map(|(place, policy)| policy.into_policy(place));
    let policies = (policies.collect::<Result<Vec<_>, _>>()?, body.refund_window_days);
    Ok(answer(&service.put_refund_policies(&caller, policies, seen, key, kept).await?))
}

/// Says what the policies give of a payment that is canceled.
///
/// A dry run: no money moves. The answer is kept, with the rule that decided and the arithmetic.
#[utoipa::path(
    operation_id = "evaluate_refund_policy",
    tag = "refund policies",
    path = "/v1/payments/refund-policy/evaluate",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = EvaluateBody,
    responses(
        (status = 200, description = "What the policy gives", body = EvaluationBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "No such charge or intent", body = Problem),
        (status = 409, description = "`intent_not_captured`", body = Problem),
        (status = 422, description = "`start_required`: only the time before the start can decide; `charge_not_of_intent`", body = Problem),
    ),
    security(("bearer" = ["refunds:read"])),
)]
#[post("/v1/payments/refund-policy/evaluate")]
pub(super) async fn evaluate(
    caller: Authorized<scopes::RefundsRead>,
    command: Command<EvaluateBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let Command { body, key, .. } = command;
    let wanted = EvaluateRefundPolicy {
        charge: named_charge(body.charge_id.as_deref(), body.payment_intent_id.as_deref())?,
        requested: body.requested_amount,
        reason: body.cancellation_reason,
        has_evidence: body.has_evidence,
        product_type: body.product_type,
        rate_plan: body.rate_plan,
        cancelled_at: body.cancelled_at,
        starts_at: body.starts_at,
    };
    Ok(answer(&service.evaluate_refund_policy(&caller, &wanted, key, shown).await?))
}
