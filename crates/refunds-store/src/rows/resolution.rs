//! `resolution` of refunds: written and read here only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::StoreError;
use tender_domain::refunds::{RefundResolution, RefundStatus};

use super::column::Place;

/// How a person settled a refund, as the column keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResolutionJson {
    outcome: String,
    was: String,
    by: String,
    reason: String,
    at: DateTime<Utc>,
}

impl From<&RefundResolution> for ResolutionJson {
    fn from(settled: &RefundResolution) -> Self {
        Self {
            outcome: settled.outcome.as_str().to_owned(),
            was: settled.was.as_str().to_owned(),
            by: settled.by.clone(),
            reason: settled.reason.clone(),
            at: settled.at,
        }
    }
}

impl ResolutionJson {
    /// How a person settled it.
    pub(super) fn read(self, place: Place) -> Result<RefundResolution, StoreError> {
        let status = |word: &str| place.word("resolution", word, RefundStatus::find);
        Ok(RefundResolution {
            outcome: status(&self.outcome)?,
            was: status(&self.was)?,
            by: self.by,
            reason: self.reason,
            at: self.at,
        })
    }
}
