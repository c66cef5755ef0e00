//! What was asked of a tenant's connector, and what it answered.

use std::time::Duration;

use crate::kernel::{ConnectorId, ConnectorLogId, TenantId, Timestamp};

/// How long a line is kept.
pub const CONNECTOR_LOG_LIFE: Duration = Duration::from_secs(14 * 86_400);

/// One call, without secrets and without anything of a person: it is written from the call's own fields, of which tokens
/// and payers are no part, never from the bytes on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedCall {
    /// `authorize`, `capture`, `void`, `test` …
    pub call: String,
    /// Our reference of what was asked.
    pub reference: String,
    /// What was asked, as JSON.
    pub request: serde_json::Value,
    /// What was answered, as JSON; texts of the gateway are cut and masked.
    pub answer: serde_json::Value,
    /// `approved`, `declined`, `challenge`, `error`, `unknown`.
    pub outcome: String,
    /// How long it took, in milliseconds.
    pub took_millis: u64,
}

/// One line of a connector's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorLog {
    /// Its id, in the order of time.
    pub id: ConnectorLogId,
    /// Whose.
    pub tenant: TenantId,
    /// Of which connector.
    pub connector: ConnectorId,
    /// The call.
    pub call: LoggedCall,
    /// When the answer came.
    pub at: Timestamp,
}
