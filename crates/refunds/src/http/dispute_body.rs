//! Disputes as clients see them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tender_domain::disputes::{Dispute, DisputeEntry};
use tender_domain::kernel::IntakeId;
use utoipa::ToSchema;
use uuid::Uuid;

use super::problems::dispute_refusal_problem;
use crate::DisputePresenter;

/// How disputes and refusals are shown by this API.
pub(super) const DISPUTES: DisputePresenter = DisputePresenter {
    created: |dispute| tender_http::keep(201, &DisputeBody::from(dispute)),
    shown: |dispute| tender_http::keep(200, &DisputeBody::from(dispute)),
    refusal: |refusal| dispute_refusal_problem(refusal).to_answer(),
};

/// A dispute.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Dispute)]
pub(super) struct DisputeBody {
    #[serde(skip)]
    uuid: Uuid,
    /// Always `dispute`.
    #[schema(value_type = String, example = "dispute")]
    object: &'static str,
    /// The dispute.
    #[schema(example = "dp_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "dp_01h2xcejqtf2nbrexx3vqjhp41")]
    dispute_id: String,
    /// `needs_response`, `under_review`, `won`, `lost` or `accepted`.
    #[schema(value_type = String, example = "needs_response")]
    status: &'static str,
    /// How much is disputed, in minor units.
    #[schema(example = 5194)]
    amount: i64,
    /// What the processor takes for it, in minor units; it is not given back when the dispute is won. None while nobody
    /// has told it.
    #[schema(example = 1500)]
    fee: Option<i64>,
    /// ISO 4217 code of both. It may be another one than the charge's.
    #[schema(value_type = String, example = "GBP")]
    currency: &'static str,
    /// The charge that is disputed.
    #[schema(example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    charge_id: String,
    /// The intent of that charge.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// Who had paid.
    customer_id: Option<String>,
    /// The merchant account that bears it.
    merchant_account_id: String,
    /// Who took the money back: the connector.
    #[schema(example = "simulator")]
    processor: String,
    /// What the processor calls the dispute.
    processor_reference: Option<String>,
    /// `visa`, `mastercard`, `amex` or `other`.
    #[schema(value_type = Option<String>, example = "visa")]
    network: Option<&'static str>,
    /// The network's own code of the reason, as it was given.
    #[schema(example = "10.4")]
    network_reason_code: Option<String>,
    /// What it means: `fraud`, `unrecognized`, `product_not_received`, `product_unacceptable`, `canceled`,
    /// `canceled_recurring`, `credit_not_processed`, `duplicate`, `incorrect_amount`, `authorization`,
    /// `processing_error` or `other`.
    #[schema(value_type = String, example = "fraud")]
    reason: &'static str,
    /// When the processor took it in.
    received_at: DateTime<Utc>,
    /// Until when it may be answered, as the processor says.
    respond_by: Option<DateTime<Utc>>,
    /// Until when evidence must be handed in.
    evidence_due_by: Option<DateTime<Utc>>,
    /// How it ended; null while it is open.
    resolution: Option<ResolutionBody>,
    /// What its processor was told last, and what it made of it; null while nothing was replied.
    processor_reply: Option<LastReplyBody>,
    /// Whether the money is real.
    livemode: bool,
    /// Grows with every change of the dispute; also its `ETag`.
    #[schema(example = 1)]
    version: i64,
    /// When it was written down.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

/// The last that a dispute's processor was to be told.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LastDisputeReply)]
pub(super) struct LastReplyBody {
    /// Under which number it is listed by `GET …/evidence`.
    #[schema(example = 2)]
    number: u32,
    /// `evidence` or `acceptance`.
    #[schema(value_type = String, example = "evidence")]
    kind: &'static str,
    /// `telling`, `told`, `refused`, or `by_hand`: the processor cannot be told from here, and you hand it in at its own
    /// portal.
    #[schema(value_type = String, example = "telling")]
    status: &'static str,
}

/// How a dispute ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DisputeResolution)]
pub(super) struct ResolutionBody {
    /// 1 for the first; one more each time it was overturned.
    #[schema(example = 1)]
    number: u32,
    /// `won`, `lost` or `accepted`.
    #[schema(value_type = String, example = "won")]
    outcome: &'static str,
    /// When it was decided.
    decided_at: DateTime<Utc>,
    /// `processor` or `person`.
    #[schema(value_type = String, example = "person")]
    told_by: &'static str,
    /// The connector, or who it was.
    told_by_name: String,
    /// Why, in words.
    reason: Option<String>,
}

/// A dispute with what happened to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DisputeWithHistory)]
pub(super) struct DisputeWithHistoryBody {
    #[serde(flatten)]
    dispute: DisputeBody,
    /// The last 100 entries, oldest first.
    history: Vec<EntryBody>,
}

/// Something that happened to a dispute. Each entry has the hash of the one before, so that nothing can be changed
/// unseen.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DisputeEntry)]
pub(super) struct EntryBody {
    /// 1 for the first.
    number: u32,
    /// When.
    at: DateTime<Utc>,
    /// `opened`, `under_review`, `note`, `evidence_due`, `evidence_submitted`, `reply_told`, `reply_refused`,
    /// `evidence_removed`, `won`, `lost`
    /// or `accepted`.
    #[schema(value_type = String, example = "opened")]
    kind: &'static str,
    /// `processor`, `person`, or `service` for what is done by itself.
    #[schema(value_type = String, example = "processor")]
    by: &'static str,
    /// The connector, or who it was.
    by_name: String,
    /// More of it, in words.
    detail: String,
    /// SHA-256 of this entry with the hash of the one before, in hexadecimal digits.
    hash: String,
}

/// A chargeback whose charge is not known yet. It is kept, and becomes a dispute when the charge is known.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ChargebackIntake)]
pub(super) struct WaitingBody {
    /// Always `chargeback_intake`.
    #[schema(value_type = String, example = "chargeback_intake")]
    object: &'static str,
    /// Under which it waits.
    #[schema(example = "cbi_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "cbi_01h2xcejqtf2nbrexx3vqjhp41")]
    intake_id: String,
    /// Always `unmatched`.
    #[schema(value_type = String, example = "unmatched")]
    status: &'static str,
}

impl WaitingBody {
    pub(super) fn of(id: IntakeId) -> Self {
        Self {
            object: "chargeback_intake",
            id: id.to_string(),
            intake_id: id.to_string(),
            status: "unmatched",
        }
    }
}

impl DisputeBody {
    /// By what lists are ordered.
    pub(super) const fn uuid(&self) -> Uuid {
        self.uuid
    }
}

impl DisputeWithHistoryBody {
    pub(super) fn of(dispute: &Dispute, history: &[DisputeEntry]) -> Self {
        Self { dispute: dispute.into(), history: history.iter().map(EntryBody::from).collect() }
    }
}

impl From<&DisputeEntry> for EntryBody {
    fn from(entry: &DisputeEntry) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            kind: entry.kind.as_str(),
            by: entry.by.kind.as_str(),
            by_name: entry.by.name.clone(),
            detail: entry.detail.clone(),
            hash: entry.hash.to_string(),
        }
    }
}

impl From<&Dispute> for DisputeBody {
    fn from(dispute: &Dispute) -> Self {
        let told = &dispute.told;
        Self {
            uuid: dispute.id.uuid(),
            object: "dispute",
            id: dispute.id.to_string(),
            dispute_id: dispute.id.to_string(),
            status: dispute.status.as_str(),
            amount: told.amount.minor(),
            fee: told.fee_minor,
            currency: told.amount.currency().code(),
            charge_id: dispute.charge_id.to_string(),
            payment_intent_id: dispute.intent_id.to_string(),
            customer_id: dispute.customer_id.clone(),
            merchant_account_id: dispute.merchant_account_id.clone(),
            processor: told.processor.clone(),
            processor_reference: told.processor_reference.clone(),
            network: told.network.map(|network| network.as_str()),
            network_reason_code: told.network_reason_code.clone(),
            reason: told.reason.as_str(),
            received_at: told.received_at,
            respond_by: told.respond_by,
            evidence_due_by: dispute.evidence_due_by,
            resolution: dispute.resolution.as_ref().map(|resolution| ResolutionBody {
                number: resolution.number,
                outcome: dispute.status.as_str(),
                decided_at: resolution.decided_at,
                told_by: resolution.by.kind.as_str(),
                told_by_name: resolution.by.name.clone(),
                reason: resolution.reason.clone(),
            }),
            processor_reply: dispute.reply.map(|reply| LastReplyBody {
                number: reply.number,
                kind: reply.kind.as_str(),
                status: reply.status.as_str(),
            }),
            livemode: dispute.livemode,
            version: dispute.version.number(),
            created_at: dispute.created_at,
            updated_at: dispute.updated_at,
        }
    }
}
