//! Messages: what the outbox keeps and Kafka carries.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use super::{TenantId, Timestamp, Version};

/// The id of a message (`ce_id`), made once when the change is made. By it consumers know a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(pub Uuid);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A topic: one per event type (contract §5). The public name, without the configured prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Topic {
    name: &'static str,
    compacted: bool,
}

macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $compacted:literal;)*) => {
        impl Topic {
            $($(#[$doc])* pub const $name: Self = Self { name: $text, compacted: $compacted };)*

            /// Every topic of the public contract.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

topics! {
    /// An intent's payment was authorized and waits for its capture.
    PAYMENT_AUTHORIZED = "payment.authorized", false;
    /// Money moved: a capture succeeded.
    PAYMENT_PROCESSED = "payment.processed", false;
    /// An attempt failed.
    PAYMENT_FAILED = "payment-failed", false;
    /// An intent was canceled.
    PAYMENT_CANCELED = "payment.canceled", false;
    /// A refund succeeded.
    REFUND_PROCESSED = "refund.processed", false;
    /// A refund failed, also after it had succeeded.
    REFUND_FAILED = "refund-failed", false;
    /// A dispute was opened.
    DISPUTE_CREATED = "dispute.created", false;
    /// A dispute changed.
    DISPUTE_UPDATED = "dispute.updated", false;
    /// A dispute ended.
    DISPUTE_RESOLVED = "dispute.resolved", false;
    /// A chargeback came in.
    CHARGEBACK_RECEIVED = "chargeback.received", false;
    /// A chargeback came in whose charge is not known, or its charge was found.
    CHARGEBACK_UNMATCHED = "chargeback.unmatched", false;
    /// A saved payment method changed.
    PAYMENT_METHOD_CHANGED = "payment-method.changed", false;
    /// A settlement file was imported.
    SETTLEMENT_IMPORTED = "settlement.imported", false;
    /// A reconciliation ended.
    RECONCILIATION_COMPLETED = "reconciliation.completed", false;
    /// A payout changed.
    PAYOUT_CHANGED = "payout.changed", false;
    /// Billing is asked for a credit note.
    CREDIT_NOTE_REQUESTED = "credit-note.requested", false;
    /// An order of the built-in directory changed.
    ORDER_CHANGED = "order.changed", false;
    /// Somebody is to be told.
    NOTIFICATION_REQUESTED = "notification.requested", false;
    /// Something was done that the audit log keeps.
    AUDIT_RECORDED = "audit.recorded", false;
    /// An operator is to look.
    ALERT_RAISED = "alert.raised", false;
    /// The state of a connector.
    CONNECTOR_CHANGED = "connector.changed", true;
    /// The state of a tenant's settings.
    SETTINGS_CHANGED = "settings.changed", true;
    /// The state of an API key.
    API_KEY_CHANGED = "api-key.changed", true;
    /// The state of a role.
    ROLE_CHANGED = "role.changed", true;
    /// The state of a merchant account.
    MERCHANT_ACCOUNT_CHANGED = "merchant-account.changed", true;
    /// The tickets document's own success event.
    PAYMENT_SUCCEEDED = "payment-succeeded", false;
    /// The adventures document's own event.
    ADVENTURES_PAYMENT_PROCESSED = "novatrek.support.payment.processed", false;
}

impl Topic {
    /// The public name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Whether Kafka keeps the last message of each key for ever (state rather than events).
    #[must_use]
    pub const fn is_compacted(self) -> bool {
        self.compacted
    }

    /// The topic of this public name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|topic| topic.name == name).copied()
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A message as the outbox keeps it: a `CloudEvent` of version 1.0, in Kafka's binary mode on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `ce_id`.
    pub id: EventId,
    /// The topic; its name is `ce_type` too.
    pub topic: Topic,
    /// The record key: the intent's id for everything that concerns a payment, else the aggregate's id. Order is
    /// kept per key.
    pub key: String,
    /// `ce_subject`: the id of the thing that changed.
    pub subject: String,
    /// `ce_tenantid`.
    pub tenant: TenantId,
    /// `ce_source`: who says it, as `/tender/intents`; one of [`Message::SOURCES`].
    pub source: &'static str,
    /// `ce_time`: when it happened.
    pub time: Timestamp,
    /// The version of the aggregate that this message shows.
    pub version: Version,
    /// `ce_traceparent`: the W3C trace context of the request behind it.
    pub traceparent: Option<String>,
    /// The body: JSON in UTF-8. Of a compacted topic an empty body is a tombstone.
    pub data: Arc<str>,
}

impl Message {
    /// Every `source` that the platform writes: a service, or all of it where any service may say it (`alert.raised`).
    pub const SOURCES: &'static [&'static str] = &[
        "/tender",
        "/tender/intents",
        "/tender/vault",
        "/tender/refunds",
        "/tender/settlement",
        "/tender/operations",
    ];

    /// The source as it was read from a table or a header; none when no service of the platform writes it.
    #[must_use]
    pub fn known_source(name: &str) -> Option<&'static str> {
        Self::SOURCES.iter().find(|known| **known == name).copied()
    }
}
