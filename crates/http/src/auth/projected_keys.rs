//! API keys in a service that does not own them: its own copy, and the owner's word when that is not enough.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tender_domain::kernel::{StoreError, Timestamp};
use tender_domain::ports::{
    ApiKeyAuthority, ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup, ApiKeyProjection, Clock, ProjectedKey,
};
use tokio::sync::Semaphore;

/// The most questions to the owner at one time; a flood of made-up keys must not become a flood there.
const QUESTIONS_MAX: usize = 32;

/// How long what is kept of a key is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyTrust {
    /// For so long after the owner confirmed it, without asking.
    pub unasked: Duration,
    /// For so long at most, when the owner does not answer.
    pub unanswered: Duration,
}

impl Default for KeyTrust {
    fn default() -> Self {
        Self { unasked: Duration::from_secs(60), unanswered: Duration::from_secs(15 * 60) }
    }
}

/// The directory of a service that follows `api-key.changed`.
///
/// A key that is not in the projection is asked for, so that a new one works on its next call while Kafka is away; a
/// known one is trusted for a while when the owner is away. What the owner answers is kept.
pub struct ProjectedKeyDirectory {
    projection: Arc<dyn ApiKeyProjection>,
    authority: Arc<dyn ApiKeyAuthority>,
    clock: Arc<dyn Clock>,
    trust: KeyTrust,
    questions: Semaphore,
}

impl ProjectedKeyDirectory {
    /// A directory over this projection, which asks this owner.
    #[must_use]
    pub fn new(
        projection: Arc<dyn ApiKeyProjection>,
        authority: Arc<dyn ApiKeyAuthority>,
        clock: Arc<dyn Clock>,
        trust: KeyTrust,
    ) -> Self {
        Self { projection, authority, clock, trust, questions: Semaphore::new(QUESTIONS_MAX) }
    }

    /// What the owner says, kept for later.
    async fn ask(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        let Ok(_permit) = self.questions.try_acquire() else {
            return Err(StoreError::Unavailable("too many API keys are being asked for".to_owned()));
        };
        // Taken before the question, so that the age of the answer is never understated.
        let confirmed_at = self.clock.now();
        let Some((grant, version)) = self.authority.ask(lookup).await? else { return Ok(None) };
        let key = ProjectedKey { lookup: *lookup, grant, version, confirmed_at };
        if let Err(error) = self.projection.record(&key).await {
            tracing::warn!(%error, key = %key.grant.id, "an API key could not be kept; it will be asked for again");
        }
        Ok(Some(key.grant))
    }
}

#[async_trait]
impl ApiKeyDirectory for ProjectedKeyDirectory {
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        let kept = match self.projection.find(lookup).await {
            Ok(kept) => kept,
            Err(error) => {
                tracing::warn!(%error, "the projection of API keys cannot be read; asking their owner");
                None
            }
        };
        let now = self.clock.now();
        if let Some(key) = &kept
            // Revoked is for ever: there is nothing left to ask.
            && (key.grant.revoked_at.is_some() || is_younger(key, now, self.trust.unasked))
        {
            return Ok(Some(key.grant.clone()));
        }
        match (self.ask(lookup).await, kept) {
            (Err(error), Some(key)) if is_younger(&key, now, self.trust.unanswered) => {
                tracing::warn!(%error, key = %key.grant.id, "the owner of API keys does not answer; trusting what is kept");
                Ok(Some(key.grant))
            }
            (answer, _) => answer,
        }
    }
}

/// Whether the key was confirmed less than `limit` ago. A confirmation from the future, by another machine's clock,
/// counts for no longer than one from the past.
fn is_younger(key: &ProjectedKey, now: Timestamp, limit: Duration) -> bool {
    (now - key.confirmed_at).abs().to_std().is_ok_and(|age| age < limit)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use chrono::{DateTime, TimeDelta};
    use tender_domain::kernel::{KeyId, Scope, TenantId, Version};
    use uuid::Uuid;

    use super::*;

    const KEY: ApiKeyLookup = ApiKeyLookup([7; 32]);

    struct World {
        now: Mutex<Timestamp>,
        kept: Mutex<HashMap<ApiKeyLookup, ProjectedKey>>,
        /// What the owner says; none is that it does not answer.
        owner: Mutex<Option<HashMap<ApiKeyLookup, (ApiKeyGrant, Version)>>>,
        questions: AtomicUsize,
    }

    impl Clock for World {
        fn now(&self) -> Timestamp {
            *self.now.lock().unwrap()
        }
    }

    #[async_trait]
    impl ApiKeyProjection for World {
        async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ProjectedKey>, StoreError> {
            Ok(self.kept.lock().unwrap().get(lookup).cloned())
        }

        async fn record(&self, key: &ProjectedKey) -> Result<(), StoreError> {
            self.kept.lock().unwrap().insert(key.lookup, key.clone());
            Ok(())
        }
    }

    #[async_trait]
    impl ApiKeyAuthority for World {
        async fn ask(&self, lookup: &ApiKeyLookup) -> Result<Option<(ApiKeyGrant, Version)>, StoreError> {
            self.questions.fetch_add(1, Ordering::SeqCst);
            let owner = self.owner.lock().unwrap();
            let known = owner.as_ref().ok_or_else(|| StoreError::Unavailable("away".to_owned()))?;
            Ok(known.get(lookup).cloned())
        }
    }

    fn grant(revoked: bool) -> ApiKeyGrant {
        ApiKeyGrant {
            id: KeyId::from_uuid(Uuid::from_u128(7)),
            tenant: TenantId::sandbox(),
            publishable: false,
            livemode: false,
            scopes: [Scope::IntentsRead].into_iter().collect(),
            expires_at: None,
            revoked_at: revoked.then_some(DateTime::UNIX_EPOCH),
        }
    }

    /// An owner that knows the key, and a service that does not yet.
    fn world() -> (Arc<World>, ProjectedKeyDirectory) {
        let world = Arc::new(World {
            now: Mutex::new(DateTime::UNIX_EPOCH),
            kept: Mutex::default(),
            owner: Mutex::new(Some([(KEY, (grant(false), Version::FIRST))].into())),
            questions: AtomicUsize::new(0),
        });
        let directory =
            ProjectedKeyDirectory::new(world.clone(), world.clone(), world.clone(), KeyTrust::default());
        (world, directory)
    }

    fn wait(world: &World, seconds: i64) {
        *world.now.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    #[tokio::test]
    async fn a_key_that_no_event_told_of_works_on_its_next_call_and_is_asked_for_once() {
        let (world, directory) = world();
        for _ in 0..3 {
            assert_eq!(directory.find(&KEY).await.unwrap(), Some(grant(false)));
        }
        assert_eq!(world.questions.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_key_that_nobody_knows_is_none_and_is_asked_for_every_time() {
        let (world, directory) = world();
        let other = ApiKeyLookup([8; 32]);
        assert_eq!(directory.find(&other).await.unwrap(), None);
        world.owner.lock().unwrap().as_mut().unwrap().insert(other, (grant(false), Version::FIRST));
        assert_eq!(
            directory.find(&other).await.unwrap(),
            Some(grant(false)),
            "a new key works on its next call"
        );
    }

    #[tokio::test]
    async fn a_revocation_that_no_event_told_of_counts_within_a_minute() {
        let (world, directory) = world();
        directory.find(&KEY).await.unwrap();
        *world.owner.lock().unwrap() = Some([(KEY, (grant(true), Version::new(2)))].into());
        wait(&world, 60);
        assert_eq!(directory.find(&KEY).await.unwrap(), Some(grant(true)));
        *world.owner.lock().unwrap() = None;
        wait(&world, 100_000);
        assert_eq!(directory.find(&KEY).await.unwrap(), Some(grant(true)), "revoked is for ever");
    }

    #[tokio::test]
    async fn a_known_key_works_for_a_quarter_of_an_hour_without_its_owner_and_no_longer() {
        let (world, directory) = world();
        directory.find(&KEY).await.unwrap();
        *world.owner.lock().unwrap() = None;
        wait(&world, 15 * 60 - 1);
        assert_eq!(directory.find(&KEY).await.unwrap(), Some(grant(false)));
        wait(&world, 1);
        assert!(matches!(directory.find(&KEY).await, Err(StoreError::Unavailable(_))));
    }

    #[tokio::test]
    async fn an_unknown_key_without_its_owner_is_not_known_rather_than_refused() {
        let (world, directory) = world();
        *world.owner.lock().unwrap() = None;
        assert!(matches!(directory.find(&KEY).await, Err(StoreError::Unavailable(_))));
    }

    #[tokio::test]
    async fn a_clock_that_is_ahead_buys_no_trust() {
        let (world, directory) = world();
        directory.find(&KEY).await.unwrap();
        world.kept.lock().unwrap().get_mut(&KEY).unwrap().confirmed_at += TimeDelta::hours(1);
        directory.find(&KEY).await.unwrap();
        assert_eq!(world.questions.load(Ordering::SeqCst), 2);
    }
}
