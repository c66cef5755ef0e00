//! Messages that the system has sent.

use serde_json::Value;

use crate::database::Database;
use crate::edge::Service;

/// A message, on Kafka or in an outbox.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its topic.
    pub topic: String,
    /// What it is in order with.
    pub key: String,
    /// Whose.
    pub tenant: String,
    /// Of which version of the aggregate.
    pub version: i64,
    /// The body as it was written.
    pub data: String,
}

impl Event {
    /// The body.
    ///
    /// # Panics
    /// When it is no JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {}", self.data))
    }
}

/// All messages in the outboxes, in the order in which they are followed.
#[must_use]
pub(crate) fn outbox(database: &Database, tenant: &str, topic: &str) -> Vec<Event> {
    let of = |service: Service| {
        format!(
            "SELECT tx, n, id::text, topic, key, tenant_id, version, data FROM {}.outbox \
             WHERE tenant_id = '{tenant}' AND topic = '{topic}'",
            service.name()
        )
    };
    let parts: Vec<String> = Service::ALL.into_iter().map(of).collect();
    let rows = database.query(&format!("{} ORDER BY tx, n", parts.join(" UNION ALL ")));
    rows.iter().map(event).collect()
}

fn event(row: &Value) -> Event {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    Event {
        id: text("id"),
        topic: text("topic"),
        key: text("key"),
        tenant: text("tenant_id"),
        version: row["version"].as_i64().unwrap_or(0),
        data: text("data"),
    }
}
