use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::intents::RefundOfIntent;
use tender_domain::kernel::{AttemptId, InboxEntry, Message, Metadata, Money, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_domain::refunds::{RefundChannel, RefundMethod, RefundStatus};
use tender_events::{PublicEvent, RefundFailed, RefundProcessed, UnreadableEvent};

use super::failure::unhandled;
use crate::use_cases::{RefundToTell, ToldRefund};
use crate::{IntentsError, IntentsService};

const NAME: &str = "intents-refunds";

/// Follows `refund.processed` and `refund-failed`, so that an intent shows its refunds and what was given back.
pub struct RefundsOfIntents(pub Arc<IntentsService>);

#[async_trait]
impl Consumer for RefundsOfIntents {
    fn name(&self) -> &'static str {
        NAME
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::REFUND_PROCESSED, Topic::REFUND_FAILED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let told = read(message).map_err(|error| HandleError::Poison(error.to_string()))?;
        let intent = told.refund.intent_id;
        match self.0.take_up_refund(told).await {
            Ok(()) => Ok(()),
            Err(IntentsError::NoSuchIntent) => {
                Err(HandleError::Poison(format!("there is no intent {intent}")))
            }
            Err(error) => Err(unhandled(&error)),
        }
    }
}

fn read(message: &Message) -> Result<ToldRefund, UnreadableEvent> {
    if message.topic == Topic::REFUND_FAILED {
        return RefundFailed::from_message(message).map(failed);
    }
    RefundProcessed::from_message(message).map(processed)
}

fn processed(event: RefundProcessed) -> ToldRefund {
    let amount = Money::new(event.amount_minor, event.currency);
    let tell = RefundToTell {
        is_credit: event.refund_method == RefundMethod::StoreCredit.as_str(),
        agent: RefundChannel::agent_of(&event.metadata).map(str::to_owned),
    };
    ToldRefund {
        tell: Some(tell),
        given_back: amount,
        entry: InboxEntry { consumer: NAME, key: event.refund_id.to_string() },
        refund: RefundOfIntent {
            tenant: event.tenant_id,
            id: event.refund_id,
            intent_id: event.intent_id,
            attempt: AttemptId::from_uuid(event.charge_id.uuid()),
            version: event.version,
            amount,
            reason: reason(&event.metadata, event.reason),
            gateway_reference: event.gateway_reference,
            status: RefundStatus::Succeeded,
            failed_after_success: false,
            created_at: event.created_at,
            ended_at: event.processed_at,
        },
    }
}

fn failed(event: RefundFailed) -> ToldRefund {
    let amount = Money::new(event.amount_minor, event.currency);
    // They may come in any order: each counts for itself, once. One that failed may have been done after all, and be taken
    // back then: that is another entry.
    let (taken_back, end) =
        if event.after_success { (-event.amount_minor, "failed") } else { (0, "not_done") };
    ToldRefund {
        tell: None,
        given_back: Money::new(taken_back, event.currency),
        entry: InboxEntry { consumer: NAME, key: format!("{}/{end}", event.refund_id) },
        refund: RefundOfIntent {
            tenant: event.tenant_id,
            id: event.refund_id,
            intent_id: event.intent_id,
            attempt: AttemptId::from_uuid(event.charge_id.uuid()),
            version: event.version,
            amount,
            reason: reason(&event.metadata, event.reason),
            gateway_reference: event.gateway_reference,
            status: RefundStatus::Failed,
            failed_after_success: event.after_success,
            created_at: event.created_at,
            ended_at: event.failed_at,
        },
    }
}

/// In the words of a storefront's client, where it gave some.
fn reason(metadata: &Metadata, word: String) -> String {
    metadata.entries().get("reason").cloned().unwrap_or(word)
}
