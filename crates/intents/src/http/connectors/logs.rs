//! `/v1/payments/connectors/{id}/test` and `/logs`

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use tender_domain::connectors::ConnectorLog;
use tender_domain::kernel::{ConnectorKind, ConnectorLogId, Timestamp};
use tender_http::{
    Authorized, Command, OptionalBody, PageQuery, Paginated, Problem, parse_id, respond_json, scopes,
};
use utoipa::ToSchema;

use crate::http::intents::Service;
use crate::use_cases::Probed;

/// The body of a request that needs none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// What a try came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ConnectorTest)]
struct TestBody {
    /// Always `connector_test`.
    #[schema(value_type = String, example = "connector_test")]
    object: &'static str,
    /// `passed`: the gateway answered and takes the credentials; `failed`.
    #[schema(value_type = String, example = "passed")]
    status: &'static str,
    /// Why it failed.
    problem: Option<String>,
    /// How long the gateway took, in milliseconds.
    took_millis: u64,
}

impl From<Probed> for TestBody {
    fn from(probed: Probed) -> Self {
        Self {
            object: "connector_test",
            status: if probed.problem.is_none() { "passed" } else { "failed" },
            took_millis: u64::try_from(probed.took.as_millis()).unwrap_or(u64::MAX),
            problem: probed.problem,
        }
    }
}

/// One call of a connector.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ConnectorLog)]
struct LogBody {
    /// Always `connector_log`.
    #[schema(value_type = String, example = "connector_log")]
    object: &'static str,
    /// Its id.
    #[schema(value_type = String, example = "clog_01h2xcejqtf2nbrexx3vqjhp41")]
    id: ConnectorLogId,
    /// `authorize`, `capture`, `void`, `refund`; `look_up`, the question what became of one of them; of saved methods
    /// `tokenise`, `inspect_token`, `zero_amount`, `three_ds`, `micro_deposits` and `three_ds_lookup`; or `test`.
    #[schema(example = "authorize")]
    call: String,
    /// Our reference of what was asked (`att_…`, `cap_…`); empty where there is none.
    #[schema(example = "att_01h2xcejqtf2nbrexx3vqjhp41")]
    reference: String,
    /// `approved`, `declined`, `challenge`, `done` (of what is neither approved nor declined), `error` (refused for what it was,
    /// and not done), `unavailable` (not done: the gateway could not be reached, or takes no more just now) or `unknown`; of a
    /// `look_up` also `pending` and `not_found`.
    #[schema(example = "approved")]
    outcome: String,
    /// What was asked, without secrets and without anything of a person.
    #[schema(value_type = Object)]
    request: serde_json::Value,
    /// What was answered, likewise; texts of the gateway are cut and masked.
    #[schema(value_type = Object)]
    answer: serde_json::Value,
    /// How long it took, in milliseconds.
    took_millis: u64,
    /// When the answer came.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<ConnectorLog> for LogBody {
    fn from(line: ConnectorLog) -> Self {
        Self {
            object: "connector_log",
            id: line.id,
            call: line.call.call,
            reference: line.call.reference,
            outcome: line.call.outcome,
            request: line.call.request,
            answer: line.call.answer,
            took_millis: line.call.took_millis,
            created_at: line.at,
        }
    }
}

/// Tries a connector: asks its gateway something that moves no money, with its credentials.
#[utoipa::path(
    operation_id = "test_connector",
    tag = "connectors",
    path = "/v1/payments/connectors/{connector_id}/test",
    params(
        ("connector_id" = String, Path, description = "The connector", example = "con_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "Taken and not needed: the call changes nothing"),
    ),
    responses(
        (status = 200, description = "What came of it", body = TestBody),
        (status = 404, description = "No such connector", body = Problem),
    ),
    security(("bearer" = ["connectors:write"])),
)]
#[post("/v1/payments/connectors/{connector_id}/test")]
pub(in crate::http) async fn test(
    caller: Authorized<scopes::ConnectorsWrite>,
    _command: Command<OptionalBody<NoBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let probed = service.test_connector(&caller, parse_id::<ConnectorKind>(&id)?).await?;
    Ok(respond_json(200, &TestBody::from(probed)))
}

/// Lists what was asked of a connector of yours and what it answered, newest first.
///
/// Lines are there a moment after the call, and for two weeks. Under more load than can be written, lines are left out:
/// the record of a payment is its attempts.
#[utoipa::path(
    operation_id = "list_connector_logs",
    tag = "connectors",
    path = "/v1/payments/connectors/{connector_id}/logs",
    params(
        ("connector_id" = String, Path, description = "The connector", example = "con_01h2xcejqtf2nbrexx3vqjhp41"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 20 if left out"),
        ("starting_after" = Option<String>, Query, description = "Rows older than this one"),
        ("ending_before" = Option<String>, Query, description = "Rows newer than this one"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "One page", body = Paginated<LogBody>),
        (status = 400, description = "A bad parameter", body = Problem),
        (status = 404, description = "No such connector", body = Problem),
        (status = 409, description = "`operator_connector`: theirs have no log here", body = Problem),
    ),
    security(("bearer" = ["connectors:read"])),
)]
#[get("/v1/payments/connectors/{connector_id}/logs")]
pub(in crate::http) async fn list(
    caller: Authorized<scopes::ConnectorsRead>,
    id: web::Path<String>,
    query: PageQuery,
    service: Service,
) -> Result<Paginated<LogBody>, Problem> {
    let page = service.connector_logs(&caller, parse_id::<ConnectorKind>(&id)?, &query.page).await?;
    Ok(Paginated::new(page.map(LogBody::from), &query.page, |line| line.id.uuid()))
}
