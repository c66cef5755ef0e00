//! What happened to tenants' settings.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp, Version};
use tender_domain::operations::TenantSettings;
use utoipa::ToSchema;

use crate::exact_amount;
use crate::public_event::public_event;

/// The largest authorization in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizationLimit {
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The limit in major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    pub amount: Decimal,
    /// The limit in minor units.
    pub amount_minor: i64,
}

/// `settings.changed`: all settings of a tenant. Compacted: the last one of each tenant is kept. A tenant without one
/// has the defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingsChanged {
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The method types that can be paid with.
    #[schema(example = json!(["card"]))]
    pub allowed_methods: Vec<String>,
    /// How an intent that says nothing is captured: `auto` or `manual`.
    #[schema(example = "auto")]
    pub default_capture_mode: String,
    /// The largest authorizations; a currency that is not here has no limit.
    pub max_authorization_amounts: Vec<AuthorizationLimit>,
    /// When a customer is asked to authenticate: `automatic`, `always`, `risk_based` or `never`.
    #[schema(example = "automatic")]
    pub three_ds_policy: String,
    /// Up to which amount risk analysis may stand in for authentication, in minor units of EUR; 0 when it may not.
    #[serde(default)]
    pub risk_analysis_max_eur_minor: i64,
    /// How long a dispute is kept after its end, in days.
    pub dispute_retention_days: u32,
    /// How often an intent can be tried.
    pub max_attempts: u32,
    /// The origins whose pages may call with a publishable key.
    pub allowed_origins: Vec<String>,
    /// When they came to this state.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// How often they changed.
    #[schema(value_type = i64, example = 1)]
    pub version: Version,
}

impl SettingsChanged {
    /// The state of a tenant's settings.
    #[must_use]
    pub fn of(settings: &TenantSettings) -> Self {
        let limit = |limit: &Money| AuthorizationLimit {
            currency: limit.currency(),
            amount: limit.to_decimal(),
            amount_minor: limit.minor(),
        };
        let values = &settings.values;
        Self {
            tenant_id: settings.tenant.clone(),
            allowed_methods: values.allowed_methods.clone(),
            default_capture_mode: values.default_capture_mode.as_str().to_owned(),
            max_authorization_amounts: values.max_authorization.values().map(limit).collect(),
            three_ds_policy: values.three_ds_policy.as_str().to_owned(),
            risk_analysis_max_eur_minor: values.risk_analysis_max.map_or(0, Money::minor),
            dispute_retention_days: values.dispute_retention_days,
            max_attempts: values.max_attempts,
            allowed_origins: values.allowed_origins.clone(),
            updated_at: settings.updated_at,
            version: settings.version,
        }
    }
}

public_event! {
    SettingsChanged is SETTINGS_CHANGED of "/tender/operations":
    key tenant_id, subject tenant_id, at updated_at
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use tender_domain::kernel::EventId;
    use tender_domain::operations::SettingsPatch;
    use uuid::Uuid;

    use super::*;
    use crate::Envelope;
    use crate::PublicEvent as _;

    #[test]
    fn settings_survive_their_message_with_amounts_exact() {
        let patch = SettingsPatch {
            max_authorization: [(Currency::BHD, Some(1_234_567)), (Currency::JPY, Some(70_000))].into(),
            ..SettingsPatch::default()
        };
        let (settings, _) =
            TenantSettings::first(TenantId::sandbox(), patch, DateTime::UNIX_EPOCH).expect("in range");
        let event = SettingsChanged::of(&settings);
        let envelope = Envelope { id: EventId(Uuid::from_u128(1)), traceparent: None };
        let message = event.clone().into_message(envelope);
        assert!(message.data.contains(r#""amount":1234.567,"amountMinor":1234567"#), "{}", message.data);
        assert_eq!(
            (message.key.as_str(), message.topic),
            ("sandbox", tender_domain::kernel::Topic::SETTINGS_CHANGED)
        );
        assert_eq!(SettingsChanged::from_message(&message), Ok(event));
    }
}
