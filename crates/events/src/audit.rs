//! What the audit log keeps.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Caller, Currency, IntentId, TenantId, Timestamp, Topic, Version};
use utoipa::ToSchema;

use crate::PublicEvent;

/// `audit.recorded`: who did something that people must be able to ask about later, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecorded {
    /// What was done: stable and machine-readable (`intent.resolved`).
    pub action: String,
    /// The service in which it was done (`intents`).
    pub service: String,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// In whose name: a token's `sub`, a key's id; `service:refunds/retention` where a service did it by itself, by a rule.
    pub subject: String,
    /// Who really acted, when somebody was impersonated (`act`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The id of what it was done to.
    pub resource_id: String,
    /// The intent, when it is about a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    pub intent_id: Option<IntentId>,
    /// Why, in the person's words; without card numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What else one must know of it, by name.
    #[serde(default)]
    pub details: BTreeMap<String, String>,
    /// The version of what it was done to; 1 where it was only read, or asked for.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
}

impl AuditRecorded {
    /// That a caller did something (`service`, `action`) to a resource, which has this version now.
    #[must_use]
    pub fn by(
        caller: &Caller,
        (service, action): (&str, &str),
        resource_id: String,
        version: Version,
        recorded_at: Timestamp,
    ) -> Self {
        let who = (caller.tenant.clone(), caller.subject.to_string());
        let deed = Self::deed(who, (service, action), resource_id, (version, recorded_at));
        Self { actor: caller.actor.as_ref().map(ToString::to_string), ..deed }
    }

    /// That a service did something to a tenant's resource by itself, as a rule of the tenant's asks; `by` names the rule.
    #[must_use]
    pub fn by_service(
        (tenant, by): (TenantId, &str),
        (service, action): (&str, &str),
        resource_id: String,
        version: Version,
        recorded_at: Timestamp,
    ) -> Self {
        let subject = format!("service:{service}/{by}");
        Self::deed((tenant, subject), (service, action), resource_id, (version, recorded_at))
    }

    fn deed(
        (tenant_id, subject): (TenantId, String),
        (service, action): (&str, &str),
        resource_id: String,
        (version, recorded_at): (Version, Timestamp),
    ) -> Self {
        Self {
            action: action.to_owned(),
            service: service.to_owned(),
            tenant_id,
            subject,
            actor: None,
            resource_id,
            intent_id: None,
            reason: None,
            details: BTreeMap::new(),
            version,
            recorded_at,
        }
    }

    /// Which payment it is about.
    #[must_use]
    pub fn about(self, intent: IntentId) -> Self {
        Self { intent_id: Some(intent), ..self }
    }

    /// Why, in the person's words.
    #[must_use]
    pub fn because(self, reason: impl Into<Option<String>>) -> Self {
        Self { reason: reason.into(), ..self }
    }

    /// What else one must know of it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

impl PublicEvent for AuditRecorded {
    const TOPIC: Topic = Topic::AUDIT_RECORDED;
    const SOURCE: &'static str = "/tender";

    fn key(&self) -> String {
        self.intent_id.map_or_else(|| self.resource_id.clone(), |intent| intent.to_string())
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
