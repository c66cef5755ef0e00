//! The owner of the API keys over HTTP, for services in other processes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde::Deserialize;
use tender_domain::kernel::{KeyId, StoreError, TenantId, Timestamp, Version};
use tender_domain::ports::{ApiKeyAuthority, ApiKeyGrant, ApiKeyLookup, ServiceTokens};

const AUDIENCE: &str = "operations";

/// Asks the operations service with this service's signed token.
#[derive(Clone)]
pub struct OperationsClient {
    http: reqwest::Client,
    base_url: String,
    tokens: Arc<dyn ServiceTokens>,
    on_behalf_of: TenantId,
    deadline: Duration,
}

#[derive(Deserialize)]
struct GrantAnswer {
    key: Option<GrantWire>,
}

#[derive(Deserialize)]
struct GrantWire {
    key_id: KeyId,
    tenant_id: TenantId,
    scopes: Vec<String>,
    publishable: bool,
    livemode: bool,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    version: Version,
}

impl OperationsClient {
    /// A client of operations at `base_url` (`https://operations:8085`). `deadline` is for the whole call.
    ///
    /// # Panics
    /// Never: the name by which it signs is one that a tenant could have.
    #[must_use]
    pub fn new(
        http: reqwest::Client,
        base_url: &str,
        tokens: Arc<dyn ServiceTokens>,
        deadline: Duration,
    ) -> Self {
        // A service's token is for a tenant, and whose the key is, is the very question. No route of operations gives
        // a service anything of the tenant that its token names.
        let on_behalf_of = "platform".parse().expect("eight lower-case letters");
        Self { http, base_url: base_url.trim_end_matches('/').to_owned(), tokens, on_behalf_of, deadline }
    }
}

#[async_trait]
impl ApiKeyAuthority for OperationsClient {
    async fn ask(&self, lookup: &ApiKeyLookup) -> Result<Option<(ApiKeyGrant, Version)>, StoreError> {
        let token = self.tokens.token(AUDIENCE, &self.on_behalf_of).map_err(unavailable)?;
        let url = format!("{}/internal/keys/{}", self.base_url, lookup.to_hex());
        let request = self.http.get(url).timeout(self.deadline).bearer_auth(token.expose_secret());
        let response = request.send().await.map_err(unavailable)?;
        // That there is no such key is a 200 too: any other status, a proxy's 404 included, says nothing.
        if response.status() != StatusCode::OK {
            return Err(unavailable(format!("it answered {}", response.status())));
        }
        let answer: GrantAnswer = response.json().await.map_err(unavailable)?;
        Ok(answer.key.map(Into::into))
    }
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("operations: {error}"))
}

impl From<GrantWire> for (ApiKeyGrant, Version) {
    fn from(wire: GrantWire) -> Self {
        let grant = ApiKeyGrant {
            id: wire.key_id,
            tenant: wire.tenant_id,
            publishable: wire.publishable,
            livemode: wire.livemode,
            // A scope that a newer operations knows allows nothing here.
            scopes: wire.scopes.iter().filter_map(|scope| scope.parse().ok()).collect(),
            expires_at: wire.expires_at,
            revoked_at: wire.revoked_at,
        };
        (grant, wire.version)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::json;
    use tender_domain::kernel::Scope;
    use tender_domain::ports::ServiceTokenError;
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    const LOOKUP: ApiKeyLookup = ApiKeyLookup([0xab; 32]);

    struct Tokens;

    impl ServiceTokens for Tokens {
        fn token(&self, audience: &str, _: &TenantId) -> Result<SecretString, ServiceTokenError> {
            Ok(format!("for-{audience}").into())
        }
    }

    async fn asked(answer: ResponseTemplate) -> Result<Option<(ApiKeyGrant, Version)>, StoreError> {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path(format!("/internal/keys/{}", "ab".repeat(32))))
            .and(header("authorization", "Bearer for-operations"))
            .respond_with(answer)
            .mount(&server)
            .await;
        let deadline = Duration::from_millis(500);
        let url = format!("{}/", server.uri());
        OperationsClient::new(reqwest::Client::new(), &url, Arc::new(Tokens), deadline).ask(&LOOKUP).await
    }

    #[tokio::test]
    async fn the_owners_word_is_taken_as_it_is() {
        let body = json!({ "key": {
            "key_id": "key_01h2xcejqtf2nbrexx3vqjhp41", "tenant_id": "acme", "scopes": ["intents:read", "moon:land"],
            "publishable": false, "livemode": true, "expires_at": null, "revoked_at": "2026-03-04T12:00:00Z", "version": 2,
        }});
        let (grant, version) = asked(ResponseTemplate::new(200).set_body_json(body)).await.unwrap().unwrap();
        assert_eq!((grant.tenant.as_str(), grant.livemode, version), ("acme", true, Version::new(2)));
        assert_eq!(grant.scopes.iter().collect::<Vec<_>>(), [Scope::IntentsRead]);
        assert!(grant.revoked_at.is_some() && grant.expires_at.is_none());
    }

    #[tokio::test]
    async fn no_such_key_is_an_answer() {
        assert!(
            asked(ResponseTemplate::new(200).set_body_json(json!({ "key": null }))).await.unwrap().is_none()
        );
    }

    #[tokio::test]
    async fn whatever_else_is_said_nothing_is_known() {
        for answer in [
            ResponseTemplate::new(404),
            ResponseTemplate::new(503),
            ResponseTemplate::new(401),
            ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/"),
            ResponseTemplate::new(200).set_body_string("<html>"),
            ResponseTemplate::new(200).set_body_json(json!({})).set_delay(Duration::from_secs(5)),
        ] {
            let result = asked(answer).await;
            assert!(matches!(result, Err(StoreError::Unavailable(_))), "{result:?}");
        }
    }
}
