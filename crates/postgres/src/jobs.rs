//! Jobs and their items, for every service that has any: tables, rows, reads. Its schema has the tables `jobs` and
//! `job_items`, by a migration of its own.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::jobs::{Job, JobItem, JobItemState, JobWithItems, Made};
use tender_domain::kernel::{JobId, Save, StoreError, TenantId, Version};
use uuid::Uuid;

use crate::pool::read_error;
use crate::writer::{Cell, Column, ColumnType, Rows, TableSpec};

/// The table of jobs.
pub static JOBS: TableSpec = TableSpec {
    name: "jobs",
    key: &[Column::new("job_id", ColumnType::Uuid)],
    columns: &[
        Column::new("livemode", ColumnType::Bool),
        Column::new("created_by", ColumnType::Text),
        Column::new("created_at", ColumnType::Timestamp),
    ],
};

/// The table of their items.
pub static JOB_ITEMS: TableSpec = TableSpec {
    name: "job_items",
    key: &[Column::new("job_id", ColumnType::Uuid), Column::new("number", ColumnType::Int)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("body", ColumnType::Json),
        Column::new("made_id", ColumnType::Uuid),
        Column::new("problem", ColumnType::Json),
        Column::new("ended_at", ColumnType::Timestamp),
    ],
};

/// The rows of a new job.
pub fn job_rows<R: Made>(new: &JobWithItems<R>, rows: &mut Rows) {
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

/// The row of an item that ended.
pub fn job_item_row<R: Made>(save: &Save<JobItem<R>>, rows: &mut Rows) {
    match save.before.as_deref() {
        None => rows.insert(&JOB_ITEMS, item_cells(&save.after)),
        Some(before) => rows.update(&JOB_ITEMS, before.version.number(), item_cells(&save.after)),
    }
}

fn item_cells<R: Made>(item: &JobItem<R>) -> Vec<Cell> {
    let json = |text: Option<&String>| Cell::Json(text.map(|text| text.as_str().into()));
    let (body, made, problem, ended_at) = match &item.state {
        JobItemState::Pending(body) => (Some(body), None, None, None),
        JobItemState::Succeeded { made, at } => (None, Some(made.as_uuid()), None, Some(*at)),
        JobItemState::Failed { problem, at } => (None, None, Some(problem), Some(*at)),
    };
    vec![
        item.job.uuid().into(),
        i32::try_from(item.number).unwrap_or(i32::MAX).into(),
        item.version.number().into(),
        json(body),
        made.into(),
        json(problem),
        ended_at.into(),
    ]
}

type Row = (
    String,
    Uuid,
    bool,
    String,
    DateTime<Utc>,
    i32,
    i64,
    Option<String>,
    Option<Uuid>,
    Option<String>,
    Option<DateTime<Utc>>,
);

/// The items of a schema with their jobs.
fn items(schema: &str) -> String {
    format!(
        "SELECT j.tenant_id, j.job_id, j.livemode, j.created_by, j.created_at, i.number, i.version, \
         i.body::text AS body, i.made_id, i.problem::text AS problem, i.ended_at FROM \"{schema}\".job_items i \
         JOIN \"{schema}\".jobs j ON j.tenant_id = i.tenant_id AND j.job_id = i.job_id"
    )
}

fn read<R: Made>(row: Row) -> Result<(Job, JobItem<R>), StoreError> {
    let (tenant, id, livemode, created_by, created_at, number, version, body, made, problem, ended_at) = row;
    let bad = |column, problem: String| StoreError::corrupt("job_items", column, id, problem);
    let tenant: TenantId =
        tenant.parse().map_err(|error| StoreError::corrupt("jobs", "tenant_id", id, error))?;
    let number = u32::try_from(number).map_err(|error| bad("number", error.to_string()))?;
    let state = match (body, made, problem, ended_at) {
        (Some(body), None, None, None) => JobItemState::Pending(body),
        (None, Some(made), None, Some(at)) => JobItemState::Succeeded { made: R::of_uuid(made), at },
        (None, None, Some(problem), Some(at)) => JobItemState::Failed { problem, at },
        _ => return Err(bad("body", "an item is pending or ended in one way".to_owned())),
    };
    let job = Job { id: JobId::from_uuid(id), tenant: tenant.clone(), livemode, created_by, created_at };
    let item = JobItem { tenant, job: job.id, number, version: Version::new(version), state };
    Ok((job, item))
}

/// A job of a schema with its items.
///
/// # Errors
/// When it cannot be read.
pub async fn job<R: Made>(
    pool: &PgPool,
    schema: &str,
    tenant: &TenantId,
    id: JobId,
) -> Result<Option<JobWithItems<R>>, StoreError> {
    let sql = format!("{} WHERE i.tenant_id = $1 AND i.job_id = $2 ORDER BY i.number", items(schema));
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id.uuid());
    let rows: Vec<Row> = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let mut found: Option<JobWithItems<R>> = None;
    for row in rows {
        let (job, item) = read(row)?;
        found.get_or_insert_with(|| JobWithItems { job, items: Vec::new() }).items.push(item);
    }
    Ok(found)
}

/// Items of a schema that are to be done, of all tenants: the first of each job before the second of any.
///
/// # Errors
/// When they cannot be read.
pub async fn pending_job_items<R: Made>(
    pool: &PgPool,
    schema: &str,
    limit: usize,
) -> Result<Vec<(Job, JobItem<R>)>, StoreError> {
    let sql = format!("{} WHERE i.body IS NOT NULL ORDER BY i.number, i.job_id LIMIT $1", items(schema));
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows: Vec<Row> = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    rows.into_iter().map(read).collect()
}
