//! The body of a cancellation.

use serde::Deserialize;
use utoipa::ToSchema;

/// A cancellation.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CancelPaymentIntent)]
pub(super) struct CancelBody {
    /// Why; `user_cancel` when it is not there.
    pub(super) reason: Option<CancelReason>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CancelReason {
    #[default]
    UserCancel,
    Timeout,
    Fraud,
}

impl CancelReason {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::UserCancel => "user_cancel",
            Self::Timeout => "timeout",
            Self::Fraud => "fraud",
        }
    }
}
