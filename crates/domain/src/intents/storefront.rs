//! What storefronts and refunds tell of an intent, kept beside it: facts that no transition looks at.

use crate::dispute_cases::{CaseSource, CaseStatus};
use crate::kernel::{AttemptId, DisputeId, IntentId, Money, RefundId, TenantId, Timestamp, Version};
use crate::refunds::RefundStatus;

/// What a storefront's document wants kept of a payment beside the intent. Written once, with the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorefrontPayment {
    /// Whose.
    pub tenant: TenantId,
    /// Of which intent.
    pub intent_id: IntentId,
    /// The idempotency key as the client named it, where the document shows it.
    pub client_key: Option<String>,
    /// From which address the payer's call came, where the document wants it recorded.
    pub ip_address: Option<String>,
    /// What the payer's browser calls itself, where the document wants it recorded.
    pub user_agent: Option<String>,
}

/// Finds the tenant of a payment page for who comes to it without a credential: the payer's browser, or a gateway. Written
/// once, with the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLocation {
    /// Whose.
    pub tenant: TenantId,
    /// What the page is found by: an id that nobody guesses, with at most 255 characters.
    pub key: String,
}

/// A refund as the refunds service told of it last: a projection of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOfIntent {
    /// Whose.
    pub tenant: TenantId,
    /// The refund.
    pub id: RefundId,
    /// Of which intent.
    pub intent_id: IntentId,
    /// Of which attempt's charge.
    pub attempt: AttemptId,
    /// How many changes the refund had seen.
    pub version: Version,
    /// How much.
    pub amount: Money,
    /// Why, in the client's words where it has them.
    pub reason: String,
    /// What the gateway calls it.
    pub gateway_reference: Option<String>,
    /// Where it stands.
    pub status: RefundStatus,
    /// Whether it had succeeded before it failed.
    pub failed_after_success: bool,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was known how it ended.
    pub ended_at: Timestamp,
}

/// A dispute as the refunds service told of it last: a projection of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeOfIntent {
    /// Whose.
    pub tenant: TenantId,
    /// The dispute.
    pub id: DisputeId,
    /// Of which intent.
    pub intent_id: IntentId,
    /// How many changes the dispute had seen.
    pub version: Version,
    /// Whether a guest asks for the money, or a bank took it.
    pub source: CaseSource,
    /// How much is disputed.
    pub amount: Money,
    /// Why, as a word.
    pub reason: String,
    /// Where it stands.
    pub status: CaseStatus,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl RefundOfIntent {
    /// Whether it gave money back, be it that it failed later.
    #[must_use]
    pub fn gave_back(&self) -> bool {
        self.status == RefundStatus::Succeeded || self.failed_after_success
    }
}
