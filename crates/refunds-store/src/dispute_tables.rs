//! The tables of disputes as data, and the rows of a write.

use tender_domain::disputes::{ChargebackIntake, Dispute, DisputeEntry, DisputeReply, ToldDispute};
use tender_domain::kernel::Save;
use tender_domain::refunds::RefundableCharge;
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec};

use crate::rows::{EvidenceJson, FileJson};

pub(crate) static DISPUTES: TableSpec = TableSpec {
    name: "disputes",
    key: &[Column::new("dispute_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("charge_id", ColumnType::Uuid),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("customer_id", ColumnType::Text),
        Column::new("merchant_account_id", ColumnType::Text),
        Column::new("livemode", ColumnType::Bool),
        Column::new("processor", ColumnType::Text),
        Column::new("processor_reference", ColumnType::Text),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("fee_minor", ColumnType::BigInt),
        Column::new("fee_stated", ColumnType::Bool),
        Column::new("currency", ColumnType::Text),
        Column::new("network", ColumnType::Text),
        Column::new("network_reason_code", ColumnType::Text),
        Column::new("reason", ColumnType::Text),
        Column::new("received_at", ColumnType::Timestamp),
        Column::new("respond_by", ColumnType::Timestamp),
        Column::new("evidence_due_by", ColumnType::Timestamp),
        Column::new("status", ColumnType::Text),
        Column::new("resolution_number", ColumnType::Int),
        Column::new("decided_at", ColumnType::Timestamp),
        Column::new("decided_by", ColumnType::Text),
        Column::new("decided_by_kind", ColumnType::Text),
        Column::new("decided_reason", ColumnType::Text),
        Column::new("reply_number", ColumnType::Int),
        Column::new("reply_kind", ColumnType::Text),
        Column::new("reply_status", ColumnType::Text),
        Column::new("history_number", ColumnType::Int),
        Column::new("history_hash", ColumnType::Bytes),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) static HISTORY: TableSpec = TableSpec {
    name: "dispute_history",
    key: &[Column::new("dispute_id", ColumnType::Uuid), Column::new("entry_number", ColumnType::Int)],
    columns: &[
        Column::new("at", ColumnType::Timestamp),
        Column::new("by_kind", ColumnType::Text),
        Column::new("by_name", ColumnType::Text),
        Column::new("kind", ColumnType::Text),
        Column::new("detail", ColumnType::Text),
        Column::new("previous_hash", ColumnType::Bytes),
        Column::new("hash", ColumnType::Bytes),
    ],
};

pub(crate) static INTAKES: TableSpec = TableSpec {
    name: "chargeback_intakes",
    key: &[Column::new("intake_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("gateway_reference", ColumnType::Text),
        Column::new("processor", ColumnType::Text),
        Column::new("processor_reference", ColumnType::Text),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("fee_minor", ColumnType::BigInt),
        Column::new("fee_stated", ColumnType::Bool),
        Column::new("currency", ColumnType::Text),
        Column::new("network", ColumnType::Text),
        Column::new("network_reason_code", ColumnType::Text),
        Column::new("reason", ColumnType::Text),
        Column::new("received_at", ColumnType::Timestamp),
        Column::new("respond_by", ColumnType::Timestamp),
        Column::new("standing", ColumnType::Text),
        Column::new("dispute_id", ColumnType::Uuid),
        Column::new("tries", ColumnType::Int),
        Column::new("next_try_at", ColumnType::Timestamp),
        Column::new("note", ColumnType::Text),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) static REPLIES: TableSpec = TableSpec {
    name: "dispute_replies",
    key: &[Column::new("dispute_id", ColumnType::Uuid), Column::new("reply_number", ColumnType::Int)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("kind", ColumnType::Text),
        Column::new("evidence", ColumnType::Json),
        Column::new("files", ColumnType::Json),
        Column::new("status", ColumnType::Text),
        Column::new("replied_by", ColumnType::Text),
        Column::new("tries", ColumnType::Int),
        Column::new("next_try_at", ColumnType::Timestamp),
        Column::new("detail", ColumnType::Text),
        Column::new("evidence_removed_at", ColumnType::Timestamp),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

/// The disputes of a charge that are new or changed.
pub(crate) fn dispute_rows(save: &Save<RefundableCharge>, rows: &mut Rows) {
    for dispute in &save.after.disputes {
        match save.before.as_ref().and_then(|before| before.dispute(dispute.id)) {
            None => rows.insert(&DISPUTES, dispute_cells(dispute)),
            Some(before) if before != dispute => rows.update_child(&DISPUTES, dispute_cells(dispute)),
            Some(_) => {}
        }
    }
}

pub(crate) fn intake_rows(save: &Save<ChargebackIntake>, rows: &mut Rows) {
    match save.before.as_deref() {
        None => rows.insert(&INTAKES, intake_cells(&save.after)),
        Some(before) => rows.update(&INTAKES, before.version.number(), intake_cells(&save.after)),
    }
}

pub(crate) fn reply_rows(save: &Save<DisputeReply>, rows: &mut Rows) {
    match save.before.as_deref() {
        None => rows.insert(&REPLIES, reply_cells(&save.after)),
        Some(before) => rows.update(&REPLIES, before.version.number(), reply_cells(&save.after)),
    }
}

fn reply_cells(reply: &DisputeReply) -> Vec<Cell> {
    let texts: Vec<EvidenceJson> = reply.evidence.texts().iter().map(EvidenceJson::from).collect();
    let files: Vec<FileJson> = reply.evidence.files().iter().map(FileJson::from).collect();
    vec![
        reply.dispute.uuid().into(),
        number(reply.number).into(),
        reply.version.number().into(),
        reply.kind.as_str().into(),
        Cell::json(&texts).expect("texts have a JSON form"),
        Cell::json(&files).expect("what is declared of files has a JSON form"),
        reply.status.as_str().into(),
        reply.by.as_str().into(),
        number(reply.tries).into(),
        reply.next_try_at.into(),
        reply.detail.as_deref().into(),
        reply.removed_at.into(),
        reply.created_at.into(),
        reply.updated_at.into(),
    ]
}

fn told_cells(told: &ToldDispute) -> [Cell; 11] {
    [
        told.processor.as_str().into(),
        told.processor_reference.as_deref().into(),
        told.amount.minor().into(),
        told.known_fee().into(),
        told.fee_minor.is_some().into(),
        told.amount.currency().code().into(),
        told.network.map(|network| network.as_str()).into(),
        told.network_reason_code.as_deref().into(),
        told.reason.as_str().into(),
        told.received_at.into(),
        told.respond_by.into(),
    ]
}

fn dispute_cells(dispute: &Dispute) -> Vec<Cell> {
    let resolution = dispute.resolution.as_ref();
    let mut cells = vec![
        dispute.id.uuid().into(),
        dispute.version.number().into(),
        dispute.charge_id.uuid().into(),
        dispute.intent_id.uuid().into(),
        dispute.customer_id.as_deref().into(),
        dispute.merchant_account_id.as_str().into(),
        dispute.livemode.into(),
    ];
    cells.extend(told_cells(&dispute.told));
    cells.extend([
        dispute.evidence_due_by.into(),
        dispute.status.as_str().into(),
        resolution.map(|resolution| number(resolution.number)).into(),
        resolution.map(|resolution| resolution.decided_at).into(),
        resolution.map(|resolution| resolution.by.name.as_str()).into(),
        resolution.map(|resolution| resolution.by.kind.as_str()).into(),
        resolution.and_then(|resolution| resolution.reason.as_deref()).into(),
        dispute.reply.map(|reply| number(reply.number)).into(),
        dispute.reply.map(|reply| reply.kind.as_str()).into(),
        dispute.reply.map(|reply| reply.status.as_str()).into(),
        number(dispute.history.number).into(),
        dispute.history.hash.0.to_vec().into(),
        dispute.created_at.into(),
        dispute.updated_at.into(),
    ]);
    cells
}

pub(crate) fn entry_cells(entry: &DisputeEntry) -> Vec<Cell> {
    vec![
        entry.dispute.uuid().into(),
        number(entry.number).into(),
        entry.at.into(),
        entry.by.kind.as_str().into(),
        entry.by.name.as_str().into(),
        entry.kind.as_str().into(),
        entry.detail.as_str().into(),
        entry.previous.0.to_vec().into(),
        entry.hash.0.to_vec().into(),
    ]
}

fn intake_cells(intake: &ChargebackIntake) -> Vec<Cell> {
    let mut cells = vec![
        intake.id.uuid().into(),
        intake.version.number().into(),
        intake.gateway_reference.as_str().into(),
    ];
    cells.extend(told_cells(&intake.told));
    cells.extend([
        intake.standing.as_str().into(),
        intake.dispute.map(|dispute| dispute.uuid()).into(),
        number(intake.tries).into(),
        intake.next_try_at.into(),
        intake.note.as_deref().into(),
        intake.created_at.into(),
        intake.updated_at.into(),
    ]);
    cells
}

fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
