//! Nobody has an API key here: who calls is told by a token.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::StoreError;
use tender_domain::ports::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup};
use tender_http::{AuthState, Environment, TokenSettings, TokenVerifier};
use tender_intents::IntentsService;
use tender_testkit::ManualClock;

use crate::rig::JWT_SECRET;

/// No API keys: tests come with tokens.
struct NoKeys;

#[async_trait]
impl ApiKeyDirectory for NoKeys {
    async fn find(&self, _: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        Ok(None)
    }
}

/// Believes tokens that are signed with the tests' secret, and client secrets.
pub(crate) fn auth_state(clock: Arc<ManualClock>, intents: Arc<IntentsService>) -> AuthState {
    let tokens = TokenVerifier::new(TokenSettings {
        issuer: "tender-dev".to_owned(),
        audience: "tender".to_owned(),
        hs256_secret: Some(JWT_SECRET.into()),
        jwks: None,
    });
    AuthState::new(Arc::new(NoKeys), tokens, b"pepper".to_vec().into(), Environment::Sandbox, clock)
        .with_client_secrets(intents)
}
