//! A row of `attempts`.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tender_domain::intents::{Attempt, AttemptStatus, Authorization, Challenge, Instrument, VoidState};
use tender_domain::kernel::{AttemptId, Currency, Money, StoreError};
use tender_domain::ports::{Avs, Decline, DeclineCode, ThreeDs};
use uuid::Uuid;

use super::column::{Place, method};
use super::details::DetailsJson;
use super::resolution::ResolutionJson;

/// A row of `attempts`, as JSON beside its intent.
#[derive(Debug, Deserialize)]
pub(super) struct AttemptRow {
    attempt_id: Uuid,
    number: i32,
    connector: String,
    method_id: Option<Uuid>,
    test_token: Option<String>,
    method_type: String,
    method_brand: Option<String>,
    method_last4: Option<String>,
    amount_minor: i64,
    capture: bool,
    status: String,
    started_at: DateTime<Utc>,
    answered_at: Option<DateTime<Utc>>,
    decline_code: Option<String>,
    network_code: Option<String>,
    decline_message: Option<String>,
    problem: Option<String>,
    challenge_url: Option<String>,
    challenge_reference: Option<String>,
    gateway_reference: Option<String>,
    response_code: Option<String>,
    acquirer: Option<String>,
    avs_result: Option<String>,
    cvv_result: Option<String>,
    void: Option<String>,
    checks: i32,
    next_check_at: Option<DateTime<Utc>>,
    off_session: bool,
    void_at: Option<DateTime<Utc>>,
    capture_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
    queued_at: Option<DateTime<Utc>>,
    resolution: Option<ResolutionJson>,
    force_three_ds: bool,
    details: Option<DetailsJson>,
    alternative: Option<String>,
}

impl AttemptRow {
    /// The attempt, in its intent's currency.
    pub(super) fn into_attempt(mut self, currency: Currency) -> Result<Attempt, StoreError> {
        let place = Place { table: "attempts", row: self.attempt_id };
        let instrument = place.instrument(self.method_id, self.test_token.take())?;
        let instrument = instrument.or_else(|| self.alternative.take().map(Instrument::Alternative));
        let details = self.details.take().unwrap_or_default();
        let attempt = Attempt {
            id: AttemptId::from_uuid(self.attempt_id),
            number: place.count("number", self.number)?,
            instrument: place.there("method_id", instrument)?,
            amount: Money::new(self.amount_minor, currency),
            capture: self.capture,
            status: place.word("status", &self.status, AttemptStatus::find)?,
            started_at: self.started_at,
            answered_at: self.answered_at,
            decline: self.decline(place)?,
            challenge: self.challenge(place, details.creq)?,
            authorization: self.authorization(place)?,
            checks: place.count("checks", self.checks)?,
            next_check_at: self.next_check_at,
            off_session: self.off_session,
            three_ds: if self.force_three_ds { ThreeDs::Force } else { ThreeDs::Automatic },
            sca_request: details.asked,
            sca: details.told,
            session: details.session,
            rule: details.rule,
            capture_at: self.capture_at,
            expires_at: self.expires_at,
            queued_at: self.queued_at,
            resolution: place.resolution(self.resolution.take())?,
            connector: self.connector,
            method: method(self.method_type, self.method_brand, self.method_last4),
            problem: self.problem,
        };
        Ok(attempt)
    }

    fn decline(&mut self, place: Place<Uuid>) -> Result<Option<Decline>, StoreError> {
        let Some(code) = &self.decline_code else { return Ok(None) };
        Ok(Some(Decline {
            code: place.word("decline_code", code, DeclineCode::find)?,
            network_code: self.network_code.take(),
            message: place.there("decline_message", self.decline_message.take())?,
            sca: None,
        }))
    }

    fn challenge(
        &mut self,
        place: Place<Uuid>,
        creq: Option<String>,
    ) -> Result<Option<Challenge>, StoreError> {
        let Some(url) = self.challenge_url.take() else { return Ok(None) };
        let reference = place.there("challenge_reference", self.challenge_reference.take())?;
        Ok(Some(Challenge { url, reference, creq }))
    }

    fn authorization(&mut self, place: Place<Uuid>) -> Result<Option<Authorization>, StoreError> {
        let Some(gateway_reference) = self.gateway_reference.take() else { return Ok(None) };
        let void = self.void.as_deref().map(|word| place.word("void", word, VoidState::find)).transpose()?;
        Ok(Some(Authorization {
            gateway_reference,
            response_code: self.response_code.take(),
            acquirer: self.acquirer.take(),
            avs: Avs { avs_result: self.avs_result.take(), cvv_result: self.cvv_result.take() },
            void,
            void_at: self.void_at,
        }))
    }
}
