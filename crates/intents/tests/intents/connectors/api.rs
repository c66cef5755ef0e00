//! The routes of connectors and rules.

use serde_json::Value;

use crate::rig::{Answer, Process};

pub(crate) const CONNECTORS: &str = "/v1/payments/connectors";
pub(crate) const RULES: &str = "/v1/payments/routing-rules";

pub(crate) async fn register(process: &Process, key: &str, body: Value) -> Answer {
    process.post(CONNECTORS, key, body).await
}

/// A connector that was registered, as it was told.
pub(crate) async fn registered(process: &Process, body: Value) -> Value {
    let key = format!("register-{}", body["name"].as_str().unwrap_or_default());
    let answer = register(process, &key, body).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    answer.json
}
