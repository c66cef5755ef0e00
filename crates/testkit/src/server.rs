//! The PostgreSQL server of a test process.

use std::process::{Command, Stdio};
use std::str::FromStr;

use anyhow::Context;
use sqlx::postgres::PgConnectOptions;
use tender_postgres::{PrivateCluster, PrivateClusterOptions};
use tokio::sync::OnceCell;

/// The server of this process: the one named by `TENDER_TEST_DATABASE_URL`, or a private cluster.
static SERVER: OnceCell<PgConnectOptions> = OnceCell::const_new();

/// How to connect to the server as a superuser.
pub(crate) async fn superuser() -> anyhow::Result<PgConnectOptions> {
    SERVER.get_or_try_init(start).await.cloned()
}

async fn start() -> anyhow::Result<PgConnectOptions> {
    if let Ok(url) = std::env::var("TENDER_TEST_DATABASE_URL") {
        return PgConnectOptions::from_str(&url).context("TENDER_TEST_DATABASE_URL is not a PostgreSQL URL");
    }
    let folder = tempfile::Builder::new().prefix("tender-test-pg-").tempdir()?.keep();
    let cluster = PrivateCluster::start(&folder, PrivateClusterOptions::default()).await?;
    let options = cluster.connect_options();
    let postmaster = cluster.process().context("a cluster that was just started has a process")?;
    // A static is never dropped: a watcher ends the server and removes its folder once this process has gone.
    Command::new("sh")
        .args([
            "-c",
            "while kill -0 $1 2>/dev/null; do sleep 0.3; done; kill -QUIT $2; sleep 1; rm -rf \"$3\"",
            "watch",
        ])
        .args([std::process::id().to_string(), postmaster.to_string(), folder.display().to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    std::mem::forget(cluster);
    Ok(options)
}
