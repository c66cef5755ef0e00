//! A tenant of one test.

use serde_json::{Value, json};

use crate::api::Api;
use crate::tokens::Tokens;

/// A text that no other call of this has given. Of letters alone: among random digits there is a card number now and
/// then, and that is refused.
#[must_use]
pub fn unique(what: &str) -> String {
    let letter = |bits: u128| char::from(b'a' + u8::try_from(bits % 16).unwrap_or(0));
    let number: u128 = rand::random();
    let letters: String = (0..32).map(|place| letter(number >> (4 * place))).collect();
    format!("{what}-{letters}")
}

/// A tenant with all rights, shared with nobody: what it sees is its own doing.
#[derive(Clone)]
pub struct Tenant {
    /// Its name.
    pub name: String,
    /// Its administrator.
    pub api: Api,
    tokens: Tokens,
}

impl Tenant {
    /// The tenant of this name.
    #[must_use]
    pub fn new(name: &str, api: &Api, tokens: &Tokens) -> Self {
        let api = api.with(tokens.mint(name, "e2e", &["admin"], &[]));
        Self { name: name.to_owned(), api, tokens: tokens.clone() }
    }

    /// Somebody of this tenant with these scopes alone.
    #[must_use]
    pub fn with_scopes(&self, scopes: &[&str]) -> Api {
        self.api.with(self.tokens.mint(&self.name, "e2e-scoped", &[], scopes))
    }

    /// A person of this tenant with one role.
    #[must_use]
    pub fn with_role(&self, role: &str) -> Api {
        self.api.with(self.tokens.mint(&self.name, &format!("e2e-{role}"), &[role], &[]))
    }

    /// A customer of this tenant.
    #[must_use]
    pub fn customer(&self, id: &str) -> Api {
        self.api.with(self.tokens.mint(&self.name, id, &["customer"], &[]))
    }

    /// Saves a method made from a test token, of no customer; its id.
    pub async fn method(&self, token: &str) -> String {
        let answer = self.api.post("/v1/payments/methods", &json!({"type": "card", "token": token})).await;
        id(&answer.expect(201))
    }

    /// An intent that pays in one call.
    pub async fn pay(&self, method: &str, amount: i64, currency: &str) -> Value {
        let body =
            json!({"amount": amount, "currency": currency, "payment_method_id": method, "confirm": true});
        self.api.post("/v1/payments/intents", &body).await.expect(201)
    }

    /// The intent as it stands.
    pub async fn intent(&self, id: &str) -> Value {
        self.api.get(&format!("/v1/payments/intents/{id}")).await.expect(200)
    }

    /// Does something with an intent.
    pub async fn act(&self, intent: &str, verb: &str, body: &Value) -> crate::Answer {
        self.api.post(&format!("/v1/payments/intents/{intent}/{verb}"), body).await
    }

    /// What the ledger has of an account: debits and credits in minor units.
    pub async fn account(&self, account: &str, currency: &str) -> (i64, i64) {
        let path = format!("/v1/payments/ledger/accounts?account={account}&currency={currency}");
        let accounts = self.api.get(&path).await.expect(200);
        let found = &accounts["data"][0];
        (found["debit"].as_i64().unwrap_or(0), found["credit"].as_i64().unwrap_or(0))
    }
}

/// The `id` of what came back.
fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap_or_else(|| panic!("no id: {resource}")).to_owned()
}
