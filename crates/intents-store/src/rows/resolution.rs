//! `resolution` of attempts and captures: written and read here only.

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use tender_domain::intents::{Resolution, ResolvedAs};
use tender_domain::kernel::{StoreError, Timestamp};

use super::column::Place;

/// How a person settled a call, as the column keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResolutionJson {
    outcome: String,
    by: String,
    reason: String,
    at: Timestamp,
}

impl From<&Resolution> for ResolutionJson {
    fn from(resolution: &Resolution) -> Self {
        Self {
            outcome: resolution.outcome.as_str().to_owned(),
            by: resolution.by.clone(),
            reason: resolution.reason.clone(),
            at: resolution.at,
        }
    }
}

impl<R: Display + Copy> Place<R> {
    /// How a person settled it, if one did.
    pub(super) fn resolution(self, stored: Option<ResolutionJson>) -> Result<Option<Resolution>, StoreError> {
        let Some(ResolutionJson { outcome, by, reason, at }) = stored else { return Ok(None) };
        let outcome = self.word("resolution", &outcome, ResolvedAs::find)?;
        Ok(Some(Resolution { outcome, by, reason, at }))
    }
}
