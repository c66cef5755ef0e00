//! What a caller hears.

use serde_json::Value;

/// What a caller hears.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) replayed: bool,
    pub(crate) media_type: String,
    pub(crate) location: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_default()
    }

    /// Is this status, of this intent's status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, intent_status: &str) -> &Self {
        assert_eq!((self.status, self.text("status")), (status, intent_status), "{}", self.json);
        self
    }

    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.text("code")), (status, code), "{}", self.json);
        self
    }
}
