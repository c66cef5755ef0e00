//! A dispute as the annex's client sees it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use tender_domain::dispute_cases::{CaseEnd, CaseFile, CaseNote};
use tender_domain::kernel::{Answer, IntakeId};
use tender_events::exact_amount;
use tender_http::keep;
use utoipa::ToSchema;
use uuid::Uuid;

use super::policy::EvaluationBody;

/// A dispute.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresDispute)]
pub(super) struct DisputeBody {
    /// Its UUID.
    dispute_id: Uuid,
    /// The payment.
    payment_id: Uuid,
    /// The guest who paid: of a payment of the adventures API a UUID, of another the customer's own name.
    #[schema(example = "5f2b1c9e-7a44-4d0e-9a39-3c1f0a7be001")]
    guest_id: Option<String>,
    /// `GUEST` or `CHARGEBACK`.
    #[schema(value_type = String, example = "GUEST")]
    source: &'static str,
    /// `SERVICE_NOT_PROVIDED`, `QUALITY`, `WEATHER`, `MEDICAL`, `BILLING_ERROR`, `FRAUD` or `OTHER`.
    #[schema(value_type = String, example = "WEATHER")]
    reason: &'static str,
    /// How much is asked for, in major units.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    requested_amount: Decimal,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "USD")]
    currency: &'static str,
    /// Who may work on it: 1 from the role `dispute_agent` on, 2 from `dispute_manager` on, 3 `dispute_director`.
    #[schema(minimum = 1, maximum = 3)]
    tier: i16,
    /// `OPEN`, `UNDER_REVIEW`, `ESCALATED` or `RESOLVED`.
    #[schema(value_type = String, example = "OPEN")]
    status: &'static str,
    /// Who works on it.
    assigned_to: Option<String>,
    /// What happened, in the guest's words; of a chargeback the network's code.
    description: String,
    /// What the refund policy says of it; of a chargeback it is not asked.
    policy_evaluation: Option<EvaluationBody>,
    /// What people wrote down, oldest first.
    notes: Vec<NoteBody>,
    /// How it ended.
    resolution: Option<ResolutionBody>,
    /// Until when it is to be answered.
    due_at: DateTime<Utc>,
    /// To be named when it is changed.
    version: i64,
    /// When it was opened.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

/// A note.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresDisputeNote)]
struct NoteBody {
    /// What.
    note: String,
    /// Who wrote it.
    by: String,
    /// When.
    at: DateTime<Utc>,
}

/// How a dispute ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresDisputeResolution)]
struct ResolutionBody {
    /// `FULL_REFUND`, `PARTIAL_REFUND` or `DENIED`.
    #[schema(value_type = String, example = "FULL_REFUND")]
    decision: &'static str,
    /// How much the guest gets back by it, in major units.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// The refund; none when it was denied, or the bank has taken the money already.
    refund_id: Option<Uuid>,
    /// Why.
    reason: Option<String>,
    /// Who decided: a person, or the processor.
    resolved_by: String,
    /// When.
    resolved_at: DateTime<Utc>,
}

/// One page of disputes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresDisputes)]
pub(super) struct DisputesBody {
    /// The disputes, newest first.
    pub(super) items: Vec<DisputeBody>,
    /// What to give as `cursor` for older ones.
    pub(super) next_cursor: Option<String>,
    /// Whether there are older ones.
    pub(super) has_more: bool,
}

/// A chargeback whose payment is not known yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresUnmatchedChargeback)]
pub(super) struct UnmatchedBody {
    /// Always `UNMATCHED`.
    #[schema(value_type = String, example = "UNMATCHED")]
    status: &'static str,
    /// Under which it waits.
    intake_id: Uuid,
}

pub(super) fn shown(status: u16, file: &CaseFile) -> Answer {
    keep(status, &DisputeBody::from(file))
}

pub(super) fn waiting(id: &IntakeId) -> Answer {
    keep(202, &UnmatchedBody { status: "UNMATCHED", intake_id: id.uuid() })
}

impl From<&CaseFile> for DisputeBody {
    fn from(file: &CaseFile) -> Self {
        let case = &file.case;
        Self {
            dispute_id: case.id.uuid(),
            payment_id: case.intent_id.uuid(),
            guest_id: case.guest_id.clone(),
            source: case.source.as_str(),
            reason: case.reason.as_str(),
            requested_amount: case.requested.to_decimal(),
            currency: case.requested.currency().code(),
            tier: case.tier.number(),
            status: file.status().as_str(),
            assigned_to: case.assigned_to.clone(),
            description: case.description.clone(),
            policy_evaluation: file.evaluation.as_ref().map(EvaluationBody::from),
            notes: case.notes.iter().map(NoteBody::from).collect(),
            resolution: file.end().map(ResolutionBody::from),
            due_at: file.due_at(),
            version: case.version.number(),
            created_at: case.created_at,
            updated_at: file.updated_at(),
        }
    }
}

impl From<&CaseNote> for NoteBody {
    fn from(note: &CaseNote) -> Self {
        Self { note: note.text.clone(), by: note.by.clone(), at: note.at }
    }
}

impl From<CaseEnd> for ResolutionBody {
    fn from(end: CaseEnd) -> Self {
        Self {
            decision: end.decision.as_str(),
            amount: end.amount.to_decimal(),
            refund_id: end.refund_id.map(|id| id.uuid()),
            reason: end.reason,
            resolved_by: end.by,
            resolved_at: end.at,
        }
    }
}
