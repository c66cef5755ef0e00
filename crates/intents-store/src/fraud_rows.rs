//! Fraud's tables, and the rows of its writes.

use tender_domain::fraud::{FraudDecision, FraudOverride, RuleSet};
use tender_domain::kernel::Save;
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec};

pub(crate) static FRAUD_RULE_SETS: TableSpec = TableSpec {
    name: "fraud_rule_sets",
    key: &[],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("challenge_at", ColumnType::Int),
        Column::new("deny_at", ColumnType::Int),
        Column::new("rules", ColumnType::Json),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) static FRAUD_DECISIONS: TableSpec = TableSpec {
    name: "fraud_decisions",
    key: &[Column::new("decision_id", ColumnType::Uuid)],
    columns: &[
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("occasion", ColumnType::Text),
        Column::new("score", ColumnType::Int),
        Column::new("action", ColumnType::Text),
        Column::new("reasons", ColumnType::Json),
        Column::new("rules_version", ColumnType::BigInt),
        Column::new("created_at", ColumnType::Timestamp),
    ],
};

pub(crate) static FRAUD_OVERRIDES: TableSpec = TableSpec {
    name: "fraud_overrides",
    key: &[Column::new("override_id", ColumnType::Uuid)],
    columns: &[
        Column::new("target_kind", ColumnType::Text),
        Column::new("target_key", ColumnType::Text),
        Column::new("action", ColumnType::Text),
        Column::new("reason", ColumnType::Text),
        Column::new("made_by", ColumnType::Text),
        Column::new("expires_at", ColumnType::Timestamp),
        Column::new("created_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn rule_set_rows(save: &Save<RuleSet>, rows: &mut Rows) {
    let set = &*save.after;
    let cells = vec![
        set.version.number().into(),
        i32::from(set.thresholds.challenge_at).into(),
        i32::from(set.thresholds.deny_at).into(),
        Cell::json(&set.rules).expect("rules are structs with a JSON form"),
        set.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&FRAUD_RULE_SETS, cells),
        Some(before) => rows.update(&FRAUD_RULE_SETS, before.version.number(), cells),
    }
}

pub(crate) fn decision_row(decision: &FraudDecision, rows: &mut Rows) {
    let verdict = &decision.verdict;
    rows.insert(
        &FRAUD_DECISIONS,
        vec![
            decision.id.uuid().into(),
            decision.intent.uuid().into(),
            decision.occasion.as_str().into(),
            i32::from(verdict.score).into(),
            verdict.action.as_str().into(),
            Cell::json(&verdict.reasons).expect("reasons are structs with a JSON form"),
            decision.rules_version.number().into(),
            decision.created_at.into(),
        ],
    );
}

pub(crate) fn override_row(forced: &FraudOverride, rows: &mut Rows) {
    rows.insert(
        &FRAUD_OVERRIDES,
        vec![
            forced.id.uuid().into(),
            forced.target.kind().into(),
            forced.target.key().as_str().into(),
            forced.action.as_str().into(),
            forced.reason.as_str().into(),
            forced.by.as_str().into(),
            forced.expires_at.into(),
            forced.created_at.into(),
        ],
    );
}
