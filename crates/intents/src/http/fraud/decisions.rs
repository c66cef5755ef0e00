//! `/v1/payments/fraud/score` and `/v1/payments/fraud/decisions/{id}`.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::fraud::{FraudDecision, Reason, RiskSignals};
use tender_domain::kernel::{FraudDecisionKind, IntentKind};
use tender_http::{Authorized, Command, Problem, keep, parse_id, respond_json, scopes};
use utoipa::ToSchema;

use super::device::{country, ip};
use crate::http::intents::{Service, answer};
use crate::http::request::reference;
use crate::use_cases::ScoreRequest;

/// What is known of a payment that is to be scored.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScoreFraud)]
struct ScoreBody {
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    intent_id: String,
    /// From where the customer comes.
    #[schema(example = "203.0.113.7")]
    ip: Option<String>,
    /// The country of that address, when you looked it up.
    #[schema(example = "DE")]
    ip_country: Option<String>,
    /// What your own script calls the device.
    device_fingerprint: Option<String>,
    /// The billing address; only its country is looked at and kept.
    billing_address: Option<AddressBody>,
    /// The shipping address; only its country is looked at and kept.
    shipping_address: Option<AddressBody>,
    /// The country that issued the card, when you know it.
    #[schema(example = "DE")]
    card_country: Option<String>,
    /// The customer, when the intent names none.
    customer_id: Option<String>,
}

/// An address.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FraudAddress)]
#[expect(dead_code, reason = "an address is taken whole, and only its country is looked at")]
struct AddressBody {
    /// The first line.
    line1: Option<String>,
    /// The second line.
    line2: Option<String>,
    /// The city.
    city: Option<String>,
    /// The state, region or county.
    state: Option<String>,
    /// The postal code.
    postal_code: Option<String>,
    /// ISO 3166-1, two letters.
    #[schema(example = "DE")]
    country: Option<String>,
}

/// A decision of fraud.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FraudDecision)]
pub(in crate::http) struct DecisionBody {
    /// Always `fraud_decision`.
    #[schema(value_type = String, example = "fraud_decision")]
    object: &'static str,
    /// Its id.
    #[schema(example = "frd_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "frd_01h2xcejqtf2nbrexx3vqjhp41")]
    decision_id: String,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// `score` when somebody asked for it, `confirm` when the intent was confirmed.
    #[schema(value_type = String, example = "confirm")]
    occasion: &'static str,
    /// 0 (nothing speaks against it) to 100.
    #[schema(minimum = 0, maximum = 100)]
    score: u8,
    /// `allow`, `challenge` (the customer must authenticate) or `deny`.
    #[schema(value_type = String, example = "allow")]
    action: &'static str,
    /// Why: the rules that fired, an override, an outside scorer.
    reasons: Vec<ReasonBody>,
    /// The version of the tenant's rules; 0 when there were none.
    rules_version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// Why a decision came to what it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FraudReason)]
struct ReasonBody {
    /// The condition's name, `override`, `scorer` or `scorer_unavailable`.
    #[schema(example = "velocity_count")]
    code: String,
    /// The rule that fired.
    rule_id: Option<String>,
    /// The override that counts.
    override_id: Option<String>,
    /// What a person may read.
    detail: String,
    /// What it added to the score.
    points: u8,
    /// What it asked for by itself: `challenge`, `deny`, or what an override forced.
    #[schema(value_type = Option<String>)]
    action: Option<&'static str>,
}

impl From<&Reason> for ReasonBody {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code.clone(),
            rule_id: reason.rule.map(|id| id.to_string()),
            override_id: reason.forced.map(|id| id.to_string()),
            detail: reason.detail.clone(),
            points: reason.points,
            action: reason.action.map(|action| action.as_str()),
        }
    }
}

impl From<&FraudDecision> for DecisionBody {
    fn from(decision: &FraudDecision) -> Self {
        Self {
            object: "fraud_decision",
            id: decision.id.to_string(),
            decision_id: decision.id.to_string(),
            payment_intent_id: decision.intent.to_string(),
            occasion: decision.occasion.as_str(),
            score: decision.verdict.score,
            action: decision.verdict.action.as_str(),
            reasons: decision.verdict.reasons.iter().map(ReasonBody::from).collect(),
            rules_version: decision.rules_version.number(),
            created_at: decision.created_at,
        }
    }
}

impl ScoreBody {
    fn into_request(self) -> Result<ScoreRequest, Problem> {
        let intent = parse_id::<IntentKind>(&self.intent_id).map_err(|_| {
            Problem::bad_request("invalid_id", "`intent_id` must be an id of the form pi_…")
                .pointer("/intent_id", "must be an id of the form pi_…")
        })?;
        let of = |address: Option<AddressBody>| address.and_then(|address| address.country);
        let signals = RiskSignals {
            ip: ip("/ip", self.ip.as_deref())?,
            ip_country: country("/ip_country", self.ip_country)?,
            device_fingerprint: reference("/device_fingerprint", self.device_fingerprint)?,
            user_agent: None,
            billing_country: country("/billing_address/country", of(self.billing_address))?,
            shipping_country: country("/shipping_address/country", of(self.shipping_address))?,
            card_country: country("/card_country", self.card_country)?,
        };
        Ok(ScoreRequest { intent, signals, customer_id: reference("/customer_id", self.customer_id)? })
    }
}

/// Scores an intent by the tenant's rules, now.
///
/// What is told of it is kept with the intent and counts for its confirmation too, which is decided anew then. A score
/// is not counted as a payment.
#[utoipa::path(
    operation_id = "score_fraud",
    tag = "fraud",
    path = "/v1/payments/fraud/score",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = ScoreBody,
    responses(
        (status = 200, description = "The decision", body = DecisionBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
    ),
    security(("bearer" = ["fraud:read"])),
)]
#[post("/v1/payments/fraud/score")]
pub(in crate::http) async fn score(
    caller: Authorized<scopes::FraudRead>,
    command: Command<ScoreBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let request = command.body.into_request()?;
    let present = |decision: &FraudDecision| keep(200, &DecisionBody::from(decision));
    Ok(answer(&service.score_intent(&caller, request, command.key.as_ref(), present).await?))
}

/// Reads a decision of fraud.
#[utoipa::path(
    operation_id = "get_fraud_decision",
    tag = "fraud",
    path = "/v1/payments/fraud/decisions/{decision_id}",
    params(("decision_id" = String, Path, description = "The decision", example = "frd_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The decision", body = DecisionBody),
        (status = 404, description = "No such decision", body = Problem),
    ),
    security(("bearer" = ["fraud:read"])),
)]
#[get("/v1/payments/fraud/decisions/{decision_id}")]
pub(in crate::http) async fn read(
    caller: Authorized<scopes::FraudRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let decision = service.fraud_decision(&caller, parse_id::<FraudDecisionKind>(&id)?).await?;
    Ok(respond_json(200, &DecisionBody::from(&decision)))
}
