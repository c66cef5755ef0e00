//! `/v1/payments/intents/{id}/transactions`

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use tender_domain::intents::{Attempt, Intent, RefundOfIntent};
use tender_domain::kernel::{IntentKind, Money};
use tender_http::{Authorized, Problem, parse_id, respond_json, scopes};
use utoipa::ToSchema;

use super::charge_body::{left_at_gateway, risk_score};
use super::intents::Service;
use super::strong_body::{ScaExemption, ThreeDsResult};

/// Everything that was asked of gateways for an intent: it is little, so it comes at once.
#[derive(Debug, Serialize, ToSchema)]
struct Transactions {
    /// Always `list`.
    #[schema(value_type = String, example = "list")]
    object: &'static str,
    /// Newest first.
    data: Vec<TransactionBody>,
    /// Always `false`.
    has_more: bool,
}

/// One thing that was asked of a gateway.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transaction)]
struct TransactionBody {
    /// Always `transaction`.
    #[schema(value_type = String, example = "transaction")]
    object: &'static str,
    /// The authorization (of one that was not approved the attempt), the capture or the refund; of a void the
    /// authorization.
    #[schema(example = "auth_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// `authorization`, `capture`, `void` or `refund`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "authorization")]
    transaction_type: &'static str,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// The attempt, the void, the capture or the refund stands so.
    #[schema(value_type = String, example = "approved")]
    status: &'static str,
    /// In minor units.
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "GBP")]
    currency: &'static str,
    /// The connector.
    #[schema(example = "simulator")]
    connector: String,
    /// The routing rule that sent the payment to the connector; `null` where none decided, and of captures, voids and
    /// refunds, which go where the payment went.
    #[schema(example = "rr_01h2xcejqtf2nbrexx3vqjhp41")]
    routing_rule_id: Option<String>,
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
    /// rules), and of refunds and voids, which nobody scores.
    risk_score: Option<u8>,
    /// When the gateway pays it out. Always `null` as yet: gateways tell it in their settlement reports, and none is read.
    settlement_date: Option<NaiveDate>,
    /// Why it was declined or failed.
    failure_reason: Option<String>,
    /// When it was begun; of a refund when it was done.
    created_at: DateTime<Utc>,
}

/// Lists what was asked of gateways for an intent: authorizations, captures, voids and refunds, newest first.
///
/// A refund is here once it gave money back, within moments.
#[utoipa::path(
    operation_id = "list_transactions_of_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/transactions",
    params(("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The transactions", body = Transactions),
        (status = 404, description = "No such intent", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/intents/{intent_id}/transactions")]
pub(super) async fn list_of_intent(
    caller: Authorized<scopes::IntentsRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let (intent, refunds) = service.get_with_refunds(&caller, parse_id::<IntentKind>(&id)?).await?;
    let mut data: Vec<TransactionBody> =
        intent.attempts.iter().map(|one| authorization(&intent, one)).collect();
    data.extend(intent.attempts.iter().filter_map(|attempt| void(&intent, attempt)));
    data.extend(captures(&intent));
    data.extend(refunds.iter().map(|seen| refund(&intent, seen)));
    data.sort_by_key(|transaction| std::cmp::Reverse(transaction.created_at));
    Ok(respond_json(200, &Transactions { object: "list", data, has_more: false }))
}

fn bare(
    intent: &Intent,
    (kind, id): (&'static str, String),
    amount: Money,
    at: DateTime<Utc>,
) -> TransactionBody {
    TransactionBody {
        object: "transaction",
        id,
        transaction_type: kind,
        payment_intent_id: intent.id.to_string(),
        status: "",
        amount: amount.minor(),
        currency: amount.currency().code(),
        connector: String::new(),
        routing_rule_id: None,
        gateway_reference: None,
        acquirer: None,
        response_code: None,
        avs_result: None,
        cvv_result: None,
        three_ds_result: None,
        sca_exemption: None,
        risk_score: None,
        settlement_date: None,
        failure_reason: None,
        created_at: at,
    }
}

fn authorization(intent: &Intent, attempt: &Attempt) -> TransactionBody {
    let held = attempt.authorization.as_ref();
    let decline = attempt.decline.as_ref();
    let left = left_at_gateway(attempt);
    let id = match held {
        Some(_) => attempt.id.authorization().to_string(),
        None => attempt.id.to_string(),
    };
    TransactionBody {
        status: attempt.status.as_str(),
        connector: attempt.connector.clone(),
        routing_rule_id: attempt.rule.map(|rule| rule.to_string()),
        gateway_reference: left.gateway_reference,
        acquirer: left.acquirer,
        response_code: held
            .and_then(|held| held.response_code.clone())
            .or_else(|| decline.and_then(|decline| decline.network_code.clone())),
        avs_result: left.avs.avs_result,
        cvv_result: left.avs.cvv_result,
        three_ds_result: ThreeDsResult::of(attempt),
        sca_exemption: ScaExemption::of(attempt),
        risk_score: risk_score(intent),
        failure_reason: decline
            .map(|decline| decline.code.as_str().to_owned())
            .or_else(|| attempt.problem.clone()),
        ..bare(intent, ("authorization", id), attempt.amount, attempt.started_at)
    }
}

fn void(intent: &Intent, attempt: &Attempt) -> Option<TransactionBody> {
    let held = attempt.authorization.as_ref()?;
    let id = attempt.id.authorization().to_string();
    Some(TransactionBody {
        status: held.void?.as_str(),
        connector: attempt.connector.clone(),
        gateway_reference: Some(held.gateway_reference.clone()),
        acquirer: held.acquirer.clone(),
        failure_reason: attempt.problem.clone(),
        ..bare(intent, ("void", id), attempt.amount, held.void_at?)
    })
}

fn captures(intent: &Intent) -> impl Iterator<Item = TransactionBody> {
    intent.captures.iter().map(|capture| {
        let attempt = intent.attempt(capture.attempt);
        let held = attempt.and_then(|attempt| attempt.authorization.as_ref());
        TransactionBody {
            status: capture.status.as_str(),
            connector: attempt.map(|attempt| attempt.connector.clone()).unwrap_or_default(),
            gateway_reference: capture.gateway_reference.clone(),
            acquirer: held.and_then(|held| held.acquirer.clone()),
            risk_score: risk_score(intent),
            failure_reason: capture.problem.clone(),
            ..bare(intent, ("capture", capture.id.to_string()), capture.amount, capture.created_at)
        }
    })
}

fn refund(intent: &Intent, seen: &RefundOfIntent) -> TransactionBody {
    let connector = intent.attempt(seen.attempt).map(|attempt| attempt.connector.clone());
    TransactionBody {
        status: seen.status.as_str(),
        connector: connector.unwrap_or_default(),
        gateway_reference: seen.gateway_reference.clone(),
        ..bare(intent, ("refund", seen.id.to_string()), seen.amount, seen.ended_at)
    }
}
