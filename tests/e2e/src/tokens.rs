//! Tokens of people and machines, signed with the development secret.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;

/// The first second of the year 2100.
const EXPIRES: i64 = 4_102_444_800;

/// Signs tokens.
#[derive(Clone)]
pub struct Tokens(EncodingKey);

impl Tokens {
    /// With the content of a `jwt.secret` file.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(EncodingKey::from_secret(secret.trim_end_matches(['\r', '\n']).as_bytes()))
    }

    /// A token of this tenant and subject.
    ///
    /// # Panics
    /// Never: the claims are texts and numbers.
    #[must_use]
    pub fn mint(&self, tenant: &str, subject: &str, roles: &[&str], scopes: &[&str]) -> String {
        let claims = json!({
            "iss": "tender-dev", "aud": "tender", "exp": EXPIRES,
            "tenant": tenant, "sub": subject, "roles": roles, "scopes": scopes,
        });
        encode(&Header::new(Algorithm::HS256), &claims, &self.0).expect("claims of texts and numbers")
    }
}
