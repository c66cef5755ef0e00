//! `/v1/payments/dispute-tiers`

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::dispute_cases::{DisputeTiers, TierLimits};
use tender_domain::kernel::{Answer, Version};
use tender_http::{Authorized, Command, IfMatch, Problem, ResponseExt, keep, respond_json, scopes};
use utoipa::ToSchema;

use super::disputes::answer;
use super::refunds::Service;
use super::request::currency;
use crate::Seen;

/// Up to where the two lower tiers go in one currency, both included.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisputeTierLimits)]
struct LimitsBody {
    /// The most of tier 1, in minor units.
    #[schema(minimum = 1, example = 50_000)]
    tier_1: i64,
    /// The most of tier 2, in minor units; more than `tier_1`.
    #[schema(minimum = 2, example = 500_000)]
    tier_2: i64,
}

/// Your limits, all of them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutDisputeTiers)]
struct PutBody {
    /// The currency whose limits count for currencies that have none of their own, by the number of their major units.
    #[schema(example = "EUR")]
    base_currency: String,
    /// By currency; the base currency has some, and at most 50 have.
    #[schema(example = json!({"EUR": {"tier_1": 50_000, "tier_2": 500_000}}))]
    limits: BTreeMap<String, LimitsBody>,
    /// The version you have seen, 0 for none; instead of `If-Match`.
    version: Option<i64>,
}

/// How much each role may decide on in disputes.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DisputeTiers)]
struct TiersBody {
    /// Always `dispute_tiers`.
    #[schema(value_type = String, example = "dispute_tiers")]
    object: &'static str,
    /// The currency whose limits count for currencies that have none of their own.
    #[schema(value_type = String, example = "EUR")]
    base_currency: &'static str,
    /// By currency.
    limits: BTreeMap<String, LimitsBody>,
    /// Grows with every change; also its `ETag`. 0 while you have set none.
    version: i64,
    /// When they last changed.
    updated_at: DateTime<Utc>,
}

impl From<&DisputeTiers> for TiersBody {
    fn from(tiers: &DisputeTiers) -> Self {
        let body = |of: &TierLimits| LimitsBody { tier_1: of.first_minor, tier_2: of.second_minor };
        Self {
            object: "dispute_tiers",
            base_currency: tiers.base_currency.code(),
            limits: tiers.limits.iter().map(|(code, of)| (code.code().to_owned(), body(of))).collect(),
            version: tiers.version.number(),
            updated_at: tiers.updated_at,
        }
    }
}

fn kept(tiers: &DisputeTiers) -> Answer {
    keep(200, &TiersBody::from(tiers))
}

/// Reads how much each role may decide on in disputes.
#[utoipa::path(
    operation_id = "get_dispute_tiers",
    tag = "disputes",
    path = "/v1/payments/dispute-tiers",
    responses((status = 200, description = "The limits; the standard ones of version 0 while you have set none", body = TiersBody)),
    security(("bearer" = ["disputes:read"])),
)]
#[get("/v1/payments/dispute-tiers")]
pub(super) async fn get_tiers(
    caller: Authorized<scopes::DisputesRead>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let tiers = service.dispute_tiers(&caller.tenant).await?;
    Ok(respond_json(200, &TiersBody::from(&tiers)).etag(tiers.version))
}

/// Sets how much each role may decide on in disputes.
///
/// Disputes that are open keep their tier.
#[utoipa::path(
    operation_id = "put_dispute_tiers",
    tag = "disputes",
    path = "/v1/payments/dispute-tiers",
    params(
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = PutBody,
    responses(
        (status = 200, description = "The limits", body = TiersBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 412, description = "They have another version than you have seen", body = Problem),
        (status = 422, description = "`invalid_dispute_tiers`", body = Problem),
        (status = 428, description = "Neither `If-Match` nor `version`", body = Problem),
    ),
    security(("bearer" = ["settings:write"])),
)]
#[put("/v1/payments/dispute-tiers")]
pub(super) async fn put_tiers(
    caller: Authorized<scopes::SettingsWrite>,
    command: Command<PutBody>,
    if_match: IfMatch,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let Command { body, key, .. } = command;
    let base = currency(&body.base_currency)?;
    let limits = body.limits.iter().map(|(code, of)| {
        let limits = TierLimits { first_minor: of.tier_1, second_minor: of.tier_2 };
        Ok((currency(code)?, limits))
    });
    let limits = limits.collect::<Result<BTreeMap<_, _>, Problem>>()?;
    let seen = Seen { if_match, version: body.version.map(Version::new) };
    Ok(answer(&service.put_dispute_tiers(&caller, (base, limits), seen, key, kept).await?))
}
