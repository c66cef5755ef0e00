//! What happened to API keys.

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{KeyId, ScopeSet, TenantId, Timestamp, Version};
use tender_domain::operations::ApiKey;
use tender_domain::ports::{ApiKeyGrant, ApiKeyLookup, ProjectedKey};
use utoipa::ToSchema;

use crate::public_event::public_event;

/// `api-key.changed`: the whole state of an API key, but its text. Compacted: the last one of each key is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyChanged {
    /// The key.
    #[schema(value_type = String, example = "key_01h2xcejqtf2nbrexx3vqjhp41")]
    pub key_id: KeyId,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// HMAC-SHA256 of the key's text with the platform's pepper, in lower-case hexadecimal.
    pub hash: String,
    /// What it may do.
    #[schema(example = json!(["intents:read", "intents:write"]))]
    pub scopes: Vec<String>,
    /// Whether it may be in a browser.
    pub publishable: bool,
    /// Whether it is for live money.
    pub livemode: bool,
    /// When it stops to count; absent is never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was taken back; absent while it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// When it came to this state.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// How often the key changed.
    #[schema(value_type = i64, example = 1)]
    pub version: Version,
}

/// The hash of an `api-key.changed` is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("hash must be 64 lower-case hexadecimal digits")]
pub struct BadKeyHash;

impl ApiKeyChanged {
    /// The state of a key.
    #[must_use]
    pub fn of(key: &ApiKey) -> Self {
        Self {
            key_id: key.id,
            tenant_id: key.tenant.clone(),
            hash: key.lookup.to_hex(),
            scopes: key.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            publishable: key.publishable,
            livemode: key.livemode,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            updated_at: key.updated_at,
            version: key.version,
        }
    }

    /// The key as a service keeps it. A scope that this release does not know is left out: what it allows does not
    /// exist here.
    ///
    /// # Errors
    /// When the hash is not one.
    pub fn projected(self) -> Result<ProjectedKey, BadKeyHash> {
        let lookup = ApiKeyLookup::from_hex(&self.hash).ok_or(BadKeyHash)?;
        let scopes: ScopeSet = self.scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
        Ok(ProjectedKey {
            lookup,
            grant: ApiKeyGrant {
                id: self.key_id,
                tenant: self.tenant_id,
                publishable: self.publishable,
                livemode: self.livemode,
                scopes,
                expires_at: self.expires_at,
                revoked_at: self.revoked_at,
            },
            version: self.version,
            confirmed_at: self.updated_at,
        })
    }
}

public_event! {
    ApiKeyChanged is API_KEY_CHANGED of "/tender/operations":
    key key_id, subject key_id, at updated_at
}
