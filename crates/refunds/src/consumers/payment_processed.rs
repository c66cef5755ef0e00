//! `payment.processed`: a capture, by which a charge can be refunded; and `payment-failed`, where it is of one that did not
//! last.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{CommitError, InboxEntry, Message, Money, StoreError, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_domain::refunds::{CapturedCharge, CapturedPart};
use tender_events::{PaymentFailed, PaymentProcessed, PublicEvent, UnreadableEvent};

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
        &[Topic::PAYMENT_PROCESSED, Topic::PAYMENT_FAILED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let poison = |error: UnreadableEvent| HandleError::Poison(error.to_string());
        let adopted = if message.topic == Topic::PAYMENT_FAILED {
            let event = PaymentFailed::from_message(message).map_err(poison)?;
            // What failed before anything was taken is nothing to refund.
            let Some(told) = taken_back(event) else { return Ok(()) };
            self.service.capture_reversed(&message.tenant, &told).await
        } else {
            let event = PaymentProcessed::from_message(message).map_err(poison)?;
            let handled = InboxEntry { consumer: NAME, key: event.capture_id.to_string() };
            let is_first = event.captured_total_minor == event.amount_minor;
            let told = told(event);
            self.service.adopt_charge(&message.tenant, &told, Some(handled), is_first).await.map(|_| ())
        };
        match adopted {
            Ok(()) => Ok(()),
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

/// The charge of a capture that did not last, with that capture; none of a payment that failed before it was taken.
fn taken_back(event: PaymentFailed) -> Option<CapturedCharge> {
    let reversed = event.reversed_capture?;
    Some(CapturedCharge {
        charge_id: reversed.charge_id,
        intent_id: event.intent_id,
        merchant_account_id: event.merchant_account_id,
        connector: reversed.connector,
        gateway_reference: reversed.gateway_reference,
        customer_id: event.customer_id,
        order_id: event.order_id,
        livemode: event.livemode,
        authorized: Money::new(reversed.authorized_minor, event.currency),
        captures: vec![CapturedPart {
            id: reversed.capture_id,
            amount: Money::new(reversed.amount_minor, event.currency),
        }],
    })
}
