//! What the audit log is told: in the same change.

use std::sync::Arc;

use tender_domain::kernel::{Caller, Message, TenantId, Timestamp, Version};
use tender_events::{AuditRecorded, PublicEvent};

use crate::OperationsService;

/// Who runs the platform, at the command line.
const OPERATOR: &str = "command";

/// Who does something.
#[derive(Debug, Clone)]
pub struct Doer {
    subject: Arc<str>,
    actor: Option<Arc<str>>,
}

impl Doer {
    /// The caller of a request.
    #[must_use]
    pub fn caller(caller: &Caller) -> Self {
        Self { subject: Arc::clone(&caller.subject), actor: caller.actor.clone() }
    }

    /// Who runs the platform, at the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self { subject: Arc::from(OPERATOR), actor: None }
    }

    pub(super) const fn subject(&self) -> &Arc<str> {
        &self.subject
    }
}

/// What was done to which version of what.
pub(super) struct Deed<'a> {
    /// Stable and machine-readable (`api_key.issued`).
    pub(super) action: &'static str,
    pub(super) resource_id: String,
    pub(super) version: Version,
    /// What else one must know of it, by name.
    pub(super) details: &'a [(&'a str, String)],
}

impl OperationsService {
    /// The message that somebody did something.
    pub(super) fn audited(&self, by: &Doer, tenant: &TenantId, deed: Deed<'_>, at: Timestamp) -> Message {
        let named = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
        let event = AuditRecorded {
            action: deed.action.to_owned(),
            service: "operations".to_owned(),
            tenant_id: tenant.clone(),
            subject: by.subject.to_string(),
            actor: by.actor.as_ref().map(ToString::to_string),
            resource_id: deed.resource_id,
            intent_id: None,
            reason: None,
            details: deed.details.iter().map(named).collect(),
            version: deed.version,
            recorded_at: at,
        };
        event.into_message(self.envelope())
    }
}
