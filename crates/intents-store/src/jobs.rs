//! Jobs and their items: tables, rows, reads.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tender_domain::intents::{Job, JobItem, JobItemState, JobWithItems};
use tender_domain::kernel::{IntentId, JobId, StoreError, TenantId, Version};
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec, read_error};
use uuid::Uuid;

use crate::rows::from_row;

pub(crate) static JOBS: TableSpec = TableSpec {
    name: "jobs",
    key: &[Column::new("job_id", ColumnType::Uuid)],
    columns: &[
        Column::new("livemode", ColumnType::Bool),
        Column::new("created_by", ColumnType::Text),
        Column::new("created_at", ColumnType::Timestamp),
    ],
};

pub(crate) static JOB_ITEMS: TableSpec = TableSpec {
    name: "job_items",
    key: &[Column::new("job_id", ColumnType::Uuid), Column::new("number", ColumnType::Int)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("body", ColumnType::Json),
        Column::new("intent_id", ColumnType::Uuid),
        Column::new("problem", ColumnType::Json),
        Column::new("ended_at", ColumnType::Timestamp),
    ],
};

/// The rows of a new job.
pub(crate) fn job_rows(new: &JobWithItems, rows: &mut Rows) {
    let job = &new.job;
    rows.insert(
        &JOBS,
        vec![
            job.id.uuid().into(),
            job.livemode.into(),
            job.created_by.as_str().into(),
            job.created_at.into(),
        ],
    );
    for item in &new.items {
        rows.insert(&JOB_ITEMS, item_cells(item));
    }
}

pub(crate) fn item_cells(item: &JobItem) -> Vec<Cell> {
    let json = |text: Option<&String>| Cell::Json(text.map(|text| text.as_str().into()));
    let (body, intent, problem, ended_at) = match &item.state {
        JobItemState::Pending(body) => (Some(body), None, None, None),
        JobItemState::Succeeded { intent, at } => (None, Some(intent.uuid()), None, Some(*at)),
        JobItemState::Failed { problem, at } => (None, None, Some(problem), Some(*at)),
    };
    vec![
        item.job.uuid().into(),
        i32::try_from(item.number).unwrap_or(i32::MAX).into(),
        item.version.number().into(),
        json(body),
        intent.into(),
        json(problem),
        ended_at.into(),
    ]
}

#[derive(Debug)]
struct Row {
    tenant_id: String,
    job_id: Uuid,
    livemode: bool,
    created_by: String,
    created_at: DateTime<Utc>,
    number: i32,
    version: i64,
    body: Option<String>,
    intent_id: Option<Uuid>,
    problem: Option<String>,
    ended_at: Option<DateTime<Utc>>,
}

from_row!(Row {
    tenant_id,
    job_id,
    livemode,
    created_by,
    created_at,
    number,
    version,
    body,
    intent_id,
    problem,
    ended_at
});

const ITEMS: &str = "SELECT j.tenant_id, j.job_id, j.livemode, j.created_by, j.created_at, i.number, i.version, \
    i.body::text AS body, i.intent_id, i.problem::text AS problem, i.ended_at FROM intents.job_items i \
    JOIN intents.jobs j ON j.tenant_id = i.tenant_id AND j.job_id = i.job_id";

impl Row {
    fn read(self) -> Result<(Job, JobItem), StoreError> {
        let bad = |column, problem: String| StoreError::corrupt("job_items", column, self.job_id, problem);
        let tenant: TenantId = self
            .tenant_id
            .parse()
            .map_err(|error| StoreError::corrupt("jobs", "tenant_id", self.job_id, error))?;
        let number = u32::try_from(self.number).map_err(|error| bad("number", error.to_string()))?;
        let state = match (self.body, self.intent_id, self.problem, self.ended_at) {
            (Some(body), None, None, None) => JobItemState::Pending(body),
            (None, Some(intent), None, Some(at)) => {
                JobItemState::Succeeded { intent: IntentId::from_uuid(intent), at }
            }
            (None, None, Some(problem), Some(at)) => JobItemState::Failed { problem, at },
            _ => return Err(bad("body", "an item is pending or ended in one way".to_owned())),
        };
        let job = Job {
            id: JobId::from_uuid(self.job_id),
            tenant: tenant.clone(),
            livemode: self.livemode,
            created_by: self.created_by,
            created_at: self.created_at,
        };
        let item = JobItem { tenant, job: job.id, number, version: Version::new(self.version), state };
        Ok((job, item))
    }
}

pub(crate) async fn job(
    pool: &PgPool,
    tenant: &TenantId,
    id: JobId,
) -> Result<Option<JobWithItems>, StoreError> {
    let sql = format!("{ITEMS} WHERE i.tenant_id = $1 AND i.job_id = $2 ORDER BY i.number");
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id.uuid());
    let rows: Vec<Row> = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let mut found: Option<JobWithItems> = None;
    for row in rows {
        let (job, item) = row.read()?;
        found.get_or_insert_with(|| JobWithItems { job, items: Vec::new() }).items.push(item);
    }
    Ok(found)
}

pub(crate) async fn pending_items(pool: &PgPool, limit: usize) -> Result<Vec<(Job, JobItem)>, StoreError> {
    let sql = format!("{ITEMS} WHERE i.body IS NOT NULL ORDER BY i.number, i.job_id LIMIT $1");
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows: Vec<Row> = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    rows.into_iter().map(Row::read).collect()
}
