//! Rules to try, and how they are set.

use serde_json::{Value, json};

use crate::rig::Process;

pub(super) const RULES: &str = "/v1/payments/fraud/rules";
pub(super) const OVERRIDE: &str = "/v1/payments/fraud/override";

/// Denies what is above 99.99 EUR.
pub(super) fn above(effect: &Value) -> Value {
    json!({
        "name": "too much",
        "condition": { "amount_above": { "limit": 9_999, "currency": "EUR" } },
        "effect": effect,
    })
}

/// Asks for authentication above this many minor units of a currency.
pub(crate) fn challenged_above(limit: i64, currency: &str) -> Value {
    json!({
        "name": "to be looked at",
        "condition": { "amount_above": { "limit": limit, "currency": currency } },
        "effect": { "points": 60 },
    })
}

/// Denies the eleventh payment of a card within an hour.
pub(super) fn ten_an_hour() -> Value {
    json!({
        "name": "ten an hour",
        "condition": { "velocity_count": { "by": "card", "window_seconds": 3600, "at_most": 10 } },
        "effect": { "action": "deny" },
    })
}

impl Process {
    /// Sets a rule. Gives its id.
    pub(crate) async fn rule(&self, rule: Value) -> String {
        let answer = self.post(RULES, &key(&rule), rule).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.text("id").to_owned()
    }
}

/// A key of the body's own.
pub(super) fn key(body: &Value) -> String {
    body.to_string().replace(' ', "_")
}
