use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::intents::DisputedSum;
use tender_domain::kernel::{CommitError, IntentId, Message, StoreError, TenantId, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_events::{DisputeCreated, DisputeResolved, PublicEvent, UnreadableEvent};

use crate::{IntentsError, IntentsService};

const NAME: &str = "intents-disputes";

/// Follows `dispute.created` and `dispute.resolved`, so that an intent shows what disputes take of it.
pub struct DisputesOfIntents(pub Arc<IntentsService>);

#[async_trait]
impl Consumer for DisputesOfIntents {
    fn name(&self) -> &'static str {
        NAME
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::DISPUTE_CREATED, Topic::DISPUTE_RESOLVED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let (tenant, intent, told) = read(message).map_err(|error| HandleError::Poison(error.to_string()))?;
        match self.0.take_up_disputed(&tenant, intent, told).await {
            Ok(()) => Ok(()),
            Err(IntentsError::NoSuchIntent) => {
                Err(HandleError::Poison(format!("there is no intent {intent}")))
            }
            // Will be no different the next time: waiting for it would hold up everybody's disputes behind it.
            Err(
                error @ (IntentsError::Store(StoreError::Corrupt { .. })
                | IntentsError::Commit(CommitError::Refused { .. })),
            ) => Err(HandleError::Poison(error.to_string())),
            Err(error) => Err(HandleError::Retry(error.to_string())),
        }
    }
}

fn read(message: &Message) -> Result<(TenantId, IntentId, DisputedSum), UnreadableEvent> {
    if message.topic == Topic::DISPUTE_RESOLVED {
        let event = DisputeResolved::from_message(message)?;
        let told = DisputedSum { minor: event.charge_disputed_minor, version: event.charge_version };
        return Ok((event.tenant_id, event.intent_id, told));
    }
    let event = DisputeCreated::from_message(message)?;
    let told = DisputedSum { minor: event.charge_disputed_minor, version: event.charge_version };
    Ok((event.tenant_id, event.intent_id, told))
}
