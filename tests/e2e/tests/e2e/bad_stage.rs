//! What bad input is tried on.

use reqwest::Method;
use serde_json::{Value, json};
use tender_e2e::{Api, System};

/// A request that must be refused.
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) api: Api,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) status: u16,
    pub(crate) code: &'static str,
}

/// What there is to be named by bad input: a shop with a paid intent, and a neighbour.
pub(crate) struct Stage {
    pub(crate) shop: Api,
    pub(crate) poor: Api,
    pub(crate) anonymous: Api,
    pub(crate) method: String,
    pub(crate) intent: String,
    pub(crate) foreign_intent: String,
    pub(crate) foreign_method: String,
}

impl Stage {
    pub(crate) async fn set(system: &System) -> Self {
        let (shop, neighbour) = (system.tenant(), system.tenant());
        let (method, foreign_method) = (shop.method("tok_visa").await, neighbour.method("tok_visa").await);
        let intent = shop.pay(&method, 1000, "EUR").await["id"].as_str().expect("an id").to_owned();
        let foreign_intent =
            neighbour.pay(&foreign_method, 1000, "EUR").await["id"].as_str().expect("an id").to_owned();
        Self {
            poor: shop.with_scopes(&["intents:read"]),
            anonymous: system.api.anonymous(),
            shop: shop.api,
            method,
            intent,
            foreign_intent,
            foreign_method,
        }
    }

    pub(crate) fn case(
        &self,
        what: &str,
        method: Method,
        path: &str,
        status: u16,
        code: &'static str,
    ) -> Case {
        Case {
            what: what.to_owned(),
            api: self.shop.clone(),
            method,
            path: path.to_owned(),
            body: None,
            headers: Vec::new(),
            status,
            code,
        }
    }

    pub(crate) fn post(
        &self,
        what: &str,
        path: &str,
        body: impl ToString,
        status: u16,
        code: &'static str,
    ) -> Case {
        Case { body: Some(body.to_string()), ..self.case(what, Method::POST, path, status, code) }
    }

    /// An intent that would be made, but for these changes.
    pub(crate) fn intent_with(&self, changes: &Value) -> Value {
        let mut body =
            json!({"amount": 1000, "currency": "EUR", "payment_method_id": self.method, "confirm": true});
        for (name, value) in changes.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body
    }
}
