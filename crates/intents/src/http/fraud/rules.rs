//! `/v1/payments/fraud/rules` and `/v1/payments/fraud/thresholds`.

use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use tender_domain::fraud::{Rule, RuleSet, Thresholds};
use tender_domain::kernel::FraudRuleKind;
use tender_http::{
    Authorized, Command, OptionalBody, Problem, ResponseExt, keep, parse_id, respond_json, scopes,
};
use utoipa::ToSchema;

use super::rule_body::{ConditionBody, EffectBody, RuleBody};
use crate::http::intents::{Service, answer};
use crate::http::request::reference;
use crate::use_cases::NewRule;

/// A rule to be added.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddFraudRule)]
struct AddRuleBody {
    /// How people call it, 1 to 255 characters.
    #[schema(example = "ten tries of a card an hour")]
    name: String,
    /// When it fires.
    condition: ConditionBody,
    /// What it does then.
    effect: EffectBody,
}

/// From which score on what is done.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FraudThresholds)]
struct ThresholdsBody {
    /// From this score on the customer must authenticate.
    #[schema(minimum = 1, maximum = 100, example = 50)]
    challenge_at: u8,
    /// From this score on the payment ends; not below `challenge_at`.
    #[schema(minimum = 1, maximum = 100, example = 80)]
    deny_at: u8,
}

/// The rules of a tenant, all of them: there are 100 at most.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FraudRules)]
struct RulesBody {
    /// Always `list`.
    #[schema(value_type = String, example = "list")]
    object: &'static str,
    /// The rules, oldest first.
    data: Vec<RuleBody>,
    /// Always false: they are all there.
    has_more: bool,
    /// Always null.
    next_cursor: Option<String>,
    /// From which score on what is done.
    thresholds: ThresholdsBody,
    /// How often the rules changed; a decision names the version that it was made by.
    version: i64,
}

/// The body of a request that needs none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// What was deleted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeletedFraudRule)]
struct DeletedBody {
    /// Always `fraud_rule`.
    #[schema(value_type = String, example = "fraud_rule")]
    object: &'static str,
    /// The rule.
    #[schema(example = "frr_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// Always true.
    deleted: bool,
}

impl From<&RuleSet> for RulesBody {
    fn from(set: &RuleSet) -> Self {
        Self {
            object: "list",
            data: set.rules.iter().map(RuleBody::from).collect(),
            has_more: false,
            next_cursor: None,
            thresholds: ThresholdsBody {
                challenge_at: set.thresholds.challenge_at,
                deny_at: set.thresholds.deny_at,
            },
            version: set.version.number(),
        }
    }
}

/// Lists the tenant's fraud rules, with the thresholds.
#[utoipa::path(
    operation_id = "list_fraud_rules",
    tag = "fraud",
    path = "/v1/payments/fraud/rules",
    responses((status = 200, description = "The rules", body = RulesBody)),
    security(("bearer" = ["fraud:read"])),
)]
#[get("/v1/payments/fraud/rules")]
pub(in crate::http) async fn list(
    caller: Authorized<scopes::FraudRead>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let rules = service.fraud_rules(&caller).await?;
    Ok(respond_json(200, &RulesBody::from(&rules)).etag(rules.version))
}

/// Adds a fraud rule.
///
/// It counts within ten seconds in every process.
#[utoipa::path(
    operation_id = "add_fraud_rule",
    tag = "fraud",
    path = "/v1/payments/fraud/rules",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = AddRuleBody,
    responses(
        (status = 201, description = "The rule", body = RuleBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 422, description = "`invalid_fraud_rule`, or `too_many_fraud_rules`", body = Problem),
    ),
    security(("bearer" = ["fraud:write"])),
)]
#[post("/v1/payments/fraud/rules")]
pub(in crate::http) async fn add(
    caller: Authorized<scopes::FraudWrite>,
    command: Command<AddRuleBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let body = command.body;
    let name = reference("/name", Some(body.name))?.unwrap_or_default();
    let new =
        NewRule { name, condition: body.condition.into_condition()?, effect: body.effect.into_effect()? };
    let present = |rule: &Rule| keep(201, &RuleBody::from(rule));
    Ok(answer(&service.add_fraud_rule(&caller, new, command.key.as_ref(), present).await?))
}

/// Deletes a fraud rule.
///
/// Decisions that it made keep what it said.
#[utoipa::path(
    operation_id = "delete_fraud_rule",
    tag = "fraud",
    path = "/v1/payments/fraud/rules/{rule_id}",
    params(
        ("rule_id" = String, Path, description = "The rule", example = "frr_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    responses(
        (status = 200, description = "It was deleted", body = DeletedBody),
        (status = 404, description = "No such rule", body = Problem),
    ),
    security(("bearer" = ["fraud:write"])),
)]
#[delete("/v1/payments/fraud/rules/{rule_id}")]
pub(in crate::http) async fn delete(
    caller: Authorized<scopes::FraudWrite>,
    command: Command<OptionalBody<NoBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<FraudRuleKind>(&id)?;
    let deleted = keep(200, &DeletedBody { object: "fraud_rule", id: id.to_string(), deleted: true });
    Ok(answer(&service.delete_fraud_rule(&caller, id, command.key.as_ref(), &deleted).await?))
}

/// Sets from which score on what is done: 50 and 80 while nothing was ever set.
#[utoipa::path(
    operation_id = "set_fraud_thresholds",
    tag = "fraud",
    path = "/v1/payments/fraud/thresholds",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = ThresholdsBody,
    responses(
        (status = 200, description = "The rules with the thresholds", body = RulesBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 422, description = "`invalid_fraud_thresholds`", body = Problem),
    ),
    security(("bearer" = ["fraud:write"])),
)]
#[put("/v1/payments/fraud/thresholds")]
pub(in crate::http) async fn thresholds(
    caller: Authorized<scopes::FraudWrite>,
    command: Command<ThresholdsBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let ThresholdsBody { challenge_at, deny_at } = command.body;
    let wanted = Thresholds { challenge_at, deny_at };
    let present = |rules: &RuleSet| keep(200, &RulesBody::from(rules));
    Ok(answer(&service.set_fraud_thresholds(&caller, wanted, command.key.as_ref(), present).await?))
}
