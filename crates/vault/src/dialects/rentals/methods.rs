//! `/rentals/payments/methods`

use std::sync::Arc;

use actix_web::{HttpResponse, delete, get, post, web};
use serde::Deserialize;
use tender_domain::kernel::{Answer, Caller, Cursor, Direction, Limits, MethodId, PageRequest, TenantId};
use tender_domain::ports::NumberKind;
use tender_domain::vault::{MethodFilter, MethodStatus, PaymentMethod};
use tender_http::storefront::In;
use tender_http::storefront::rentals::{self, Done, Envelope, ErrorBody, Named, Refused, Route};
use tender_http::{Authorized, Command, IfMatch, Problem, ResponseExt, respond_json, scopes};
use uuid::Uuid;

use super::body::{MethodBody, Methods, OneMethod, added};
use super::request::AddMethodBody;
use crate::{ExpectedVersion, MethodDeletion, VaultError, VaultService};

const ADD: Route = Route::new("METHOD_CREATION_FAILED");
const OTHERWISE: Route = Route::new(rentals::SERVER_ERROR);

/// A user's methods are all shown, up to so many pages of them.
const PAGES_MAX: usize = 10;

/// Adds a payment method to the user's account.
///
/// When it is the default, the one that was is no longer.
#[utoipa::path(
    operation_id = "rentals_add_method",
    tag = "rentals",
    path = "/rentals/payments/methods",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe")),
    request_body = AddMethodBody,
    responses(
        (status = 200, description = "Added", body = Envelope<OneMethod>),
        (status = 400, description = "`VALIDATION_ERROR`, `INVALID_PAYMENT_TYPE`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`PERMISSION_DENIED`", body = ErrorBody),
        (status = 429, description = "`TOO_MANY_REQUESTS`", body = ErrorBody),
        (status = 500, description = "`METHOD_CREATION_FAILED`", body = ErrorBody),
    ),
    security(("bearer" = ["methods:write"])),
)]
#[post("/rentals/payments/methods")]
pub(in crate::dialects) async fn add(
    caller: In<Refused, Authorized<scopes::MethodsWrite>>,
    command: In<Refused, Command<AddMethodBody>>,
    vault: web::Data<VaultService>,
) -> HttpResponse {
    let ports = &vault.deps.storefront;
    rentals::serve(&ports.gate, caller.into_inner().into_caller(), ADD, async |caller: Caller| {
        let Command { body, key, .. } = command.into_inner();
        let wanted = body.into_command(&caller.subject, ports.sandbox)?;
        let reply = vault.create_method(&caller, wanted, key, added).await.map_err(not_added)?;
        if reply.answer.status >= 400 {
            return Err(kept_refusal(&reply.answer));
        }
        let mut answer: Envelope<OneMethod> =
            serde_json::from_str(&reply.answer.body).map_err(|error| unreadable(&error))?;
        let numbered = number(&vault, &caller.tenant, vec![answer.data.payment_method]).await?;
        answer.data.payment_method = numbered.into_iter().next().ok_or_else(Problem::internal)?;
        Ok(respond_json(200, &answer).replayed(reply.replayed))
    })
    .await
}

/// Lists the user's payment methods, the default first.
#[utoipa::path(
    operation_id = "rentals_list_methods",
    tag = "rentals",
    path = "/rentals/payments/methods",
    responses(
        (status = 200, description = "All of them", body = Envelope<Methods>),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`PERMISSION_DENIED`", body = ErrorBody),
        (status = 429, description = "`TOO_MANY_REQUESTS`", body = ErrorBody),
        (status = 500, description = "`SERVER_ERROR`", body = ErrorBody),
    ),
    security(("bearer" = ["methods:read"])),
)]
#[get("/rentals/payments/methods")]
pub(in crate::dialects) async fn list(
    caller: In<Refused, Authorized<scopes::MethodsRead>>,
    vault: web::Data<VaultService>,
) -> HttpResponse {
    rentals::serve(
        &vault.deps.storefront.gate,
        caller.into_inner().into_caller(),
        OTHERWISE,
        async |caller: Caller| {
            let mut methods = all_of(&vault, &caller).await.map_err(fault)?;
            methods.sort_by_key(|method| (!method.is_default(), method.id));
            let shown = methods.iter().map(|method| MethodBody::from(&**method)).collect();
            let payment_methods = number(&vault, &caller.tenant, shown).await?;
            let data = Methods { payment_methods };
            Ok(respond_json(200, &Envelope::success("Payment methods retrieved successfully", data)))
        },
    )
    .await
}

/// Deletes a payment method of the user.
///
/// When it was the default, another one becomes it.
#[utoipa::path(
    operation_id = "rentals_delete_method",
    tag = "rentals",
    path = "/rentals/payments/methods/{id}",
    params(("id" = i64, Path, description = "The method's number")),
    responses(
        (status = 200, description = "Deleted", body = Done),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`PERMISSION_DENIED`: another user's", body = ErrorBody),
        (status = 404, description = "`METHOD_NOT_FOUND`", body = ErrorBody),
        (status = 429, description = "`TOO_MANY_REQUESTS`", body = ErrorBody),
        (status = 500, description = "`SERVER_ERROR`", body = ErrorBody),
    ),
    security(("bearer" = ["methods:write"])),
)]
#[delete("/rentals/payments/methods/{id}")]
pub(in crate::dialects) async fn delete(
    caller: In<Refused, Authorized<scopes::MethodsWrite>>,
    id: web::Path<String>,
    vault: web::Data<VaultService>,
) -> HttpResponse {
    rentals::serve(
        &vault.deps.storefront.gate,
        caller.into_inner().into_caller(),
        OTHERWISE,
        async |caller: Caller| {
            let id = own_method(&vault, &caller, &id).await?;
            let deletion =
                MethodDeletion { id, expected: ExpectedVersion { if_match: IfMatch::Absent, body: None } };
            let _ = vault.delete_method(&caller, deletion, None, added).await.map_err(fault)?;
            Ok(respond_json(200, &Done::success("Payment method deleted successfully")))
        },
    )
    .await
}

/// The method with this number, if it is there and the user's.
async fn own_method(vault: &VaultService, caller: &Caller, number: &str) -> Result<MethodId, Refused> {
    let unknown = || Refused::of(404, "METHOD_NOT_FOUND", "there is no such payment method");
    let number: i64 = number.parse().map_err(|_| unknown())?;
    let numbers = &vault.deps.storefront.numbers;
    let id = numbers.find(&caller.tenant, NumberKind::Method, number).await?.ok_or_else(unknown)?;
    let id = MethodId::from_uuid(id);
    let method = vault.deps.store.method(&caller.tenant, id).await?;
    let method = method.filter(|method| method.status() == MethodStatus::Active).ok_or_else(unknown)?;
    if method.customer_id.as_deref() != Some(&*caller.subject) {
        let message = "the payment method belongs to another user";
        return Err(Refused::of(403, "PERMISSION_DENIED", message));
    }
    Ok(id)
}

async fn all_of(vault: &VaultService, caller: &Caller) -> Result<Vec<Arc<PaymentMethod>>, VaultError> {
    let filter = MethodFilter { customer_id: Some(caller.subject.to_string()), ..MethodFilter::default() };
    let (mut found, mut cursor) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let request = PageRequest::new(Limits::PAGE_ROWS, cursor, Direction::Older).unwrap_or_default();
        let page = vault.list_methods(caller, filter.clone(), &request).await?;
        found.extend(page.data);
        cursor = found.last().map(|method| Cursor(method.id.uuid()));
        if !page.has_more {
            break;
        }
    }
    Ok(found)
}

/// The methods under their numbers.
async fn number(
    vault: &VaultService,
    tenant: &TenantId,
    mut methods: Vec<MethodBody>,
) -> Result<Vec<MethodBody>, Refused> {
    let ids: Vec<Uuid> = methods.iter().filter_map(|method| method.id.id()).collect();
    let numbers = vault.deps.storefront.numbers.numbers(tenant, NumberKind::Method, &ids).await?;
    for (method, number) in methods.iter_mut().zip(numbers) {
        method.id = Named::Number(number);
    }
    Ok(methods)
}

fn unreadable(error: &serde_json::Error) -> Problem {
    tracing::error!(%error, "a kept answer cannot be read");
    Problem::internal()
}

/// A refusal that was kept under the request's key, in the platform's words.
fn kept_refusal(answer: &Answer) -> Refused {
    #[derive(Deserialize)]
    struct Kept {
        detail: String,
    }
    match serde_json::from_str::<Kept>(&answer.body) {
        Ok(kept) => Refused::invalid(kept.detail),
        Err(error) => unreadable(&error).into(),
    }
}

/// Why a method was not added.
fn not_added(error: VaultError) -> Refused {
    if let VaultError::TokenUnknown = error {
        return Refused::invalid("no connector knows this token");
    }
    fault(error)
}

/// What the client may hear.
fn fault(error: VaultError) -> Refused {
    let problem = Problem::from(error);
    if problem.status() >= 500 {
        tracing::error!(%problem, "a payment method could not be worked on");
    }
    problem.into()
}
