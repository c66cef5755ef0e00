//! `/v1/payments/deposits`.

use actix_web::{HttpResponse, get, post, put, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::deposits::{DepositTerms, HotelPolicies, PolicyType, RatePlanPolicy, Stay};
use tender_domain::kernel::{Currency, Money, UnknownCurrency};
use tender_http::{Authorized, Command, IfMatch, Problem, ResponseExt, keep, respond_json, scopes};
use utoipa::{IntoParams, ToSchema};

use super::intents::{Service, answer};
use super::request::{reference, version};
use crate::use_cases::Seen;

/// Which kind of deposit a policy asks for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = DepositPolicyType)]
enum TypeWord {
    None,
    FullPrepayment,
    Percentage,
    FixedAmount,
    FirstNight,
    NonRefundable,
}

/// A hotel's policy for a rate plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DepositPolicy)]
struct PolicyBody {
    /// For which rate plan; without it for all that have no policy of their own.
    #[schema(example = "flex")]
    rate_plan: Option<String>,
    /// Which kind.
    policy_type: TypeWord,
    /// Of `PERCENTAGE`: in hundredths of a percent, 3000 is 30 %.
    #[schema(minimum = 1, maximum = 10_000, example = 3_000)]
    percentage_bps: Option<u32>,
    /// Of `FIXED_AMOUNT`: in minor units.
    #[schema(minimum = 1)]
    amount: Option<i64>,
    /// Of `FIXED_AMOUNT`: ISO 4217 code.
    currency: Option<String>,
}

/// A hotel's policies, all of them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutDepositPolicies)]
struct PutPoliciesBody {
    /// The hotel, as you call it.
    #[schema(example = "hotel-seeblick")]
    hotel_id: String,
    /// At most 100, one for each rate plan.
    policies: Vec<PolicyBody>,
    /// The version you have seen, 0 for none; instead of `If-Match`.
    version: Option<i64>,
}

/// Of which hotel.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PoliciesQuery {
    /// The hotel, as you call it.
    hotel_id: String,
}

/// A hotel's deposit policies.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DepositPolicies)]
struct PoliciesBody {
    /// Always `deposit_policies`.
    #[schema(value_type = String, example = "deposit_policies")]
    object: &'static str,
    /// The hotel.
    id: String,
    /// The same.
    hotel_id: String,
    /// By rate plan.
    policies: Vec<PolicyBody>,
    /// Grows with every change; also its `ETag`. 0 while none were set.
    version: i64,
    /// When they were first set.
    created_at: Option<DateTime<Utc>>,
    /// When they last changed.
    updated_at: Option<DateTime<Utc>>,
}

/// A stay that is booked.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EvaluateDeposit)]
struct EvaluateBody {
    /// The hotel, as you call it.
    #[schema(example = "hotel-seeblick")]
    hotel_id: String,
    /// At which rate plan.
    #[schema(example = "flex")]
    rate_plan: Option<String>,
    /// What all of it costs, in minor units.
    #[schema(minimum = 1, example = 45_000)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: String,
    /// How many nights; `FIRST_NIGHT` asks for it.
    #[schema(minimum = 1, maximum = 1_000, example = 3)]
    nights: Option<u32>,
}

/// What is to be paid in advance.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Deposit)]
struct DepositBody {
    /// Always `deposit`.
    #[schema(value_type = String, example = "deposit")]
    object: &'static str,
    /// Whether anything is.
    deposit_required: bool,
    /// By which kind of policy.
    policy_type: TypeWord,
    /// In minor units; a part is rounded half up and never exceeds the price.
    #[schema(example = 13_500)]
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    currency: &'static str,
    /// The version of the hotel's policies; 0 when it has none.
    policy_version: i64,
}

impl From<PolicyType> for TypeWord {
    fn from(kind: PolicyType) -> Self {
        match kind {
            PolicyType::None => Self::None,
            PolicyType::FullPrepayment => Self::FullPrepayment,
            PolicyType::Percentage => Self::Percentage,
            PolicyType::FixedAmount => Self::FixedAmount,
            PolicyType::FirstNight => Self::FirstNight,
            PolicyType::NonRefundable => Self::NonRefundable,
        }
    }
}

impl From<&RatePlanPolicy> for PolicyBody {
    fn from(policy: &RatePlanPolicy) -> Self {
        let (percentage_bps, amount, currency) = match policy.terms {
            DepositTerms::Percentage(part) => (Some(part), None, None),
            DepositTerms::FixedAmount { minor, currency } => {
                (None, Some(minor), Some(currency.code().to_owned()))
            }
            _ => (None, None, None),
        };
        let policy_type = policy.terms.policy_type().into();
        Self { rate_plan: policy.rate_plan.clone(), policy_type, percentage_bps, amount, currency }
    }
}

impl PolicyBody {
    fn into_policy(self, place: usize) -> Result<RatePlanPolicy, Problem> {
        let pointer = |name: &str| format!("/policies/{place}/{name}");
        let wrong = |name: &str, detail: &str| {
            Problem::bad_request("malformed_deposit_policy", detail).pointer(pointer(name), detail)
        };
        let terms = match (self.policy_type, self.percentage_bps, self.amount, self.currency) {
            (TypeWord::None, None, None, None) => DepositTerms::None,
            (TypeWord::FullPrepayment, None, None, None) => DepositTerms::FullPrepayment,
            (TypeWord::FirstNight, None, None, None) => DepositTerms::FirstNight,
            (TypeWord::NonRefundable, None, None, None) => DepositTerms::NonRefundable,
            (TypeWord::Percentage, Some(part), None, None) => DepositTerms::Percentage(part),
            (TypeWord::FixedAmount, None, Some(minor), Some(code)) => {
                DepositTerms::FixedAmount { minor, currency: known(&pointer("currency"), &code)? }
            }
            _ => {
                let detail = "`PERCENTAGE` has `percentage_bps`, `FIXED_AMOUNT` has `amount` and `currency`, the \
                              others have none of them";
                return Err(wrong("policy_type", detail));
            }
        };
        Ok(RatePlanPolicy { rate_plan: reference(&pointer("rate_plan"), self.rate_plan)?, terms })
    }
}

impl PoliciesBody {
    fn of(hotel: &HotelPolicies) -> Self {
        Self {
            object: "deposit_policies",
            id: hotel.hotel_id.clone(),
            hotel_id: hotel.hotel_id.clone(),
            policies: hotel.policies.iter().map(PolicyBody::from).collect(),
            version: hotel.version.number(),
            created_at: Some(hotel.created_at),
            updated_at: Some(hotel.updated_at),
        }
    }

    fn none(hotel_id: &str) -> Self {
        Self {
            object: "deposit_policies",
            id: hotel_id.to_owned(),
            hotel_id: hotel_id.to_owned(),
            policies: Vec::new(),
            version: HotelPolicies::UNSET_VERSION.number(),
            created_at: None,
            updated_at: None,
        }
    }
}

fn known(pointer: &str, code: &str) -> Result<Currency, Problem> {
    code.parse().map_err(|error: UnknownCurrency| {
        Problem::bad_request("unknown_currency", error.to_string())
            .pointer(pointer, "must be an ISO 4217 code")
    })
}

/// Reads a hotel's deposit policies.
#[utoipa::path(
    operation_id = "get_deposit_policies",
    tag = "deposits",
    path = "/v1/payments/deposits/policies",
    params(PoliciesQuery),
    responses(
        (status = 200, description = "The policies; none of version 0 while none were set", body = PoliciesBody),
        (status = 400, description = "Without `hotel_id`", body = Problem),
    ),
    security(("bearer" = ["orders:read"])),
)]
#[get("/v1/payments/deposits/policies")]
pub(super) async fn get_policies(
    caller: Authorized<scopes::OrdersRead>,
    query: web::Query<PoliciesQuery>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let hotel = service.deposit_policies(&caller, &query.hotel_id).await?;
    let body = hotel.as_ref().map_or_else(|| PoliciesBody::none(&query.hotel_id), PoliciesBody::of);
    let seen = hotel.map_or(HotelPolicies::UNSET_VERSION, |hotel| hotel.version);
    Ok(respond_json(200, &body).etag(seen))
}

/// Replaces a hotel's deposit policies.
#[utoipa::path(
    operation_id = "put_deposit_policies",
    tag = "deposits",
    path = "/v1/payments/deposits/policies",
    params(
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = PutPoliciesBody,
    responses(
        (status = 200, description = "The policies", body = PoliciesBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 412, description = "They have another version than you have seen", body = Problem),
        (status = 422, description = "`invalid_deposit_policy`", body = Problem),
    ),
    security(("bearer" = ["orders:write"])),
)]
#[put("/v1/payments/deposits/policies")]
pub(super) async fn put_policies(
    caller: Authorized<scopes::OrdersWrite>,
    command: Command<PutPoliciesBody>,
    if_match: IfMatch,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let body = command.body;
    let seen = Seen { if_match, version: version(body.version) };
    let hotel = reference("/hotel_id", Some(body.hotel_id))?.unwrap_or_default();
    let policies = body.policies.into_iter().enumerate().map(|(place, policy)| policy.into_policy(place));
    let policies = policies.collect::<Result<Vec<_>, _>>()?;
    let present = |hotel: &HotelPolicies| keep(200, &PoliciesBody::of(hotel));
    let key = command.key.as_ref();
    Ok(answer(&service.put_deposit_policies(&caller, (hotel, policies), seen, key, present).await?))
}

/// Tells what is to be paid in advance for a stay.
///
/// It changes nothing: ask for the money by an intent or a payment link.
#[utoipa::path(
    operation_id = "evaluate_deposit",
    tag = "deposits",
    path = "/v1/payments/deposits/evaluate",
    params(("Idempotency-Key" = Option<String>, Header, description = "Taken, and not needed: nothing is changed")),
    request_body = EvaluateBody,
    responses(
        (status = 200, description = "The deposit", body = DepositBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 422, description = "`deposit_not_evaluable`: the policy does not fit the stay", body = Problem),
    ),
    security(("bearer" = ["orders:read"])),
)]
#[post("/v1/payments/deposits/evaluate")]
pub(super) async fn evaluate(
    caller: Authorized<scopes::OrdersRead>,
    command: Command<EvaluateBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let body = command.body;
    let currency = known("/currency", &body.currency)?;
    let total = Money::positive(body.amount, currency).map_err(|error| {
        Problem::bad_request("invalid_amount", error.to_string())
            .pointer("/amount", format!("must be from 1 to {}", Money::MAX_MINOR))
    })?;
    let stay = Stay { rate_plan: body.rate_plan.as_deref(), total, nights: body.nights };
    let deposit = service.evaluate_deposit(&caller, &body.hotel_id, stay).await?;
    Ok(respond_json(
        200,
        &DepositBody {
            object: "deposit",
            deposit_required: !deposit.amount.is_zero(),
            policy_type: deposit.policy_type.into(),
            amount: deposit.amount.minor(),
            currency: deposit.amount.currency().code(),
            policy_version: deposit.policy_version.number(),
        },
    ))
}
