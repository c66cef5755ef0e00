//! `/internal/refunds/open`: refunds whose outcome is open, or was until just now. For services of the platform only.

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::IntentId;
use tender_domain::refunds::{OpenRefund, OpenRefundsOf};
use tender_http::{Authorized, Problem, respond_json, scopes};
use utoipa::{IntoParams, ToSchema};

use super::refunds::Service;

/// The most that are told at once.
const LIMIT_MAX: usize = 1_000;

/// Which are asked for: exactly one of the first three.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OpenQuery {
    /// Those of this customer's payments, newest first.
    customer_id: Option<String>,
    /// Those of this intent, newest first.
    #[param(value_type = Option<String>)]
    intent_id: Option<IntentId>,
    /// `true`: those that are left to a person, those first that were asked for first.
    queued: Option<bool>,
    /// Of a customer or an intent, also those that succeeded or failed then or later.
    ended_since: Option<DateTime<Utc>>,
    /// At most so many, 1 to 1,000.
    limit: usize,
}

/// The open refunds.
#[derive(Serialize, ToSchema)]
struct OpenRefundList {
    /// In the order that was asked for.
    data: Vec<OpenRefundBody>,
}

/// A refund whose outcome is open.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenRefund)]
struct OpenRefundBody {
    /// The refund.
    #[schema(example = "rf_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// Its intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// Its charge's connector.
    connector: String,
    /// In minor units.
    amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "EUR")]
    currency: &'static str,
    /// Why.
    reason: String,
    /// Where it stands.
    #[schema(value_type = String, example = "processing")]
    status: &'static str,
    /// What the gateway calls it, once that is known.
    gateway_reference: Option<String>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When its call to the gateway was begun.
    asked_at: Option<DateTime<Utc>>,
    /// How often the gateway gave no definite answer.
    checks: u32,
}

/// Tells of refunds whose outcome is open.
#[utoipa::path(
    operation_id = "list_open_refunds",
    tag = "internal",
    path = "/internal/refunds/open",
    params(OpenQuery),
    responses(
        (status = 200, description = "Those that are open", body = OpenRefundList),
        (status = 400, description = "Malformed", body = Problem),
    ),
    security(("bearer" = ["service:internal"])),
)]
#[get("/internal/refunds/open")]
pub(super) async fn list(
    caller: Authorized<scopes::ServiceInternal>,
    query: web::Query<OpenQuery>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let OpenQuery { customer_id, intent_id, queued, ended_since, limit } = query.into_inner();
    let of = match (customer_id, intent_id, queued.unwrap_or(false)) {
        (Some(customer), None, false) => OpenRefundsOf::Customer(customer),
        (None, Some(intent), false) => OpenRefundsOf::Intent(intent),
        (None, None, true) => OpenRefundsOf::Queue,
        _ => {
            let detail = "name exactly one of customer_id, intent_id and queued=true";
            return Err(Problem::bad_request("invalid_parameter", detail).parameter("queued", detail));
        }
    };
    if !(1..=LIMIT_MAX).contains(&limit) {
        let detail = format!("limit must be from 1 to {LIMIT_MAX}");
        return Err(Problem::bad_request("invalid_parameter", detail.clone()).parameter("limit", detail));
    }
    let open = service.open.open_refunds(&caller.tenant, &of, ended_since, limit).await?;
    let data = open.into_iter().map(OpenRefundBody::from).collect();
    Ok(respond_json(200, &OpenRefundList { data }))
}

impl From<OpenRefund> for OpenRefundBody {
    fn from(open: OpenRefund) -> Self {
        Self {
            id: open.id.to_string(),
            payment_intent_id: open.intent_id.to_string(),
            connector: open.connector,
            amount: open.amount.minor(),
            currency: open.amount.currency().code(),
            reason: open.reason,
            status: open.status.as_str(),
            gateway_reference: open.gateway_reference,
            created_at: open.created_at,
            asked_at: open.asked_at,
            checks: open.checks,
        }
    }
}
