use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::intents::SeenRefund;
use tender_domain::kernel::{AttemptId, CommitError, InboxEntry, Message, Money, StoreError, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_events::{PublicEvent, RefundProcessed};

use crate::{IntentsError, IntentsService};

/// Follows `refund.processed`, so that an intent shows what was given back.
pub struct RefundsOfIntents(pub Arc<IntentsService>);

#[async_trait]
impl Consumer for RefundsOfIntents {
    fn name(&self) -> &'static str {
        "intents-refunds"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::REFUND_PROCESSED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let event =
            RefundProcessed::from_message(message).map_err(|error| HandleError::Poison(error.to_string()))?;
        let entry = InboxEntry { consumer: self.name(), key: event.refund_id.to_string() };
        let refund = SeenRefund {
            id: event.refund_id,
            tenant: event.tenant_id,
            intent: event.intent_id,
            attempt: AttemptId::from_uuid(event.charge_id.uuid()),
            amount: Money::new(event.amount_minor, event.currency),
            gateway_reference: event.gateway_reference,
            processed_at: event.processed_at,
        };
        match self.0.add_refund(refund, entry).await {
            Ok(()) => Ok(()),
            Err(IntentsError::NoSuchIntent) => {
                Err(HandleError::Poison(format!("there is no intent {}", event.intent_id)))
            }
            // Will be no different the next time: waiting for it would hold up everybody's refunds behind it.
            Err(
                error @ (IntentsError::Refused(_)
                | IntentsError::Store(StoreError::Corrupt { .. })
                | IntentsError::Commit(CommitError::Refused { .. })),
            ) => Err(HandleError::Poison(error.to_string())),
            Err(error) => Err(HandleError::Retry(error.to_string())),
        }
    }
}
