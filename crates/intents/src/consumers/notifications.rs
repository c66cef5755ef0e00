use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{CommitError, Message, StoreError, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_events::{NotificationRequested, PublicEvent};

use crate::use_cases::DeliveryError;
use crate::{IntentsError, IntentsService};

/// Follows `notification.requested`, and sends the payment links among them.
pub struct LinkNotifications(pub Arc<IntentsService>);

#[async_trait]
impl Consumer for LinkNotifications {
    fn name(&self) -> &'static str {
        "intents-notifications"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::NOTIFICATION_REQUESTED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let event = NotificationRequested::from_message(message)
            .map_err(|error| HandleError::Poison(error.to_string()))?;
        if event.template != "payment_link" {
            return Ok(());
        }
        match self.0.deliver_sending(&event.tenant_id, event.notification_id).await {
            Ok(()) => Ok(()),
            Err(DeliveryError::Ours(
                error @ (IntentsError::NoSuchLink
                | IntentsError::Store(StoreError::Corrupt { .. })
                | IntentsError::Commit(CommitError::Refused { .. })),
            )) => Err(HandleError::Poison(error.to_string())),
            Err(error) => Err(HandleError::Retry(error.to_string())),
        }
    }
}
