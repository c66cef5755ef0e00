//! What an operator is to look at.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, IntentId, TenantId, Timestamp, Topic, Version};
use utoipa::ToSchema;

use crate::PublicEvent;

/// How pressing an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertSeverity {
    /// Somebody is to look when there is time.
    Warning,
    /// Money may be wrong: somebody is to look now.
    Critical,
}

/// `alert.raised`: something that no rule can settle; a person has to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertRaised {
    /// What kind of thing it is: stable and machine-readable (`refund_amount_conflict`).
    pub code: String,
    /// How pressing it is.
    pub severity: AlertSeverity,
    /// The service that raises it (`refunds`).
    pub service: String,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The id of what it is about.
    pub subject_id: String,
    /// The intent, when it is about a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    pub intent_id: Option<IntentId>,
    /// What happened and what to do, for a person; without card numbers.
    pub detail: String,
    /// The version of what it is about.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When it was raised.
    #[schema(value_type = String, format = DateTime)]
    pub raised_at: Timestamp,
}

impl PublicEvent for AlertRaised {
    const TOPIC: Topic = Topic::ALERT_RAISED;
    const SOURCE: &'static str = "/tender";

    fn key(&self) -> String {
        self.intent_id.map_or_else(|| self.subject_id.clone(), |intent| intent.to_string())
    }

    fn subject(&self) -> String {
        self.subject_id.clone()
    }

    fn tenant(&self) -> &TenantId {
        &self.tenant_id
    }

    fn time(&self) -> Timestamp {
        self.raised_at
    }

    fn version(&self) -> Version {
        self.version
    }

    fn amounts(&self) -> Option<(Decimal, i64, Currency)> {
        None
    }
}
