//! `POST /v1/payments/methods/verify` and `GET /v1/payments/payment-methods/3ds/lookup`.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Answer, MethodId, Timestamp};
use tender_domain::vault::{PaymentMethod, Verification};
use tender_http::{Authorized, Command, Problem, keep, parse_id, respond_json, scopes};
use utoipa::{IntoParams, ToSchema};

use super::dto::MethodResource;
use super::methods::answered;
use super::verification::VerificationKind;
use crate::{VaultService, VerifyMethodRequest};

/// Verifies a payment method.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyMethodBody {
    /// Which method.
    #[schema(example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_method_id: String,
    /// How; if left out `three_ds` of a `card`, else `zero_amount` where no connector that holds it tells of that;
    /// `zero_amount` of a wallet, `micro_deposits` of a bank account.
    kind: Option<VerificationKind>,
    /// The amounts of the two deposits as the customer read them on the statement, in minor units and either order. Left
    /// out to have the deposits sent.
    #[schema(value_type = Option<Vec<i64>>, example = json!([32, 45]), min_items = 2, max_items = 2)]
    amounts: Option<[i64; 2]>,
}

impl TryFrom<VerifyMethodBody> for VerifyMethodRequest {
    type Error = Problem;

    fn try_from(body: VerifyMethodBody) -> Result<Self, Problem> {
        let is_other = body.kind.is_some_and(|kind| kind != VerificationKind::MicroDeposits);
        if body.amounts.is_some() && is_other {
            let detail = "`amounts` are named for `micro_deposits` only; leave one of the two out";
            return Err(Problem::bad_request("invalid_field", detail).pointer("/amounts", "leave it out"));
        }
        Ok(Self {
            id: parse_id(&body.payment_method_id)?,
            kind: body.kind.map(Into::into),
            amounts: body.amounts,
        })
    }
}

/// 200 with the method, or 202 while the gateway's answer is awaited.
fn verified(method: &PaymentMethod, now: Timestamp) -> Answer {
    let awaits_answer = method.verification.as_deref().is_some_and(Verification::awaits_answer);
    keep(if awaits_answer { 202 } else { 200 }, &MethodResource::of(method, now))
}

/// Verifies a payment method.
///
/// A card by its issuer's part in 3-D Secure (`three_ds`) or by an authorization of nothing (`zero_amount`); a bank account by
/// two small deposits (`micro_deposits`): the first call has them sent, and once the customer reads them on the statement
/// another names their `amounts`. Three wrong pairs end it, as do ten days. What came of it is `verification` of the method,
/// and `payment-method.changed` tells each step. Where the gateway does not answer the method stays `pending` and is asked
/// about again, for seven days at most. The simulator always deposits 32 and 45.
#[utoipa::path(
    tag = "methods",
    security(("bearer" = ["methods:write"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe")),
    request_body = VerifyMethodBody,
    responses(
        (status = 200, description = "The method: verified, not verified, or waiting for amounts", body = MethodResource),
        (status = 202, description = "The gateway's answer is not known yet", body = MethodResource),
        (status = 400, description = "Malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `methods:write` is missing", body = Problem),
        (status = 404, description = "No such method", body = Problem),
        (status = 409, description = "`verification_pending`: another kind has not ended; `no_deposits_to_verify`; or the first \
            call with this key still runs", body = Problem),
        (status = 422, description = "`verification_not_available`, `method_type_not_available`, `deposit_amounts_wrong`, \
            `verification_locked`, `idempotency_key_reused`", body = Problem),
        (status = 503, description = "`connectors_unavailable`: nothing was done", body = Problem),
    )
)]
#[post("/v1/payments/methods/verify")]
pub(super) async fn verify_method(
    caller: Authorized<scopes::MethodsWrite>,
    command: Command<VerifyMethodBody>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let Command { body, key, .. } = command;
    let reply = vault.verify_method(&caller, body.try_into()?, key, verified).await?;
    Ok(answered(&reply))
}

/// Which card is looked up.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ThreeDsLookupQuery {
    /// The method's id (`pm_…`).
    payment_method_id: String,
}

/// What a directory server says of a card now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ThreeDsLookupResource {
    /// Always `three_ds_lookup`.
    #[schema(value_type = String, example = "three_ds_lookup")]
    object: &'static str,
    /// The method.
    #[schema(value_type = String, example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_method_id: MethodId,
    /// `enrolled`, `not_enrolled`, or `unknown` when the directory server could not say.
    #[schema(value_type = String, example = "enrolled")]
    enrolment: &'static str,
    /// The highest version of EMV 3-D Secure that the issuer speaks.
    #[schema(example = "2.2.0")]
    version: Option<String>,
    /// Whether the issuer wants to see the customer's device before the authentication.
    device_fingerprint_required: bool,
    /// By which connector it was asked.
    #[schema(example = "simulator")]
    connector: String,
    /// When.
    looked_up_at: DateTime<Utc>,
}

/// Looks up whether a card's issuer takes part in 3-D Secure.
///
/// The directory server is asked each time, by a connector that holds the card; nothing of the method changes.
#[utoipa::path(
    operation_id = "look_up_three_ds",
    tag = "methods",
    security(("bearer" = ["methods:read"])),
    params(ThreeDsLookupQuery),
    responses(
        (status = 200, description = "What it says", body = ThreeDsLookupResource),
        (status = 400, description = "Without `payment_method_id`", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `methods:read` is missing", body = Problem),
        (status = 404, description = "No such method", body = Problem),
        (status = 422, description = "`verification_not_available`: no card, or no connector of it can ask", body = Problem),
        (status = 503, description = "`connectors_unavailable`: there was no answer", body = Problem),
    )
)]
#[get("/v1/payments/payment-methods/3ds/lookup")]
pub(super) async fn look_up_three_ds(
    caller: Authorized<scopes::MethodsRead>,
    query: web::Query<ThreeDsLookupQuery>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let id: MethodId = parse_id(&query.payment_method_id)?;
    let found = vault.look_up_three_ds(&caller, id).await?;
    let body = ThreeDsLookupResource {
        object: "three_ds_lookup",
        payment_method_id: id,
        enrolment: found.support.enrolment.as_str(),
        version: found.support.version,
        device_fingerprint_required: found.support.device_fingerprint,
        connector: found.connector,
        looked_up_at: found.at,
    };
    Ok(respond_json(200, &body))
}
