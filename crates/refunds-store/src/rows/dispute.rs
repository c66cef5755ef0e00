//! Rows of `disputes`, `dispute_history` and `chargeback_intakes`, read as JSON: beside a charge all of its disputes are
//! one value.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tender_domain::disputes::{
    Actor, ActorKind, CardNetwork, ChargebackIntake, Dispute, DisputeEntry, DisputeReason, DisputeStatus,
    EntryHash, EntryKind, HistoryHead, Resolution, ToldDispute,
};
use tender_domain::kernel::{
    ChargeId, DisputeId, IntakeId, IntentId, Money, StoreError, TenantId, Timestamp, Version,
};
use uuid::Uuid;

use super::column::Place;
use super::reply::LastReplyColumns;

/// What was told of a dispute or a chargeback: columns that both tables have.
#[derive(Debug, Deserialize)]
struct ToldColumns {
    processor: String,
    processor_reference: Option<String>,
    amount_minor: i64,
    fee_minor: i64,
    fee_stated: Option<bool>,
    currency: String,
    network: Option<String>,
    network_reason_code: Option<String>,
    reason: String,
    received_at: DateTime<Utc>,
    respond_by: Option<DateTime<Utc>>,
}

/// A row of `disputes`.
#[derive(Debug, Deserialize)]
pub(crate) struct DisputeRow {
    dispute_id: Uuid,
    version: i64,
    charge_id: Uuid,
    intent_id: Uuid,
    customer_id: Option<String>,
    merchant_account_id: String,
    livemode: bool,
    #[serde(flatten)]
    told: ToldColumns,
    evidence_due_by: Option<DateTime<Utc>>,
    status: String,
    resolution_number: Option<u32>,
    decided_at: Option<DateTime<Utc>>,
    decided_by: Option<String>,
    decided_by_kind: Option<String>,
    decided_reason: Option<String>,
    #[serde(flatten)]
    reply: LastReplyColumns,
    history_number: u32,
    history_hash: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A row of `chargeback_intakes`.
#[derive(Debug, Deserialize)]
pub(crate) struct IntakeRow {
    tenant_id: String,
    intake_id: Uuid,
    version: i64,
    gateway_reference: String,
    #[serde(flatten)]
    told: ToldColumns,
    standing: String,
    dispute_id: Option<Uuid>,
    tries: u32,
    next_try_at: Option<DateTime<Utc>>,
    note: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A row of `dispute_history`.
#[derive(Debug, Deserialize)]
pub(crate) struct EntryRow {
    dispute_id: Uuid,
    entry_number: u32,
    at: DateTime<Utc>,
    by_kind: String,
    by_name: String,
    kind: String,
    detail: String,
    previous_hash: String,
    hash: String,
}

impl ToldColumns {
    fn told(self, place: Place) -> Result<ToldDispute, StoreError> {
        let currency = place.currency("currency", &self.currency)?;
        let network = self.network.as_deref().map(|word| place.word("network", word, CardNetwork::find));
        Ok(ToldDispute {
            amount: Money::new(self.amount_minor, currency),
            // Of before there was the column, only a fee of more than nothing is known to have been told.
            fee_minor: self.fee_stated.unwrap_or(self.fee_minor > 0).then_some(self.fee_minor),
            network: network.transpose()?,
            reason: place.word("reason", &self.reason, DisputeReason::find)?,
            processor: self.processor,
            processor_reference: self.processor_reference,
            network_reason_code: self.network_reason_code,
            received_at: self.received_at,
            respond_by: self.respond_by,
        })
    }
}

impl TryFrom<DisputeRow> for Dispute {
    type Error = StoreError;

    fn try_from(row: DisputeRow) -> Result<Self, StoreError> {
        let place = Place { table: "disputes", row: row.dispute_id };
        let resolution = row.resolution_number.map(|number| {
            let kind = place.there("decided_by_kind", row.decided_by_kind.as_deref())?;
            Ok::<_, StoreError>(Resolution {
                number,
                decided_at: place.there("decided_at", row.decided_at)?,
                by: actor(place, ("decided_by_kind", kind), place.there("decided_by", row.decided_by)?)?,
                reason: row.decided_reason,
            })
        });
        let history =
            HistoryHead { number: row.history_number, hash: hash(place, "history_hash", &row.history_hash)? };
        Ok(Self {
            id: DisputeId::from_uuid(row.dispute_id),
            version: Version::new(row.version),
            charge_id: ChargeId::from_uuid(row.charge_id),
            intent_id: IntentId::from_uuid(row.intent_id),
            customer_id: row.customer_id,
            merchant_account_id: row.merchant_account_id,
            livemode: row.livemode,
            told: row.told.told(place)?,
            evidence_due_by: row.evidence_due_by,
            status: place.word("status", &row.status, DisputeStatus::find)?,
            resolution: resolution.transpose()?,
            reply: row.reply.reply(place)?,
            history,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl TryFrom<IntakeRow> for ChargebackIntake {
    type Error = StoreError;

    fn try_from(row: IntakeRow) -> Result<Self, StoreError> {
        let place = Place { table: "chargeback_intakes", row: row.intake_id };
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            id: IntakeId::from_uuid(row.intake_id),
            version: Version::new(row.version),
            gateway_reference: row.gateway_reference,
            told: row.told.told(place)?,
            standing: place.word("standing", &row.standing, DisputeStatus::find)?,
            dispute: row.dispute_id.map(DisputeId::from_uuid),
            tries: row.tries,
            next_try_at: row.next_try_at,
            note: row.note,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl EntryRow {
    pub(crate) fn entry(self, tenant: &TenantId) -> Result<DisputeEntry, StoreError> {
        let place = Place { table: "dispute_history", row: self.dispute_id };
        let at: Timestamp = self.at;
        Ok(DisputeEntry {
            tenant: tenant.clone(),
            dispute: DisputeId::from_uuid(self.dispute_id),
            number: self.entry_number,
            at,
            by: actor(place, ("by_kind", &self.by_kind), self.by_name)?,
            kind: place.word("kind", &self.kind, EntryKind::find)?,
            detail: self.detail,
            previous: hash(place, "previous_hash", &self.previous_hash)?,
            hash: hash(place, "hash", &self.hash)?,
        })
    }
}

fn actor(place: Place, (column, kind): (&'static str, &str), name: String) -> Result<Actor, StoreError> {
    Ok(Actor { kind: place.word(column, kind, ActorKind::find)?, name })
}

/// Bytes as JSON has them: `\\x` and hexadecimal digits.
fn hash(place: Place, column: &'static str, text: &str) -> Result<EntryHash, StoreError> {
    let bytes = text.strip_prefix("\\x").filter(|digits| digits.len() == 64).and_then(|digits| {
        let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        (0..32).map(|nth| byte(2 * nth)).collect::<Option<Vec<u8>>>()
    });
    let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.map(EntryHash).ok_or_else(|| place.corrupt(column, "is no hash of 32 bytes"))
}
