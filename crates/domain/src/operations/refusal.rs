use crate::kernel::{CardNumberDetected, Currency, Limits, Scope, TenantId};

use super::{SettingsValues, Tenant};

/// Why a tenant was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TenantRefusal {
    /// There is one of this name.
    #[error("the tenant `{0}` exists")]
    Exists(TenantId),
    /// The display name is empty or too long.
    #[error("a display name has 1 to {} characters", Tenant::DISPLAY_NAME_CHARS)]
    BadDisplayName,
    /// The display name holds what looks like a card number.
    #[error(transparent)]
    CardNumber(#[from] CardNumberDetected),
}

/// Why a key was not issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyRefusal {
    /// The name is empty or too long.
    #[error("a key's name has 1 to {} characters", Limits::REFERENCE_CHARS)]
    BadName,
    /// The name holds what looks like a card number.
    #[error(transparent)]
    CardNumber(#[from] CardNumberDetected),
    /// A key that may do nothing.
    #[error("a key has at least one scope")]
    NoScope,
    /// The issuer does not have the scope itself.
    #[error("you cannot give the scope `{0}`: you do not have it yourself")]
    ExceedsIssuer(Scope),
    /// What only services may do.
    #[error("`{0}` is for the platform's own services; no key can have it")]
    ReservedScope(Scope),
    /// What a key in a browser may not do.
    #[error("a publishable key is readable by everybody and cannot have the scope `{0}`")]
    NotPublishable(Scope),
}

/// Why settings were not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsRefusal {
    /// A name that no method type can have, or a list that is empty, too long or names one twice.
    #[error(
        "name 1 to {} different method types, each of 1 to 40 lower-case letters, digits and `_`",
        SettingsValues::ALLOWED_METHODS
    )]
    BadAllowedMethods,
    /// A limit that is no amount of money.
    #[error(
        "the largest authorization in {0} must be a positive amount in minor units, or null for no limit"
    )]
    BadMaxAuthorization(Currency),
    /// Outside its range.
    #[error(
        "disputes are kept from {} to {} days",
        SettingsValues::DISPUTE_RETENTION_DAYS_MIN,
        SettingsValues::DISPUTE_RETENTION_DAYS_MAX
    )]
    BadDisputeRetention,
    /// Outside its range.
    #[error("an intent has 1 to {} attempts", SettingsValues::MAX_ATTEMPTS)]
    BadMaxAttempts,
    /// Not one of the law's amounts.
    #[error(
        "risk analysis may stand in up to 10000, 25000 or 50000 (minor units of EUR), or 0 for not at all"
    )]
    BadRiskAnalysisMax,
    /// Not an origin that a browser would send.
    #[error(
        "`{0}` is not an origin: `https://` and a host, a port if needed, nothing after it; `http://` for localhost"
    )]
    BadOrigin(String),
    /// A text of this field holds what looks like a card number.
    #[error("{CardNumberDetected}")]
    CardNumber(&'static str),
    /// More origins than are kept, or one twice.
    #[error("name at most {} different origins", SettingsValues::ALLOWED_ORIGINS)]
    BadOrigins,
}

impl SettingsRefusal {
    /// The field that is wrong, as clients name it.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::BadAllowedMethods => "allowed_methods",
            Self::BadMaxAuthorization(_) => "max_authorization_amount",
            Self::BadDisputeRetention => "dispute_retention_days",
            Self::BadMaxAttempts => "max_attempts",
            Self::BadRiskAnalysisMax => "risk_analysis_max_eur",
            Self::CardNumber(field) => field,
            Self::BadOrigin(_) | Self::BadOrigins => "allowed_origins",
        }
    }
}
