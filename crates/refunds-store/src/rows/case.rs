//! Rows of `dispute_cases` with what belongs to them, and of `dispute_tiers`, read as JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tender_domain::dispute_cases::{
    CaseDecision, CaseFile, CaseNote, CaseReason, CaseSource, CaseStatus, DecisionKind, DisputeCase,
    DisputeTiers, DueDispute, Tier, TierLimits,
};
use tender_domain::kernel::{
    ChargeId, DisputeId, IntentId, Money, PolicyEvaluationId, RefundId, StoreError, TenantId, Version,
};
use tender_domain::refund_policy::{Evaluated, PolicyEvaluation};
use uuid::Uuid;

use super::DisputeRow;
use super::column::Place;

/// A case with its notes, its chargeback and what the policy said.
#[derive(Debug, Deserialize)]
pub(crate) struct CaseFileRow {
    case: CaseRow,
    notes: Vec<NoteRow>,
    chargeback: Option<DisputeRow>,
    evaluation: Option<EvaluationRow>,
}

#[derive(Debug, Deserialize)]
struct CaseRow {
    tenant_id: String,
    dispute_id: Uuid,
    version: i64,
    source: String,
    charge_id: Uuid,
    intent_id: Uuid,
    customer_id: Option<String>,
    livemode: bool,
    reason: String,
    requested_minor: i64,
    currency: String,
    description: String,
    tier: i16,
    status: String,
    assigned_to: Option<String>,
    evaluation_id: Option<Uuid>,
    #[serde(flatten)]
    decision: DecisionColumns,
    due_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
struct DecisionColumns {
    decision: Option<String>,
    decided_minor: Option<i64>,
    refund_id: Option<Uuid>,
    decided_reason: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Deserialize)]
struct NoteRow {
    note_number: u32,
    at: DateTime<Utc>,
    by_name: String,
    note: String,
}

/// A row of `policy_evaluations`.
#[derive(Debug, Deserialize)]
struct EvaluationRow {
    evaluation_id: Uuid,
    intent_id: Uuid,
    charge_id: Uuid,
    dispute_id: Option<Uuid>,
    policy_id: String,
    policy_version: i64,
    rule: String,
    percentage_bps: u32,
    fee_minor: i64,
    eligible_minor: i64,
    currency: String,
    explanation: Vec<String>,
    evaluated_at: DateTime<Utc>,
}

/// A dispute that must be answered soon.
#[derive(Debug, Deserialize)]
pub(crate) struct DueRow {
    tenant_id: String,
    dispute_id: Uuid,
    intent_id: Uuid,
    amount_minor: i64,
    currency: String,
    due_at: DateTime<Utc>,
}

/// A row of `dispute_tiers`.
#[derive(Debug, Deserialize)]
pub(crate) struct TiersRow {
    version: i64,
    base_currency: String,
    limits: BTreeMap<String, TierLimits>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<CaseFileRow> for CaseFile {
    type Error = StoreError;

    fn try_from(row: CaseFileRow) -> Result<Self, StoreError> {
        let case = row.case.case(row.notes)?;
        let evaluation = row.evaluation.map(|evaluation| evaluation.evaluation(&case.tenant)).transpose()?;
        Ok(Self { case, chargeback: row.chargeback.map(TryInto::try_into).transpose()?, evaluation })
    }
}

impl CaseRow {
    fn case(self, notes: Vec<NoteRow>) -> Result<DisputeCase, StoreError> {
        let place = Place { table: "dispute_cases", row: self.dispute_id };
        let currency = place.currency("currency", &self.currency)?;
        let tier = Tier::find(self.tier).ok_or_else(|| place.corrupt("tier", "is no tier"))?;
        let note =
            |row: NoteRow| CaseNote { number: row.note_number, at: row.at, by: row.by_name, text: row.note };
        Ok(DisputeCase {
            tenant: self.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            id: DisputeId::from_uuid(self.dispute_id),
            version: Version::new(self.version),
            source: place.word("source", &self.source, CaseSource::find)?,
            charge_id: ChargeId::from_uuid(self.charge_id),
            intent_id: IntentId::from_uuid(self.intent_id),
            guest_id: self.customer_id,
            livemode: self.livemode,
            reason: place.word("reason", &self.reason, CaseReason::find)?,
            requested: Money::new(self.requested_minor, currency),
            description: self.description,
            tier,
            status: place.word("status", &self.status, CaseStatus::find)?,
            assigned_to: self.assigned_to,
            evaluation: self.evaluation_id.map(PolicyEvaluationId::from_uuid),
            notes: notes.into_iter().map(note).collect(),
            decision: self.decision.decision(place, |minor| Money::new(minor, currency))?,
            due_at: self.due_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl DecisionColumns {
    fn decision(
        self,
        place: Place,
        money: impl Fn(i64) -> Money,
    ) -> Result<Option<CaseDecision>, StoreError> {
        let Some(word) = self.decision else { return Ok(None) };
        Ok(Some(CaseDecision {
            kind: place.word("decision", &word, DecisionKind::find)?,
            amount: money(place.there("decided_minor", self.decided_minor)?),
            refund_id: self.refund_id.map(RefundId::from_uuid),
            reason: place.there("decided_reason", self.decided_reason)?,
            by: place.there("decided_by", self.decided_by)?,
            at: place.there("decided_at", self.decided_at)?,
        }))
    }
}

impl EvaluationRow {
    fn evaluation(self, tenant: &TenantId) -> Result<PolicyEvaluation, StoreError> {
        let place = Place { table: "policy_evaluations", row: self.evaluation_id };
        let currency = place.currency("currency", &self.currency)?;
        Ok(PolicyEvaluation {
            id: PolicyEvaluationId::from_uuid(self.evaluation_id),
            tenant: tenant.clone(),
            intent_id: IntentId::from_uuid(self.intent_id),
            charge_id: ChargeId::from_uuid(self.charge_id),
            dispute_id: self.dispute_id.map(DisputeId::from_uuid),
            evaluated: Evaluated {
                policy_id: self.policy_id,
                policy_version: Version::new(self.policy_version),
                rule: self.rule,
                percentage_bps: self.percentage_bps,
                fee: Money::new(self.fee_minor, currency),
                eligible_amount: Money::new(self.eligible_minor, currency),
                explanation: self.explanation,
            },
            evaluated_at: self.evaluated_at,
        })
    }
}

impl TryFrom<DueRow> for DueDispute {
    type Error = StoreError;

    fn try_from(row: DueRow) -> Result<Self, StoreError> {
        let place = Place { table: "disputes", row: row.dispute_id };
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            dispute: DisputeId::from_uuid(row.dispute_id),
            intent_id: IntentId::from_uuid(row.intent_id),
            amount: Money::new(row.amount_minor, place.currency("currency", &row.currency)?),
            due_at: row.due_at,
        })
    }
}

impl TiersRow {
    pub(crate) fn tiers(self, tenant: &TenantId) -> Result<DisputeTiers, StoreError> {
        let place = Place { table: "dispute_tiers", row: Uuid::nil() };
        let limits = self.limits.into_iter();
        let limits = limits.map(|(code, limits)| Ok((place.currency("limits", &code)?, limits)));
        Ok(DisputeTiers {
            tenant: tenant.clone(),
            version: Version::new(self.version),
            base_currency: place.currency("base_currency", &self.base_currency)?,
            limits: limits.collect::<Result<_, StoreError>>()?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
