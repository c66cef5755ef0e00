//! The reads of cases.

use async_trait::async_trait;
use sqlx::types::Json;
use sqlx::{PgPool, Postgres, QueryBuilder};
use tender_domain::dispute_cases::{
    CaseFile, CaseFilter, DisputeCaseStore, DisputeReminder, DisputeTiers, DueDispute,
};
use tender_domain::kernel::{
    Cursor, Direction, DisputeId, Page, PageRequest, StoreError, TenantId, Timestamp,
};
use tender_postgres::read_error;

use crate::PgRefundStore;
use crate::rows::{CaseFileRow, DueRow, TiersRow};

/// A case with what belongs to it, as one value; the tenant's condition comes next.
const FILES: &str = "
SELECT jsonb_build_object(
    'case', to_jsonb(c),
    'notes', (SELECT coalesce(jsonb_agg(to_jsonb(n) ORDER BY n.note_number), '[]') FROM refunds.dispute_notes n
              WHERE n.tenant_id = c.tenant_id AND n.dispute_id = c.dispute_id),
    'chargeback', to_jsonb(d),
    'evaluation', to_jsonb(e))
FROM refunds.dispute_cases c
LEFT JOIN refunds.disputes d ON d.tenant_id = c.tenant_id AND d.dispute_id = c.dispute_id
LEFT JOIN refunds.policy_evaluations e ON e.tenant_id = c.tenant_id AND e.evaluation_id = c.evaluation_id
WHERE c.tenant_id = ";

/// What is open and due by `$2`, and of which nobody was reminded at the distance it has reached, seen from `$1`.
const DUE: &str = "
SELECT to_jsonb(x) FROM (
    SELECT tenant_id, dispute_id, intent_id, amount_minor, currency, evidence_due_by AS due_at FROM refunds.disputes
    WHERE status IN ('needs_response', 'under_review') AND evidence_due_by > $1 AND evidence_due_by <= $2
    UNION ALL
    SELECT tenant_id, dispute_id, intent_id, requested_minor, currency, due_at FROM refunds.dispute_cases
    WHERE source = 'GUEST' AND status <> 'RESOLVED' AND due_at > $1 AND due_at <= $2
) x
WHERE NOT EXISTS (
    SELECT FROM refunds.dispute_reminders r
    WHERE r.tenant_id = x.tenant_id AND r.dispute_id = x.dispute_id AND r.due_at = x.due_at
      AND r.hours_before <= (SELECT min(h) FROM unnest($3::integer[]) h WHERE x.due_at - $1 <= make_interval(hours => h)))
ORDER BY x.due_at, x.dispute_id LIMIT $4";

async fn fetched(pool: &PgPool, mut query: QueryBuilder<Postgres>) -> Result<Vec<CaseFile>, StoreError> {
    let rows: Vec<Json<CaseFileRow>> =
        query.build_query_scalar().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.0.try_into()).collect()
}

fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &CaseFilter) {
    if let Some(status) = filter.status {
        query.push(" AND refunds.dispute_case_status(c.status, d.status) = ").push_bind(status.as_str());
    }
    if let Some(tier) = filter.tier {
        query.push(" AND c.tier = ").push_bind(i32::from(tier.number()));
    }
    if let Some(assigned) = &filter.assigned_to {
        query.push(" AND c.assigned_to = ").push_bind(assigned.clone());
    }
    if let Some(guest) = &filter.guest_id {
        query.push(" AND c.customer_id = ").push_bind(guest.clone());
    }
    if let Some(intent) = filter.intent_id {
        query.push(" AND c.intent_id = ").push_bind(intent.uuid());
    }
    if let Some(source) = filter.source {
        query.push(" AND c.source = ").push_bind(source.as_str());
    }
    if let Some(from) = filter.created.from {
        query.push(" AND c.created_at >= ").push_bind(from);
    }
    if let Some(until) = filter.created.until {
        query.push(" AND c.created_at < ").push_bind(until);
    }
}

#[async_trait]
impl DisputeCaseStore for PgRefundStore {
    async fn dispute_tiers(&self, tenant: &TenantId) -> Result<Option<DisputeTiers>, StoreError> {
        let row: Option<Json<TiersRow>> =
            sqlx::query_scalar("SELECT to_jsonb(t) FROM refunds.dispute_tiers t WHERE tenant_id = $1")
                .bind(tenant.as_str())
                .fetch_optional(self.pool())
                .await
                .map_err(|error| read_error(&error))?;
        row.map(|row| row.0.tiers(tenant)).transpose()
    }

    async fn case_file(&self, tenant: &TenantId, id: DisputeId) -> Result<Option<CaseFile>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(FILES);
        query.push_bind(tenant.as_str()).push(" AND c.dispute_id = ").push_bind(id.uuid());
        Ok(fetched(self.pool(), query).await?.pop())
    }

    async fn disputes_due(&self, now: Timestamp, limit: u32) -> Result<Vec<DueDispute>, StoreError> {
        let hours = DisputeReminder::HOURS_BEFORE.map(|hours| i32::try_from(hours).unwrap_or(i32::MAX));
        let rows: Vec<Json<DueRow>> = sqlx::query_scalar(DUE)
            .bind(now)
            .bind(now + DisputeReminder::AHEAD)
            .bind(hours.to_vec())
            .bind(i64::from(limit))
            .fetch_all(self.pool())
            .await
            .map_err(|error| read_error(&error))?;
        rows.into_iter().map(|row| row.0.try_into()).collect()
    }

    async fn case_files(
        &self,
        tenant: &TenantId,
        filter: &CaseFilter,
        page: &PageRequest,
    ) -> Result<Page<CaseFile>, StoreError> {
        let mut query = QueryBuilder::<Postgres>::new(FILES);
        query.push_bind(tenant.as_str());
        push_filter(&mut query, filter);
        let (beyond, order) = match page.direction {
            Direction::Older => (" AND c.dispute_id < ", " ORDER BY c.dispute_id DESC"),
            Direction::Newer => (" AND c.dispute_id > ", " ORDER BY c.dispute_id"),
        };
        if let Some(Cursor(id)) = page.cursor {
            query.push(beyond).push_bind(id);
        }
        query.push(order).push(" LIMIT ").push_bind(page.fetch());
        Ok(Page::from_fetched(page, fetched(self.pool(), query).await?))
    }
}
