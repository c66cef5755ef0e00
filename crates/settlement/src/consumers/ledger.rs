//! Posts what money did, as other services tell it.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::disputes::DisputeStatus;
use tender_domain::kernel::{Message, Money, Topic};
use tender_domain::ledger::{
    AccountPart, CaptureEffect, DisputeDecision, DisputeEffect, InvalidAccount, LedgerRefusal,
    LedgerTransaction, RefundEffect, RefundedTo, UnmatchedEffect, capture_posting, chargeback_fee_posting,
    chargeback_posting, dispute_posting, refund_posting, unmatched_fee_posting, unmatched_posting,
};
use tender_domain::ports::{Consumer, HandleError};
use tender_domain::refunds::RefundMethod;
use tender_events::{
    ChargebackReceived, ChargebackUnmatched, DisputeResolved, DisputeUpdated, PaymentFailed,
    PaymentProcessed, PublicEvent, RefundFailed, RefundProcessed, UnreadableEvent,
};

use crate::use_cases::LEDGER;
use crate::{PostError, SettlementService};

/// Follows captures, refunds and disputes and posts each effect once, by its effect's id, in any order of arrival.
pub struct LedgerConsumer {
    service: Arc<SettlementService>,
}

impl LedgerConsumer {
    /// The consumer that posts through the service.
    #[must_use]
    pub const fn new(service: Arc<SettlementService>) -> Self {
        Self { service }
    }

    /// What a message posts; nothing, when no money moved.
    fn transaction(&self, message: &Message) -> Result<Option<LedgerTransaction>, NotPostable> {
        match message.topic {
            Topic::PAYMENT_PROCESSED => self.capture(PaymentProcessed::from_message(message)?).map(Some),
            Topic::PAYMENT_FAILED => self.taken_back(PaymentFailed::from_message(message)?),
            Topic::REFUND_PROCESSED => self.refund(RefundProcessed::from_message(message)?).map(Some),
            Topic::REFUND_FAILED => self.refund_failed(RefundFailed::from_message(message)?),
            Topic::CHARGEBACK_RECEIVED => {
                self.chargeback(ChargebackReceived::from_message(message)?).map(Some)
            }
            Topic::CHARGEBACK_UNMATCHED => {
                self.unmatched(ChargebackUnmatched::from_message(message)?).map(Some)
            }
            Topic::DISPUTE_UPDATED => self.fee_told(DisputeUpdated::from_message(message)?),
            Topic::DISPUTE_RESOLVED => {
                let event = DisputeResolved::from_message(message)?;
                // What a guest is given back is a refund, and posted as one.
                if !event.is_chargeback() {
                    return Ok(None);
                }
                self.decision(event).map(Some)
            }
            other => Err(NotPostable::Topic(other)),
        }
    }

    fn capture(&self, event: PaymentProcessed) -> Result<LedgerTransaction, NotPostable> {
        let effect = CaptureEffect {
            connector: part(&event.connector)?,
            merchant_account: part(&event.merchant_account_id)?,
            tenant: event.tenant_id,
            capture: event.capture_id,
            intent: event.intent_id,
            amount: Money::new(event.amount_minor, event.currency),
            occurred_at: event.processed_at,
        };
        Ok(capture_posting(effect, self.service.transfer_id(), self.service.clock.now())?)
    }

    /// A payment that failed after it had been captured: what its capture posted is reversed, under an effect of its own,
    /// whichever of the two messages comes first. One that failed before moved nothing.
    fn taken_back(&self, event: PaymentFailed) -> Result<Option<LedgerTransaction>, NotPostable> {
        let Some(reversed) = event.reversed_capture else { return Ok(None) };
        let effect = CaptureEffect {
            connector: part(&reversed.connector)?,
            merchant_account: part(&event.merchant_account_id)?,
            tenant: event.tenant_id,
            capture: reversed.capture_id,
            intent: event.intent_id,
            amount: Money::new(reversed.amount_minor, event.currency),
            occurred_at: event.attempted_at,
        };
        let now = self.service.clock.now();
        let taken = capture_posting(effect, self.service.transfer_id(), now)?;
        Ok(Some(taken.reversal(now, || self.service.transfer_id())?))
    }

    fn refund(&self, event: RefundProcessed) -> Result<LedgerTransaction, NotPostable> {
        let effect = RefundEffect {
            to: refunded_to(&event.refund_method, &event.connector, event.customer_id.as_deref())?,
            merchant_account: part(&event.merchant_account_id)?,
            tenant: event.tenant_id,
            refund: event.refund_id,
            intent: event.intent_id,
            amount: Money::new(event.amount_minor, event.currency),
            occurred_at: event.processed_at,
        };
        Ok(refund_posting(effect, self.service.transfer_id(), self.service.clock.now())?)
    }

    /// A refund that failed after it had succeeded came back: what its success posted is reversed, under an effect of its
    /// own, whichever of the two messages comes first. One that failed before moved nothing.
    fn refund_failed(&self, event: RefundFailed) -> Result<Option<LedgerTransaction>, NotPostable> {
        if !event.after_success {
            return Ok(None);
        }
        let effect = RefundEffect {
            to: refunded_to(&event.refund_method, &event.connector, event.customer_id.as_deref())?,
            merchant_account: part(&event.merchant_account_id)?,
            tenant: event.tenant_id,
            refund: event.refund_id,
            intent: event.intent_id,
            amount: Money::new(event.amount_minor, event.currency),
            occurred_at: event.failed_at,
        };
        let now = self.service.clock.now();
        let given = refund_posting(effect, self.service.transfer_id(), now)?;
        Ok(Some(given.reversal(now, || self.service.transfer_id())?))
    }

    fn chargeback(&self, event: ChargebackReceived) -> Result<LedgerTransaction, NotPostable> {
        let effect = DisputeEffect {
            connector: part(&event.processor)?,
            merchant_account: part(&event.merchant_account_id)?,
            tenant: event.tenant_id,
            dispute: event.dispute_id,
            intent: event.intent_id,
            amount: Money::new(event.amount_minor, event.currency),
            occurred_at: event.received_at,
        };
        let ids = || self.service.transfer_id();
        Ok(chargeback_posting(effect, event.fee_minor, ids, self.service.clock.now())?)
    }

    /// A fee that was told later than its dispute; any other change of a dispute moves no money.
    fn fee_told(&self, event: DisputeUpdated) -> Result<Option<LedgerTransaction>, NotPostable> {
        let Some(fee_minor) = event.told_fee_minor else { return Ok(None) };
        let effect = DisputeEffect {
            connector: part(&event.processor)?,
            merchant_account: part(&event.merchant_account_id)?,
            tenant: event.tenant_id,
            dispute: event.dispute_id,
            intent: event.intent_id,
            amount: Money::new(fee_minor, event.currency),
            occurred_at: event.updated_at,
        };
        Ok(Some(chargeback_fee_posting(effect, self.service.transfer_id(), self.service.clock.now())?))
    }

    /// A chargeback whose charge is not known is in suspense, and so is a fee that is told meanwhile; when it was matched,
    /// that is reversed, under an effect of its own, whichever of the two messages comes first.
    fn unmatched(&self, event: ChargebackUnmatched) -> Result<LedgerTransaction, NotPostable> {
        let effect = UnmatchedEffect {
            connector: part(&event.processor)?,
            tenant: event.tenant_id,
            intake: event.intake_id,
            amount: Money::new(event.told_fee_minor.unwrap_or(event.amount_minor), event.currency),
            occurred_at: event.received_at,
        };
        let now = self.service.clock.now();
        if event.told_fee_minor.is_some() {
            return Ok(unmatched_fee_posting(effect, self.service.transfer_id(), now)?);
        }
        let waits = unmatched_posting(effect, event.fee_minor, || self.service.transfer_id(), now)?;
        match event.dispute_id {
            None => Ok(waits),
            Some(_) => Ok(waits.reversal(now, || self.service.transfer_id())?),
        }
    }

    fn decision(&self, event: DisputeResolved) -> Result<LedgerTransaction, NotPostable> {
        let decision = DisputeDecision {
            decisions: event.decisions,
            from: status(&event.previous_status)?,
            to: status(&event.status)?,
        };
        let effect = DisputeEffect {
            connector: part(&event.processor)?,
            merchant_account: part(&event.merchant_account_id)?,
            tenant: event.tenant_id,
            dispute: event.dispute_id,
            intent: event.intent_id,
            amount: Money::new(event.amount_minor, event.currency),
            occurred_at: event.decided_at.unwrap_or(event.updated_at),
        };
        let ids = || self.service.transfer_id();
        Ok(dispute_posting(effect, decision, ids, self.service.clock.now())?)
    }
}

fn status(text: &str) -> Result<DisputeStatus, NotPostable> {
    DisputeStatus::find(text).ok_or_else(|| NotPostable::DisputeStatus(text.to_owned()))
}

fn refunded_to(method: &str, connector: &str, customer: Option<&str>) -> Result<RefundedTo, NotPostable> {
    match RefundMethod::find(method) {
        Some(RefundMethod::OriginalPaymentMethod) => Ok(RefundedTo::Method(part(connector)?)),
        Some(RefundMethod::StoreCredit) => {
            Ok(RefundedTo::StoreCredit(part(customer.ok_or(NotPostable::NoCustomer)?)?))
        }
        None => Err(NotPostable::RefundMethod(method.to_owned())),
    }
}

fn part(text: &str) -> Result<AccountPart, InvalidAccount> {
    text.parse()
}

/// Why a message cannot become a transaction.
#[derive(Debug, thiserror::Error)]
enum NotPostable {
    #[error(transparent)]
    Unreadable(#[from] UnreadableEvent),
    #[error(transparent)]
    Account(#[from] InvalidAccount),
    #[error(transparent)]
    Refused(#[from] LedgerRefusal),
    #[error("`{0}` is no method of a refund")]
    RefundMethod(String),
    #[error("a refund as store credit names no customer")]
    NoCustomer,
    #[error("`{0}` is no status of a dispute")]
    DisputeStatus(String),
    #[error("the ledger does not follow topic {0}")]
    Topic(Topic),
}

#[async_trait]
impl Consumer for LedgerConsumer {
    fn name(&self) -> &'static str {
        LEDGER
    }

    fn topics(&self) -> &'static [Topic] {
        &[
            Topic::PAYMENT_PROCESSED,
            Topic::PAYMENT_FAILED,
            Topic::REFUND_PROCESSED,
            Topic::REFUND_FAILED,
            Topic::CHARGEBACK_RECEIVED,
            Topic::CHARGEBACK_UNMATCHED,
            Topic::DISPUTE_UPDATED,
            Topic::DISPUTE_RESOLVED,
        ]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let transaction =
            self.transaction(message).map_err(|error| HandleError::Poison(error.to_string()))?;
        let Some(transaction) = transaction else { return Ok(()) };
        match self.service.post(transaction).await {
            Ok(_) => Ok(()),
            Err(PostError::TryAgain(problem)) => Err(HandleError::Retry(problem)),
            Err(error) => {
                tracing::error!(message = %message.id, topic = %message.topic, %error, "a money effect was not posted");
                Err(HandleError::Poison(error.to_string()))
            }
        }
    }
}
