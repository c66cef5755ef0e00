//! How far messages came: the columns that every table of messages has for it.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tender_domain::kernel::{NotificationId, StoreError, TenantId, Timestamp};
use tender_domain::notices::{Dispatch, DispatchStatus};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::rows::Place;

/// The columns, as they are read.
pub(crate) struct DispatchRow {
    pub(crate) status: String,
    pub(crate) failures: i32,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) problem: Option<String>,
}

impl DispatchRow {
    pub(crate) fn into_dispatch<R: Display + Copy>(self, place: Place<R>) -> Result<Dispatch, StoreError> {
        let status = place.word("status", &self.status, DispatchStatus::find)?;
        // What an older release ended still has when it was due.
        let due_at = self.due_at.filter(|_| status == DispatchStatus::Requested);
        let failures = place.count("failures", self.failures)?;
        Ok(Dispatch { status, failures, due_at, problem: self.problem })
    }
}

/// What is due, by a query of `tenant_id` and the id of the message, with the instant and the limit.
pub(crate) async fn due(
    pool: &PgPool,
    sql: &'static str,
    (now, limit): (Timestamp, usize),
) -> Result<Vec<(TenantId, NotificationId)>, StoreError> {
    let rows: Vec<(String, Uuid)> = sqlx::query_as(sql)
        .bind(now)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    rows.into_iter().map(of_tenant).collect()
}

fn of_tenant((tenant, id): (String, Uuid)) -> Result<(TenantId, NotificationId), StoreError> {
    let place = Place { table: "a table of messages", row: id };
    let tenant = tenant.parse().map_err(|error| place.corrupt("tenant_id", error))?;
    Ok((tenant, NotificationId::from_uuid(id)))
}
