//! `order.changed`: what was paid for an order that is given up goes back, as far as its policy gives it back.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{
    Caller, CommitError, Credential, IntentId, Message, Scope, ScopeSet, StoreError, Topic,
};
use tender_domain::ports::{Consumer, HandleError};
use tender_events::{OrderChanged, PublicEvent};

use crate::RefundsService;
use crate::dialects::{REFUND_PRESENTER, refund_of_cancellation};
use crate::use_cases::{GivenUp, RefundsError};

/// In whose name these refunds are made.
const SUBJECT: &str = "order.changed";
/// Why, where the message does not say it.
const REASON: &str = "GUEST_CANCELLATION";

/// Follows orders that are given up, and refunds the payments that their event names.
pub struct RefundsOfCancellations {
    service: Arc<RefundsService>,
}

impl RefundsOfCancellations {
    /// The consumer of a service.
    #[must_use]
    pub const fn new(service: Arc<RefundsService>) -> Self {
        Self { service }
    }

    async fn refund(
        &self,
        message: &Message,
        payment: IntentId,
        given_up: &GivenUp,
    ) -> Result<(), RefundsError> {
        let (caller, of) = (caller(message), (payment, given_up));
        self.service.refund_cancellation(&caller, of, refund_of_cancellation, REFUND_PRESENTER).await
    }
}

fn caller(message: &Message) -> Caller {
    Caller {
        tenant: message.tenant.clone(),
        subject: SUBJECT.into(),
        credential: Credential::Service("refunds".into()),
        scopes: ScopeSet::from_iter([Scope::RefundsWrite]),
        roles: [].into(),
        actor: None,
        livemode: true,
    }
}

#[async_trait]
impl Consumer for RefundsOfCancellations {
    fn name(&self) -> &'static str {
        "refunds-orders"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::ORDER_CHANGED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let event =
            OrderChanged::from_message(message).map_err(|error| HandleError::Poison(error.to_string()))?;
        let given_up = GivenUp {
            reason: event.refund_reason.unwrap_or_else(|| REASON.to_owned()),
            product_type: event.product_type,
            rate_plan: event.rate_plan,
            cancelled_at: event.changed_at,
            starts_at: event.starts_at,
        };
        for payment in event.refund {
            match self.refund(message, payment, &given_up).await {
                Ok(()) => {}
                // Will be no different the next time: a person looks at it.
                Err(
                    error @ (RefundsError::Contradiction(_)
                    | RefundsError::Refused(_)
                    | RefundsError::Policy(_)
                    | RefundsError::NoSuchCharge
                    | RefundsError::NotCaptured
                    | RefundsError::ConnectorUnavailable(_)
                    | RefundsError::BadKeyRecord(_)
                    | RefundsError::Store(StoreError::Corrupt { .. })
                    | RefundsError::Commit(CommitError::Refused { .. })),
                ) => return Err(HandleError::Poison(format!("payment {payment}: {error}"))),
                Err(error) => return Err(HandleError::Retry(format!("payment {payment}: {error}"))),
            }
        }
        Ok(())
    }
}
