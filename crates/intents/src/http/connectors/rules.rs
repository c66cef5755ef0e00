//! `/v1/payments/routing-rules`

use std::collections::BTreeMap;

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Answer, Limits, Money, RoutingRuleKind};
use tender_http::{
    Authorized, Command, IfMatch, OptionalBody, Problem, ResponseExt, keep, parse_id, respond_json, scopes,
};
use utoipa::ToSchema;

use super::rule_body::{EvaluationBody, MatchBody, RuleBody, RulesBody, ShareBody, fallback, targets};
use crate::http::intents::{Service, answer};
use crate::http::request::{DEFAULT_MERCHANT_ACCOUNT, reference, text, version};
use crate::use_cases::{NewRuleWanted, RulePatchWanted, Seen, ShownRule, WouldPay};

/// A rule to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddRoutingRule)]
struct AddBody {
    /// How people call it.
    #[schema(example = "French cards to the French acquirer")]
    name: Option<String>,
    /// Which payments; all when it is left out.
    #[serde(default, rename = "match")]
    matches: MatchBody,
    /// Where they go; or `split`.
    #[schema(example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: Option<String>,
    /// The shares of several connectors.
    split: Option<Vec<ShareBody>>,
    /// Where they go when no other can take one, in this order.
    #[serde(default)]
    fallback: Vec<String>,
    /// The highest is looked at first; of equal ones the oldest.
    #[serde(default)]
    #[schema(minimum = -1_000_000, maximum = 1_000_000, example = 100)]
    priority: i32,
    /// Whether it counts; it does when this is left out.
    enabled: Option<bool>,
}

/// What of a rule is to change; what is not there stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateRoutingRule)]
struct UpdateBody {
    /// How people call it; an empty text takes it away.
    name: Option<String>,
    /// Which payments, anew.
    #[serde(rename = "match")]
    matches: Option<MatchBody>,
    /// Where they go, anew; or `split`.
    connector_id: Option<String>,
    /// The shares of several connectors, anew.
    split: Option<Vec<ShareBody>>,
    /// Where they go when no other can take one, anew.
    fallback: Option<Vec<String>>,
    /// The highest is looked at first.
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    priority: Option<i32>,
    /// Whether it counts.
    enabled: Option<bool>,
    /// The version you have seen; or send `If-Match`.
    version: Option<i64>,
}

/// A payment that could be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EvaluateRouting)]
struct EvaluateBody {
    /// How much, in minor units.
    #[schema(minimum = 1, example = 5194)]
    amount: i64,
    /// Of this currency.
    #[schema(example = "EUR")]
    currency: String,
    /// The intent whose share is asked for; a new one's when it is left out.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    intent_id: Option<String>,
    /// Of whom.
    customer_id: Option<String>,
    /// With which saved method. Without one every connector counts as holding a token.
    #[schema(example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_method_id: Option<String>,
    /// The country, when it is not the one of a saved method's bank.
    #[schema(example = "FR")]
    country: Option<String>,
    /// The card's scheme, when no saved method says it.
    card_brand: Option<String>,
    /// The card's first six digits, when no saved method says them.
    bin: Option<String>,
    /// The method's type; `card` when it is left out.
    method_type: Option<String>,
    /// For which merchant account.
    merchant_account_id: Option<String>,
    /// Your own data.
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

/// The body of a request that needs none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// What was deleted.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeletedRoutingRule)]
struct DeletedBody {
    /// Always `routing_rule`.
    #[schema(value_type = String, example = "routing_rule")]
    object: &'static str,
    /// The rule.
    #[schema(example = "rr_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// Always true.
    deleted: bool,
}

fn told(status: u16) -> impl Fn(&ShownRule) -> Answer {
    move |shown| keep(status, &RuleBody::from(shown))
}

/// Lists the routing rules, in the order in which they are looked at.
#[utoipa::path(
    operation_id = "list_routing_rules",
    tag = "connectors",
    path = "/v1/payments/routing-rules",
    responses((status = 200, description = "The rules", body = RulesBody)),
    security(("bearer" = ["connectors:read"])),
)]
#[get("/v1/payments/routing-rules")]
pub(in crate::http) async fn list(
    caller: Authorized<scopes::ConnectorsRead>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let rules = service.routing_rules(&caller).await?;
    Ok(respond_json(200, &RulesBody::from(&*rules)))
}

/// Makes a routing rule: which payments go to which connector.
///
/// It counts within a second or two, in every process. A rule that can never match, that another one leaves nothing to
/// do, or that leaves another one nothing to do, is made all the same, and its `warnings` say so.
#[utoipa::path(
    operation_id = "add_routing_rule",
    tag = "connectors",
    path = "/v1/payments/routing-rules",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = AddBody,
    responses(
        (status = 201, description = "The rule", body = RuleBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 422, description = "`invalid_routing_rule`, `card_number_detected`, or `too_many_routing_rules`", body = Problem),
    ),
    security(("bearer" = ["connectors:write"])),
)]
#[post("/v1/payments/routing-rules")]
pub(in crate::http) async fn add(
    caller: Authorized<scopes::ConnectorsWrite>,
    command: Command<AddBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let body = command.body;
    let wanted = NewRuleWanted {
        name: text("/name", body.name, Limits::TEXT_CHARS)?,
        priority: body.priority,
        enabled: body.enabled.unwrap_or(true),
        matches: body.matches.into_match()?,
        targets: targets(body.connector_id, body.split)?.unwrap_or_default(),
        fallback: fallback(body.fallback)?,
    };
    Ok(answer(&service.add_routing_rule(&caller, wanted, command.key.as_ref(), told(201)).await?))
}

/// Tells of a routing rule.
#[utoipa::path(
    operation_id = "get_routing_rule",
    tag = "connectors",
    path = "/v1/payments/routing-rules/{routing_rule_id}",
    params(("routing_rule_id" = String, Path, description = "The rule", example = "rr_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The rule", body = RuleBody),
        (status = 404, description = "No such rule", body = Problem),
    ),
    security(("bearer" = ["connectors:read"])),
)]
#[get("/v1/payments/routing-rules/{routing_rule_id}")]
pub(in crate::http) async fn get(
    caller: Authorized<scopes::ConnectorsRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let shown = service.routing_rule(&caller, parse_id::<RoutingRuleKind>(&id)?).await?;
    Ok(respond_json(200, &RuleBody::from(&shown)).etag(shown.rule.version))
}

/// Changes a routing rule.
#[utoipa::path(
    operation_id = "update_routing_rule",
    tag = "connectors",
    path = "/v1/payments/routing-rules/{routing_rule_id}",
    params(
        ("routing_rule_id" = String, Path, description = "The rule", example = "rr_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = UpdateBody,
    responses(
        (status = 200, description = "The rule", body = RuleBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "No such rule", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`invalid_routing_rule`, or `card_number_detected`", body = Problem),
        (status = 428, description = "No version was named", body = Problem),
    ),
    security(("bearer" = ["connectors:write"])),
)]
#[patch("/v1/payments/routing-rules/{routing_rule_id}")]
pub(in crate::http) async fn update(
    caller: Authorized<scopes::ConnectorsWrite>,
    command: Command<UpdateBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let (id, body) = (parse_id::<RoutingRuleKind>(&id)?, command.body);
    let wanted = RulePatchWanted {
        name: text("/name", body.name, Limits::TEXT_CHARS)?,
        priority: body.priority,
        enabled: body.enabled,
        matches: body.matches.map(MatchBody::into_match).transpose()?,
        targets: targets(body.connector_id, body.split)?,
        fallback: body.fallback.map(fallback).transpose()?,
        seen: Seen { if_match, version: version(body.version) },
    };
    Ok(answer(&service.patch_routing_rule(&caller, id, wanted, command.key.as_ref(), told(200)).await?))
}

/// Deletes a routing rule.
#[utoipa::path(
    operation_id = "delete_routing_rule",
    tag = "connectors",
    path = "/v1/payments/routing-rules/{routing_rule_id}",
    params(
        ("routing_rule_id" = String, Path, description = "The rule", example = "rr_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    responses(
        (status = 200, description = "What was deleted", body = DeletedBody),
        (status = 404, description = "No such rule", body = Problem),
    ),
    security(("bearer" = ["connectors:write"])),
)]
#[delete("/v1/payments/routing-rules/{routing_rule_id}")]
pub(in crate::http) async fn delete(
    caller: Authorized<scopes::ConnectorsWrite>,
    command: Command<OptionalBody<NoBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<RoutingRuleKind>(&id)?;
    let deleted = keep(200, &DeletedBody { object: "routing_rule", id: id.to_string(), deleted: true });
    Ok(answer(&service.delete_routing_rule(&caller, id, command.key.as_ref(), &deleted).await?))
}

/// Says where a payment would go, and why.
///
/// Nothing is paid.
#[utoipa::path(
    operation_id = "evaluate_routing",
    tag = "connectors",
    path = "/v1/payments/routing-rules/evaluate",
    params(("Idempotency-Key" = Option<String>, Header, description = "Taken and not needed: the call changes nothing")),
    request_body = EvaluateBody,
    responses(
        (status = 200, description = "Where it would go", body = EvaluationBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 422, description = "The method is not known, is another customer's, or cannot be charged", body = Problem),
    ),
    security(("bearer" = ["connectors:read"])),
)]
#[post("/v1/payments/routing-rules/evaluate")]
pub(in crate::http) async fn evaluate(
    caller: Authorized<scopes::ConnectorsRead>,
    command: Command<EvaluateBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let body = command.body;
    let currency = body.currency.parse().map_err(|_| {
        let detail = "must be an ISO 4217 code, as `EUR`";
        Problem::bad_request("invalid_currency", detail).pointer("/currency", detail)
    })?;
    let amount = Money::positive(body.amount, currency).map_err(|error| {
        Problem::bad_request("invalid_amount", error.to_string()).pointer("/amount", error.to_string())
    })?;
    let account = reference("/merchant_account_id", body.merchant_account_id)?;
    let would = WouldPay {
        intent: body.intent_id.map(|id| parse_id(&id)).transpose()?,
        amount,
        customer_id: reference("/customer_id", body.customer_id)?,
        method: body.payment_method_id.map(|id| parse_id(&id)).transpose()?,
        country: reference("/country", body.country)?,
        card_brand: reference("/card_brand", body.card_brand)?,
        bin: reference("/bin", body.bin)?,
        method_type: reference("/method_type", body.method_type)?.unwrap_or_else(|| "card".to_owned()),
        merchant_account_id: account.unwrap_or_else(|| DEFAULT_MERCHANT_ACCOUNT.to_owned()),
        metadata: body.metadata,
    };
    Ok(respond_json(200, &EvaluationBody::from(&service.evaluate_routing(&caller, would).await?)))
}
