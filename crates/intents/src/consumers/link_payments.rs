use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{CommitError, InboxEntry, Message, StoreError, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_events::{PaymentProcessed, PublicEvent};

use crate::{IntentsError, IntentsService};

/// Follows `payment.processed`, so that a link for one payment is completed when that was made.
pub struct PaymentsOfLinks(pub Arc<IntentsService>);

#[async_trait]
impl Consumer for PaymentsOfLinks {
    fn name(&self) -> &'static str {
        "intents-links"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::PAYMENT_PROCESSED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let event = PaymentProcessed::from_message(message)
            .map_err(|error| HandleError::Poison(error.to_string()))?;
        let entry = InboxEntry { consumer: self.name(), key: event.capture_id.to_string() };
        let recorded =
            self.0.record_link_paid(&event.tenant_id, event.intent_id, &event.metadata, entry).await;
        match recorded {
            Ok(()) => Ok(()),
            Err(
                error @ (IntentsError::Store(StoreError::Corrupt { .. })
                | IntentsError::Commit(CommitError::Refused { .. })),
            ) => Err(HandleError::Poison(error.to_string())),
            Err(error) => Err(HandleError::Retry(error.to_string())),
        }
    }
}
