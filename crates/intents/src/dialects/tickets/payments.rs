//! `POST /tickets/payments`

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, post, web};
use tender_domain::kernel::{Answer, Caller, Credential, Scope, ScopeSet, TenantId};
use tender_http::{CalledFrom, MaybeCaller, Problem, parse_json, respond};

use super::envelope::{Envelope, PRESENTER, refused};
use super::request::PayBody;
use crate::payer_seen::seen_of;
use crate::use_cases::{PayOrder, PayOrderError};
use crate::{IntentsError, IntentsService};

const UNAVAILABLE: &str =
    "Payment processing error: the service is temporarily unavailable; send the same request again";

/// Pays an order, once by its `orderId`.
///
/// In the sandbox without a credential, for the tenant `sandbox`.
#[utoipa::path(
    operation_id = "pay_order",
    tag = "tickets",
    path = "/tickets/payments",
    request_body = PayBody,
    responses(
        (status = 200, description = "Paid, now or before", body = Envelope),
        (status = 202, description = "The outcome is not known yet; send the same again", body = Envelope),
        (status = 400, description = "Malformed, or the order or reservation does not fit", body = Envelope),
        (status = 401, description = "A credential that does not count, or none outside of the sandbox", body = Envelope),
        (status = 402, description = "Declined", body = Envelope),
        (status = 403, description = "Another customer's order", body = Envelope),
        (status = 404, description = "No such order", body = Envelope),
        (status = 500, description = "It could not be processed", body = Envelope),
    ),
    security((), ("bearer" = ["intents:write"])),
)]
#[post("/tickets/payments")]
pub(in crate::dialects) async fn pay(
    caller: Result<MaybeCaller, Problem>,
    body: web::Bytes,
    called: CalledFrom,
    service: web::Data<Arc<IntentsService>>,
) -> HttpResponse {
    let answer = match caller {
        Ok(caller) => answer((caller, &called), &body, &service).await.unwrap_or_else(|refused| refused),
        Err(problem) => stranger(&problem),
    };
    let mut response = respond(&answer);
    // The document knows one envelope, whatever the status; none of its answers is problem details.
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if answer.status == 401 {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="tender""#));
    }
    response
}

/// A credential that does not count, in the document's words.
fn stranger(problem: &Problem) -> Answer {
    match problem.status() {
        status @ (401 | 403) => refused(status, &format!("Unauthorized: {}", problem.detail())),
        _ => refused(500, UNAVAILABLE),
    }
}

async fn answer(
    (caller, called): (MaybeCaller, &CalledFrom),
    body: &[u8],
    service: &Arc<IntentsService>,
) -> Result<Answer, Answer> {
    let sandbox = service.options.sandbox;
    let caller = who(caller, sandbox)?;
    let body: PayBody = parse_json(body).map_err(|problem: Problem| refused(400, problem.detail()))?;
    let wanted = body.into_command(sandbox).map_err(|why| refused(400, &why))?;
    let wanted = PayOrder { signals: seen_of(&caller, called), ..wanted };
    let answered =
        service.pay_order(&caller, wanted, None, PRESENTER).await.map_err(|error| explain(&error))?;
    Ok(answered.answer)
}

fn who(caller: MaybeCaller, sandbox: bool) -> Result<Caller, Answer> {
    match caller.0 {
        Some(caller) if caller.may(Scope::IntentsWrite) => Ok(caller),
        Some(_) => Err(refused(403, "Unauthorized: the credential lacks the scope intents:write")),
        None if sandbox => Ok(Caller {
            tenant: TenantId::sandbox(),
            subject: "tickets".into(),
            credential: Credential::SandboxDialect,
            scopes: ScopeSet::from_iter([Scope::IntentsWrite]),
            roles: Arc::from([]),
            actor: None,
            livemode: false,
        }),
        None => Err(refused(401, "Unauthorized: a credential is required")),
    }
}

fn explain(error: &PayOrderError) -> Answer {
    match error {
        PayOrderError::NoSuchOrder => refused(404, "Order not found"),
        PayOrderError::AnotherCustomer => refused(403, "Unauthorized: Customer does not own this order"),
        why @ (PayOrderError::WrongAmount(_) | PayOrderError::AlreadyPaid | PayOrderError::Canceled) => {
            refused(400, &format!("Order validation failed: {why}"))
        }
        PayOrderError::Reservation(why) => refused(400, &format!("Reservation validation failed: {why}")),
        PayOrderError::Intents(error) => fault(error),
    }
}

/// A fault, or a refusal that the document has no words of its own for. What is inside stays inside.
fn fault(error: &IntentsError) -> Answer {
    match error {
        IntentsError::NoSuchMethod(_)
        | IntentsError::MethodOfAnotherCustomer(_)
        | IntentsError::MethodOfAnotherMerchant(_)
        | IntentsError::MethodNotChargeable(_) => {
            refused(400, &format!("Payment method validation failed: {error}"))
        }
        IntentsError::Refused(refusal) => refused(400, &format!("Order validation failed: {refusal}")),
        error => {
            tracing::error!(%error, "a payment could not be processed");
            refused(500, UNAVAILABLE)
        }
    }
}
