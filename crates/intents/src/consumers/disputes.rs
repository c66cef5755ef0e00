use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::dispute_cases::{CaseSource, CaseStatus};
use tender_domain::disputes::DisputeStatus;
use tender_domain::intents::{DisputeOfIntent, DisputedSum};
use tender_domain::kernel::{Message, Money, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_events::{DisputeCreated, DisputeResolved, DisputeUpdated, PublicEvent, UnreadableEvent};

use super::failure::unhandled;
use crate::{IntentsError, IntentsService};

const NAME: &str = "intents-disputes";

/// Follows the events of disputes, so that an intent shows them, and what they take of it.
pub struct DisputesOfIntents(pub Arc<IntentsService>);

#[async_trait]
impl Consumer for DisputesOfIntents {
    fn name(&self) -> &'static str {
        NAME
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::DISPUTE_CREATED, Topic::DISPUTE_UPDATED, Topic::DISPUTE_RESOLVED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let (dispute, sum) = read(message).map_err(|error| HandleError::Poison(error.to_string()))?;
        let intent = dispute.intent_id;
        match self.0.take_up_disputed(&dispute, sum).await {
            Ok(()) => Ok(()),
            Err(IntentsError::NoSuchIntent) => {
                Err(HandleError::Poison(format!("there is no intent {intent}")))
            }
            Err(error) => Err(unhandled(&error)),
        }
    }
}

/// The dispute as its message tells it, and what the disputes of its charge take.
fn read(message: &Message) -> Result<(DisputeOfIntent, DisputedSum), UnreadableEvent> {
    macro_rules! told {
        ($event:ty) => {{
            let event = <$event>::from_message(message)?;
            let problem = format!("`{}` of `{}` is no status of a dispute", event.status, event.source);
            let unreadable = || UnreadableEvent { id: message.id, topic: message.topic.name(), problem };
            let (source, status) = stands(&event.source, &event.status).ok_or_else(unreadable)?;
            let dispute = DisputeOfIntent {
                tenant: event.tenant_id,
                id: event.dispute_id,
                intent_id: event.intent_id,
                version: event.version,
                source,
                amount: Money::new(event.amount_minor, event.currency),
                reason: event.reason,
                status,
                created_at: event.created_at,
                updated_at: event.updated_at,
            };
            let sum = DisputedSum { minor: event.charge_disputed_minor, version: event.charge_version };
            Ok((dispute, sum))
        }};
    }
    match message.topic {
        Topic::DISPUTE_RESOLVED => told!(DisputeResolved),
        Topic::DISPUTE_UPDATED => told!(DisputeUpdated),
        _ => told!(DisputeCreated),
    }
}

/// Where it stands, in the words of cases.
fn stands(source: &str, status: &str) -> Option<(CaseSource, CaseStatus)> {
    let source = CaseSource::find(source)?;
    let status = match (source, DisputeStatus::find(status)) {
        (CaseSource::Guest, _) => CaseStatus::find(status)?,
        (CaseSource::Chargeback, Some(DisputeStatus::NeedsResponse)) => CaseStatus::Open,
        (CaseSource::Chargeback, Some(DisputeStatus::UnderReview)) => CaseStatus::UnderReview,
        (CaseSource::Chargeback, Some(_)) => CaseStatus::Resolved,
        (CaseSource::Chargeback, None) => return None,
    };
    Some((source, status))
}
