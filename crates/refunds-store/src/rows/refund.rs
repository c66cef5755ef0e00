//! A row of `refunds`.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use std::collections::BTreeMap;
use tender_domain::kernel::{ChargeId, IntentId, Metadata, Money, RefundId, StoreError, Version};
use tender_domain::refunds::{
    Refund, RefundAction, RefundAttempt, RefundConflict, RefundFailure, RefundMethod, RefundOrigin,
    RefundReason, RefundRetry, RefundState, RefundStatus,
};
use uuid::Uuid;

use super::column::{Place, get};
use super::resolution::ResolutionJson;

/// The columns of a refund, of a table called `r`, named so that they can stand beside a charge's.
pub(crate) const REFUND_COLUMNS: &str = "\
    r.refund_id AS r_refund_id, r.version AS r_version, r.charge_id AS r_charge_id, r.intent_id AS r_intent_id, \
    r.customer_id AS r_customer_id, r.livemode AS r_livemode, r.amount_minor AS r_amount_minor, \
    r.currency AS r_currency, r.reason AS r_reason, r.refund_method AS r_refund_method, r.origin AS r_origin, \
    r.metadata AS r_metadata, \
    r.status AS r_status, r.attempts AS r_attempts, r.next_attempt_at AS r_next_attempt_at, \
    r.attempt_started_at AS r_attempt_started_at, r.checks AS r_checks, \
    r.last_check_at AS r_last_check_at, r.next_check_at AS r_next_check_at, r.action_url AS r_action_url, \
    r.conflict_amount_minor AS r_conflict_amount_minor, r.conflict_currency AS r_conflict_currency, \
    r.conflict_gateway_reference AS r_conflict_gateway_reference, r.gateway_reference AS r_gateway_reference, \
    r.failure_reason AS r_failure_reason, r.failure_message AS r_failure_message, \
    r.network_code AS r_network_code, r.actions AS r_actions, r.ended_at AS r_ended_at, \
    r.resolution AS r_resolution, r.created_at AS r_created_at, r.updated_at AS r_updated_at";

/// A row of `refunds`.
pub(crate) struct RefundRow {
    refund_id: Uuid,
    version: i64,
    charge_id: Uuid,
    intent_id: Uuid,
    customer_id: Option<String>,
    livemode: bool,
    amount_minor: i64,
    currency: String,
    reason: String,
    refund_method: String,
    origin: String,
    metadata: Json<BTreeMap<String, String>>,
    status: String,
    attempts: i32,
    next_attempt_at: Option<DateTime<Utc>>,
    attempt_started_at: Option<DateTime<Utc>>,
    checks: Option<i32>,
    last_check_at: Option<DateTime<Utc>>,
    next_check_at: Option<DateTime<Utc>>,
    action_url: Option<String>,
    conflict_amount_minor: Option<i64>,
    conflict_currency: Option<String>,
    conflict_gateway_reference: Option<String>,
    gateway_reference: Option<String>,
    failure_reason: Option<String>,
    failure_message: Option<String>,
    network_code: Option<String>,
    actions: Option<Json<Vec<String>>>,
    ended_at: Option<DateTime<Utc>>,
    resolution: Option<Json<ResolutionJson>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl RefundRow {
    /// The refund beside a charge; none when the charge has none.
    pub(super) fn beside(row: &PgRow) -> Result<Option<Self>, sqlx::Error> {
        let id: Option<Uuid> = get(row, "r_refund_id")?;
        id.map(|_| Self::from_row(row)).transpose()
    }
}

impl FromRow<'_, PgRow> for RefundRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            refund_id: get(row, "r_refund_id")?,
            version: get(row, "r_version")?,
            charge_id: get(row, "r_charge_id")?,
            intent_id: get(row, "r_intent_id")?,
            customer_id: get(row, "r_customer_id")?,
            livemode: get(row, "r_livemode")?,
            amount_minor: get(row, "r_amount_minor")?,
            currency: get(row, "r_currency")?,
            reason: get(row, "r_reason")?,
            refund_method: get(row, "r_refund_method")?,
            origin: get(row, "r_origin")?,
            metadata: get(row, "r_metadata")?,
            status: get(row, "r_status")?,
            attempts: get(row, "r_attempts")?,
            next_attempt_at: get(row, "r_next_attempt_at")?,
            attempt_started_at: get(row, "r_attempt_started_at")?,
            checks: get(row, "r_checks")?,
            last_check_at: get(row, "r_last_check_at")?,
            next_check_at: get(row, "r_next_check_at")?,
            action_url: get(row, "r_action_url")?,
            conflict_amount_minor: get(row, "r_conflict_amount_minor")?,
            conflict_currency: get(row, "r_conflict_currency")?,
            conflict_gateway_reference: get(row, "r_conflict_gateway_reference")?,
            gateway_reference: get(row, "r_gateway_reference")?,
            failure_reason: get(row, "r_failure_reason")?,
            failure_message: get(row, "r_failure_message")?,
            network_code: get(row, "r_network_code")?,
            actions: get(row, "r_actions")?,
            ended_at: get(row, "r_ended_at")?,
            resolution: get(row, "r_resolution")?,
            created_at: get(row, "r_created_at")?,
            updated_at: get(row, "r_updated_at")?,
        })
    }
}

impl TryFrom<RefundRow> for Refund {
    type Error = StoreError;

    fn try_from(mut row: RefundRow) -> Result<Self, StoreError> {
        let place = Place { table: "refunds", row: row.refund_id };
        let metadata = std::mem::take(&mut row.metadata.0);
        let currency = place.currency("currency", &row.currency)?;
        Ok(Self {
            id: RefundId::from_uuid(row.refund_id),
            version: Version::new(row.version),
            charge_id: ChargeId::from_uuid(row.charge_id),
            intent_id: IntentId::from_uuid(row.intent_id),
            customer_id: row.customer_id.take(),
            livemode: row.livemode,
            amount: Money::new(row.amount_minor, currency),
            reason: place.word("reason", &row.reason, RefundReason::find)?,
            method: place.word("refund_method", &row.refund_method, RefundMethod::find)?,
            origin: place.word("origin", &row.origin, RefundOrigin::find)?,
            metadata: Metadata::new(metadata).map_err(|error| place.corrupt("metadata", error))?,
            attempts: u32::try_from(row.attempts).map_err(|error| place.corrupt("attempts", error))?,
            resolution: row.resolution.take().map(|Json(settled)| settled.read(place)).transpose()?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            state: state(place, row)?,
        })
    }
}

fn state(place: Place, row: RefundRow) -> Result<RefundState, StoreError> {
    let ended = place.there("ended_at", row.ended_at);
    Ok(match place.word("status", &row.status, RefundStatus::find)? {
        RefundStatus::Pending => RefundState::Pending(RefundRetry {
            next_attempt_at: place.there("next_attempt_at", row.next_attempt_at)?,
            failure: failure(place, row)?,
        }),
        RefundStatus::Processing => RefundState::Processing(attempt(place, &row)?),
        RefundStatus::RequiresAction => RefundState::RequiresAction {
            attempt: attempt(place, &row)?,
            url: place.there("action_url", row.action_url)?,
        },
        RefundStatus::Succeeded => RefundState::Succeeded {
            gateway_reference: match place.word("refund_method", &row.refund_method, RefundMethod::find)? {
                RefundMethod::StoreCredit => None,
                RefundMethod::OriginalPaymentMethod => {
                    Some(place.there("gateway_reference", row.gateway_reference)?)
                }
            },
            at: ended?,
        },
        RefundStatus::Failed => RefundState::Failed {
            gateway_reference: row.gateway_reference.clone(),
            found: conflict(place, &row)?,
            at: ended?,
            failure: failure(place, row)?,
        },
        RefundStatus::Canceled => RefundState::Canceled { found: conflict(place, &row)?, at: ended? },
    })
}

fn failure(place: Place, row: RefundRow) -> Result<RefundFailure, StoreError> {
    Ok(RefundFailure {
        reason: place.there("failure_reason", row.failure_reason)?,
        message: place.there("failure_message", row.failure_message)?,
        network_code: row.network_code,
        actions: actions(place, &place.there("actions", row.actions)?.0)?,
    })
}

fn actions(place: Place, words: &[String]) -> Result<Vec<RefundAction>, StoreError> {
    words.iter().map(|word| place.word("actions", word, RefundAction::find)).collect()
}

fn attempt(place: Place, row: &RefundRow) -> Result<RefundAttempt, StoreError> {
    let checks = place.there("checks", row.checks)?;
    Ok(RefundAttempt {
        started_at: place.there("attempt_started_at", row.attempt_started_at)?,
        checks: u32::try_from(checks).map_err(|error| place.corrupt("checks", error))?,
        last_check_at: row.last_check_at,
        next_check_at: row.next_check_at,
        conflict: conflict(place, row)?,
    })
}

fn conflict(place: Place, row: &RefundRow) -> Result<Option<RefundConflict>, StoreError> {
    let Some(minor) = row.conflict_amount_minor else { return Ok(None) };
    let code = place.there("conflict_currency", row.conflict_currency.as_deref())?;
    Ok(Some(RefundConflict {
        amount: Money::new(minor, place.currency("conflict_currency", code)?),
        gateway_reference: place
            .there("conflict_gateway_reference", row.conflict_gateway_reference.clone())?,
    }))
}
