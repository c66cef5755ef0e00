//! A folder a server can reach, options fit for tests, and short ways to ask.

use std::{
    fs,
    future::Future,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;
use tender_postgres::{PrivateCluster, PrivateClusterOptions};

/// Longest any condition is waited for: far more than it takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A folder for one cluster. Temporary folders are closed to others; as root the server is one of these others.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o711)).expect("opened");
        Self { folder }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("pg")
    }

    pub(crate) async fn start(&self) -> PrivateCluster {
        PrivateCluster::start(&self.root(), options()).await.expect("the cluster starts")
    }
}

/// Small and quick to give up, so that a failing test says why instead of hanging.
pub(crate) fn options() -> PrivateClusterOptions {
    PrivateClusterOptions {
        max_connections: 40,
        shared_buffers_mebibytes: 16,
        start_limit: LIMIT,
        ..PrivateClusterOptions::default()
    }
}

/// One value, as text.
pub(crate) async fn ask(options: &PgConnectOptions, sql: &str) -> Result<String, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    let text = format!("SELECT ({sql})::text");
    let answer = sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&mut connection).await;
    connection.close().await?;
    answer
}

/// Statements without an answer.
pub(crate) async fn run(options: &PgConnectOptions, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}

pub(crate) fn kill_hard(process: u32) {
    let killed = Command::new("kill").args(["-9", &process.to_string()]).status().expect("kill runs");
    assert!(killed.success(), "process {process} could not be killed");
}

pub(crate) fn is_running(process: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !status.is_empty() && !status.contains(") Z ")
}

/// Waits until `condition` holds, or fails with `what` after the limit.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < LIMIT, "{what}: not within {LIMIT:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn is_root() -> bool {
    let file = tempfile::NamedTempFile::new().expect("a file");
    owner_of(file.path()) == 0
}

pub(crate) fn owner_of(path: &Path) -> u32 {
    fs::metadata(path).expect("there").uid()
}

pub(crate) fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}
