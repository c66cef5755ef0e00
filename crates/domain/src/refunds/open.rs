//! Refunds whose outcome is open, or was until just now, or is a person's to say, as the service that shows payments asks for them.

use async_trait::async_trait;

use crate::kernel::{IntentId, Money, RefundId, StoreError, TenantId, Timestamp};

use super::{Refund, RefundStatus};

/// Which open refunds are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenRefundsOf {
    /// Those of a customer's payments, newest first.
    Customer(String),
    /// Those of an intent, newest first.
    Intent(IntentId),
    /// Those that are left to a person, of whomever, those first that were asked for first.
    Queue,
}

/// A refund whose outcome is open, or was until just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenRefund {
    /// Which.
    pub id: RefundId,
    /// Of which intent.
    pub intent_id: IntentId,
    /// At which connector.
    pub connector: String,
    /// How much.
    pub amount: Money,
    /// Why, in the client's words where it has them.
    pub reason: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// What the gateway calls it, once that is known.
    pub gateway_reference: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its call to the gateway was begun; none while there is none.
    pub asked_at: Option<Timestamp>,
    /// How often the gateway gave no definite answer.
    pub checks: u32,
}

impl OpenRefund {
    /// The refund as it is told, of a charge at this connector.
    #[must_use]
    pub fn of(refund: &Refund, connector: &str) -> Self {
        let attempt = refund.attempt();
        let words = refund.metadata.entries().get("reason").cloned();
        Self {
            id: refund.id,
            intent_id: refund.intent_id,
            connector: connector.to_owned(),
            amount: refund.amount,
            reason: words.unwrap_or_else(|| refund.reason.as_str().to_owned()),
            status: refund.status(),
            gateway_reference: refund.gateway_reference().map(str::to_owned),
            created_at: refund.created_at,
            asked_at: attempt.map(|attempt| attempt.started_at),
            checks: attempt.map_or(0, |attempt| attempt.checks),
        }
    }
}

/// Where refunds whose outcome is open are asked for: the refunds service, which tells by its events of outcomes alone.
#[async_trait]
pub trait OpenRefunds: Send + Sync {
    /// At most `limit` of them. Of a customer's and an intent's also those that succeeded or failed at `ended_since` or
    /// later: the event that tells it may still be on its way.
    ///
    /// # Errors
    /// When they cannot be asked for now; nothing is known then.
    async fn open_refunds(
        &self,
        tenant: &TenantId,
        of: &OpenRefundsOf,
        ended_since: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<OpenRefund>, StoreError>;
}
