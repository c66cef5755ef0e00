//! Everything that decides whether a credential counts.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretSlice;
use tender_domain::kernel::{Caller, StoreError, TenantId};
use tender_domain::ports::{ApiKeyDirectory, ApiKeyLookup, ApiKeyMemory, Clock};

use super::api_key::ApiKeyCache;
use super::key_text::ApiKeyText;
use super::service_token::ServiceTokenVerifier;
use super::token::TokenVerifier;
use crate::Problem;

/// Where the process runs: with play money, or with real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Play money: test keys, sandbox routes.
    Sandbox,
    /// Real money: live keys.
    Production,
}

impl Environment {
    /// Whether what tokens make is live.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Production)
    }
}

/// Verifies an intent's client secret (`pi_…_secret_…`); the intents service has the adapter.
#[async_trait]
pub trait ClientSecretVerifier: Send + Sync {
    /// The caller that the secret stands for, with `Credential::ClientSecret` and the few scopes of one intent; none
    /// when the secret does not count.
    ///
    /// # Errors
    /// When it cannot be known now.
    async fn verify(&self, client_secret: &str) -> Result<Option<Caller>, StoreError>;
}

/// Verifies credentials. Put it into the application's data as `web::Data<AuthState>`.
pub struct AuthState {
    keys: ApiKeyCache,
    tokens: TokenVerifier,
    services: Option<ServiceTokenVerifier>,
    client_secrets: Option<Arc<dyn ClientSecretVerifier>>,
    environment: Environment,
    clock: Arc<dyn Clock>,
}

/// The longest credential that is looked at.
const CREDENTIAL_BYTES: usize = 8 * 1024;

/// What a request presents.
#[derive(Debug, Default)]
pub(super) struct Presented {
    pub(super) bearer: Option<String>,
    pub(super) malformed: bool,
    pub(super) tenants: Vec<TenantId>,
    pub(super) bad_tenant: bool,
}

impl AuthState {
    /// A state that takes tokens and API keys. `pepper` keys the hashes of API keys.
    #[must_use]
    pub fn new(
        keys: Arc<dyn ApiKeyDirectory>,
        tokens: TokenVerifier,
        pepper: SecretSlice<u8>,
        environment: Environment,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let keys = ApiKeyCache::new(keys, pepper);
        Self { keys, tokens, services: None, client_secrets: None, environment, clock }
    }

    /// Which also takes tokens of other services.
    #[must_use]
    pub fn with_services(mut self, services: ServiceTokenVerifier) -> Self {
        self.services = Some(services);
        self
    }

    /// Which also takes client secrets.
    #[must_use]
    pub fn with_client_secrets(mut self, secrets: Arc<dyn ClientSecretVerifier>) -> Self {
        self.client_secrets = Some(secrets);
        self
    }

    /// Where the process runs.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// Forgets what is remembered of an API key: it was changed or revoked.
    pub async fn invalidate(&self, lookup: &ApiKeyLookup) {
        self.keys.invalidate(lookup).await;
    }

    pub(super) async fn authenticate(&self, presented: &Presented) -> Result<Caller, Problem> {
        if presented.malformed {
            return Err(refused("the header `Authorization` must be there once, as `Bearer <credential>`"));
        }
        let Some(bearer) = presented.bearer.as_deref() else {
            let detail = "send a credential: `Authorization: Bearer <API key or token>`";
            return Err(Problem::unauthorized(detail));
        };
        let wrong = "the credential is unknown, malformed, expired or revoked";
        let caller = self.verify(bearer).await?.ok_or_else(|| refused(wrong))?;
        let agrees = presented.tenants.iter().all(|tenant| *tenant == caller.tenant);
        if presented.bad_tenant || !agrees {
            let detail = "the tenant that the request names is not the credential's";
            return Err(Problem::new(403, "tenant_mismatch", detail));
        }
        Ok(caller)
    }

    async fn verify(&self, bearer: &str) -> Result<Option<Caller>, Problem> {
        if bearer.len() > CREDENTIAL_BYTES {
            return Ok(None);
        }
        let (now, live) = (self.clock.now(), self.environment.is_live());
        if let Some(key) = ApiKeyText::parse(bearer) {
            // A test key must not move real money, nor a live key play with it.
            if key.is_live() != live {
                return Ok(None);
            }
            return Ok(self.keys.caller(&key, now).await?);
        }
        if bearer.starts_with("pi_") {
            return match &self.client_secrets {
                Some(secrets) => Ok(secrets.verify(bearer).await?),
                None => Ok(None),
            };
        }
        if ServiceTokenVerifier::is_for_us(bearer) {
            return Ok(self.services.as_ref().and_then(|services| services.caller(bearer, now, live)));
        }
        Ok(self.tokens.caller(bearer, now, live).await)
    }
}

#[async_trait]
impl ApiKeyMemory for AuthState {
    async fn forget(&self, lookup: &ApiKeyLookup) {
        self.invalidate(lookup).await;
    }
}

fn refused(detail: &str) -> Problem {
    Problem::unauthorized(detail)
        .header("www-authenticate", r#"Bearer realm="tender", error="invalid_token""#)
}
