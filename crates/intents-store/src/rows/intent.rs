//! A row of `intents`, with its attempts and captures.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tender_domain::fraud::IntentRisk;
use tender_domain::intents::{CaptureMode, Channel, Intent, IntentStatus, PaymentError, PaymentOptions};
use tender_domain::kernel::{IntentId, Metadata, Money, StoreError, Version};
use uuid::Uuid;

use super::attempt::AttemptRow;
use super::capture::CaptureRow;
use super::column::{Place, from_row, method};
use super::payment_error::PaymentErrorJson;

/// A row of `intents`; JSON as its text, so that what is bad in it can be named.
#[derive(Debug)]
pub(crate) struct IntentRow {
    tenant_id: String,
    intent_id: Uuid,
    version: i64,
    livemode: bool,
    amount_minor: i64,
    currency: String,
    status: String,
    customer_id: Option<String>,
    merchant_account_id: String,
    method_id: Option<Uuid>,
    test_token: Option<String>,
    method_type: String,
    method_brand: Option<String>,
    method_last4: Option<String>,
    capture_mode: String,
    capture_delay_seconds: Option<i32>,
    description: Option<String>,
    statement_descriptor: Option<String>,
    order_ref: Option<String>,
    reservation_ref: Option<String>,
    metadata: String,
    max_attempts: i32,
    expires_at: Option<DateTime<Utc>>,
    channel: String,
    last_payment_error: Option<String>,
    cancellation_reason: Option<String>,
    canceled_at: Option<DateTime<Utc>>,
    amount_captured_minor: i64,
    amount_refunded_minor: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    risk: Option<String>,
    options: Option<String>,
    disputed: Option<String>,
    /// Its rows of `attempts`, a JSON array in the order of their numbers; none when it has none.
    attempts: Option<String>,
    /// Its rows of `captures`, likewise.
    captures: Option<String>,
}

from_row!(IntentRow {
    tenant_id,
    intent_id,
    version,
    livemode,
    amount_minor,
    currency,
    status,
    customer_id,
    merchant_account_id,
    method_id,
    test_token,
    method_type,
    method_brand,
    method_last4,
    capture_mode,
    capture_delay_seconds,
    description,
    statement_descriptor,
    order_ref,
    reservation_ref,
    metadata,
    max_attempts,
    expires_at,
    channel,
    last_payment_error,
    cancellation_reason,
    canceled_at,
    amount_captured_minor,
    amount_refunded_minor,
    created_at,
    updated_at,
    risk,
    options,
    disputed,
    attempts,
    captures
});

impl TryFrom<IntentRow> for Intent {
    type Error = StoreError;

    fn try_from(mut row: IntentRow) -> Result<Self, StoreError> {
        let place = Place { table: "intents", row: row.intent_id };
        let currency = place.currency("currency", &row.currency)?;
        let metadata: BTreeMap<String, String> = place.json("metadata", &row.metadata)?;
        let attempts = row.attempts(place)?.into_iter().map(|attempt| attempt.into_attempt(currency));
        let captures = row.captures(place)?.into_iter().map(|capture| capture.into_capture(currency));
        let intent = Self {
            id: IntentId::from_uuid(row.intent_id),
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            version: Version::new(row.version),
            livemode: row.livemode,
            amount: Money::new(row.amount_minor, currency),
            status: place.word("status", &row.status, IntentStatus::find)?,
            instrument: place.instrument(row.method_id, row.test_token.take())?,
            capture_mode: place.word("capture_mode", &row.capture_mode, CaptureMode::find)?,
            capture_delay_seconds: row
                .capture_delay_seconds
                .map(|seconds| place.count("capture_delay_seconds", seconds))
                .transpose()?,
            metadata: Metadata::new(metadata).map_err(|error| place.corrupt("metadata", error))?,
            max_attempts: place.count("max_attempts", row.max_attempts)?,
            expires_at: row.expires_at,
            channel: place.word("channel", &row.channel, Channel::find)?,
            last_payment_error: row.payment_error(place)?,
            risk: row.risk.as_deref().map_or(Ok(IntentRisk::default()), |text| place.json("risk", text))?,
            options: row.options(place)?,
            disputed: row.disputed.as_deref().map(|text| place.json("disputed", text)).transpose()?,
            canceled_at: row.canceled_at,
            amount_refunded: Money::new(row.amount_refunded_minor, currency),
            attempts: attempts.collect::<Result<_, _>>()?,
            captures: captures.collect::<Result<_, _>>()?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            method: method(row.method_type, row.method_brand, row.method_last4),
            customer_id: row.customer_id,
            merchant_account_id: row.merchant_account_id,
            description: row.description,
            statement_descriptor: row.statement_descriptor,
            order_ref: row.order_ref,
            reservation_ref: row.reservation_ref,
            cancellation_reason: row.cancellation_reason,
        };
        adds_up(place, row.amount_captured_minor, &intent)?;
        Ok(intent)
    }
}

impl IntentRow {
    fn attempts(&self, place: Place<Uuid>) -> Result<Vec<AttemptRow>, StoreError> {
        self.attempts.as_deref().map_or(Ok(Vec::new()), |text| place.json("attempts", text))
    }

    fn captures(&self, place: Place<Uuid>) -> Result<Vec<CaptureRow>, StoreError> {
        self.captures.as_deref().map_or(Ok(Vec::new()), |text| place.json("captures", text))
    }

    fn options(&self, place: Place<Uuid>) -> Result<PaymentOptions, StoreError> {
        self.options.as_deref().map_or(Ok(PaymentOptions::default()), |text| place.json("options", text))
    }

    fn payment_error(&self, place: Place<Uuid>) -> Result<Option<PaymentError>, StoreError> {
        let Some(text) = &self.last_payment_error else { return Ok(None) };
        let stored: PaymentErrorJson = place.json("last_payment_error", text)?;
        let error = PaymentError::try_from(stored);
        error.map(Some).map_err(|problem| place.corrupt("last_payment_error", problem))
    }
}

/// The sum kept on the row is what its captures add up to.
fn adds_up(place: Place<Uuid>, kept: i64, intent: &Intent) -> Result<(), StoreError> {
    let captured = intent.amount_captured().minor();
    if kept == captured {
        return Ok(());
    }
    Err(place.corrupt("amount_captured_minor", format!("is {kept}, but its captures add up to {captured}")))
}
