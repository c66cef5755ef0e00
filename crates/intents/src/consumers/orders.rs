//! `order.changed`: the order directory is written back to.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{InboxEntry, Message, Topic};
use tender_domain::ports::{Consumer, HandleError, OrderStatus};
use tender_events::{OrderChanged, PublicEvent};

use super::failure::unhandled;
use crate::IntentsService;

const NAME: &str = "intents-orders";

/// Follows `order.changed`, and writes back to the order directory where an order stands. What was paid for one of the
/// built-in directory that had been given up meanwhile is told, so that it goes back.
pub struct OrderWriteBack(pub Arc<IntentsService>);

#[async_trait]
impl Consumer for OrderWriteBack {
    fn name(&self) -> &'static str {
        NAME
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::ORDER_CHANGED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let event =
            OrderChanged::from_message(message).map_err(|error| HandleError::Poison(error.to_string()))?;
        let unknown = || HandleError::Poison(format!("there is no status {} of an order", event.status));
        let status = OrderStatus::find(&event.status).ok_or_else(unknown)?;
        let written = self.0.orders.write_back(&message.tenant, &event.order_id, status).await;
        written.map_err(|error| HandleError::Retry(error.to_string()))?;
        if status != OrderStatus::Confirmed {
            return Ok(());
        }
        let entry = InboxEntry { consumer: NAME, key: message.id.0.to_string() };
        let told = self.0.give_back_paid_late(entry, &event).await;
        told.map_err(|error| unhandled(&error))
    }
}
