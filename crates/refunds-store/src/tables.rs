//! The tables as data, and the rows of a write.

use tender_domain::kernel::Save;
use tender_domain::refunds::{Refund, RefundState, RefundWrite, RefundableCharge};
use tender_postgres::{
    Cell, Column, ColumnType, JOB_ITEMS, JOBS, Rows, Schema, TableSpec, job_item_row, job_rows,
};

use crate::SCHEMA;
use crate::case_tables::{CASES, NOTES, REMINDERS, TIERS, case_rows, reminder_cells, tier_rows};
use crate::dispute_tables::{
    DISPUTES, HISTORY, INTAKES, REPLIES, dispute_rows, entry_cells, intake_rows, reply_rows,
};
use crate::policies::{EVALUATIONS, POLICIES, evaluation_cells, policy_rows};
use crate::rows::ResolutionJson;
use crate::uploads::{RETENTION, UPLOADS, retention_cells, upload_rows};

static CHARGES: TableSpec = TableSpec {
    name: "refundable_charges",
    key: &[Column::new("charge_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("merchant_account_id", ColumnType::Text),
        Column::new("connector", ColumnType::Text),
        Column::new("gateway_reference", ColumnType::Text),
        Column::new("customer_id", ColumnType::Text),
        Column::new("order_id", ColumnType::Text),
        Column::new("livemode", ColumnType::Bool),
        Column::new("currency", ColumnType::Text),
        Column::new("authorized_minor", ColumnType::BigInt),
        Column::new("captured_minor", ColumnType::BigInt),
        Column::new("disputed_minor", ColumnType::BigInt),
        Column::new("refunded_minor", ColumnType::BigInt),
        Column::new("refunded_outside_minor", ColumnType::BigInt).seldom(),
        Column::new("reversed_minor", ColumnType::BigInt).seldom(),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

static CAPTURES: TableSpec = TableSpec {
    name: "charge_captures",
    key: &[Column::new("capture_id", ColumnType::Uuid)],
    columns: &[
        Column::new("charge_id", ColumnType::Uuid),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("seen_at", ColumnType::Timestamp),
    ],
};

static REVERSALS: TableSpec = TableSpec {
    name: "capture_reversals",
    key: &[Column::new("capture_id", ColumnType::Uuid)],
    columns: &[Column::new("charge_id", ColumnType::Uuid), Column::new("reversed_at", ColumnType::Timestamp)],
};

static REFUNDS: TableSpec = TableSpec {
    name: "refunds",
    key: &[Column::new("refund_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("charge_id", ColumnType::Uuid),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("customer_id", ColumnType::Text),
        Column::new("livemode", ColumnType::Bool),
        Column::new("amount_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("reason", ColumnType::Text),
        Column::new("refund_method", ColumnType::Text),
        Column::new("origin", ColumnType::Text),
        Column::new("metadata", ColumnType::Json),
        Column::new("status", ColumnType::Text),
        Column::new("attempts", ColumnType::Int),
        Column::new("next_attempt_at", ColumnType::Timestamp).seldom(),
        Column::new("attempt_started_at", ColumnType::Timestamp),
        Column::new("checks", ColumnType::Int),
        Column::new("last_check_at", ColumnType::Timestamp),
        Column::new("next_check_at", ColumnType::Timestamp),
        Column::new("action_url", ColumnType::Text),
        Column::new("conflict_amount_minor", ColumnType::BigInt),
        Column::new("conflict_currency", ColumnType::Text),
        Column::new("conflict_gateway_reference", ColumnType::Text),
        Column::new("gateway_reference", ColumnType::Text),
        Column::new("failure_reason", ColumnType::Text),
        Column::new("failure_message", ColumnType::Text),
        Column::new("network_code", ColumnType::Text),
        Column::new("actions", ColumnType::Json),
        Column::new("ended_at", ColumnType::Timestamp),
        Column::new("resolution", ColumnType::Json).seldom(),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

static TABLES: [&TableSpec; 18] = [
    &CHARGES,
    &CAPTURES,
    &REVERSALS,
    &REFUNDS,
    &DISPUTES,
    &HISTORY,
    &REPLIES,
    &INTAKES,
    &POLICIES,
    &EVALUATIONS,
    &CASES,
    &NOTES,
    &TIERS,
    &REMINDERS,
    &UPLOADS,
    &RETENTION,
    &JOBS,
    &JOB_ITEMS,
];

/// Schema `refunds`, as the batched commit sees it.
#[derive(Debug, Clone, Copy, Default)]
pub struct RefundsSchema;

impl Schema for RefundsSchema {
    type Write = RefundWrite;

    fn name(&self) -> &'static str {
        SCHEMA
    }

    fn tables(&self) -> &'static [&'static TableSpec] {
        &TABLES
    }

    fn rows(&self, write: &RefundWrite, rows: &mut Rows) {
        match write {
            RefundWrite::Charge(save) => charge_rows(save, rows),
            RefundWrite::History(save) => rows.insert(&HISTORY, entry_cells(&save.after)),
            RefundWrite::Reply(save) => reply_rows(save, rows),
            RefundWrite::Intake(save) => intake_rows(save, rows),
            RefundWrite::Policies(save) => policy_rows(save, rows),
            RefundWrite::Evaluation(save) => rows.insert(&EVALUATIONS, evaluation_cells(&save.after)),
            RefundWrite::Case(save) => case_rows(save, rows),
            RefundWrite::Tiers(save) => tier_rows(save, rows),
            RefundWrite::Reminder(save) => rows.insert(&REMINDERS, reminder_cells(&save.after)),
            RefundWrite::Upload(save) => upload_rows(save, rows),
            RefundWrite::Retention(heard) => rows.project(&RETENTION, retention_cells(heard)),
            RefundWrite::Job(new) => job_rows(new, rows),
            RefundWrite::JobItem(save) => job_item_row(save, rows),
        }
    }
}

fn charge_rows(save: &Save<RefundableCharge>, rows: &mut Rows) {
    let after = &*save.after;
    match save.before.as_deref() {
        None => rows.insert(&CHARGES, charge_cells(after)),
        Some(before) => rows.update(&CHARGES, before.version.number(), charge_cells(after)),
    }
    for (id, amount) in &after.captures {
        let known = save.before.as_ref().is_some_and(|before| before.captures.contains_key(id));
        if !known {
            let cells = vec![
                id.uuid().into(),
                after.id.uuid().into(),
                amount.minor().into(),
                after.updated_at.into(),
            ];
            rows.insert(&CAPTURES, cells);
        }
    }
    for id in &after.reversed {
        let known = save.before.as_ref().is_some_and(|before| before.reversed.contains(id));
        if !known {
            rows.insert(&REVERSALS, vec![id.uuid().into(), after.id.uuid().into(), after.updated_at.into()]);
        }
    }
    for refund in &after.refunds {
        match save.before.as_ref().and_then(|before| before.refund(refund.id)) {
            None => rows.insert(&REFUNDS, refund_cells(refund)),
            Some(before) if before != refund => rows.update_child(&REFUNDS, refund_cells(refund)),
            Some(_) => {}
        }
    }
    dispute_rows(save, rows);
}

fn charge_cells(charge: &RefundableCharge) -> Vec<Cell> {
    vec![
        charge.id.uuid().into(),
        charge.version.number().into(),
        charge.intent_id.uuid().into(),
        charge.merchant_account_id.as_str().into(),
        charge.connector.as_str().into(),
        charge.gateway_reference.as_str().into(),
        charge.customer_id.as_deref().into(),
        charge.order_id.as_deref().into(),
        charge.livemode.into(),
        charge.currency().code().into(),
        charge.authorized.minor().into(),
        charge.ever_captured().minor().into(),
        charge.disputed().minor().into(),
        charge.refunded_by_us().minor().into(),
        Some(charge.refunded_outside().minor()).filter(|minor| *minor != 0).into(),
        Some(charge.taken_back().minor()).filter(|minor| *minor != 0).into(),
        charge.created_at.into(),
        charge.updated_at.into(),
    ]
}

fn refund_cells(refund: &Refund) -> Vec<Cell> {
    let attempt = refund.attempt();
    let conflict = refund.conflict();
    let failure = refund.failure();
    let (action_url, ended_at) = match &refund.state {
        RefundState::Pending(_) | RefundState::Processing(_) => (None, None),
        RefundState::RequiresAction { url, .. } => (Some(url.as_str()), None),
        RefundState::Succeeded { at, .. }
        | RefundState::Failed { at, .. }
        | RefundState::Canceled { at, .. } => (None, Some(*at)),
    };
    let actions = failure.map(|failure| {
        let words: Vec<&str> = failure.actions.iter().map(|action| action.as_str()).collect();
        json(&words)
    });
    vec![
        refund.id.uuid().into(),
        refund.version.number().into(),
        refund.charge_id.uuid().into(),
        refund.intent_id.uuid().into(),
        refund.customer_id.as_deref().into(),
        refund.livemode.into(),
        refund.amount.minor().into(),
        refund.amount.currency().code().into(),
        refund.reason.as_str().into(),
        refund.method.as_str().into(),
        refund.origin.as_str().into(),
        json(&refund.metadata),
        refund.status().as_str().into(),
        i32::try_from(refund.attempts).unwrap_or(i32::MAX).into(),
        refund.next_attempt_at().into(),
        attempt.map(|attempt| attempt.started_at).into(),
        attempt.map(|attempt| i32::try_from(attempt.checks).unwrap_or(i32::MAX)).into(),
        attempt.and_then(|attempt| attempt.last_check_at).into(),
        attempt.and_then(|attempt| attempt.next_check_at).into(),
        action_url.into(),
        conflict.map(|conflict| conflict.amount.minor()).into(),
        conflict.map(|conflict| conflict.amount.currency().code()).into(),
        conflict.map(|conflict| conflict.gateway_reference.as_str()).into(),
        refund.gateway_reference().into(),
        failure.map(|failure| failure.reason.as_str()).into(),
        failure.map(|failure| failure.message.as_str()).into(),
        failure.and_then(|failure| failure.network_code.as_deref()).into(),
        actions.unwrap_or(Cell::Json(None)),
        ended_at.into(),
        refund.resolution.as_ref().map_or(Cell::Json(None), |settled| json(&ResolutionJson::from(settled))),
        refund.created_at.into(),
        refund.updated_at.into(),
    ]
}

fn json(value: &impl serde::Serialize) -> Cell {
    Cell::json(value).expect("texts and maps of texts have a JSON form")
}
