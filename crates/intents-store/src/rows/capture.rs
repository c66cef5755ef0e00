//! A row of `captures`.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tender_domain::intents::{Capture, CaptureOrigin, CaptureStatus};
use tender_domain::kernel::{AttemptId, CaptureId, Currency, Money, StoreError};
use uuid::Uuid;

use super::column::Place;
use super::resolution::ResolutionJson;

/// A row of `captures`, as JSON beside its intent.
#[derive(Debug, Deserialize)]
pub(super) struct CaptureRow {
    capture_id: Uuid,
    attempt_id: Uuid,
    amount_minor: i64,
    is_final: bool,
    status: String,
    gateway_reference: Option<String>,
    problem: Option<String>,
    created_at: DateTime<Utc>,
    answered_at: Option<DateTime<Utc>>,
    checks: i32,
    next_check_at: Option<DateTime<Utc>>,
    queued_at: Option<DateTime<Utc>>,
    resolution: Option<ResolutionJson>,
    origin: Option<String>,
}

impl CaptureRow {
    /// The capture, in its intent's currency.
    pub(super) fn into_capture(self, currency: Currency) -> Result<Capture, StoreError> {
        let place = Place { table: "captures", row: self.capture_id };
        Ok(Capture {
            id: CaptureId::from_uuid(self.capture_id),
            attempt: AttemptId::from_uuid(self.attempt_id),
            origin: match &self.origin {
                Some(word) => place.word("origin", word, CaptureOrigin::find)?,
                None => CaptureOrigin::Tender,
            },
            amount: Money::new(self.amount_minor, currency),
            is_final: self.is_final,
            status: place.word("status", &self.status, CaptureStatus::find)?,
            gateway_reference: self.gateway_reference,
            problem: self.problem,
            created_at: self.created_at,
            answered_at: self.answered_at,
            checks: place.count("checks", self.checks)?,
            next_check_at: self.next_check_at,
            queued_at: self.queued_at,
            resolution: place.resolution(self.resolution)?,
        })
    }
}
