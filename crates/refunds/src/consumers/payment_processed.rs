//! `payment.processed`: a capture, by which a charge can be refunded.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{CommitError, InboxEntry, Message, Money, StoreError, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_domain::refunds::{CapturedCharge, CapturedPart};
use tender_events::{PaymentProcessed, PublicEvent};

use crate::RefundsService;
use crate::use_cases::RefundsError;

const NAME: &str = "refunds";

/// Follows captures. Each counts once, by its own id, in whatever order they come.
pub struct RefundsConsumer {
    service: Arc<RefundsService>,
}

impl RefundsConsumer {
    /// The consumer of a service.
    #[must_use]
    pub const fn new(service: Arc<RefundsService>) -> Self {
        Self { service }
    }
}

#[async_trait]
impl Consumer for RefundsConsumer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::PAYMENT_PROCESSED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let event = PaymentProcessed::from_message(message)
            .map_err(|error| HandleError::Poison(error.to_string()))?;
        let handled = InboxEntry { consumer: NAME, key: event.capture_id.to_string() };
        let is_first = event.captured_total_minor == event.amount_minor;
        let adopted = self.service.adopt_charge(&message.tenant, &told(event), Some(handled), is_first).await;
        match adopted {
            Ok(_) => Ok(()),
            // Will be no different the next time: waiting for it would hold up everybody's captures behind it.
            Err(
                error @ (RefundsError::Contradiction(_)
                | RefundsError::Store(StoreError::Corrupt { .. })
                | RefundsError::Commit(CommitError::Refused { .. })),
            ) => Err(HandleError::Poison(error.to_string())),
            Err(error) => Err(HandleError::Retry(error.to_string())),
        }
    }
}

/// What the event tells of the charge: one of its captures.
fn told(event: PaymentProcessed) -> CapturedCharge {
    CapturedCharge {
        charge_id: event.charge_id,
        intent_id: event.intent_id,
        merchant_account_id: event.merchant_account_id,
        connector: event.connector,
        gateway_reference: event.gateway_reference,
        customer_id: event.customer_id,
        order_id: event.order_id,
        livemode: event.livemode,
        authorized: Money::new(event.authorized_minor, event.currency),
        captures: vec![CapturedPart {
            id: event.capture_id,
            amount: Money::new(event.amount_minor, event.currency),
        }],
    }
}
