//! The tables of cases as data, and the rows of a write.

use tender_domain::dispute_cases::{CaseNote, DisputeCase, DisputeReminder, DisputeTiers, TierLimits};
use tender_domain::kernel::Save;
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec};

pub(crate) static CASES: TableSpec = TableSpec {
    name: "dispute_cases",
    key: &[Column::new("dispute_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("source", ColumnType::Text),
        Column::new("charge_id", ColumnType::Uuid),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("customer_id", ColumnType::Text),
        Column::new("livemode", ColumnType::Bool),
        Column::new("reason", ColumnType::Text),
        Column::new("requested_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("description", ColumnType::Text),
        Column::new("tier", ColumnType::Int),
        Column::new("status", ColumnType::Text),
        Column::new("assigned_to", ColumnType::Text),
        Column::new("evaluation_id", ColumnType::Uuid),
        Column::new("decision", ColumnType::Text),
        Column::new("decided_minor", ColumnType::BigInt),
        Column::new("refund_id", ColumnType::Uuid),
        Column::new("decided_reason", ColumnType::Text),
        Column::new("decided_by", ColumnType::Text),
        Column::new("decided_at", ColumnType::Timestamp),
        Column::new("due_at", ColumnType::Timestamp),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) static NOTES: TableSpec = TableSpec {
    name: "dispute_notes",
    key: &[Column::new("dispute_id", ColumnType::Uuid), Column::new("note_number", ColumnType::Int)],
    columns: &[
        Column::new("at", ColumnType::Timestamp),
        Column::new("by_name", ColumnType::Text),
        Column::new("note", ColumnType::Text),
    ],
};

pub(crate) static TIERS: TableSpec = TableSpec {
    name: "dispute_tiers",
    key: &[],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("base_currency", ColumnType::Text),
        Column::new("limits", ColumnType::Json),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) static REMINDERS: TableSpec = TableSpec {
    name: "dispute_reminders",
    key: &[
        Column::new("dispute_id", ColumnType::Uuid),
        Column::new("due_at", ColumnType::Timestamp),
        Column::new("hours_before", ColumnType::Int),
    ],
    columns: &[Column::new("at", ColumnType::Timestamp)],
};

/// The case, and the notes that are new.
pub(crate) fn case_rows(save: &Save<DisputeCase>, rows: &mut Rows) {
    let case = &*save.after;
    match save.before.as_deref() {
        None => rows.insert(&CASES, case_cells(case)),
        Some(before) => rows.update(&CASES, before.version.number(), case_cells(case)),
    }
    let known = save.before.as_ref().map_or(0, |before| before.notes.len());
    for note in case.notes.iter().skip(known) {
        rows.insert(&NOTES, note_cells(case, note));
    }
}

pub(crate) fn tier_rows(save: &Save<DisputeTiers>, rows: &mut Rows) {
    let tiers = &*save.after;
    let limits: std::collections::BTreeMap<&str, &TierLimits> =
        tiers.limits.iter().map(|(currency, limits)| (currency.code(), limits)).collect();
    let cells = vec![
        tiers.version.number().into(),
        tiers.base_currency.code().into(),
        Cell::json(&limits).expect("numbers have a JSON form"),
        tiers.created_at.into(),
        tiers.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&TIERS, cells),
        Some(before) => rows.update(&TIERS, before.version.number(), cells),
    }
}

fn case_cells(case: &DisputeCase) -> Vec<Cell> {
    let decision = case.decision.as_ref();
    vec![
        case.id.uuid().into(),
        case.version.number().into(),
        case.source.as_str().into(),
        case.charge_id.uuid().into(),
        case.intent_id.uuid().into(),
        case.guest_id.as_deref().into(),
        case.livemode.into(),
        case.reason.as_str().into(),
        case.requested.minor().into(),
        case.requested.currency().code().into(),
        case.description.as_str().into(),
        i32::from(case.tier.number()).into(),
        case.status.as_str().into(),
        case.assigned_to.as_deref().into(),
        case.evaluation.map(|id| id.uuid()).into(),
        decision.map(|decision| decision.kind.as_str()).into(),
        decision.map(|decision| decision.amount.minor()).into(),
        decision.and_then(|decision| decision.refund_id).map(|id| id.uuid()).into(),
        decision.map(|decision| decision.reason.as_str()).into(),
        decision.map(|decision| decision.by.as_str()).into(),
        decision.map(|decision| decision.at).into(),
        case.due_at.into(),
        case.created_at.into(),
        case.updated_at.into(),
    ]
}

fn note_cells(case: &DisputeCase, note: &CaseNote) -> Vec<Cell> {
    vec![
        case.id.uuid().into(),
        i32::try_from(note.number).unwrap_or(i32::MAX).into(),
        note.at.into(),
        note.by.as_str().into(),
        note.text.as_str().into(),
    ]
}

pub(crate) fn reminder_cells(reminder: &DisputeReminder) -> Vec<Cell> {
    vec![
        reminder.dispute.uuid().into(),
        reminder.due_at.into(),
        i32::try_from(reminder.hours_before).unwrap_or(i32::MAX).into(),
        reminder.at.into(),
    ]
}
