//! What came back.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Of which request, for messages.
    pub request: String,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {self}"))
    }

    /// The body, if the status is this one.
    ///
    /// # Panics
    /// When it is another, with all that came.
    #[must_use]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self}");
        self.json()
    }

    /// A header's text; empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// Whether this is the first answer again.
    #[must_use]
    pub fn is_replayed(&self) -> bool {
        self.header("idempotent-replayed") == "true"
    }

    /// The code, if this is a refusal in the form of a storefront's document.
    ///
    /// # Panics
    /// When the status is another, or there is no code.
    #[must_use]
    pub fn storefront_code(&self, status: u16) -> String {
        let body = self.expect(status);
        let code = body["error_code"].as_str().or(body["error"].as_str());
        code.unwrap_or_else(|| panic!("no code: {self}")).to_owned()
    }

    /// The `code`, if this is a refusal in the form of the contract: problem details that say their own status.
    ///
    /// # Panics
    /// When the status is another, or the body no problem details.
    #[must_use]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self}");
        assert!(self.header("content-type").starts_with("application/problem+json"), "{self}");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{self}");
        for member in ["type", "title", "detail", "instance"] {
            assert!(problem[member].is_string(), "no `{member}`: {self}");
        }
        problem["code"].as_str().unwrap_or_else(|| panic!("no `code`: {self}")).to_owned()
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = self.text.chars().take(2_000).collect();
        write!(f, "{} answered {}: {body}", self.request, self.status)
    }
}
