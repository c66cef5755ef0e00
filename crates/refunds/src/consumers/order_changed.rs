//! `order.changed`: what was paid for an order that is given up goes back, as far as its policy gives it back.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{
    Caller, CommitError, Credential, IntentId, KeyScope, Message, RequestFingerprint, Scope, ScopeSet,
    StoreError, Topic,
};
use tender_domain::ports::{Consumer, HandleError};
use tender_events::{OrderChanged, PublicEvent};
use tender_http::RequestKey;

use crate::RefundsService;
use crate::dialects::{REFUND_PRESENTER, refund_of_cancellation};
use crate::use_cases::RefundsError;

/// The route whose idempotency keys these refunds have: one refund of a payment, however often it is told.
const ROUTE: &str = "order.changed";

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

    async fn refund(&self, message: &Message, payment: IntentId) -> Result<(), RefundsError> {
        let key = RequestKey {
            scope: KeyScope { route: ROUTE, key: payment.to_string().into() },
            fingerprint: RequestFingerprint([0; 32]),
        };
        let caller = caller(message);
        let wanted = refund_of_cancellation(payment);
        self.service.create_refund(&caller, wanted, key, REFUND_PRESENTER).await.map(drop)
    }
}

fn caller(message: &Message) -> Caller {
    Caller {
        tenant: message.tenant.clone(),
        subject: ROUTE.into(),
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
        for payment in event.refund {
            match self.refund(message, payment).await {
                Ok(()) => {}
                // Will be no different the next time: a person looks at it.
                Err(
                    error @ (RefundsError::Contradiction(_)
                    | RefundsError::Refused(_)
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
