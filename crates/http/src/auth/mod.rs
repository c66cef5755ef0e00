//! Who calls: credentials, and the extractors that ask for them.

mod api_key;
mod claims;
mod extract;
mod jwks;
mod key_text;
mod of_intent;
mod projected_keys;
mod scopes_by_type;
mod service_token;
mod state;
mod token;

pub use api_key::ApiKeyCache;
pub use extract::{AnyCaller, Authorized, MaybeCaller};
pub(crate) use extract::{asked_scope, known_caller, only_customer, settled};
pub use jwks::{InvalidJwks, JwksSource, StaticJwks, VerificationKeys};
pub use key_text::ApiKeyText;
pub use of_intent::IntentCaller;
pub use projected_keys::{KeyTrust, ProjectedKeyDirectory};
pub use scopes_by_type::{RouteScope, scopes};
pub use service_token::{InvalidServiceKey, ServiceKey, ServiceTokenSigner, ServiceTokenVerifier};
pub use state::{AuthState, ClientSecretVerifier, Environment};
pub use token::{TokenSettings, TokenVerifier};
