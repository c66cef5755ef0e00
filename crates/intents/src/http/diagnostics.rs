//! `/v1/payments/diagnostics`

use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tender_domain::intents::{FailedAttempt, OpenCall, OpenOutcome};
use tender_domain::refunds::OpenRefund;
use tender_http::{Authorized, Problem, respond_json, scopes};
use utoipa::ToSchema;

use super::intents::Service;
use crate::latencies::Latency;
use crate::use_cases::{ATTEMPTS_LOOKED_AT_MAX, Diagnosis};

/// What is open, what failed, and how long gateways take.
#[derive(Debug, Serialize, ToSchema)]
struct Diagnostics {
    /// Always `diagnostics`.
    #[schema(value_type = String, example = "diagnostics")]
    object: &'static str,
    /// When it was made.
    at: DateTime<Utc>,
    /// How many outcomes are open.
    open: Open,
    /// The longest open ones, at most 100, oldest first.
    outcomes: Vec<OpenBody>,
    /// The refunds that are left to a person; `null` while refunds does not tell.
    queued_refunds: Option<QueuedRefundsBody>,
    /// The attempts of the last hour.
    attempts: AttemptsBody,
    /// The newest calls of gateways in the process that answers, of all tenants.
    gateway_latencies: Vec<LatencyBody>,
}

/// How many outcomes are open, by who is at them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenOutcomeCounts)]
struct Open {
    /// Called, and not answered yet.
    in_flight: u64,
    /// Without an answer: looked up, sent again or waited for, as the gateway permits.
    pursued: u64,
    /// Left to a person: resolve them.
    queued: u64,
}

/// A call whose outcome is open.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenOutcome)]
struct OpenBody {
    /// `attempt`, `void` or `capture`.
    #[schema(value_type = String, example = "attempt")]
    call: &'static str,
    /// The attempt, also of a void, or the capture.
    #[schema(example = "att_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// The connector.
    #[schema(example = "simulator")]
    connector: String,
    /// The routing rule that sent the payment there; `null` where none decided.
    routing_rule_id: Option<String>,
    /// In minor units.
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "GBP")]
    currency: &'static str,
    /// The status of the attempt, the void or the capture.
    #[schema(value_type = String, example = "unknown")]
    status: &'static str,
    /// `in_flight`, `pursued` or `queued`.
    #[schema(value_type = String, example = "pursued")]
    standing: &'static str,
    /// When the call was begun.
    since: DateTime<Utc>,
    /// How long ago that is.
    age_seconds: i64,
    /// How often its outcome was pursued.
    checks: u32,
    /// When it is pursued next.
    next_check_at: Option<DateTime<Utc>>,
    /// Since when it is left to a person.
    queued_at: Option<DateTime<Utc>>,
    /// What is known of it, in words.
    problem: Option<String>,
}

/// Refunds that are left to a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueuedRefunds)]
struct QueuedRefundsBody {
    /// Those that were asked for first, at most 100, oldest first.
    data: Vec<QueuedRefundBody>,
    /// Whether there are more.
    more: bool,
}

/// A refund that is left to a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueuedRefund)]
struct QueuedRefundBody {
    /// The refund.
    #[schema(example = "rf_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// Its intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// The connector.
    #[schema(example = "simulator")]
    connector: String,
    /// In minor units.
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "GBP")]
    currency: &'static str,
    /// `processing` or `requires_action`; `failed` of one that is said to have been done after all.
    #[schema(value_type = String, example = "processing")]
    status: &'static str,
    /// When its call to the gateway was begun; `null` of one that failed.
    since: Option<DateTime<Utc>>,
    /// How often the gateway gave no definite answer.
    checks: u32,
}

/// The attempts of the last hour, the newest 10,000 of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecentAttempts)]
struct AttemptsBody {
    /// How many there were.
    count: u64,
    /// Whether there were more than were looked at.
    more: bool,
    /// How many failed.
    failed: u64,
    /// The newest that failed, at most 50.
    newest_failed: Vec<FailedBody>,
}

/// An attempt that failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FailedAttempt)]
struct FailedBody {
    /// The attempt.
    #[schema(example = "att_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// The connector.
    #[schema(example = "simulator")]
    connector: String,
    /// The routing rule that sent it there; `null` where none decided.
    routing_rule_id: Option<String>,
    /// `declined` or `error`.
    #[schema(value_type = String, example = "declined")]
    status: &'static str,
    /// Why it was declined.
    #[schema(example = "insufficient_funds")]
    decline_code: Option<String>,
    /// What is known of the error.
    problem: Option<String>,
    /// When it was begun.
    created_at: DateTime<Utc>,
}

/// How long the newest calls took, at most 256.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GatewayLatency)]
struct LatencyBody {
    /// The connector.
    #[schema(example = "simulator")]
    connector: String,
    /// `authorize`, `capture` or `void`.
    #[schema(value_type = String, example = "authorize")]
    call: &'static str,
    /// How many calls there were.
    calls: usize,
    /// How many of them had no definite answer.
    unknown: usize,
    /// Half of them took no longer, in milliseconds.
    median_millis: u64,
    /// 95 of 100 took no longer, in milliseconds.
    p95_millis: u64,
    /// The longest, in milliseconds.
    longest_millis: u64,
}

/// Tells what is open, what failed in the last hour and how long gateways take.
///
/// Of refunds it shows those that are left to a person, as the refunds service tells of them.
#[utoipa::path(
    tag = "diagnostics",
    path = "/v1/payments/diagnostics",
    responses((status = 200, description = "The state of the tenant's payments", body = Diagnostics)),
    security(("bearer" = ["diagnostics:read"])),
)]
#[get("/v1/payments/diagnostics")]
pub(super) async fn diagnose(
    caller: Authorized<scopes::DiagnosticsRead>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let diagnosis = service.diagnose(&caller).await?;
    Ok(respond_json(200, &Diagnostics::from(diagnosis)))
}

impl From<Diagnosis> for Diagnostics {
    fn from(diagnosis: Diagnosis) -> Self {
        let Diagnosis { at, counts, open, queued_refunds, attempts, latencies } = diagnosis;
        Self {
            object: "diagnostics",
            at,
            open: Open { in_flight: counts.in_flight, pursued: counts.pursued, queued: counts.queued },
            outcomes: open.into_iter().map(|outcome| OpenBody::of(outcome, at)).collect(),
            queued_refunds: queued_refunds.map(|queued| QueuedRefundsBody {
                data: queued.shown.into_iter().map(QueuedRefundBody::from).collect(),
                more: queued.more,
            }),
            attempts: AttemptsBody {
                count: attempts.looked_at,
                more: attempts.looked_at >= ATTEMPTS_LOOKED_AT_MAX as u64,
                failed: attempts.failed,
                newest_failed: attempts.newest_failed.into_iter().map(FailedBody::from).collect(),
            },
            gateway_latencies: latencies.into_iter().map(LatencyBody::from).collect(),
        }
    }
}

impl OpenBody {
    fn of(outcome: OpenOutcome, now: DateTime<Utc>) -> Self {
        let (call, id) = match outcome.call {
            OpenCall::Attempt(id) => ("attempt", id.to_string()),
            OpenCall::Void(id) => ("void", id.to_string()),
            OpenCall::Capture(id) => ("capture", id.to_string()),
        };
        Self {
            call,
            id,
            payment_intent_id: outcome.intent.to_string(),
            connector: outcome.connector,
            routing_rule_id: outcome.rule.map(|rule| rule.to_string()),
            amount: outcome.amount.minor(),
            currency: outcome.amount.currency().code(),
            status: outcome.status,
            standing: outcome.standing.as_str(),
            since: outcome.since,
            age_seconds: (now - outcome.since).num_seconds().max(0),
            checks: outcome.checks,
            next_check_at: outcome.next_check_at,
            queued_at: outcome.queued_at,
            problem: outcome.problem,
        }
    }
}

impl From<OpenRefund> for QueuedRefundBody {
    fn from(refund: OpenRefund) -> Self {
        Self {
            id: refund.id.to_string(),
            payment_intent_id: refund.intent_id.to_string(),
            connector: refund.connector,
            amount: refund.amount.minor(),
            currency: refund.amount.currency().code(),
            status: refund.status.as_str(),
            since: refund.asked_at,
            checks: refund.checks,
        }
    }
}

impl From<FailedAttempt> for FailedBody {
    fn from(failed: FailedAttempt) -> Self {
        Self {
            id: failed.attempt.to_string(),
            payment_intent_id: failed.intent.to_string(),
            connector: failed.connector,
            routing_rule_id: failed.rule.map(|rule| rule.to_string()),
            status: failed.status.as_str(),
            decline_code: failed.decline_code,
            problem: failed.problem,
            created_at: failed.started_at,
        }
    }
}

impl From<Latency> for LatencyBody {
    fn from(latency: Latency) -> Self {
        let millis = |took: std::time::Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Self {
            connector: latency.connector,
            call: latency.call,
            calls: latency.calls,
            unknown: latency.unknown,
            median_millis: millis(latency.median),
            p95_millis: millis(latency.p95),
            longest_millis: millis(latency.longest),
        }
    }
}
