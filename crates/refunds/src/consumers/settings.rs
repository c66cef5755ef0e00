use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::disputes::DisputeRetention;
use tender_domain::kernel::{Change, CommitError, Message, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_events::{PublicEvent, SettingsChanged};

use crate::RefundsService;

/// Follows `settings.changed`, so that evidence is kept for as long as a tenant has set.
///
/// It needs no inbox: hearing the same settings twice, or older ones after newer, changes nothing.
pub struct SettingsOfRefunds(pub Arc<RefundsService>);

#[async_trait]
impl Consumer for SettingsOfRefunds {
    fn name(&self) -> &'static str {
        "refunds-settings"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::SETTINGS_CHANGED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        // A tombstone: settings are changed, never deleted, so there is nothing to follow.
        if message.data.is_empty() {
            return Ok(());
        }
        let event =
            SettingsChanged::from_message(message).map_err(|error| HandleError::Poison(error.to_string()))?;
        let retention = DisputeRetention {
            tenant: event.tenant_id,
            version: event.version,
            days: event.dispute_retention_days,
            recorded_at: self.0.clock.now(),
        };
        let change = Change::of(retention.tenant.clone()).save(retention).in_background();
        match self.0.store.commit(change).await {
            Ok(_) => Ok(()),
            Err(error @ CommitError::Refused { .. }) => Err(HandleError::Poison(error.to_string())),
            Err(error) => Err(HandleError::Retry(error.to_string())),
        }
    }
}
