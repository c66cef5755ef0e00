//! What a token says.

use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use tender_domain::kernel::{Caller, Credential, RoleName, Scope, ScopeSet, TenantId};

/// A list that some issuers write as an array and some as one text with spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Array(Vec<String>),
            Text(String),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Array(words) => Self(words),
            Form::Text(text) => Self(text.split_whitespace().map(str::to_owned).collect()),
        })
    }
}

/// Who really acts (RFC 8693): an object with `sub`, or just the name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Actor {
    Object { sub: String },
    Name(String),
}

/// The claims of a token of a person or a machine. `exp`, `iss` and `aud` are checked apart.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) exp: i64,
    #[serde(default)]
    pub(super) nbf: Option<i64>,
    tenant: TenantId,
    sub: String,
    #[serde(default)]
    roles: Words,
    #[serde(default, alias = "scope")]
    scopes: Words,
    #[serde(default)]
    act: Option<Actor>,
}

impl Claims {
    /// The caller. Scopes are those of the claim and of the built-in roles; unknown words are left out, and what only
    /// services may is never given by such a token.
    pub(super) fn into_caller(self, livemode: bool) -> Caller {
        let named: ScopeSet = self.scopes.0.iter().filter_map(|word| word.parse::<Scope>().ok()).collect();
        let by_role = self.roles.0.iter().filter_map(|name| RoleName::find(name));
        let scopes = by_role.fold(named, |scopes, role| scopes.union(role.scopes()));
        let actor = self.act.map(|actor| match actor {
            Actor::Object { sub } => Arc::from(sub),
            Actor::Name(name) => Arc::from(name),
        });
        Caller {
            tenant: self.tenant,
            subject: self.sub.into(),
            credential: Credential::Token,
            scopes: scopes.iter().filter(|scope| *scope != Scope::ServiceInternal).collect(),
            roles: self.roles.0.into(),
            actor,
            livemode,
        }
    }
}
