//! Making the check, once or until everything has arrived.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::time::Instant;

use super::report::Report;
use super::snapshot::Snapshot;
use super::{attempts, books, disputes, ledger, money, outbox, store_credit};

/// The exit code of a check that could not be made.
pub const NOT_CHECKED: u8 = 2;

/// How the check is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckOptions {
    /// What is younger is listed, not judged.
    pub grace: Duration,
    /// How long after it was due to be looked up an open call of a gateway counts as forgotten.
    pub overdue: Duration,
    /// How long to wait for everything to arrive; none is not at all.
    pub wait: Option<Duration>,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self { grace: Duration::from_secs(30), overdue: Duration::from_secs(300), wait: None }
    }
}

const WAIT_STEP: Duration = Duration::from_millis(500);

/// Checks the database that `connect` leads to, as the auditor's role (see [`create_auditor`](super::create_auditor)).
///
/// # Errors
/// When the database cannot be reached or read: nothing is known then, and the command's exit code is [`NOT_CHECKED`].
pub async fn check(connect: &PgConnectOptions, options: CheckOptions) -> Result<Report, sqlx::Error> {
    let deadline = options.wait.map(|wait| Instant::now() + wait);
    loop {
        let report = check_once(connect, options).await?;
        let Some(left) = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) else {
            return Ok(report);
        };
        // What is open and looked up only after the wait is not waited for.
        let settled = report.clean && !report.may_change_before(report.checked_at + left);
        if settled || left.is_zero() {
            return Ok(report);
        }
        tokio::time::sleep(WAIT_STEP).await;
    }
}

async fn check_once(connect: &PgConnectOptions, options: CheckOptions) -> Result<Report, sqlx::Error> {
    let mut snapshot = Snapshot::open(connect, options.grace).await?;
    let sections = vec![
        ledger::check(&mut snapshot).await?,
        money::check_in_ledger(&mut snapshot).await?,
        money::check_within_captured(&mut snapshot).await?,
        disputes::check(&mut snapshot).await?,
        store_credit::check(&mut snapshot).await?,
        outbox::check(&mut snapshot).await?,
        attempts::check(&mut snapshot, options.overdue).await?,
        books::check(&mut snapshot).await?,
    ];
    let report = Report::new(snapshot.at(), options.grace.as_secs(), sections);
    snapshot.close().await?;
    Ok(report)
}
