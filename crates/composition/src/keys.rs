//! Where a process finds API keys.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::ports::{ApiKeyAuthority, ApiKeyDirectory, ApiKeyMemory, Clock};
use tender_events::ApiKeyFollower;
use tender_http::{KeyTrust, ProjectedKeyDirectory};
use tender_postgres::{PgApiKeyProjection, PgPool};
use tender_settings::Auth;

/// Has what owns the keys tell a memory of the same process when one is revoked.
pub type HaveForget = Box<dyn FnOnce(Arc<dyn ApiKeyMemory>) + Send>;

/// Where a process finds API keys.
pub enum KeySource {
    /// It owns them.
    Own {
        /// The owner.
        directory: Arc<dyn ApiKeyDirectory>,
        /// Told of the process's memory of keys, so that a revoked one stops at once.
        have_forget: HaveForget,
    },
    /// It follows their owner, and asks it when that is not enough.
    Followed(Arc<dyn ApiKeyAuthority>),
}

/// A service's own copy of the keys.
pub(crate) struct FollowedKeys {
    projection: Arc<PgApiKeyProjection>,
}

impl FollowedKeys {
    pub(crate) fn new(pool: PgPool, schema: &'static str) -> Self {
        Self { projection: Arc::new(PgApiKeyProjection::new(pool, schema)) }
    }

    /// The directory over the copy and the owner's word.
    pub(crate) fn directory(
        &self,
        owner: Arc<dyn ApiKeyAuthority>,
        clock: Arc<dyn Clock>,
        auth: &Auth,
    ) -> Arc<dyn ApiKeyDirectory> {
        let unasked = Duration::from_secs(auth.api_key_trust_max_seconds);
        let trust = KeyTrust { unasked, ..KeyTrust::default() };
        let projection = Arc::clone(&self.projection);
        Arc::new(ProjectedKeyDirectory::new(projection, owner, clock, trust))
    }

    /// The consumer that keeps the copy.
    pub(crate) fn follower(&self, memory: Arc<dyn ApiKeyMemory>) -> Arc<ApiKeyFollower> {
        let projection = Arc::clone(&self.projection);
        Arc::new(ApiKeyFollower::new(projection, memory))
    }
}
