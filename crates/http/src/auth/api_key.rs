//! API keys: found by their keyed hash, trusted for a few seconds.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use secrecy::{ExposeSecret, SecretSlice};
use tender_domain::kernel::{Caller, Credential, Scope, StoreError, Timestamp};
use tender_domain::ports::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup};

use super::key_text::ApiKeyText;

/// How long a grant is trusted without asking again, at most.
const TRUST_SECONDS: u64 = 5;
const GRANTS_MAX: u64 = 10_000;

/// Remembers for a few seconds what the directory said of a key. A key that was not found is not remembered, so that
/// a new one works on its next call.
pub struct ApiKeyCache {
    directory: Arc<dyn ApiKeyDirectory>,
    pepper: SecretSlice<u8>,
    grants: Cache<ApiKeyLookup, Arc<ApiKeyGrant>>,
}

enum Missed {
    Unknown,
    Unavailable(StoreError),
}

impl ApiKeyCache {
    /// A cache before this directory. `pepper` keys the hashes; it is the platform's, 32 bytes or more.
    #[must_use]
    pub fn new(directory: Arc<dyn ApiKeyDirectory>, pepper: SecretSlice<u8>) -> Self {
        let grants = Cache::builder()
            .max_capacity(GRANTS_MAX)
            .time_to_live(Duration::from_secs(TRUST_SECONDS))
            .build();
        Self { directory, pepper, grants }
    }

    /// Forgets what is remembered of a key: it was changed or revoked.
    pub async fn invalidate(&self, lookup: &ApiKeyLookup) {
        self.grants.invalidate(lookup).await;
    }

    /// The caller that the key stands for; none when the key does not count.
    pub(super) async fn caller(
        &self,
        key: &ApiKeyText,
        now: Timestamp,
    ) -> Result<Option<Caller>, StoreError> {
        let lookup = key.hash(self.pepper.expose_secret());
        let found = self.grants.try_get_with(lookup, async {
            match self.directory.find(&lookup).await {
                Ok(Some(grant)) => Ok(Arc::new(grant)),
                Ok(None) => Err(Missed::Unknown),
                Err(error) => Err(Missed::Unavailable(error)),
            }
        });
        match found.await {
            Ok(grant) => Ok(admit(key, &grant, now)),
            Err(missed) => match &*missed {
                Missed::Unknown => Ok(None),
                Missed::Unavailable(error) => Err(error.clone()),
            },
        }
    }
}

fn admit(key: &ApiKeyText, grant: &ApiKeyGrant, now: Timestamp) -> Option<Caller> {
    let expired = grant.expires_at.is_some_and(|end| end <= now);
    let as_written = grant.publishable == key.is_publishable() && grant.livemode == key.is_live();
    if expired || grant.revoked_at.is_some() || !as_written {
        return None;
    }
    let credential = if grant.publishable {
        Credential::PublishableKey(grant.id)
    } else {
        Credential::SecretKey(grant.id)
    };
    Some(Caller {
        tenant: grant.tenant.clone(),
        subject: grant.id.to_string().into(),
        credential,
        scopes: grant.scopes.iter().filter(|scope| *scope != Scope::ServiceInternal).collect(),
        roles: Arc::from([]),
        actor: None,
        livemode: grant.livemode,
    })
}
