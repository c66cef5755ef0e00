//! Following the origins that tenants allow into a process's memory of them.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{Message, Topic};
use tender_domain::ports::{Consumer, HandleError, OriginMemory};

use crate::{PublicEvent, SettingsChanged};

/// Keeps a process's memory of the allowed origins as the settings tell it. Every process that browsers may call runs
/// one.
///
/// It needs no inbox: the same settings twice, or older ones after newer, change nothing.
pub struct OriginsFollower(pub Arc<dyn OriginMemory>);

#[async_trait]
impl Consumer for OriginsFollower {
    fn name(&self) -> &'static str {
        "allowed-origins"
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
        self.0.remember(&event.tenant_id, event.version, &event.allowed_origins);
        Ok(())
    }
}
