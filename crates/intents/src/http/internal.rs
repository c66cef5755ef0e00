//! `/internal/charges`: what refunds asks for a charge that the events have not told of yet. For services only.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tender_domain::connectors::{CallsHeard as _, ConnectorStatus, LoggedCall};
use tender_domain::intents::{Capture, CaptureStatus, Intent};
use tender_domain::kernel::{AttemptId, ChargeKind, IntentKind};
use tender_http::{Authorized, Command, Problem, parse_id, respond_json, scopes};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::intents::Service;

/// The routes for other services of the platform.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(charge_of_intent)
        .service(read_charge)
        .service(own_connectors)
        .service(heard_call)
        .service(super::numbers::payment_of_number);
}

/// A captured charge, as `payment.processed` tells of it.
#[derive(Debug, Serialize, ToSchema)]
struct InternalCharge {
    /// The charge.
    charge_id: String,
    /// Its intent.
    intent_id: String,
    /// The merchant account.
    merchant_account_id: String,
    /// The connector.
    connector: String,
    /// What the gateway calls it.
    gateway_reference: String,
    /// The customer.
    customer_id: Option<String>,
    /// ISO 4217 code.
    currency: &'static str,
    /// What was authorized, in minor units.
    authorized_minor: i64,
    /// Whether the money is real.
    livemode: bool,
    /// The intent's version.
    version: i64,
    /// The captures that succeeded.
    captures: Vec<InternalCapture>,
}

/// One capture that succeeded.
#[derive(Debug, Serialize, ToSchema)]
struct InternalCapture {
    /// The capture.
    capture_id: String,
    /// In minor units.
    amount_minor: i64,
    /// When the gateway did it.
    captured_at: chrono::DateTime<chrono::Utc>,
}

/// A tenant's own connector, as services need it to call its gateway. Its secrets are the vault's.
#[derive(Debug, Serialize, ToSchema)]
struct InternalConnector {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The gateway's type.
    #[serde(rename = "type")]
    kind: String,
    /// Whether it takes new payments.
    enabled: bool,
    /// Whether live money moves there.
    livemode: bool,
    /// How often it changed.
    version: i64,
    /// Its configuration, without secrets.
    config: std::collections::BTreeMap<String, String>,
}

/// A tenant's own connectors that are not deleted.
#[derive(Debug, Serialize, ToSchema)]
struct InternalConnectors {
    /// They.
    connectors: Vec<InternalConnector>,
}

/// Tells of the tenant's own connectors.
#[utoipa::path(
    operation_id = "own_connectors",
    tag = "internal",
    path = "/internal/connectors",
    responses((status = 200, description = "The connectors", body = InternalConnectors)),
    security(("bearer" = ["service:internal"])),
)]
#[get("/internal/connectors")]
async fn own_connectors(
    caller: Authorized<scopes::ServiceInternal>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let routing = service.read_routing(&caller.tenant).await?;
    let there = routing.connectors.iter().filter(|one| one.status != ConnectorStatus::Deleted);
    let told = there.map(|one| InternalConnector {
        id: one.id.to_string(),
        name: one.name.clone(),
        kind: one.kind.clone(),
        enabled: one.status == ConnectorStatus::Enabled,
        livemode: one.livemode,
        version: one.version.number(),
        config: one.config.clone(),
    });
    Ok(respond_json(200, &InternalConnectors { connectors: told.collect() }))
}

/// A call of a gateway that another service made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HeardCallBody {
    /// The connector's name.
    connector: String,
    /// `refund`, or what the vault asks about a method (`tokenise`, `inspect_token`, `zero_amount` …).
    call: String,
    /// Our reference of it; empty where there is none.
    reference: String,
    /// What was asked.
    #[schema(value_type = Object)]
    request: Value,
    /// What was answered, masked.
    #[schema(value_type = Object)]
    answer: Value,
    /// `approved`, `declined`, `challenge`, `done`, `error`, `unavailable` or `unknown`.
    outcome: String,
    /// In milliseconds.
    took_millis: u64,
}

/// That a call was counted.
#[derive(Debug, Serialize, ToSchema)]
struct HeardCall {
    /// Whether the connector is one of the tenant's own, so that its log has the call.
    logged: bool,
}

/// Counts a call that another service made, and keeps it in its connector's log.
#[utoipa::path(
    operation_id = "heard_call",
    tag = "internal",
    path = "/internal/connectors/calls",
    request_body = HeardCallBody,
    responses(
        (status = 200, description = "It was counted", body = HeardCall),
        (status = 400, description = "Malformed", body = Problem),
    ),
    security(("bearer" = ["service:internal"])),
)]
#[post("/internal/connectors/calls")]
async fn heard_call(
    caller: Authorized<scopes::ServiceInternal>,
    command: Command<HeardCallBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let HeardCallBody { connector, call, reference, request, answer, outcome, took_millis } = command.body;
    let call = LoggedCall { call, reference, request, answer, outcome, took_millis };
    service.hear(&caller.tenant, &connector, call).await;
    let logged = service.known_connector(&caller.tenant, &connector).is_some();
    Ok(respond_json(200, &HeardCall { logged }))
}

/// Reads the charge of an intent.
#[utoipa::path(
    tag = "internal",
    path = "/internal/intents/{intent_id}/charge",
    params(("intent_id" = String, Path, description = "The intent")),
    responses(
        (status = 200, description = "The charge", body = InternalCharge),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`intent_not_captured`", body = Problem),
    ),
    security(("bearer" = ["service:internal"])),
)]
#[get("/internal/intents/{intent_id}/charge")]
async fn charge_of_intent(
    caller: Authorized<scopes::ServiceInternal>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    let intent = service.intent_for_service(&caller.tenant, id).await?;
    answer(intent.as_ref())
}

/// Reads a charge.
#[utoipa::path(
    tag = "internal",
    path = "/internal/charges/{charge_id}",
    params(("charge_id" = String, Path, description = "The charge")),
    responses(
        (status = 200, description = "The charge", body = InternalCharge),
        (status = 404, description = "No such charge", body = Problem),
        (status = 409, description = "`intent_not_captured`", body = Problem),
    ),
    security(("bearer" = ["service:internal"])),
)]
#[get("/internal/charges/{charge_id}")]
async fn read_charge(
    caller: Authorized<scopes::ServiceInternal>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let charge = parse_id::<ChargeKind>(&id)?;
    let attempt = AttemptId::from_uuid(charge.uuid());
    let intent = service.intent_of_attempt(&caller.tenant, attempt).await?;
    answer(intent.as_ref())
}

fn answer(intent: Option<&Intent>) -> Result<HttpResponse, Problem> {
    // A code of its own: a wrong address is a 404 too, and says nothing about the charge.
    let unknown = || Problem::new(404, "charge_not_found", "there is no such charge");
    let intent = intent.ok_or_else(unknown)?;
    let found = InternalCharge::of(intent).ok_or_else(|| {
        Problem::conflict("intent_not_captured", "nothing was captured of this payment intent")
    })?;
    Ok(respond_json(200, &found))
}

impl InternalCharge {
    fn of(intent: &Intent) -> Option<Self> {
        let attempt = intent.approved_attempt()?;
        let succeeded = |capture: &&Capture| capture.status == CaptureStatus::Succeeded;
        let captures: Vec<_> = intent.captures.iter().filter(succeeded).map(InternalCapture::from).collect();
        if captures.is_empty() {
            return None;
        }
        Some(Self {
            charge_id: attempt.id.charge().to_string(),
            intent_id: intent.id.to_string(),
            merchant_account_id: intent.merchant_account_id.clone(),
            connector: attempt.connector.clone(),
            gateway_reference: attempt.authorization.as_ref()?.gateway_reference.clone(),
            customer_id: intent.customer_id.clone(),
            currency: intent.amount.currency().code(),
            authorized_minor: attempt.amount.minor(),
            livemode: intent.livemode,
            version: intent.version.number(),
            captures,
        })
    }
}

impl From<&Capture> for InternalCapture {
    fn from(capture: &Capture) -> Self {
        Self {
            capture_id: capture.id.to_string(),
            amount_minor: capture.amount.minor(),
            captured_at: capture.answered_at.unwrap_or(capture.created_at),
        }
    }
}
