//! `/v1/payments/settings`: what a tenant can set.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, patch};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Caller, Currency, Money, TenantId, Timestamp, UnknownCurrency, Version};
use tender_domain::operations::{
    DefaultCaptureMode, SettingsPatch, SettingsValues, TenantSettings, ThreeDsPolicy,
};
use tender_http::{
    Authorized, Command, IfMatch, Problem, ResponseExt, check_version, keep, respond, respond_json, scopes,
};
use utoipa::ToSchema;

use super::Service;
use crate::{ChangeSettings, Doer, Kept};

/// How an intent that says nothing is captured.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaptureModeName {
    /// At once.
    Auto,
    /// When somebody asks for it.
    Manual,
}

/// When a customer is asked to authenticate.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ThreeDsPolicyName {
    /// When the gateway, the issuer or the law asks for it.
    Automatic,
    /// Always where the method can.
    Always,
    /// As risk asks for: what the law lets go without (low value, risk analysis) is asked for so.
    RiskBased,
    /// Never by our own wish: only when the gateway, the issuer, the client or fraud's rules demand it.
    Never,
}

/// Settings to change; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsRequest {
    /// The method types that can be paid with; replaces the list.
    #[schema(example = json!(["card", "ideal"]))]
    #[serde(default)]
    allowed_methods: Option<Vec<String>>,
    /// How an intent that says nothing is captured.
    #[serde(default)]
    default_capture_mode: Option<CaptureModeName>,
    /// The largest authorization in minor units, by currency; null lifts a currency's limit, others stay.
    #[schema(value_type = Option<Object>, example = json!({"EUR": 500_000, "JPY": null}))]
    #[serde(default)]
    max_authorization_amount: BTreeMap<String, Option<i64>>,
    /// When a customer is asked to authenticate.
    #[serde(default)]
    three_ds_policy: Option<ThreeDsPolicyName>,
    /// Up to which amount transaction risk analysis may stand in for authentication, in minor units of EUR: 10000, 25000
    /// or 50000, by your acquirer's fraud rate; 0 when it may not.
    #[schema(example = 10_000)]
    #[serde(default)]
    risk_analysis_max_eur: Option<i64>,
    /// How long a dispute and its evidence are kept after its end, 180 to 3650 days.
    #[serde(default)]
    dispute_retention_days: Option<u32>,
    /// How often an intent can be tried, 1 to 50.
    #[serde(default)]
    max_attempts: Option<u32>,
    /// The origins whose pages may call with a publishable key; replaces the list.
    #[schema(example = json!(["https://shop.example"]))]
    #[serde(default)]
    allowed_origins: Option<Vec<String>>,
    /// The version that is changed, if `If-Match` does not name it.
    #[serde(default)]
    version: Option<i64>,
}

/// A tenant's settings.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SettingsView {
    /// Always `settings`.
    #[schema(value_type = String, example = "settings")]
    object: &'static str,
    /// The tenant.
    #[schema(example = "sandbox")]
    id: String,
    /// The method types that can be paid with.
    #[schema(example = json!(["card"]))]
    allowed_methods: Vec<String>,
    /// How an intent that says nothing is captured.
    default_capture_mode: CaptureModeName,
    /// The largest authorization in minor units, by currency; a currency that is not here has no limit.
    #[schema(value_type = Object, example = json!({"EUR": 500_000}))]
    max_authorization_amount: BTreeMap<&'static str, i64>,
    /// When a customer is asked to authenticate.
    three_ds_policy: ThreeDsPolicyName,
    /// Up to which amount transaction risk analysis may stand in for authentication, in minor units of EUR; 0 when it may
    /// not.
    risk_analysis_max_eur: i64,
    /// How long a dispute and its evidence are kept after its end, in days.
    dispute_retention_days: u32,
    /// How often an intent can be tried.
    max_attempts: u32,
    /// The origins whose pages may call with a publishable key.
    allowed_origins: Vec<String>,
    /// Whether the caller's credential is for live money; the settings are the same for both.
    livemode: bool,
    /// How often they were told; 0 of a tenant that was never made, and for which nothing was ever set.
    version: i64,
    /// When the tenant was made, or something first set; null at version 0.
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// When they last changed; null at version 0.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

impl SettingsView {
    fn of(settings: &TenantSettings, caller: &Caller) -> Self {
        Self {
            version: settings.version.number(),
            created_at: Some(settings.created_at),
            updated_at: Some(settings.updated_at),
            ..Self::unset(&settings.tenant, settings.values.clone(), caller)
        }
    }

    /// As they are while nothing was ever set.
    fn unset(tenant: &TenantId, values: SettingsValues, caller: &Caller) -> Self {
        let limits = values.max_authorization.values();
        Self {
            object: "settings",
            id: tenant.to_string(),
            allowed_methods: values.allowed_methods,
            default_capture_mode: match values.default_capture_mode {
                DefaultCaptureMode::Auto => CaptureModeName::Auto,
                DefaultCaptureMode::Manual => CaptureModeName::Manual,
            },
            max_authorization_amount: limits.map(|limit| (limit.currency().code(), limit.minor())).collect(),
            three_ds_policy: match values.three_ds_policy {
                ThreeDsPolicy::Automatic => ThreeDsPolicyName::Automatic,
                ThreeDsPolicy::Always => ThreeDsPolicyName::Always,
                ThreeDsPolicy::RiskBased => ThreeDsPolicyName::RiskBased,
                ThreeDsPolicy::Never => ThreeDsPolicyName::Never,
            },
            risk_analysis_max_eur: values.risk_analysis_max.map_or(0, Money::minor),
            dispute_retention_days: values.dispute_retention_days,
            max_attempts: values.max_attempts,
            allowed_origins: values.allowed_origins,
            livemode: caller.livemode,
            version: TenantSettings::UNSET_VERSION.number(),
            created_at: None,
            updated_at: None,
        }
    }
}

impl TryFrom<SettingsRequest> for SettingsPatch {
    type Error = Problem;

    fn try_from(request: SettingsRequest) -> Result<Self, Problem> {
        let mut max_authorization = BTreeMap::new();
        for (code, limit) in request.max_authorization_amount {
            let currency: Currency = code.parse().map_err(|error: UnknownCurrency| {
                let detail = error.to_string();
                let pointer =
                    format!("/max_authorization_amount/{}", code.chars().take(12).collect::<String>());
                Problem::unprocessable("unknown_currency", detail.clone()).pointer(pointer, detail)
            })?;
            max_authorization.insert(currency, limit);
        }
        Ok(Self {
            allowed_methods: request.allowed_methods,
            default_capture_mode: request.default_capture_mode.map(|mode| match mode {
                CaptureModeName::Auto => DefaultCaptureMode::Auto,
                CaptureModeName::Manual => DefaultCaptureMode::Manual,
            }),
            max_authorization,
            three_ds_policy: request.three_ds_policy.map(|policy| match policy {
                ThreeDsPolicyName::Automatic => ThreeDsPolicy::Automatic,
                ThreeDsPolicyName::Always => ThreeDsPolicy::Always,
                ThreeDsPolicyName::RiskBased => ThreeDsPolicy::RiskBased,
                ThreeDsPolicyName::Never => ThreeDsPolicy::Never,
            }),
            risk_analysis_max_eur: request.risk_analysis_max_eur,
            dispute_retention_days: request.dispute_retention_days,
            max_attempts: request.max_attempts,
            allowed_origins: request.allowed_origins,
        })
    }
}

/// Reads the tenant's settings; the defaults while nothing was ever set.
#[utoipa::path(
    operation_id = "get_settings",
    path = "/v1/payments/settings",
    tag = "settings",
    responses(
        (status = 200, description = "The settings; `ETag` names their version.", body = SettingsView),
        (status = 401, description = "No credential that counts.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Without `settings:read`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["settings:read"]))
)]
#[get("/v1/payments/settings")]
pub(crate) async fn read(
    caller: Authorized<scopes::SettingsRead>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let view = match service.read_settings(&caller.tenant).await? {
        Some(settings) => SettingsView::of(&settings, &caller),
        None => SettingsView::unset(&caller.tenant, SettingsValues::default(), &caller),
    };
    Ok(respond_json(200, &view).etag(Version::new(view.version)))
}

/// Changes settings of the tenant.
#[utoipa::path(
    operation_id = "change_settings",
    path = "/v1/payments/settings",
    tag = "settings",
    request_body = SettingsRequest,
    params(
        ("If-Match" = Option<String>, Header, description = "The version that is changed, as `\"3\"`; or `version` in the body."),
        ("Idempotency-Key" = Option<String>, Header, description = "At most 255 characters."),
    ),
    responses(
        (status = 200, description = "The settings as they are now.", body = SettingsView),
        (status = 400, description = "Malformed.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No credential that counts.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Without `settings:write`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Others kept changing them at the same time.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "They are at another version.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A value is out of its range.", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "Neither `If-Match` nor `version`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["settings:write"]))
)]
#[patch("/v1/payments/settings")]
pub(crate) async fn change(
    caller: Authorized<scopes::SettingsWrite>,
    if_match: IfMatch,
    command: Command<SettingsRequest>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let version = command.body.version.map(Version::new);
    let patch = SettingsPatch::try_from(command.body)?;
    let check = |current| check_version(&if_match, version, current);
    let (tenant, by) = (caller.tenant.clone(), Doer::caller(&caller));
    let change = ChangeSettings { tenant, by, patch, check: &check };
    let present = |settings: &TenantSettings| keep(200, &SettingsView::of(settings, &caller));
    match service.change_settings(&change, command.key.as_ref(), present).await? {
        Kept::Replayed(answer) => Ok(respond(&answer).replayed(true)),
        Kept::Fresh(settings) => Ok(respond(&present(&settings)).etag(settings.version)),
    }
}
