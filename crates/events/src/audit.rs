//! What the audit log keeps.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, TenantId, Timestamp, Topic, Version};
use utoipa::ToSchema;

use crate::PublicEvent;

/// `audit.recorded`: somebody did something that others must be able to look up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecorded {
    /// What was done: stable and machine-readable (`fraud.override.created`).
    #[schema(example = "fraud.override.created")]
    pub action: String,
    /// Who did it: a token's subject, a key's id.
    pub subject: String,
    /// Who really acted, when it was done in another's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The id of what it was done to.
    pub resource_id: String,
    /// Why, as the person said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it came to, for a person; without card numbers.
    pub detail: String,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The version of what it was done to.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
}

impl PublicEvent for AuditRecorded {
    const TOPIC: Topic = Topic::AUDIT_RECORDED;
    const SOURCE: &'static str = "/tender";

    fn key(&self) -> String {
        self.resource_id.clone()
    }

    fn subject(&self) -> String {
        self.resource_id.clone()
    }

    fn tenant(&self) -> &TenantId {
        &self.tenant_id
    }

    fn time(&self) -> Timestamp {
        self.recorded_at
    }

    fn version(&self) -> Version {
        self.version
    }

    fn amounts(&self) -> Option<(Decimal, i64, Currency)> {
        None
    }
}
