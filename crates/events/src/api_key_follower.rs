//! Following API keys into a service's own copy of them.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{Message, StoreError, Topic};
use tender_domain::ports::{ApiKeyMemory, ApiKeyProjection, Consumer, HandleError};

use crate::{ApiKeyChanged, PublicEvent};

/// Keeps a service's [`ApiKeyProjection`] as the owner of the keys tells it. Every service but that owner runs one.
///
/// It needs no inbox: recording the same state twice, or an older one after a newer, changes nothing.
pub struct ApiKeyFollower {
    projection: Arc<dyn ApiKeyProjection>,
    memory: Arc<dyn ApiKeyMemory>,
}

impl ApiKeyFollower {
    /// A follower that records into `projection` and then has `memory` forget the key, so that a key that was revoked
    /// stops at once.
    #[must_use]
    pub fn new(projection: Arc<dyn ApiKeyProjection>, memory: Arc<dyn ApiKeyMemory>) -> Self {
        Self { projection, memory }
    }
}

#[async_trait]
impl Consumer for ApiKeyFollower {
    fn name(&self) -> &'static str {
        "api-keys"
    }

    fn topics(&self) -> &'static [Topic] {
        &[Topic::API_KEY_CHANGED]
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        // A tombstone: keys are revoked, never deleted, so there is nothing to follow.
        if message.data.is_empty() {
            return Ok(());
        }
        let poison = |problem: String| HandleError::Poison(problem);
        let event = ApiKeyChanged::from_message(message).map_err(|error| poison(error.to_string()))?;
        let key = event.projected().map_err(|error| poison(error.to_string()))?;
        self.projection.record(&key).await.map_err(|error| match error {
            StoreError::Unavailable(_) => HandleError::Retry(error.to_string()),
            StoreError::Corrupt { .. } => poison(error.to_string()),
        })?;
        self.memory.forget(&key.lookup).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use chrono::DateTime;
    use tender_domain::kernel::{EventId, KeyId, Scope, TenantId, Timestamp, Version};
    use tender_domain::ports::{ApiKeyLookup, ProjectedKey};
    use uuid::Uuid;

    use super::*;
    use crate::Envelope;

    #[derive(Default)]
    struct Recorded(Mutex<Vec<ProjectedKey>>, bool);

    #[async_trait]
    impl ApiKeyProjection for Recorded {
        async fn find(&self, _: &ApiKeyLookup) -> Result<Option<ProjectedKey>, StoreError> {
            Ok(None)
        }

        async fn record(&self, key: &ProjectedKey) -> Result<(), StoreError> {
            if self.1 {
                return Err(StoreError::Unavailable("away".to_owned()));
            }
            self.0.lock().unwrap().push(key.clone());
            Ok(())
        }
    }

    #[derive(Default)]
    struct Forgotten(Mutex<Vec<ApiKeyLookup>>);

    #[async_trait]
    impl ApiKeyMemory for Forgotten {
        async fn forget(&self, lookup: &ApiKeyLookup) {
            self.0.lock().unwrap().push(*lookup);
        }
    }

    fn event(hash: String) -> ApiKeyChanged {
        ApiKeyChanged {
            key_id: KeyId::from_uuid(Uuid::from_u128(7)),
            tenant_id: TenantId::sandbox(),
            hash,
            scopes: vec!["intents:read".to_owned(), "teleports:write".to_owned()],
            publishable: false,
            livemode: false,
            expires_at: None,
            revoked_at: Some(Timestamp::UNIX_EPOCH),
            updated_at: DateTime::UNIX_EPOCH,
            version: Version::new(2),
        }
    }

    fn message(hash: String) -> Message {
        event(hash).into_message(Envelope { id: EventId(Uuid::from_u128(1)), traceparent: None })
    }

    fn following(projection: Recorded) -> ApiKeyFollower {
        ApiKeyFollower::new(Arc::new(projection), Arc::new(Forgotten::default()))
    }

    #[tokio::test]
    async fn a_changed_key_is_recorded_and_then_forgotten_by_caches() {
        let projection = Arc::new(Recorded::default());
        let forgotten = Arc::new(Forgotten::default());
        let follower = ApiKeyFollower::new(projection.clone(), forgotten.clone());
        let lookup = ApiKeyLookup([9; 32]);
        follower.handle(&message(lookup.to_hex())).await.unwrap();
        let recorded = projection.0.lock().unwrap().clone();
        assert_eq!(recorded.len(), 1);
        assert_eq!((recorded[0].lookup, recorded[0].version), (lookup, Version::new(2)));
        assert_eq!(
            recorded[0].grant.scopes.iter().collect::<Vec<_>>(),
            [Scope::IntentsRead],
            "unknown scopes allow nothing"
        );
        assert!(recorded[0].grant.revoked_at.is_some());
        assert_eq!(*forgotten.0.lock().unwrap(), [lookup]);
    }

    #[tokio::test]
    async fn a_store_that_is_away_is_tried_again_and_nonsense_is_not() {
        let away = following(Recorded(Mutex::default(), true));
        let handled = away.handle(&message(ApiKeyLookup([9; 32]).to_hex())).await;
        assert!(matches!(handled, Err(HandleError::Retry(_))), "{handled:?}");

        let follower = following(Recorded::default());
        assert!(matches!(follower.handle(&message("00".to_owned())).await, Err(HandleError::Poison(_))));
        let garbled = Message { data: Arc::from("{"), ..message(ApiKeyLookup([9; 32]).to_hex()) };
        assert!(matches!(follower.handle(&garbled).await, Err(HandleError::Poison(_))));
        let tombstone = Message { data: Arc::from(""), ..garbled };
        assert!(follower.handle(&tombstone).await.is_ok());
    }
}
