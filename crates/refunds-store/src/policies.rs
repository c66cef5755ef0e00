//! Refund policies and their evaluations: the tables, the rows of their writes, and the reads.

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use tender_domain::kernel::{
    ChargeId, Currency, DisputeId, IntentId, Money, PolicyEvaluationId, Save, StoreError, TenantId, Version,
};
use tender_domain::refund_policy::{
    Evaluated, PolicyEvaluation, RefundPolicies, RefundPolicy, RefundPolicyStore,
};
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec, read_error};
use uuid::Uuid;

use crate::PgRefundStore;
use crate::rows::{Place, get};

pub(crate) static POLICIES: TableSpec = TableSpec {
    name: "refund_policies",
    key: &[],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("policies", ColumnType::Json),
        Column::new("window_days", ColumnType::Int),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) static EVALUATIONS: TableSpec = TableSpec {
    name: "policy_evaluations",
    key: &[Column::new("evaluation_id", ColumnType::Uuid)],
    columns: &[
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("charge_id", ColumnType::Uuid),
        Column::new("dispute_id", ColumnType::Uuid),
        Column::new("policy_id", ColumnType::Text),
        Column::new("policy_version", ColumnType::BigInt),
        Column::new("rule", ColumnType::Text),
        Column::new("percentage_bps", ColumnType::Int),
        Column::new("fee_minor", ColumnType::BigInt),
        Column::new("eligible_minor", ColumnType::BigInt),
        Column::new("currency", ColumnType::Text),
        Column::new("explanation", ColumnType::Json),
        Column::new("evaluated_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn policy_rows(save: &Save<RefundPolicies>, rows: &mut Rows) {
    let after = &*save.after;
    let cells = vec![
        after.version.number().into(),
        Cell::json(&after.policies).expect("policies are structs with a JSON form"),
        Cell::Int(after.window_days.and_then(|days| i32::try_from(days).ok())),
        after.created_at.into(),
        after.updated_at.into(),
    ];
    match save.before.as_deref() {
        None => rows.insert(&POLICIES, cells),
        Some(before) => rows.update(&POLICIES, before.version.number(), cells),
    }
}

pub(crate) fn evaluation_cells(evaluation: &PolicyEvaluation) -> Vec<Cell> {
    let evaluated = &evaluation.evaluated;
    vec![
        evaluation.id.uuid().into(),
        evaluation.intent_id.uuid().into(),
        evaluation.charge_id.uuid().into(),
        evaluation.dispute_id.map(DisputeId::uuid).into(),
        evaluated.policy_id.as_str().into(),
        evaluated.policy_version.number().into(),
        evaluated.rule.as_str().into(),
        Cell::Int(Some(i32::try_from(evaluated.percentage_bps).unwrap_or(i32::MAX))),
        evaluated.fee.minor().into(),
        evaluated.eligible_amount.minor().into(),
        evaluated.eligible_amount.currency().code().into(),
        Cell::json(&evaluated.explanation).expect("texts have a JSON form"),
        evaluation.evaluated_at.into(),
    ]
}

/// The policies of a row.
fn policies_of(row: &PgRow, tenant: &TenantId) -> Result<RefundPolicies, sqlx::Error> {
    let Json(policies): Json<Vec<RefundPolicy>> = get(row, "policies")?;
    let window_days: Option<i32> = get(row, "window_days")?;
    Ok(RefundPolicies {
        tenant: tenant.clone(),
        version: Version::new(get(row, "version")?),
        policies,
        // The table bounds it from 1.
        window_days: window_days.map(i32::unsigned_abs),
        created_at: get(row, "created_at")?,
        updated_at: get(row, "updated_at")?,
    })
}

/// The evaluation of a row, in the currency that the row names.
fn evaluation_of(
    row: &PgRow,
    (tenant, id): (&TenantId, PolicyEvaluationId),
    currency: Currency,
) -> Result<PolicyEvaluation, sqlx::Error> {
    let Json(explanation): Json<Vec<String>> = get(row, "explanation")?;
    let percentage_bps: i32 = get(row, "percentage_bps")?;
    let dispute: Option<Uuid> = get(row, "dispute_id")?;
    Ok(PolicyEvaluation {
        id,
        tenant: tenant.clone(),
        intent_id: IntentId::from_uuid(get(row, "intent_id")?),
        charge_id: ChargeId::from_uuid(get(row, "charge_id")?),
        dispute_id: dispute.map(DisputeId::from_uuid),
        evaluated: Evaluated {
            policy_id: get(row, "policy_id")?,
            policy_version: Version::new(get(row, "policy_version")?),
            rule: get(row, "rule")?,
            // The table bounds it from 0 to 10000.
            percentage_bps: percentage_bps.unsigned_abs(),
            fee: Money::new(get(row, "fee_minor")?, currency),
            eligible_amount: Money::new(get(row, "eligible_minor")?, currency),
            explanation,
        },
        evaluated_at: get(row, "evaluated_at")?,
    })
}

#[async_trait]
impl RefundPolicyStore for PgRefundStore {
    async fn refund_policies(&self, tenant: &TenantId) -> Result<Option<RefundPolicies>, StoreError> {
        let row = sqlx::query(
            "SELECT version, policies, window_days, created_at, updated_at FROM refunds.refund_policies \
             WHERE tenant_id = $1",
        )
        .bind(tenant.as_str())
        .fetch_optional(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        row.map(|row| policies_of(&row, tenant)).transpose().map_err(|error| read_error(&error))
    }

    async fn policy_evaluation(
        &self,
        tenant: &TenantId,
        id: PolicyEvaluationId,
    ) -> Result<Option<PolicyEvaluation>, StoreError> {
        let row = sqlx::query(
            "SELECT intent_id, charge_id, dispute_id, policy_id, policy_version, rule, percentage_bps, fee_minor, \
             eligible_minor, currency, explanation, evaluated_at FROM refunds.policy_evaluations \
             WHERE tenant_id = $1 AND evaluation_id = $2",
        )
        .bind(tenant.as_str())
        .bind(id.uuid())
        .fetch_optional(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        let Some(row) = row else { return Ok(None) };
        let place = Place { table: "policy_evaluations", row: id.uuid() };
        let code: String = get(&row, "currency").map_err(|error| read_error(&error))?;
        let currency = place.currency("currency", &code)?;
        evaluation_of(&row, (tenant, id), currency).map(Some).map_err(|error| read_error(&error))
    }
}
