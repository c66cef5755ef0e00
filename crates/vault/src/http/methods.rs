//! `/v1/payments/methods`.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use tender_http::{
    Authorized, Command, IfMatch, ListQuery, Paginated, Problem, ResponseExt, parse_id, respond, scopes,
};

use super::dto::{AttachMethodBody, CreateMethodBody, MethodResource, UpdateMethodBody, created, shown};
use super::method_filter::MethodListFilter;
use super::problem::merchants_bind;
use crate::{Attachment, ConsentGiven, ExpectedVersion, MethodDeletion, MethodUpdate, Reply, VaultService};

pub(super) fn answered(reply: &Reply) -> HttpResponse {
    let response = respond(&reply.answer).replayed(reply.replayed);
    match reply.version {
        Some(version) => response.etag(version),
        None => response,
    }
}

/// Saves a payment method.
///
/// Of a `token` that a gateway gave the client, or of `card` or `bank_account` data, which is tokenised in memory at every
/// connector that takes the type and dropped. The only route that takes card data. A customer may save the same card or
/// account again: the answer then names the older method as `duplicate_of`. Test tokens of the simulator beside cards:
/// `tok_apple_pay`, `tok_google_pay`, `tok_paypal`, `tok_bank_account`, `tok_sepa_debit`, and with `_declined` the last
/// three.
#[utoipa::path(
    tag = "methods",
    security(("bearer" = ["methods:write"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe")),
    request_body = CreateMethodBody,
    responses(
        (status = 201, description = "Saved", body = MethodResource),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `methods:write` is missing", body = Problem),
        (status = 404, description = "A customer named another customer", body = Problem),
        (status = 409, description = "The first call with this key still runs, or others changed the default, or \
            `mandate_reference_taken`", body = Problem),
        (status = 422, description = "`invalid_card`, `invalid_bank_account`, `invalid_mandate`, `sepa_mandate_required`, \
            `sepa_mandate_not_taken`, `token_unknown`, `consent_required`, `customer_required`, \
            `card_number_detected`, `method_type_not_available`, `method_source_required`, `invalid_consent`, \
            `invalid_text`, `invalid_metadata`, `idempotency_key_reused`", body = Problem),
        (status = 503, description = "`connectors_unavailable`: nothing was saved", body = Problem),
    )
)]
#[post("/v1/payments/methods")]
pub(super) async fn create_method(
    caller: Authorized<scopes::MethodsWrite>,
    command: Command<CreateMethodBody>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let Command { body, key, .. } = command;
    let reply = vault.create_method(&caller, body.try_into()?, key, created).await?;
    Ok(answered(&reply))
}

/// Gives a payment method to a customer, to a merchant account, or to both.
///
/// A method belongs to one customer for good, and to one merchant account, which alone may charge it; giving it again to the
/// same one changes nothing. What was made of card or bank account data is given to a customer only with the customer's
/// consent.
#[utoipa::path(
    tag = "methods",
    security(("bearer" = ["methods:attach"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe")),
    request_body = AttachMethodBody,
    responses(
        (status = 200, description = "Attached", body = MethodResource),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `methods:attach` is missing; `merchants_only`: a publishable key names a merchant \
            account", body = Problem),
        (status = 404, description = "No such method", body = Problem),
        (status = 409, description = "`method_attached_to_another`: it belongs to another customer or merchant account", body = Problem),
        (status = 422, description = "`consent_required`, `invalid_consent`, `invalid_text`, `card_number_detected`, \
            `idempotency_key_reused`", body = Problem),
    )
)]
#[post("/v1/payments/methods/attach")]
pub(super) async fn attach_method(
    caller: Authorized<scopes::MethodsAttach>,
    command: Command<AttachMethodBody>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let AttachMethodBody { payment_method_id, customer_id, merchant_account_id, consent } = command.body;
    if customer_id.is_none() && merchant_account_id.is_none() {
        let detail = "say to whom: a `customer_id`, a `merchant_account_id`, or both";
        return Err(Problem::bad_request("missing_field", detail).pointer("/customer_id", detail));
    }
    if merchant_account_id.is_some() {
        merchants_bind(&caller)?;
    }
    let consent = consent.map(ConsentGiven::try_from).transpose()?;
    let attachment =
        Attachment { id: parse_id(&payment_method_id)?, customer_id, merchant_account_id, consent };
    let reply = vault.attach_method(&caller, attachment, command.key, shown).await?;
    Ok(answered(&reply))
}

/// Lists payment methods, newest first.
///
/// A customer's credential sees its own only.
#[utoipa::path(
    tag = "methods",
    security(("bearer" = ["methods:read"])),
    params(
        MethodListFilter,
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 20 if left out"),
        ("starting_after" = Option<String>, Query, description = "Rows older than this one"),
        ("ending_before" = Option<String>, Query, description = "Rows newer than this one"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "One page", body = Paginated<MethodResource>),
        (status = 400, description = "A query parameter is unknown or malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `methods:read` is missing", body = Problem),
    )
)]
#[get("/v1/payments/methods")]
pub(super) async fn list_methods(
    caller: Authorized<scopes::MethodsRead>,
    query: ListQuery<MethodListFilter>,
    vault: web::Data<VaultService>,
) -> Result<Paginated<MethodResource>, Problem> {
    let now = vault.deps.clock.now();
    let page = vault.list_methods(&caller, query.filter.at(now)?, &query.page).await?;
    let rows = page.map(|method| MethodResource::of(&method, now));
    Ok(Paginated::new(rows, &query.page, |row| row.id.uuid()))
}

/// Reads a payment method.
///
/// Never a card number, never a token.
#[utoipa::path(
    tag = "methods",
    security(("bearer" = ["methods:read"])),
    params(("method_id" = String, Path, description = "The method's id (`pm_…`)")),
    responses(
        (status = 200, description = "The method", body = MethodResource),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `methods:read` is missing", body = Problem),
        (status = 404, description = "No such method", body = Problem),
    )
)]
#[get("/v1/payments/methods/{method_id}")]
pub(super) async fn get_method(
    caller: Authorized<scopes::MethodsRead>,
    id: web::Path<String>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let method = vault.get_method(&caller, parse_id(&id)?).await?;
    Ok(respond(&shown(&method, vault.deps.clock.now())).etag(method.version))
}

/// Changes a payment method.
///
/// Its metadata, its billing details, the customer's consent, and whether it is its customer's default; the default that was steps down in
/// the same change. Needs the version that the client has read.
#[utoipa::path(
    tag = "methods",
    security(("bearer" = ["methods:write"])),
    params(
        ("method_id" = String, Path, description = "The method's id (`pm_…`)"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe"),
    ),
    request_body = UpdateMethodBody,
    responses(
        (status = 200, description = "Changed", body = MethodResource),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `methods:write` is missing", body = Problem),
        (status = 404, description = "No such method", body = Problem),
        (status = 409, description = "Others kept changing the customer's default", body = Problem),
        (status = 412, description = "The version is stale", body = Problem),
        (status = 422, description = "`customer_required`, `card_number_detected`, `invalid_text`, \
            `invalid_consent`, `invalid_metadata`, `idempotency_key_reused`", body = Problem),
        (status = 428, description = "No version was named", body = Problem),
    )
)]
#[patch("/v1/payments/methods/{method_id}")]
pub(super) async fn update_method(
    caller: Authorized<scopes::MethodsWrite>,
    id: web::Path<String>,
    if_match: IfMatch,
    command: Command<UpdateMethodBody>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let expected = ExpectedVersion { if_match, body: command.body.version };
    let update = MethodUpdate { id: parse_id(&id)?, request: command.body.try_into()?, expected };
    let reply = vault.update_method(&caller, update, command.key, shown).await?;
    Ok(answered(&reply))
}

/// Deletes a payment method.
///
/// Its tokens and billing details are erased; the answer shows it a last time. When it was the default, the
/// customer's newest other method becomes it, an expired card only when there is no other.
#[utoipa::path(
    tag = "methods",
    security(("bearer" = ["methods:write"])),
    params(
        ("method_id" = String, Path, description = "The method's id (`pm_…`)"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe"),
    ),
    responses(
        (status = 200, description = "Deleted", body = MethodResource),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `methods:write` is missing", body = Problem),
        (status = 404, description = "No such method, or it was deleted before", body = Problem),
        (status = 409, description = "Others kept changing the customer's default", body = Problem),
        (status = 412, description = "The version is stale", body = Problem),
    )
)]
#[delete("/v1/payments/methods/{method_id}")]
pub(super) async fn delete_method(
    caller: Authorized<scopes::MethodsWrite>,
    id: web::Path<String>,
    if_match: IfMatch,
    command: Command<Option<()>>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let expected = ExpectedVersion { if_match, body: None };
    let deletion = MethodDeletion { id: parse_id(&id)?, expected };
    let reply = vault.delete_method(&caller, deletion, command.key, shown).await?;
    Ok(answered(&reply))
}
